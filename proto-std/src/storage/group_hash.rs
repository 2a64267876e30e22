//! Hashes one group of a file while its bytes come, where they lie.
//!
//! BLAKE3 is fast where it gets many of its blocks at once, from where a step begins. So whole steps
//! are hashed where they are, while they are near the processor; what lies across two steps is
//! gathered.

use blake3::Hasher;
use blake3::hazmat::HasherExt;

use super::prefix_hash::{GROUP, group_hasher};

/// What has come of a group, hashed.
// Invariants:
// - `gathered` is shorter than a step, and follows what `hasher` has.
// - `len` counts both, and is at most a group.
pub(super) struct GroupHash {
    index: u64,
    hasher: Hasher,
    gathered: Vec<u8>,
    len: u64,
}

impl GroupHash {
    /// The group with that number, of which nothing has come.
    pub(super) fn new(index: u64) -> Self {
        Self { index, hasher: group_hasher(index), gathered: Vec::new(), len: 0 }
    }

    /// Takes what follows: as much as the group lacks, and returns the rest.
    pub(super) fn take<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let room = usize::try_from(GROUP - self.len).unwrap_or(usize::MAX);
        let (mut now, later) = bytes.split_at(room.min(bytes.len()));
        self.len += now.len() as u64;
        if !self.gathered.is_empty() {
            let missing = (STEP - self.gathered.len()).min(now.len());
            self.gathered.extend_from_slice(&now[..missing]);
            now = &now[missing..];
            if self.gathered.len() < STEP {
                return later;
            }
            self.hasher.update(&self.gathered);
            self.gathered.clear();
        }
        let (steps, rest) = now.split_at(now.len() / STEP * STEP);
        self.hasher.update(steps);
        self.gathered.extend_from_slice(rest);
        later
    }

    /// Where what follows lies in the file.
    pub(super) fn end(&self) -> u64 {
        self.index * GROUP + self.len
    }

    /// Whether all of it has come.
    pub(super) fn is_whole(&self) -> bool {
        self.len == GROUP
    }

    /// Which group it is, and its hash so far.
    pub(super) fn hash(&mut self) -> (u64, &Hasher) {
        self.hasher.update(&self.gathered);
        self.gathered.clear();
        (self.index, &self.hasher)
    }

    /// Its number and its value; goes on with the group that follows.
    pub(super) fn next(&mut self) -> (u64, [u8; 32]) {
        let (index, hasher) = self.hash();
        let value = hasher.finalize_non_root();
        self.begin(index + 1);
        (index, value)
    }

    /// Goes on with another group.
    pub(super) fn begin(&mut self, index: u64) {
        self.gathered.clear();
        (self.index, self.hasher, self.len) = (index, group_hasher(index), 0);
    }
}

/// Bytes that are hashed at once: blocks enough for a processor that hashes sixteen side by side, twice.
const STEP: usize = 32 << 10;
const _: () = assert!(GROUP.is_multiple_of(STEP as u64));

#[cfg(test)]
mod tests {
    use super::super::prefix_hash::group_value;
    use super::*;

    #[test]
    fn however_it_comes_a_group_has_its_value() {
        let content: Vec<u8> = (0..=250).cycle().take(2 << 20).collect();
        let (first, second) = content.split_at(1 << 20);
        for len in [1_000, 1_024, STEP - 1, STEP, STEP + 1, 65_430, content.len()] {
            let (mut group, mut values) = (GroupHash::new(0), Vec::new());
            for piece in content.chunks(len) {
                let mut rest = piece;
                while !rest.is_empty() {
                    rest = group.take(rest);
                    if group.is_whole() {
                        values.push(group.next());
                    }
                }
            }
            let whole = [(0, group_value(0, first)), (1, group_value(1, second))];
            assert_eq!(values, whole, "{len} bytes each");
            assert_eq!(group.end(), 2 << 20);
        }
    }
}
