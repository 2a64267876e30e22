//! Round-trip time: smoothed, its variation, its minimum (RFC 9002 section 5).

use core::time::Duration;

use crate::time::micros;

/// How long a packet and its acknowledgement take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rtt {
    /// Microseconds, all of them.
    latest: u64,
    smoothed: u64,
    variation: u64,
    min: u64,
    samples: u32,
}

impl Rtt {
    /// Starts with a guess.
    pub const fn new() -> Self {
        Self {
            latest: INITIAL,
            smoothed: INITIAL,
            variation: INITIAL / 2,
            min: INITIAL,
            samples: 0,
        }
    }

    /// Takes a sample; `ack_delay` is what the peer says it waited.
    pub fn on_sample(&mut self, sample: Duration, ack_delay: Duration) {
        self.latest = micros(sample).max(1);
        self.samples = self.samples.saturating_add(1);
        if self.samples == 1 {
            self.min = self.latest;
            self.smoothed = self.latest;
            self.variation = self.latest / 2;
            return;
        }
        self.min = self.min.min(self.latest);
        // The peer chose the delay: it may not push a sample below the minimum.
        let delay = micros(ack_delay.min(MAX_ACK_DELAY));
        let adjusted =
            if self.latest >= self.min + delay { self.latest - delay } else { self.latest };
        // After a sleep many late answers may have come: the first quick one ends what they made.
        if self.smoothed > SLOW && adjusted.saturating_mul(OUTLIER) < self.smoothed {
            self.smoothed = (self.smoothed + 7 * adjusted) / 8;
            self.variation = self.smoothed / 2;
            return;
        }
        // A peer that slept answers late, once: that moves the average by no more than its size.
        let adjusted = adjusted.min(self.smoothed.saturating_mul(OUTLIER));
        let difference = self.smoothed.abs_diff(adjusted);
        self.variation = (3 * self.variation + difference) / 4;
        self.smoothed = (7 * self.smoothed + adjusted) / 8;
    }

    /// The moving average; a guess before the first sample.
    pub const fn smoothed(&self) -> Duration {
        Duration::from_micros(self.smoothed)
    }

    /// The last sample.
    pub const fn latest(&self) -> Duration {
        Duration::from_micros(self.latest)
    }

    /// The smallest sample on this route.
    pub const fn min(&self) -> Duration {
        Duration::from_micros(self.min)
    }

    /// Whether there was a sample at all.
    pub const fn is_sampled(&self) -> bool {
        self.samples > 0
    }

    /// What loss is judged by: the slower of the average and the last sample.
    pub fn slower(&self) -> Duration {
        self.smoothed().max(self.latest())
    }

    /// How long to wait for an acknowledgement before probing for it, without backoff.
    pub fn probe_timeout(&self) -> Duration {
        let spread = (4 * self.variation).max(micros(GRANULARITY));
        Duration::from_micros(self.smoothed + spread) + MAX_ACK_DELAY
    }
}

impl Default for Rtt {
    fn default() -> Self {
        Self::new()
    }
}

/// The guess before the first sample, in microseconds (RFC 9002 section 6.2.2).
const INITIAL: u64 = 333_000;
/// How many times the average a sample may count for, and how many times less makes it stale.
const OUTLIER: u64 = 8;
/// An average above this, in microseconds, is rather a sleep than a way.
const SLOW: u64 = 1_000_000;
/// What a timer resolves (RFC 9002 section 6.1.2).
pub const GRANULARITY: Duration = Duration::from_millis(1);
/// Longest that an acknowledgement may be put off: part of the protocol.
pub const MAX_ACK_DELAY: Duration = Duration::from_millis(25);

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn the_first_sample_replaces_the_guess() {
        let mut rtt = Rtt::new();
        assert!(!rtt.is_sampled());
        rtt.on_sample(ms(40), ms(20));
        assert_eq!((rtt.smoothed(), rtt.min(), rtt.latest()), (ms(40), ms(40), ms(40)));
        assert_eq!(rtt.probe_timeout(), ms(40 + 80 + 25));
    }

    #[test]
    fn the_peers_delay_is_taken_off() {
        let mut rtt = Rtt::new();
        rtt.on_sample(ms(40), ms(0));
        rtt.on_sample(ms(60), ms(20));
        assert_eq!(rtt.smoothed(), ms(40));
    }

    #[test]
    fn a_lying_delay_neither_falls_below_the_minimum_nor_exceeds_the_limit() {
        let mut rtt = Rtt::new();
        rtt.on_sample(ms(40), ms(0));
        rtt.on_sample(ms(41), ms(25));
        assert!(rtt.smoothed() >= ms(40));
        rtt.on_sample(ms(400), ms(400));
        assert!(rtt.smoothed() > ms(70));
    }

    #[test]
    fn one_answer_of_a_sleeper_does_not_spoil_the_average_and_a_slower_path_is_learnt() {
        let mut rtt = Rtt::new();
        rtt.on_sample(ms(20), ms(0));
        rtt.on_sample(ms(15_000), ms(0));
        assert!(rtt.smoothed() < ms(40), "{:?}", rtt.smoothed());
        assert!(rtt.probe_timeout() < ms(300), "{:?}", rtt.probe_timeout());

        (0..20).for_each(|_| rtt.on_sample(ms(700), ms(0)));
        assert!(rtt.smoothed() > ms(500), "{:?}", rtt.smoothed());
    }

    #[test]
    fn an_average_that_a_sleep_made_ends_with_the_first_quick_answers() {
        let mut rtt = Rtt::new();
        (0..20).for_each(|_| rtt.on_sample(ms(17_000), ms(0)));
        (0..3).for_each(|_| rtt.on_sample(ms(20), ms(0)));
        assert!(rtt.probe_timeout() < ms(1_000), "{:?}", rtt.probe_timeout());
    }

    #[test]
    fn a_sample_of_nothing_is_a_microsecond() {
        let mut rtt = Rtt::new();
        rtt.on_sample(Duration::ZERO, Duration::ZERO);
        assert_eq!(rtt.min(), Duration::from_micros(1));
    }
}
