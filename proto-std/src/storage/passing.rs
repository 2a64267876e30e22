//! Hashes a file as it passes by, for a sink that keeps nothing: what passes in order needs no
//! disk.
//!
//! Whole groups of 1 MiB are hashed where they are gathered. A group that comes in another order,
//! and the last one, go to the partial file, from where they are hashed like any other.

use std::io::IoSlice;

use super::prefix_hash::{GROUP, group_value};

/// Gathers one group at a time.
// Invariants:
// - `gathered` is shorter than a group; when it is not empty it begins at `group`'s start.
#[derive(Debug)]
pub(super) struct Passing {
    gathered: Vec<u8>,
    group: u64,
}

/// What is to be done with bytes that came by.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// They are kept in memory.
    Gathered,
    /// They completed a group, whose value is this.
    Hashed { group: u64, value: [u8; 32] },
    /// They must be written, after what was gathered: from this offset on, as long as it is.
    Spilled { from: u64, gathered: Vec<u8> },
}

impl Passing {
    pub(super) const fn new() -> Self {
        Self { gathered: Vec::new(), group: 0 }
    }

    /// Takes bytes of one group, which `offset` is in.
    pub(super) fn take(&mut self, offset: u64, bytes: &[u8]) -> Step {
        let group = offset / GROUP;
        let begins = self.gathered.is_empty() && offset.is_multiple_of(GROUP);
        let follows = !self.gathered.is_empty()
            && self.group == group
            && offset == group * GROUP + self.gathered.len() as u64;
        if !begins && !follows {
            return self.spill();
        }
        self.group = group;
        self.gathered.extend_from_slice(bytes);
        if (self.gathered.len() as u64) < GROUP {
            return Step::Gathered;
        }
        let value = group_value(group, &self.gathered);
        self.gathered.clear();
        Step::Hashed { group, value }
    }

    /// Whether the rest of what is gathered was written before: the file lacks its beginning.
    pub(super) fn is_overtaken(&self, contiguous: u64) -> bool {
        let end = self.group * GROUP + self.gathered.len() as u64;
        !self.gathered.is_empty() && contiguous > end
    }

    /// Gives up what was gathered.
    pub(super) fn spill(&mut self) -> Step {
        Step::Spilled { from: self.group * GROUP, gathered: std::mem::take(&mut self.gathered) }
    }
}

/// The pieces of a run, cut where groups end: each with its offset.
pub(super) fn cut<'a>(
    offset: u64,
    pieces: &'a [IoSlice<'_>],
) -> impl Iterator<Item = (u64, &'a [u8])> {
    let starts = pieces.iter().scan(offset, |at, piece| {
        let start = *at;
        *at += piece.len() as u64;
        Some((start, &**piece))
    });
    starts.flat_map(|(start, piece)| {
        let mut rest = (start, piece);
        std::iter::from_fn(move || {
            let (at, bytes) = rest;
            if bytes.is_empty() {
                return None;
            }
            let room = usize::try_from(GROUP - at % GROUP).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            rest = (at + now.len() as u64, later);
            Some((at, now))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_passes_in_order_is_hashed_and_not_written() {
        let content: Vec<u8> =
            (0..=250).cycle().take(usize::try_from(GROUP).unwrap() * 2).collect();
        let mut passing = Passing::new();
        let mut values = Vec::new();
        for (index, piece) in content.chunks(60_000).enumerate() {
            for (at, bytes) in cut(index as u64 * 60_000, &[IoSlice::new(piece)]) {
                match passing.take(at, bytes) {
                    Step::Gathered => {}
                    Step::Hashed { group, value } => values.push((group, value)),
                    Step::Spilled { .. } => panic!("it came in order"),
                }
            }
        }

        let (first, second) = content.split_at(content.len() / 2);
        assert_eq!(values, [(0, group_value(0, first)), (1, group_value(1, second))]);
    }

    #[test]
    fn what_comes_out_of_order_is_written_after_what_was_gathered() {
        let mut passing = Passing::new();
        assert_eq!(passing.take(GROUP, b"abc"), Step::Gathered);

        let spilled = passing.take(GROUP + 5, b"fg");
        assert_eq!(spilled, Step::Spilled { from: GROUP, gathered: b"abc".to_vec() });

        let alone = Step::Spilled { from: GROUP, gathered: Vec::new() };
        assert_eq!(passing.take(GROUP + 3, b"de"), alone, "the group goes on where it began");
        assert_eq!(passing.take(2 * GROUP, b"next"), Step::Gathered);
    }
}
