//! Lulls: nothing is heard for long, and then much at once. Somebody was late, an end that was not
//! given the processor or the link itself, and what was on the way meanwhile tells of that, not of
//! a queue: a queue passes one packet after the other.

use crate::time::{Instant, micros};

/// When something was heard last, and when the last lull ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lull {
    heard_at: Instant,
    ended_at: Instant,
}

impl Lull {
    pub(super) const fn new() -> Self {
        Self { heard_at: Instant::ZERO, ended_at: Instant::ZERO }
    }

    /// A packet was acknowledged that left at `sent_at`; so many microseconds without a word are
    /// usual, and more are a lull. Returns whether it was on the way in one.
    pub(super) fn on_ack(&mut self, now: Instant, sent_at: Instant, usual: u64) -> bool {
        let before = core::mem::replace(&mut self.heard_at, now);
        if micros(now.since(before)) > usual {
            self.ended_at = now;
        }
        sent_at < self.ended_at
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::super::{Dual, Rate, Sample};
    use super::*;

    fn at(micros: u64) -> Instant {
        Instant::from_micros(1_000_000 + micros)
    }

    #[test]
    fn what_was_on_the_way_in_a_lull_is_late_and_what_leaves_after_it_is_not() {
        let mut lull = Lull::new();
        lull.on_ack(at(0), at(0), 500);
        assert!(!lull.on_ack(at(400), at(10), 500));

        assert!(lull.on_ack(at(5_000), at(390), 500));
        assert!(lull.on_ack(at(5_000), at(3_000), 500));
        assert!(lull.on_ack(at(5_300), at(4_900), 500));
        assert!(!lull.on_ack(at(5_700), at(5_100), 500));
    }

    #[test]
    fn who_was_late_makes_no_long_queue() {
        let mut dual = Dual::new(1_000);
        dual.rate = Rate::over(30_000_000, 1_000_000);
        let mut hear = |now: u64, rtt: u64| {
            let (rtt, now) = (Duration::from_micros(rtt), at(now));
            let min_rtt = Duration::from_millis(1);
            let sample = Sample { rtt: Some(rtt), min_rtt, sent_at: now - rtt, ..Sample::NOTHING };
            dual.on_ack(now, &sample);
            dual.deepest
        };
        let acks = [(0, 1_000), (700, 1_000), (1_400, 1_500), (2_100, 1_600)];
        assert_eq!(acks.map(|(now, rtt)| hear(now, rtt)).last(), Some(&600));

        let acks = [(7_100, 6_500), (7_110, 6_000), (7_800, 2_000), (8_500, 1_700)];
        assert_eq!(acks.map(|(now, rtt)| hear(now, rtt)), [600, 600, 600, 600]);

        let acks = [(9_200, 1_800), (9_900, 1_900)];
        assert_eq!(acks.map(|(now, rtt)| hear(now, rtt)), [800, 900]);
    }
}
