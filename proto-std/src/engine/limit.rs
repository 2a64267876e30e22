//! A limit on bytes a second: a bucket that fills at that rate.

use std::time::Duration;

use proto_core::limits::BASE_DATAGRAM_LEN;
use proto_core::time::{Instant, micros};

/// Tokens for bytes. It may go below empty by one batch, and pays that back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    rate: u64,
    micros_of_tokens: u64,
    debt: u64,
    filled: Instant,
}

impl Bucket {
    /// A bucket for so many bytes a second (at least 1 KB), that holds what comes in 20 ms.
    pub(super) fn new(rate: u64, now: Instant) -> Self {
        Self { rate: rate.max(1000), micros_of_tokens: DEPTH_MICROS, debt: 0, filled: now }
    }

    /// Takes for bytes that are sent.
    pub(super) fn take(&mut self, now: Instant, bytes: usize) {
        self.fill(now);
        let cost = (bytes as u64).saturating_mul(1_000_000).div_ceil(self.rate);
        let paid = cost.min(self.micros_of_tokens);
        self.micros_of_tokens -= paid;
        self.debt += cost - paid;
    }

    /// When something may be sent; `None` is now.
    pub(super) fn wait(&mut self, now: Instant) -> Option<Instant> {
        self.fill(now);
        (self.debt > 0).then(|| now + Duration::from_micros(self.debt))
    }

    /// Bytes that may leave at once: what comes in 20 ms, so that acknowledgements never wait long
    /// behind them.
    pub(super) fn burst(&self) -> usize {
        usize::try_from(self.rate / 50).unwrap_or(usize::MAX)
    }

    fn fill(&mut self, now: Instant) {
        let gained = micros(now.since(self.filled));
        self.filled = now;
        let paid = gained.min(self.debt);
        self.debt -= paid;
        self.micros_of_tokens = (self.micros_of_tokens + gained - paid).min(DEPTH_MICROS);
    }
}

/// Longest datagram under a limit: it takes at most 20 ms, where the smallest size allows that.
pub(super) fn longest_datagram(rate: u64) -> u16 {
    let base = u64::try_from(BASE_DATAGRAM_LEN).unwrap_or(u64::MAX);
    u16::try_from((rate / 50).max(base)).unwrap_or(u16::MAX)
}

/// What a bucket holds.
const DEPTH_MICROS: u64 = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_a_while_the_rate_is_kept() {
        let mut bucket = Bucket::new(1_000_000, Instant::ZERO);
        let (mut now, mut sent) = (Instant::ZERO, 0_u64);
        while now < Instant::from_micros(10_000_000) {
            if let Some(until) = bucket.wait(now) {
                now = until;
            } else {
                bucket.take(now, 65_000);
                sent += 65_000;
            }
        }
        assert!((9_900_000..10_200_000).contains(&sent), "{sent}");
    }

    #[test]
    fn idle_time_is_not_saved_up() {
        let mut bucket = Bucket::new(1_000_000, Instant::ZERO);
        let now = Instant::from_micros(60_000_000);
        bucket.take(now, 20_000);
        assert_eq!(bucket.wait(now), None);
        bucket.take(now, 1_000);
        assert_eq!(bucket.wait(now), Some(now + Duration::from_millis(1)));
    }
}
