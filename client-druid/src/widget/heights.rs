//! The heights of many rows, with sums that are found and changed in a logarithm of their number.

/// Heights in pixels, in a binary indexed tree.
#[derive(Debug, Default)]
pub(crate) struct Heights {
    each: Vec<u32>,
    // Invariant of `sums`: sums[i] is the sum of the lowbit(i + 1) heights that end with each[i].
    sums: Vec<u64>,
}

impl Heights {
    /// Keeps the first heights only.
    pub(crate) fn truncate(&mut self, len: usize) {
        // No sum takes in a height behind its own.
        self.each.truncate(len);
        self.sums.truncate(len);
    }

    /// Appends a height.
    pub(crate) fn push(&mut self, height: u32) {
        let len = self.each.len() + 1;
        let first = len & (len - 1);
        let mut sum = u64::from(height);
        let mut end = len - 1;
        while end > first {
            sum += self.sums[end - 1];
            end &= end - 1;
        }
        self.each.push(height);
        self.sums.push(sum);
    }

    /// Changes one height; returns the old one.
    pub(crate) fn set(&mut self, nth: usize, height: u32) -> u32 {
        let old = std::mem::replace(&mut self.each[nth], height);
        let mut at = nth;
        while at < self.sums.len() {
            self.sums[at] = self.sums[at] + u64::from(height) - u64::from(old);
            at |= at + 1;
        }
        old
    }

    /// How many rows there are.
    pub(crate) const fn len(&self) -> usize {
        self.each.len()
    }

    /// One height.
    pub(crate) fn get(&self, nth: usize) -> u32 {
        self.each[nth]
    }

    /// The top of a row: the sum of all heights before it.
    pub(crate) fn top(&self, nth: usize) -> u64 {
        let mut sum = 0;
        let mut end = nth;
        while end > 0 {
            sum += self.sums[end - 1];
            end &= end - 1;
        }
        sum
    }

    /// The sum of all heights.
    pub(crate) fn total(&self) -> u64 {
        self.top(self.each.len())
    }

    /// The row at `y`: the last one whose top is not below it. 0 when there are none.
    pub(crate) fn row_at(&self, y: u64) -> usize {
        let mut at = 0;
        let mut rest = y;
        let mut step = self.sums.len().next_power_of_two();
        while step > 0 {
            let next = at + step;
            if next <= self.sums.len() && self.sums[next - 1] <= rest {
                rest -= self.sums[next - 1];
                at = next;
            }
            step /= 2;
        }
        at.min(self.each.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some heights, zero among them, without a pattern.
    fn uneven(count: u32) -> Vec<u32> {
        (0..count).map(|n| n.wrapping_mul(2_654_435_761) >> 26).collect()
    }

    #[test]
    fn sums_and_places_agree_with_adding_up() {
        for count in [0, 1, 2, 3, 7, 8, 9, 100, 1000] {
            let mut plain = uneven(count);
            let mut heights = Heights::default();
            for height in &plain {
                heights.push(*height);
            }
            // The last third goes, and comes again.
            heights.truncate(plain.len() - plain.len() / 3);
            for height in &plain[heights.len()..] {
                heights.push(*height);
            }
            if let Some(nth) = plain.len().checked_sub(1) {
                heights.set(nth / 2, 77);
                plain[nth / 2] = 77;
            }
            let mut top = 0;
            for (nth, height) in plain.iter().enumerate() {
                assert_eq!(heights.top(nth), top);
                if *height > 0 {
                    assert_eq!(heights.row_at(top), nth);
                    assert_eq!(heights.row_at(top + u64::from(*height) - 1), nth);
                }
                top += u64::from(*height);
            }
            assert_eq!(heights.total(), top);
            assert_eq!(heights.row_at(u64::MAX / 2), plain.len().saturating_sub(1));
        }
    }
}
