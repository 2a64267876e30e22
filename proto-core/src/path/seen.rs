//! Which packet numbers arrived before: the guard against replays.
//!
//! A set that *forgets*: a packet that is older than the window counts as seen.

/// The newest packet numbers that arrived.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    largest: Option<u64>,
    /// Bit `number % SEEN_PACKETS`, for numbers above `largest - SEEN_PACKETS`.
    bits: [u64; SEEN_PACKETS / 64],
}

impl Seen {
    pub(super) const fn new() -> Self {
        Self { largest: None, bits: [0; SEEN_PACKETS / 64] }
    }

    pub(super) const fn largest(&self) -> Option<u64> {
        self.largest
    }

    /// Whether the number is new, as far as can be told.
    pub(super) fn is_new(&self, number: u64) -> bool {
        let Some(largest) = self.largest else { return true };
        if number > largest {
            return true;
        }
        largest - number < SEEN_PACKETS as u64 && !self.bit(number)
    }

    /// Remembers a new number.
    pub(super) fn insert(&mut self, number: u64) {
        debug_assert!(self.is_new(number));
        let first = self.largest.map_or(0, |largest| largest + 1);
        if first <= number {
            if number - first >= SEEN_PACKETS as u64 {
                self.bits.fill(0);
            } else {
                for skipped in first..number {
                    let (word, mask) = place(skipped);
                    self.bits[word] &= !mask;
                }
            }
            self.largest = Some(number);
        }
        let (word, mask) = place(number);
        self.bits[word] |= mask;
    }

    fn bit(&self, number: u64) -> bool {
        let (word, mask) = place(number);
        self.bits[word] & mask != 0
    }
}

fn place(number: u64) -> (usize, u64) {
    #[expect(clippy::cast_possible_truncation, reason = "a remainder of SEEN_PACKETS")]
    let bit = (number % SEEN_PACKETS as u64) as usize;
    (bit / 64, 1 << (bit % 64))
}

/// Packets that may arrive out of order: 5 ms at 10 Gbit/s and more.
const SEEN_PACKETS: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_new_once() {
        let mut seen = Seen::new();
        for number in [3, 1, 2, 0, 70, 64] {
            assert!(seen.is_new(number));
            seen.insert(number);
            assert!(!seen.is_new(number));
        }
        assert!(seen.is_new(69));
        assert_eq!(seen.largest(), Some(70));
    }

    #[test]
    fn what_is_older_than_the_window_counts_as_seen() {
        let mut seen = Seen::new();
        seen.insert(SEEN_PACKETS as u64 + 5);
        assert!(!seen.is_new(5));
        assert!(seen.is_new(6));
    }

    #[test]
    fn a_jump_of_any_length_forgets_everything_before() {
        let mut seen = Seen::new();
        for number in 0..100 {
            seen.insert(number);
        }
        seen.insert(1 << 40);
        assert!(seen.is_new((1 << 40) - 1));
        assert!(!seen.is_new(99));
    }

    #[test]
    fn bits_are_cleared_as_the_window_moves() {
        let mut seen = Seen::new();
        seen.insert(10);
        seen.insert(SEEN_PACKETS as u64 + 9);
        seen.insert(SEEN_PACKETS as u64 + 11);
        assert!(seen.is_new(SEEN_PACKETS as u64 + 10));
    }
}
