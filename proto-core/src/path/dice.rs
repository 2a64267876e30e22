//! Numbers that the peer cannot guess, made from the entropy that was handed in.

use sha2::{Digest, Sha256};

/// A counter under a keyed hash.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    entropy: [u8; 16],
    thrown: u64,
}

impl Dice {
    pub(super) const fn new(entropy: [u8; 16]) -> Self {
        Self { entropy, thrown: 0 }
    }

    /// The next number. The peer sees some of them, and learns nothing of the others.
    pub(super) fn throw(&mut self) -> u64 {
        let hash = Sha256::new()
            .chain_update(self.entropy)
            .chain_update(self.thrown.to_le_bytes())
            .finalize();
        self.thrown += 1;
        hash.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_entropy_throws_the_same_numbers() {
        let (mut one, mut same, mut other) =
            (Dice::new([1; 16]), Dice::new([1; 16]), Dice::new([2; 16]));
        let first = one.throw();
        assert_eq!(first, same.throw());
        assert_ne!(first, other.throw());
        assert_ne!(first, one.throw());
    }
}
