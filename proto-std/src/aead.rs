//! The ciphers of a host: the same bytes as the core's, from a faster library.

use std::fmt;

use proto_core::limits::TAG_LEN;
use proto_core::secure::{Aead, Forged, Suite, Suites};

use library::{AES_128_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

#[cfg_attr(
    all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"),
    path = "aead/aws_lc.rs"
)]
#[cfg_attr(
    not(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu")),
    path = "aead/ring.rs"
)]
mod library;

/// ChaCha20-Poly1305 or AES-128-GCM under one key. A nonce is used once: the caller's duty.
pub struct HostAead(LessSafeKey);

impl Aead for HostAead {
    fn suites() -> Suites {
        if has_aes() { Suites::ALL } else { Suites::BASE }
    }

    fn new(suite: Suite, key: &[u8; 32]) -> Self {
        let unbound = match suite {
            Suite::ChaCha20Poly1305 => UnboundKey::new(&CHACHA20_POLY1305, key),
            Suite::Aes128Gcm => UnboundKey::new(&AES_128_GCM, &key[..16]),
        };
        Self(LessSafeKey::new(unbound.expect("a key of the suite's length")))
    }

    fn seal(&self, nonce: u64, aad: &[u8], text: &mut [u8]) -> [u8; TAG_LEN] {
        let tag = self.0.seal_in_place_separate_tag(wide(nonce), Aad::from(aad), text);
        let tag = tag.expect("a datagram is shorter than the cipher's limit");
        tag.as_ref().try_into().expect("both ciphers have tags of 16 bytes")
    }

    fn open(
        &self,
        nonce: u64,
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Forged> {
        let genuine = library::open(&self.0, wide(nonce), aad, text, tag);
        if genuine { Ok(()) } else { Err(Forged) }
    }
}

impl fmt::Debug for HostAead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostAead(..)")
    }
}

/// The number as a nonce of 96 bits: four zero bytes come first.
fn wide(nonce: u64) -> Nonce {
    let mut wide = [0; 12];
    wide[4..].copy_from_slice(&nonce.to_le_bytes());
    Nonce::assume_unique_for_key(wide)
}

/// Whether the processor computes AES-GCM itself; slower than `ChaCha20` where it does not.
fn has_aes() -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    let has = is_x86_feature_detected!("aes") && is_x86_feature_detected!("pclmulqdq");
    #[cfg(target_arch = "aarch64")]
    let has = std::arch::is_aarch64_feature_detected!("aes");
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
    let has = false;
    has
}

#[cfg(test)]
mod tests {
    use proto_core::secure::ChaCha;

    use super::*;
    use crate::entropy;

    #[test]
    fn chacha_makes_the_cores_bytes() {
        let suite = Suite::ChaCha20Poly1305;
        for len in [0, 1, 15, 16, 17, 63, 64, 65, 1200, 4096, 65_000] {
            let key = entropy::bytes();
            let (host, core) = (HostAead::new(suite, &key), ChaCha::new(suite, &key));
            let nonce = entropy::number();
            let text: Vec<u8> = (0..=255).cycle().take(len).collect();
            let (mut a, mut b) = (text.clone(), text.clone());

            let tag = host.seal(nonce, b"head", &mut a);

            assert_eq!(tag, core.seal(nonce, b"head", &mut b));
            assert_eq!(a, b);
            core.open(nonce, b"head", &mut a, &tag).unwrap();
            host.open(nonce, b"head", &mut b, &tag).unwrap();
            assert_eq!((&a, &b), (&text, &text));
        }
    }

    /// Test case 2 of the GCM specification, with AES-128 and a zero nonce.
    #[test]
    fn aes_gcm_answers_as_specified() {
        let cipher = HostAead::new(Suite::Aes128Gcm, &[0; 32]);
        let mut text = [0; 16];
        let tag = cipher.seal(0, &[], &mut text);
        assert_eq!(hex(&text), "0388dace60b6a392f328c2b971b2fe78");
        assert_eq!(hex(&tag), "ab6e47d42cec13bdf53a67b21257bddf");
    }

    #[test]
    fn a_changed_bit_anywhere_is_noticed() {
        for suite in [Suite::ChaCha20Poly1305, Suite::Aes128Gcm] {
            let cipher = HostAead::new(suite, &[7; 32]);
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
    }

    fn hex(bytes: &[u8]) -> String {
        use std::fmt::Write;
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}
