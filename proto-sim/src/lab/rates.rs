//! A bottleneck's rate, which may change while it is measured.

use proto_core::time::{Duration, micros};

/// Bits a second, and what they change to, so long after our flow began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    /// At first.
    pub first: u64,
    /// Later, in order.
    pub then: Vec<(Duration, u64)>,
}

impl Rates {
    /// A rate that does not change.
    pub fn steady(rate: u64) -> Self {
        Self { first: rate, then: Vec::new() }
    }

    /// The rate after so long.
    pub fn at(&self, time: Duration) -> u64 {
        let last = self.then.iter().rev().find(|&&(at, _)| at <= time);
        last.map_or(self.first, |&(_, rate)| rate)
    }

    /// Bytes that pass between two moments.
    pub fn bytes(&self, from: Duration, to: Duration) -> u64 {
        let changes = self.then.iter().map(|&(at, _)| at).filter(|&at| from < at && at < to);
        let begins = core::iter::once(from).chain(changes.clone());
        let ends = changes.chain(core::iter::once(to));
        begins
            .zip(ends)
            .map(|(from, to)| self.at(from) / 8 * (micros(to) - micros(from)) / 1_000_000)
            .sum()
    }

    /// The greatest rate.
    pub fn most(&self) -> u64 {
        self.then.iter().map(|&(_, rate)| rate).fold(self.first, u64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_counted_at_each_rate_for_its_time() {
        let second = Duration::from_secs(1);
        let then = vec![(second * 2, 1_000_000), (second * 4, 10_000_000)];
        let rates = Rates { first: 20_000_000, then };
        assert_eq!(rates.bytes(second, second * 5), 2_500_000 + 2 * 125_000 + 1_250_000);
        assert_eq!(rates.bytes(second * 2, second * 3), 125_000);
    }
}
