//! What must be sent: the bytes that never were, and those that got lost.
//!
//! One list of ranges, rising, taken from the front: what got lost lies below what was never
//! sent, so it goes first, and so does the lowest hole at the receiver. When the list is full,
//! the two nearest neighbours become one range; the bytes between them are sent once more.

use heapless::Vec;

use super::range::{below, between, len};
use crate::wire::ByteRange;

/// The bytes of a file that are to be sent, in at most `RANGES` ranges of 16 bytes of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlog<const RANGES: usize> {
    ranges: Vec<ByteRange, RANGES>,
    resent: u64,
}

// Invariants of `ranges`:
// - They rise and do not touch, and none is empty.
impl<const RANGES: usize> Backlog<RANGES> {
    /// Nothing is to be sent.
    pub const fn new() -> Self {
        const { assert!(RANGES >= 2, "two neighbours must exist before they can become one") };
        Self { ranges: Vec::new(), resent: 0 }
    }

    /// Forgets everything, the count included.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Adds a range: because it was never sent, or because it got lost.
    pub fn add(&mut self, range: ByteRange) {
        if range.start >= range.end {
            return;
        }
        let first = self.ranges.partition_point(|other| other.end < range.start);
        let count = self.ranges[first..].partition_point(|other| other.start <= range.end);
        if count > 0 {
            let whole = ByteRange {
                start: range.start.min(self.ranges[first].start),
                end: range.end.max(self.ranges[first + count - 1].end),
            };
            self.ranges[first] = whole;
            drop(self.ranges.drain(first + 1..first + count));
            return;
        }
        if self.ranges.insert(first, range).is_ok() {
            return;
        }
        let (at, gap) = self.nearest();
        if let Some(neighbour) = self.nearer_neighbour(first, range, gap) {
            self.resent += self.gap_to(neighbour, range);
            let other = &mut self.ranges[neighbour];
            other.start = other.start.min(range.start);
            other.end = other.end.max(range.end);
        } else {
            self.resent += gap;
            self.ranges[at].end = self.ranges[at + 1].end;
            self.ranges.remove(at + 1);
            self.add(range);
        }
    }

    /// Takes a range off: the receiver has it. What would need a range more than there is room
    /// for stays, and is sent once more.
    pub fn remove(&mut self, range: ByteRange) {
        let mut at = self.ranges.partition_point(|other| other.end <= range.start);
        while let Some(&other) = self.ranges.get(at).filter(|other| other.start < range.end) {
            let left = between(other.start, range.start);
            let right = between(range.end, other.end);
            match (left, right) {
                (None, None) => {
                    self.ranges.remove(at);
                }
                (Some(rest), None) | (None, Some(rest)) => {
                    self.ranges[at] = rest;
                    at += 1;
                }
                (Some(left), Some(right)) => {
                    if self.ranges.insert(at + 1, right).is_ok() {
                        self.ranges[at] = left;
                    } else {
                        self.resent += len(range);
                    }
                    return;
                }
            }
        }
    }

    /// Takes the lowest bytes, at most `most` of them and only what lies below `limit`.
    pub fn take(&mut self, most: u64, limit: u64) -> Option<ByteRange> {
        let front = self.ranges.first_mut()?;
        let taken = below(*front, limit.min(front.start.saturating_add(most)))?;
        front.start = taken.end;
        if front.start == front.end {
            self.ranges.remove(0);
        }
        Some(taken)
    }

    /// Whether bytes below `limit` are to be sent.
    pub fn has_below(&self, limit: u64) -> bool {
        self.ranges.first().is_some_and(|front| front.start < limit)
    }

    /// Whether nothing is to be sent.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Bytes that are sent once more than needed, for want of room in the list.
    pub const fn resent(&self) -> u64 {
        self.resent
    }

    /// The two neighbours with the fewest bytes between them, and how many those are.
    fn nearest(&self) -> (usize, u64) {
        (0..self.ranges.len().saturating_sub(1))
            .map(|at| (at, self.ranges[at + 1].start - self.ranges[at].end))
            .min_by_key(|&(_, gap)| gap)
            .unwrap_or((0, u64::MAX))
    }

    /// The neighbour that a range, which belongs at `first`, is nearer to than `gap`.
    fn nearer_neighbour(&self, first: usize, range: ByteRange, gap: u64) -> Option<usize> {
        [first.checked_sub(1), Some(first).filter(|&at| at < self.ranges.len())]
            .into_iter()
            .flatten()
            .min_by_key(|&at| self.gap_to(at, range))
            .filter(|&at| self.gap_to(at, range) <= gap)
    }

    /// Bytes between a range of the list and one outside it.
    fn gap_to(&self, at: usize, range: ByteRange) -> u64 {
        let other = self.ranges[at];
        if other.end <= range.start { range.start - other.end } else { other.start - range.end }
    }
}

impl<const RANGES: usize> Default for Backlog<RANGES> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::vec::Vec as List;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_got_lost_goes_before_what_was_never_sent() {
        let mut backlog = whole(100);
        assert_eq!(backlog.take(30, 100), Some(range(0, 30)));

        backlog.add(range(10, 20));

        assert_eq!(backlog.take(30, 100), Some(range(10, 20)));
        assert_eq!(backlog.take(30, 100), Some(range(30, 60)));
    }

    #[test]
    fn nothing_at_or_above_the_limit_is_taken() {
        let mut backlog = whole(100);

        assert_eq!(backlog.take(60, 50), Some(range(0, 50)));
        assert_eq!(backlog.take(60, 50), None);
        assert!(!backlog.has_below(50));
        assert_eq!(backlog.take(60, 100), Some(range(50, 100)));
    }

    #[test]
    fn a_full_list_joins_the_nearest_and_counts_what_is_sent_again() {
        let mut backlog = Backlog::<3>::new();
        for (start, end) in [(0, 10), (12, 20), (40, 50)] {
            backlog.add(range(start, end));
        }

        backlog.add(range(70, 80));

        assert_eq!(backlog.resent(), 2);
        assert_eq!(backlog.take(100, 100), Some(range(0, 20)));
        assert_eq!(backlog.take(100, 100), Some(range(40, 50)));
        assert_eq!(backlog.take(100, 100), Some(range(70, 80)));
    }

    proptest! {
        #[test]
        fn nothing_that_must_be_sent_is_ever_missing(
            steps in prop::collection::vec((0u8..3, 0u64..100, 1u64..20), 0..80),
        ) {
            let mut backlog = Backlog::<4>::new();
            let mut must = BTreeSet::new();
            let mut surplus = 0;
            for (step, start, length) in steps {
                let asked = range(start, start + length);
                match step {
                    0 => {
                        must.extend(start..start + length);
                        backlog.add(asked);
                    }
                    1 => {
                        must.retain(|byte| !(asked.start..asked.end).contains(byte));
                        backlog.remove(asked);
                    }
                    _ => if let Some(taken) = backlog.take(length, start + 20) {
                        prop_assert!(len(taken) <= length && taken.end <= start + 20);
                        prop_assert!(must.first().is_none_or(|&lowest| lowest >= taken.start));
                        surplus += (taken.start..taken.end).filter(|b| !must.remove(b)).count();
                    },
                }
                let held: List<u64> = backlog.ranges.iter().flat_map(|r| r.start..r.end).collect();
                prop_assert!(must.iter().all(|byte| held.binary_search(byte).is_ok()));
                prop_assert!(backlog.ranges.windows(2).all(|two| two[0].end < two[1].start));
                let unneeded = held.len() - must.len() + surplus;
                prop_assert!(unneeded as u64 <= backlog.resent(), "all surplus is counted");
            }
        }
    }

    fn whole(size: u64) -> Backlog<8> {
        let mut backlog = Backlog::new();
        backlog.add(range(0, size));
        backlog
    }

    fn range(start: u64, end: u64) -> ByteRange {
        ByteRange { start, end }
    }
}
