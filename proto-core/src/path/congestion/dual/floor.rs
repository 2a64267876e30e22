//! The round trip of the empty link: the smallest of late, and how long nobody has seen it
//! (`BBR.min_rtt`, draft-ietf-ccwg-bbr section 5.5.7).

use core::time::Duration;

use crate::time::Instant;

/// The smallest round trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Floor {
    /// In microseconds; `None` before the first sample.
    min: Option<u64>,
    seen_at: Instant,
}

impl Floor {
    pub(super) const fn new() -> Self {
        Self { min: None, seen_at: Instant::ZERO }
    }

    pub(super) const fn get(&self) -> Option<u64> {
        self.min
    }

    /// Takes a sample. What comes close to the smallest shows that it still holds.
    pub(super) fn on_sample(&mut self, now: Instant, rtt: u64) {
        let rtt = rtt.max(1);
        let min = self.min.map_or(rtt, |min| min.min(rtt));
        self.min = Some(min);
        if rtt <= min + min / CLOSE + CLOCK {
            self.seen_at = now;
        }
    }

    /// Whether it was not seen for long.
    pub(super) fn is_stale(&self, now: Instant) -> bool {
        self.min.is_some() && now.since(self.seen_at) >= STALE_AFTER
    }

    /// The link was emptied and this is what it takes now.
    pub(super) const fn replace(&mut self, now: Instant, rtt: u64) {
        (self.min, self.seen_at) = (Some(rtt), now);
    }

    /// It was looked for, and cannot be told.
    pub(super) const fn postpone(&mut self, now: Instant) {
        self.seen_at = now;
    }
}

/// Part of the smallest within which a sample confirms it: with more, a route that became a little
/// longer is noticed late; with less, every small queue leads to an ebb…
const CLOSE: u64 = 32;
/// …and what the clock may add, in microseconds.
const CLOCK: u64 = 250;
/// How long the smallest is believed (`BBR.MinRTTFilterLen`, draft-ietf-ccwg-bbr).
const STALE_AFTER: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_micros(millis * 1000)
    }

    #[test]
    fn the_smallest_sample_is_kept_and_one_close_to_it_confirms_it() {
        let mut floor = Floor::new();
        floor.on_sample(at(0), 50_000);
        floor.on_sample(at(10), 40_000);
        floor.on_sample(at(20), 90_000);
        assert_eq!(floor.get(), Some(40_000));

        floor.on_sample(at(9_000), 41_000);
        assert!(!floor.is_stale(at(18_000)));
        assert!(floor.is_stale(at(19_000)));
    }

    #[test]
    fn an_emptied_link_may_take_longer_than_it_used_to() {
        let mut floor = Floor::new();
        floor.on_sample(at(0), 40_000);
        floor.replace(at(12_000), 60_000);
        assert_eq!(floor.get(), Some(60_000));
        assert!(!floor.is_stale(at(20_000)));
    }
}
