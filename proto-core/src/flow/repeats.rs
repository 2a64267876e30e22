//! What is sent twice to end a transfer sooner.
//!
//! When nothing new is left to send, a loss costs the whole transfer a round trip or more, and a
//! second copy next to nothing. Two kinds of bytes are worth one: those missing below others that
//! have arrived, which were probably lost once; and the file's last ones, behind which nothing
//! follows that would show their loss. A path that has lost nothing so far is not suspected.

use super::Coverage;
use super::range::between;
use crate::wire::ByteRange;

/// What was sent twice so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repeats {
    /// Below this, nothing is repeated again.
    from: u64,
    /// Whether the last bytes were repeated.
    last: bool,
    bytes: u64,
}

impl Repeats {
    pub(super) const fn new() -> Self {
        Self { from: 0, last: false, bytes: 0 }
    }

    /// The next bytes to repeat, at most `most`, of a file of which so much has arrived.
    pub(super) fn next<const HOLES: usize>(
        &self,
        arrived: &Coverage<HOLES>,
        size: u64,
        most: u64,
    ) -> Option<ByteRange> {
        if self.bytes + most > size / PART {
            return None;
        }
        let below = between(self.from, arrived.ranges().last()?.end);
        let end = between(size.saturating_sub(most), size).filter(|_| !self.last);
        let mut holes =
            [below, end].into_iter().flatten().flat_map(|part| arrived.missing_of(part));
        let hole = holes.next()?;
        between(hole.start, hole.end.min(hole.start + most))
    }

    /// These bytes of a file of this size were repeated.
    pub(super) const fn on_sent(&mut self, range: ByteRange, size: u64) {
        self.bytes += range.end - range.start;
        if range.end == size {
            self.last = true;
        } else {
            self.from = range.end;
        }
    }
}

/// Of so many parts of a file, one may be sent twice.
const PART: u64 = 256;

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    const SIZE: u64 = 1_000_000;

    fn range(start: u64, end: u64) -> ByteRange {
        ByteRange { start, end }
    }

    /// All that is repeated while this has arrived.
    fn repeated(repeats: &mut Repeats, arrived: &[(u64, u64)]) -> Vec<(u64, u64)> {
        let mut there = Coverage::<8>::new();
        for &(start, end) in arrived {
            there.insert(range(start, end)).unwrap();
        }
        let next = || {
            let next = repeats.next(&there, SIZE, 1000)?;
            repeats.on_sent(next, SIZE);
            Some((next.start, next.end))
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn what_is_missing_below_others_and_the_last_bytes_are_repeated_once() {
        let mut repeats = Repeats::new();
        let arrived = [(0, 500_000), (501_000, 900_000)];
        let both = [(500_000, 501_000), (999_000, SIZE)];
        assert_eq!(repeated(&mut repeats, &arrived), both);
        assert_eq!(repeated(&mut repeats, &arrived), []);
        // Losses that show later are repeated, too.
        let later = [(0, 900_000), (900_500, 950_000)];
        assert_eq!(repeated(&mut repeats, &later), [(900_000, 900_500)]);
    }

    #[test]
    fn no_more_than_a_small_part_of_the_file_is_repeated() {
        let mut repeats = Repeats::new();
        let holes = repeated(&mut repeats, &[(0, 1), (500_000, SIZE)]);
        assert_eq!(holes, [(1, 1001), (1001, 2001), (2001, 3001)]);
    }
}
