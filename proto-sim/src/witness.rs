//! A cipher for worlds: it hides nothing, notices every changed bit, costs little, and panics
//! when a number is used twice under one key.
//!
//! Its memory is the thread's, because a world runs on one thread from its beginning to its end.

use std::cell::RefCell;
use std::collections::HashSet;

use proto_core::limits::TAG_LEN;
use proto_core::secure::{Aead, Forged, Suite, Suites};

/// The cipher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    key: u64,
}

impl Witness {
    /// Forgets every number that this thread has seen: a new world begins.
    pub fn forget() {
        SEALED.with_borrow_mut(HashSet::clear);
    }

    fn tag(&self, nonce: u64, aad: &[u8], text: &[u8]) -> [u8; TAG_LEN] {
        let mut sum = Sum(self.key ^ mix(nonce));
        sum.add(aad);
        sum.add(text);
        let mut tag = [0; TAG_LEN];
        tag[..8].copy_from_slice(&sum.0.to_le_bytes());
        tag[8..].copy_from_slice(&mix(!sum.0).to_le_bytes());
        tag
    }
}

impl Aead for Witness {
    fn suites() -> Suites {
        Suites::BASE
    }

    fn new(_: Suite, key: &[u8; 32]) -> Self {
        let mut sum = Sum(1);
        sum.add(key);
        Self { key: sum.0 }
    }

    fn seal(&self, nonce: u64, aad: &[u8], text: &mut [u8]) -> [u8; TAG_LEN] {
        let fresh = SEALED.with_borrow_mut(|sealed| sealed.insert((self.key, nonce)));
        assert!(fresh, "no number seals twice under one key, and {nonce} did");
        self.tag(nonce, aad, text)
    }

    fn open(
        &self,
        nonce: u64,
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Forged> {
        if self.tag(nonce, aad, text) == *tag { Ok(()) } else { Err(Forged) }
    }
}

thread_local! {
    static SEALED: RefCell<HashSet<(u64, u64)>> = RefCell::default();
}

struct Sum(u64);

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            let word = u64::from_le_bytes(word.try_into().expect("eight bytes are a word"));
            self.0 = mix(self.0 ^ word);
        }
        for &byte in words.remainder() {
            self.0 = mix(self.0 ^ u64::from(byte));
        }
        self.0 = mix(self.0 ^ bytes.len() as u64);
    }
}

fn mix(word: u64) -> u64 {
    let mixed = word.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_bit_is_noticed() {
        let cipher = Witness::new(Suite::ChaCha20Poly1305, &[7; 32]);
        let mut text = *b"hello, world";
        let tag = cipher.seal(1, b"head", &mut text);

        assert_eq!(cipher.open(1, b"head", &mut text, &tag), Ok(()));
        assert_eq!(cipher.open(1, b"heap", &mut text, &tag), Err(Forged));
        assert_eq!(cipher.open(2, b"head", &mut text, &tag), Err(Forged));
        text[11] ^= 1;
        assert_eq!(cipher.open(1, b"head", &mut text, &tag), Err(Forged));
    }

    #[test]
    #[should_panic(expected = "twice under one key")]
    fn a_number_used_twice_is_noticed() {
        let cipher = Witness::new(Suite::ChaCha20Poly1305, &[8; 32]);
        cipher.seal(1, b"", &mut []);
        cipher.seal(1, b"", &mut []);
    }
}
