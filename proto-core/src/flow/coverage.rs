//! Which bytes of a file are there.
//!
//! ```text
//!   0          prefix         island          island            size
//!   |############|......|########|......|######|.................|
//! ```
//!
//! A set that *refuses*: a range that would need one island too many is not taken, and what is
//! not taken is not acknowledged, so that its sender sends it again when there is room.

use core::fmt;

use heapless::Vec;

use super::range::{between, len};
use crate::wire::ByteRange;

/// Bytes of a file that are there: all up to a prefix, and at most `HOLES` islands above it.
/// Takes 16 bytes of memory for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage<const HOLES: usize> {
    prefix: u64,
    islands: Vec<ByteRange, HOLES>,
    island_bytes: u64,
}

// Invariants:
// - Islands rise and do not touch: islands[i].end < islands[i + 1].start.
// - No island is empty, and the first starts above the prefix.
// - island_bytes is the sum of their lengths.
impl<const HOLES: usize> Coverage<HOLES> {
    /// Nothing is there.
    pub const fn new() -> Self {
        Self { prefix: 0, islands: Vec::new(), island_bytes: 0 }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self { prefix: 0, islands: Vec::new(), island_bytes: 0 };
    }

    /// Adds a range, and says how many of its bytes are new.
    ///
    /// # Errors
    /// [`TooManyHoles`] when it would need an island more than there is room for; nothing changes.
    pub fn insert(&mut self, range: ByteRange) -> Result<u64, TooManyHoles> {
        let before = self.len();
        if range.start >= range.end {
            return Ok(0);
        }
        if range.start <= self.prefix {
            self.prefix = self.prefix.max(range.end);
            let swallowed = self.touching(ByteRange { start: 0, end: self.prefix });
            for island in self.islands.drain(swallowed) {
                self.prefix = self.prefix.max(island.end);
                self.island_bytes -= len(island);
            }
            return Ok(self.len() - before);
        }

        let touched = self.touching(range);
        if touched.is_empty() {
            self.islands.insert(touched.start, range).map_err(|_| TooManyHoles)?;
            self.island_bytes += len(range);
        } else {
            let mut whole = range;
            for island in &self.islands[touched.clone()] {
                whole.start = whole.start.min(island.start);
                whole.end = whole.end.max(island.end);
                self.island_bytes -= len(*island);
            }
            self.island_bytes += len(whole);
            self.islands[touched.start] = whole;
            drop(self.islands.drain(touched.start + 1..touched.end));
        }
        Ok(self.len() - before)
    }

    /// Whether [`insert`](Self::insert) would take the range.
    pub fn can_insert(&self, range: ByteRange) -> bool {
        range.start <= self.prefix || !self.islands.is_full() || !self.touching(range).is_empty()
    }

    /// Whether every byte of the range is there.
    pub fn contains(&self, range: ByteRange) -> bool {
        if range.end <= self.prefix || range.start >= range.end {
            return true;
        }
        let at = self.islands.partition_point(|island| island.end < range.end);
        self.islands.get(at).is_some_and(|island| island.start <= range.start)
    }

    /// How many bytes are there.
    pub const fn len(&self) -> u64 {
        self.prefix + self.island_bytes
    }

    /// Whether nothing is there.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes are there from the start without a hole.
    pub const fn contiguous(&self) -> u64 {
        self.prefix
    }

    /// The ranges that are there, rising.
    pub fn ranges(&self) -> impl Iterator<Item = ByteRange> + '_ {
        between(0, self.prefix).into_iter().chain(self.islands.iter().copied())
    }

    /// The first range below `end` that is missing.
    pub fn first_hole(&self, end: u64) -> Option<ByteRange> {
        let upper = self.islands.first().map_or(end, |island| island.start.min(end));
        between(self.prefix, upper)
    }

    /// The missing parts of a range, rising.
    pub fn missing_of(&self, range: ByteRange) -> impl Iterator<Item = ByteRange> + '_ {
        let first = self.islands.partition_point(|island| island.end <= range.start);
        let mut from = range.start.max(self.prefix);
        let mut islands = self.islands[first..].iter();
        core::iter::from_fn(move || {
            while from < range.end {
                let Some(island) = islands.next() else {
                    return between(core::mem::replace(&mut from, range.end), range.end);
                };
                let hole = between(from, island.start.min(range.end));
                from = from.max(island.end);
                if hole.is_some() {
                    return hole;
                }
            }
            None
        })
    }

    /// The `MOST` largest ranges that are there, rising.
    pub fn largest<const MOST: usize>(&self) -> Vec<ByteRange, MOST> {
        let mut kept = Vec::<ByteRange, MOST>::new();
        for range in self.ranges() {
            if kept.push(range).is_ok() {
                continue;
            }
            let smallest = (0..kept.len()).min_by_key(|&at| len(kept[at]));
            if let Some(at) = smallest.filter(|&at| len(kept[at]) < len(range)) {
                kept[at] = range;
                kept[at..].rotate_left(1);
            }
        }
        kept
    }

    /// The islands that overlap or adjoin a range.
    fn touching(&self, range: ByteRange) -> core::ops::Range<usize> {
        let first = self.islands.partition_point(|island| island.end < range.start);
        let count = self.islands[first..].partition_point(|island| island.start <= range.end);
        first..first + count
    }
}

impl<const HOLES: usize> Default for Coverage<HOLES> {
    fn default() -> Self {
        Self::new()
    }
}

/// There is no room for another island.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyHoles;

impl fmt::Display for TooManyHoles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what arrived has too many holes already")
    }
}

impl core::error::Error for TooManyHoles {}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "the numbers of these tests are small")]
mod tests {
    use std::collections::BTreeSet;
    use std::vec::Vec as List;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_hole_that_is_filled_joins_its_neighbours() {
        let mut coverage = Coverage::<4>::new();

        assert_eq!(coverage.insert(range(0, 10)), Ok(10));
        assert_eq!(coverage.insert(range(20, 30)), Ok(10));
        assert_eq!(coverage.insert(range(8, 22)), Ok(10));

        assert_eq!(coverage.contiguous(), 30);
        assert_eq!(coverage.ranges().collect::<List<_>>(), [range(0, 30)]);
    }

    #[test]
    fn an_island_too_many_is_refused_and_changes_nothing() {
        let mut coverage = Coverage::<2>::new();
        coverage.insert(range(10, 20)).unwrap();
        coverage.insert(range(30, 40)).unwrap();
        let before = coverage.clone();

        assert!(!coverage.can_insert(range(50, 60)));
        assert_eq!(coverage.insert(range(50, 60)), Err(TooManyHoles));
        assert_eq!(coverage, before);

        assert_eq!(coverage.insert(range(40, 60)), Ok(20), "growing an island needs no room");
        assert_eq!(coverage.insert(range(0, 5)), Ok(5), "nor does the prefix");
    }

    #[test]
    fn the_largest_ranges_are_kept_and_rise() {
        let mut coverage = Coverage::<8>::new();
        for (start, end) in [(0, 5), (10, 11), (20, 29), (40, 42), (50, 58)] {
            coverage.insert(range(start, end)).unwrap();
        }

        assert_eq!(coverage.largest::<3>(), [range(0, 5), range(20, 29), range(50, 58)]);
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_set_of_bytes(
            inserts in prop::collection::vec((0u64..120, 0u64..24), 0..60),
            (asked, asked_len) in (0u64..130, 0u64..30),
        ) {
            let mut coverage = Coverage::<6>::new();
            let mut model = BTreeSet::new();
            for (start, length) in inserts {
                let new = range(start, start + length);
                let could = coverage.can_insert(new) || length == 0;
                let result = coverage.insert(new);
                prop_assert_eq!(could, result.is_ok());
                if let Ok(added) = result {
                    let before = model.len();
                    model.extend(start..start + length);
                    prop_assert_eq!(added as usize, model.len() - before);
                }
                check(&coverage, &model)?;
            }
            let asked = range(asked, asked + asked_len);
            let missing: List<u64> =
                coverage.missing_of(asked).flat_map(|hole| hole.start..hole.end).collect();
            let expected: List<u64> =
                (asked.start..asked.end).filter(|byte| !model.contains(byte)).collect();
            prop_assert_eq!(coverage.contains(asked), expected.is_empty());
            prop_assert_eq!(missing, expected);
        }
    }

    fn check(coverage: &Coverage<6>, model: &BTreeSet<u64>) -> Result<(), TestCaseError> {
        let bytes: List<u64> = coverage.ranges().flat_map(|r| r.start..r.end).collect();
        prop_assert!(bytes.iter().eq(model.iter()));
        prop_assert_eq!(coverage.len() as usize, model.len());
        let contiguous = (0..200).take_while(|byte| model.contains(byte)).count();
        prop_assert_eq!(coverage.contiguous() as usize, contiguous);
        let ranges: List<ByteRange> = coverage.ranges().collect();
        prop_assert!(ranges.windows(2).all(|pair| pair[0].end < pair[1].start));
        let hole = (contiguous as u64..200).take_while(|byte| !model.contains(byte)).count();
        prop_assert_eq!(coverage.first_hole(200).map_or(0, len) as usize, hole);
        Ok(())
    }

    fn range(start: u64, end: u64) -> ByteRange {
        ByteRange { start, end }
    }
}
