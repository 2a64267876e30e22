//! BLAKE3 of a file that grows from its start, in pieces that survive a restart.
//!
//! BLAKE3 is a tree. Whole groups of 1 MiB become chaining values, and neighbours of equal size
//! merge at once, so that the state is a stack of at most one value for each power of two: it fits
//! a sidecar, and a resumed transfer need not read what it has again.

use blake3::Hasher;
use blake3::hazmat::{HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};
use proto_core::ids::Digest;
use serde::{Deserialize, Serialize};

/// Bytes of a group: hashing is fastest from here on.
pub(super) const GROUP: u64 = 1 << 20;

/// The hash of the whole groups that a file begins with.
// Invariants:
// - `peaks` has one value for each bit that is set in `groups`, highest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PrefixHash {
    groups: u64,
    peaks: Vec<[u8; 32]>,
}

impl PrefixHash {
    /// Adds the group that follows, which `read` brings in pieces: each says where it begins. They are
    /// hashed where they were read to, while they are near the processor.
    pub(super) fn push_pieces<E>(
        &mut self,
        buffer: &mut Vec<u8>,
        mut read: impl FnMut(u64, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        buffer.resize(PIECE, 0);
        let mut hasher = group_hasher(self.groups);
        for piece in 0..GROUP / PIECE as u64 {
            read(self.len() + piece * PIECE as u64, buffer)?;
            hasher.update(buffer);
        }
        self.push_value(hasher.finalize_non_root());
        Ok(())
    }

    /// Adds the group that follows, which has been hashed.
    pub(super) fn push_value(&mut self, mut value: [u8; 32]) {
        let mut merges = self.groups;
        while merges & 1 == 1 {
            let left = self.peaks.pop().expect("a peak for each bit of groups");
            value = merge_subtrees_non_root(&left, &value, Mode::Hash);
            merges >>= 1;
        }
        self.peaks.push(value);
        self.groups += 1;
    }

    /// The digest of the whole file: the groups so far and the last bytes, which are more than
    /// none and at most one group, unless the file fits one group.
    pub(super) fn finish(&self, rest: &[u8]) -> Digest {
        assert!(rest.len() as u64 <= GROUP && (self.groups == 0 || !rest.is_empty()));
        self.finish_with(group_hasher(self.groups).update(rest))
    }

    /// As `finish`, when the last bytes have been hashed.
    pub(super) fn finish_with(&self, last: &Hasher) -> Digest {
        let Some((first, peaks)) = self.peaks.split_first() else {
            return Digest(*last.finalize().as_bytes());
        };
        let mut right = last.finalize_non_root();
        for peak in peaks.iter().rev() {
            right = merge_subtrees_non_root(peak, &right, Mode::Hash);
        }
        Digest(*merge_subtrees_root(first, &right, Mode::Hash).as_bytes())
    }

    /// Bytes hashed so far.
    pub(super) fn len(&self) -> u64 {
        self.groups * GROUP
    }

    /// False for a value from outside that breaks the invariants.
    pub(super) fn is_sound(&self) -> bool {
        self.peaks.len() == self.groups.count_ones() as usize && self.groups < 1 << 40
    }

    /// Bytes of a file of `size` that go through `push`: all groups but the last.
    pub(super) fn pushed_of(size: u64) -> u64 {
        size.saturating_sub(1) / GROUP * GROUP
    }
}

/// The value of the whole group with that number.
pub(super) fn group_value(index: u64, bytes: &[u8]) -> [u8; 32] {
    group_hasher(index).update(bytes).finalize_non_root()
}

/// What hashes the group with that number.
pub(super) fn group_hasher(index: u64) -> Hasher {
    let mut hasher = Hasher::new();
    hasher.set_input_offset(index * GROUP);
    hasher
}

/// Bytes that are read and hashed at once: they fit a processor's own cache twice.
const PIECE: usize = 1 << 18;
const _: () = assert!(GROUP.is_multiple_of(PIECE as u64));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_blake3_of_the_whole() {
        let group = usize::try_from(GROUP).unwrap();
        let sizes = [0, 1, 1024, 1025, group - 1, group, group + 1, 2 * group];
        let more = [3 * group - 1, 3 * group + 7, 4 * group, 7 * group + 1, 8 * group + 5];
        for size in sizes.into_iter().chain(more) {
            let content = content(size);
            let pushed = usize::try_from(PrefixHash::pushed_of(size as u64)).unwrap();
            let (mut hash, mut in_pieces) = (PrefixHash::default(), PrefixHash::default());
            for (index, group) in (0..).zip(content[..pushed].chunks(group)) {
                hash.push_value(group_value(index, group));
            }
            let read = |at: u64, piece: &mut [u8]| {
                let at = usize::try_from(at)?;
                piece.copy_from_slice(&content[at..at + piece.len()]);
                Ok::<_, std::num::TryFromIntError>(())
            };
            while in_pieces.len() < pushed as u64 {
                in_pieces.push_pieces(&mut Vec::new(), read).unwrap();
            }

            let digest = hash.finish(&content[pushed..]);

            assert!(hash.is_sound());
            assert_eq!(hash, in_pieces);
            assert_eq!(digest.0, *blake3::hash(&content).as_bytes(), "{size} bytes");
        }
    }

    #[test]
    fn a_made_up_state_is_not_sound() {
        assert!(!PrefixHash { groups: 3, peaks: vec![[0; 32]] }.is_sound());
        assert!(!PrefixHash { groups: u64::MAX, peaks: vec![[0; 32]; 64] }.is_sound());
    }

    fn content(size: usize) -> Vec<u8> {
        (0..=250).cycle().take(size).collect()
    }
}
