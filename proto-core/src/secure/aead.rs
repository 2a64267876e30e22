//! Authenticated encryption: the one operation that everything secret goes through.

use core::fmt;

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};

use super::{Suite, Suites};
use crate::limits::TAG_LEN;

/// A cipher under one key.
///
/// The nonce has 96 bits: four zero bytes, then the number in little-endian order. A number is
/// used once under a key: that is the caller's duty, and the whole of it.
pub trait Aead: Sized {
    /// The suites that this implementation has, in hardware where that is what makes them fast.
    fn suites() -> Suites;

    /// Takes a key. AES-128-GCM uses its first 16 bytes.
    ///
    /// # Panics
    /// When the suite is not among [`Aead::suites`].
    fn new(suite: Suite, key: &[u8; 32]) -> Self;

    /// Encrypts `text` in place and returns its tag.
    fn seal(&self, nonce: u64, aad: &[u8], text: &mut [u8]) -> [u8; TAG_LEN];

    /// Decrypts `text` in place.
    ///
    /// # Errors
    /// When the tag is wrong. What is in `text` then is nobody's business.
    fn open(
        &self,
        nonce: u64,
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Forged>;
}

/// The tag is wrong: somebody else wrote this, or it was damaged on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forged;

impl fmt::Display for Forged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the seal is broken")
    }
}

impl core::error::Error for Forged {}

/// ChaCha20-Poly1305 in portable code: for control records, devices and tests.
#[derive(Clone)]
pub struct ChaCha(ChaCha20Poly1305);

impl Aead for ChaCha {
    fn suites() -> Suites {
        Suites::BASE
    }

    fn new(suite: Suite, key: &[u8; 32]) -> Self {
        assert!(suite == Suite::ChaCha20Poly1305, "only a suite that was announced is asked for");
        Self(ChaCha20Poly1305::new(key.into()))
    }

    fn seal(&self, nonce: u64, aad: &[u8], text: &mut [u8]) -> [u8; TAG_LEN] {
        self.0
            .encrypt_inout_detached(&wide(nonce).into(), aad, text.into())
            .expect("a record or datagram is shorter than the cipher's 256 GiB")
            .into()
    }

    fn open(
        &self,
        nonce: u64,
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Forged> {
        self.0
            .decrypt_inout_detached(&wide(nonce).into(), aad, text.into(), tag.into())
            .map_err(|_| Forged)
    }
}

impl fmt::Debug for ChaCha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChaCha(..)")
    }
}

/// The number as a nonce of 96 bits.
fn wide(nonce: u64) -> [u8; 12] {
    let mut wide = [0; 12];
    wide[4..].copy_from_slice(&nonce.to_le_bytes());
    wide
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_bit_anywhere_is_noticed() {
        let cipher = ChaCha::new(Suite::ChaCha20Poly1305, &[7; 32]);
        let mut sealed = *b"attack at dawn";
        let tag = cipher.seal(3, b"head", &mut sealed);

        let open = |nonce, aad: &[u8], mut text: [u8; 14], tag| {
            cipher.open(nonce, aad, &mut text, &tag).map(|()| text)
        };
        assert_eq!(open(3, b"head", sealed, tag), Ok(*b"attack at dawn"));
        assert_eq!(open(4, b"head", sealed, tag), Err(Forged));
        assert_eq!(open(3, b"heap", sealed, tag), Err(Forged));
        for bit in 0..14 * 8 {
            let mut text = sealed;
            text[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(3, b"head", text, tag), Err(Forged));
        }
        for bit in 0..TAG_LEN * 8 {
            let mut tag = tag;
            tag[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(3, b"head", sealed, tag), Err(Forged));
        }
    }

    /// RFC 8439 section 2.8.2, whose nonce's first four bytes are not zero: so the cipher's own
    /// tests cover it, and this one pins how a number becomes a nonce.
    #[test]
    fn a_number_is_the_low_end_of_the_nonce() {
        assert_eq!(wide(0x0807_0605_0403_0201), [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
