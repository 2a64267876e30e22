//! When a packet is lost: by count, by time, and by what reordering has taught.
//!
//! Starts as RFC 9002 section 6.1. A late acknowledgement of a packet that was given up shows that
//! the path reorders: first the count is dropped, then the time is doubled, up to one more round
//! trip. After sixteen recoveries without such a mistake, the strict rules return.

use core::time::Duration;

use super::rtt::GRANULARITY;
use crate::time::{Instant, micros};

/// How much reordering is put up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// Whether the count of later packets decides.
    by_count: bool,
    /// Eighths of a round trip beyond one: 1, 2, 4 or 8.
    eighths: u8,
    /// Recoveries since the last mistake.
    clean: u8,
    /// When the last recovery began.
    recovering_since: Option<Instant>,
    /// When it was last widened: once per round trip is enough.
    widened_at: Option<Instant>,
}

/// What is to be thought of a packet that is not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is lost.
    Lost,
    /// It is lost if nothing is heard until then.
    Waits(Instant),
    /// Nothing sent after it has arrived: nobody knows.
    Unknown,
}

/// Judges the packet `number`, sent at `sent_at`; `rtt` is the slower of average and last sample.
pub fn detect(
    number: u64,
    sent_at: Instant,
    largest_acked: u64,
    now: Instant,
    rtt: Duration,
    tolerance: &Tolerance,
) -> Verdict {
    if largest_acked < number {
        return Verdict::Unknown;
    }
    //= docs/PROTOCOL.md#lost-packets
    //# acknowledged number is at least 3 higher
    if tolerance.by_count && largest_acked - number >= PACKET_THRESHOLD {
        return Verdict::Lost;
    }
    let until = sent_at + tolerance.delay(rtt);
    if until <= now { Verdict::Lost } else { Verdict::Waits(until) }
}

impl Tolerance {
    /// The strict rules.
    pub const fn new() -> Self {
        Self { by_count: true, eighths: 1, clean: 0, recovering_since: None, widened_at: None }
    }

    /// How long after sending a packet is lost, if later ones arrived.
    pub fn delay(&self, rtt: Duration) -> Duration {
        let delay = micros(rtt) * u64::from(8 + self.eighths) / 8;
        Duration::from_micros(delay).max(GRANULARITY)
    }

    /// A packet that was given up arrived after all.
    pub fn on_spurious(&mut self, now: Instant, rtt: Duration) {
        self.clean = 0;
        if self.widened_at.is_some_and(|at| now.since(at) < rtt) {
            return;
        }
        self.widened_at = Some(now);
        if self.by_count {
            self.by_count = false;
        } else {
            self.eighths = (self.eighths * 2).min(8);
        }
    }

    /// A packet is lost. A recovery begins with it if it was sent after the last one began, whether
    /// the window is cut for it or not (RFC 9002 section 7.3.2).
    pub fn on_lost(&mut self, now: Instant, sent_at: Instant) {
        if self.recovering_since.is_some_and(|since| sent_at <= since) {
            return;
        }
        self.recovering_since = Some(now);
        self.clean += 1;
        if self.clean >= CLEAN_RECOVERIES {
            *self = Self { recovering_since: self.recovering_since, ..Self::new() };
        }
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Self::new()
    }
}

/// Later packets that must be acknowledged before one counts as lost (RFC 9002 section 6.1.1).
const PACKET_THRESHOLD: u64 = 3;
/// Recoveries without a mistake after which the strict rules return.
const CLEAN_RECOVERIES: u8 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(80);

    fn at(millis: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(millis)
    }

    #[test]
    fn three_later_packets_decide() {
        let strict = Tolerance::new();
        assert_eq!(detect(7, at(0), 10, at(1), RTT, &strict), Verdict::Lost);
        assert_eq!(detect(8, at(0), 10, at(1), RTT, &strict), Verdict::Waits(at(90)));
        assert_eq!(detect(11, at(0), 10, at(500), RTT, &strict), Verdict::Unknown);
    }

    #[test]
    fn nine_eighths_of_a_round_trip_decide() {
        let strict = Tolerance::new();
        assert_eq!(detect(9, at(0), 10, at(89), RTT, &strict), Verdict::Waits(at(90)));
        assert_eq!(detect(9, at(0), 10, at(90), RTT, &strict), Verdict::Lost);
    }

    #[test]
    fn a_mistake_drops_the_count_and_the_next_ones_add_time() {
        let mut tolerance = Tolerance::new();
        tolerance.on_spurious(at(0), RTT);
        assert_eq!(detect(1, at(0), 100, at(1), RTT, &tolerance), Verdict::Waits(at(90)));
        for (when, delay) in [(100, 100), (200, 120), (300, 160), (400, 160)] {
            tolerance.on_spurious(at(when), RTT);
            assert_eq!(tolerance.delay(RTT), Duration::from_millis(delay));
        }
    }

    #[test]
    fn one_burst_of_late_packets_is_one_lesson() {
        let mut tolerance = Tolerance::new();
        for _ in 0..100 {
            tolerance.on_spurious(at(5), RTT);
        }
        assert_eq!(tolerance.delay(RTT), Duration::from_millis(90));
    }

    #[test]
    fn sixteen_clean_recoveries_restore_the_strict_rules() {
        let mut tolerance = Tolerance::new();
        tolerance.on_spurious(at(0), RTT);
        for round in 1..=16 {
            assert!(!tolerance.by_count);
            // Two of a flight: one recovery.
            tolerance.on_lost(at(round * 80), at(round * 80 - 79));
            tolerance.on_lost(at(round * 80 + 1), at(round * 80 - 78));
        }
        assert_eq!(tolerance.delay(RTT), Tolerance::new().delay(RTT));
        assert!(tolerance.by_count);
    }
}
