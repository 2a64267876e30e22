//! `HyStart++` (RFC 9406): leaves slow start when the round trip grows, before packets are lost.

use crate::time::micros;

use super::Sample;

/// How fast the window may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Growth {
    /// By what is acknowledged.
    Full,
    /// By a quarter of it: the queue may have begun to fill.
    Quarter,
    /// Slow start is over.
    Over,
}

/// Watches the round trips of slow start, in rounds of one window each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HyStart {
    round_end: u64,
    last_min: Option<u64>,
    this_min: Option<u64>,
    samples: u8,
    /// The round trip at which caution began, and how many rounds ago.
    caution: Option<(u64, u8)>,
}

impl HyStart {
    pub(super) const fn new() -> Self {
        Self { round_end: 0, last_min: None, this_min: None, samples: 0, caution: None }
    }

    pub(super) fn on_ack(&mut self, sample: &Sample) -> Growth {
        if sample.newest >= self.round_end {
            self.begin_round(sample.next);
            if self.caution.is_some_and(|(_, rounds)| rounds > CAUTIOUS_ROUNDS) {
                return Growth::Over;
            }
        }
        if let Some(rtt) = sample.rtt {
            let rtt = micros(rtt);
            self.this_min = Some(self.this_min.map_or(rtt, |min| min.min(rtt)));
            self.samples = self.samples.saturating_add(1);
        }
        if self.samples >= ENOUGH_SAMPLES
            && let (Some(this), Some(last)) = (self.this_min, self.last_min)
        {
            match self.caution {
                None if this >= last + (last / 8).clamp(MIN_RISE, MAX_RISE) => {
                    self.caution = Some((this, 0));
                }
                Some((baseline, _)) if this < baseline => self.caution = None,
                None | Some(_) => {}
            }
        }
        if self.caution.is_some() { Growth::Quarter } else { Growth::Full }
    }

    fn begin_round(&mut self, next: u64) {
        self.round_end = next;
        if self.this_min.is_some() {
            self.last_min = self.this_min.take();
        }
        self.samples = 0;
        if let Some((_, rounds)) = &mut self.caution {
            *rounds += 1;
        }
    }
}

/// Samples that a round needs before it may be judged.
const ENOUGH_SAMPLES: u8 = 8;
/// Rounds of slower growth before slow start ends.
const CAUTIOUS_ROUNDS: u8 = 5;
/// Smallest rise of the round trip that counts, in microseconds.
const MIN_RISE: u64 = 4_000;
/// Rise of the round trip that always counts, in microseconds.
const MAX_RISE: u64 = 16_000;

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    /// Runs a round of `packets`, and returns the last growth.
    fn round(hystart: &mut HyStart, first: u64, packets: u64, millis: u64) -> Growth {
        let mut growth = Growth::Full;
        for number in first..first + packets {
            growth = hystart.on_ack(&Sample {
                acked: 1000,
                in_flight: packets * 1000,
                rtt: Some(Duration::from_millis(millis)),
                newest: number,
                next: first + packets,
                ..Sample::NOTHING
            });
        }
        growth
    }

    #[test]
    fn a_steady_round_trip_keeps_it_growing() {
        let mut hystart = HyStart::new();
        for i in 0..20 {
            assert_eq!(round(&mut hystart, i * 10, 10, 40), Growth::Full);
        }
    }

    #[test]
    fn a_rising_round_trip_slows_it_and_then_ends_it() {
        let mut hystart = HyStart::new();
        assert_eq!(round(&mut hystart, 0, 10, 40), Growth::Full);
        assert_eq!(round(&mut hystart, 10, 10, 46), Growth::Quarter);
        for i in 2..7 {
            assert_eq!(round(&mut hystart, i * 10, 10, 46), Growth::Quarter);
        }
        let mut over = false;
        for i in 7..9 {
            let sample = round(&mut hystart, i * 10, 1, 46);
            over |= sample == Growth::Over;
        }
        assert!(over);
    }

    #[test]
    fn a_round_trip_that_falls_again_was_a_false_alarm() {
        let mut hystart = HyStart::new();
        round(&mut hystart, 0, 10, 40);
        assert_eq!(round(&mut hystart, 10, 10, 46), Growth::Quarter);
        assert_eq!(round(&mut hystart, 20, 10, 40), Growth::Full);
    }
}
