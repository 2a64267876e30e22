//! The start: growth until the link is full, and how that shows (`Startup`, draft-ietf-ccwg-bbr
//! section 5.3.1; `HyStart++`, RFC 9406).

use super::round::Heard;
use super::train::Train;
use super::{Rate, Sample};
use crate::time::{Instant, micros};

/// What the start remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// The window that it begins with, in packets.
    packets: u64,
    /// The rate of a round before, and how many rounds brought no more.
    best: Rate,
    flat: u8,
    train: Train,
    /// What a train told of the bottleneck.
    told: Option<Rate>,
}

impl Start {
    pub(super) const fn new() -> Self {
        Self::from(INITIAL_PACKETS)
    }

    /// Nothing arrived for long, or the link has room for far more than is sent: the start is made
    /// again, from almost nothing.
    pub(super) const fn again() -> Self {
        Self::from(MIN_PACKETS)
    }

    const fn from(packets: u64) -> Self {
        Self { packets, best: Rate::ZERO, flat: 0, train: Train::new(), told: None }
    }

    /// The window before anything is known, in packets.
    pub(super) const fn packets(&self) -> u64 {
        self.packets
    }

    /// What a train told.
    pub(super) const fn told(&self) -> Option<Rate> {
        self.told
    }

    /// What an acknowledgement tells of the rate that the link delivers.
    pub(super) fn on_ack(&mut self, now: Instant, sample: &Sample, rate: Rate, size: u64) -> Rate {
        let delivered = Rate::over(sample.delivered, micros(sample.interval));
        let rate = if sample.interval.is_zero() { rate } else { rate.max(delivered) };
        if self.told.is_some() {
            return rate;
        }
        // A train slower than the first window tells of a peer that hesitated, or nothing new.
        let rtt = micros(sample.min_rtt);
        let least = Rate::over(self.packets * size, rtt);
        self.told = self.train.on_ack(now, sample, size).filter(|told| *told > least);
        // Half of it is tried first: a train may have been lucky.
        let most = Rate::over(JUMP * self.packets * size, rtt);
        self.told.map_or(rate, |told| rate.max(told.times(512).min(most)))
    }

    /// Whether round trips have grown: a queue stands, the link is full. If a train was twice as
    /// fast, somebody else is there, and a newcomer has to make room for itself.
    pub(super) fn sees_queue(&self, heard: &Heard, floor: u64, rate: Rate) -> bool {
        let meek = self.told.is_some_and(|told| rate < told.times(NEWCOMER));
        if meek && heard.low.is_some_and(|low| low < 2 * floor) {
            return false;
        }
        let rise = (floor / 8).max(MIN_RISE.min(floor / 2));
        heard.samples >= ENOUGH_SAMPLES && heard.low.is_some_and(|low| low >= floor + rise)
    }

    /// Whether a newcomer found no room: much is lost before it has a share worth the name, and the
    /// queue is as long as it was before it came.
    pub(super) fn is_crowded(&self, heard: &Heard, rate: Rate, size: u64) -> bool {
        let meek = self.told.is_none_or(|told| rate < told.times(NEWCOMER));
        let flat = heard.low.is_some_and(|low| heard.high < low + low / 16);
        meek && flat && Self::lost_much(heard, size)
    }

    fn lost_much(heard: &Heard, size: u64) -> bool {
        heard.settled() >= 20 * size && 4 * heard.lost > heard.settled()
    }

    /// A round is over. Returns whether the link is full: no more arrives, or too much is lost.
    pub(super) fn on_round(&mut self, heard: &Heard, rate: Rate, size: u64) -> bool {
        if self.told.is_some_and(|told| rate >= told.times(REACHED)) {
            return true;
        }
        if Self::lost_much(heard, size) {
            return true;
        }
        if heard.limited {
            return false;
        }
        if rate >= self.best.times(1024 + 256) {
            (self.best, self.flat) = (rate, 0);
        } else {
            self.flat += 1;
        }
        self.flat >= FLAT_ROUNDS
    }
}

/// 1024ths of a train's rate that a newcomer takes for its share.
const NEWCOMER: u64 = 448;
/// 1024ths of a train's rate that must arrive to confirm it.
const REACHED: u64 = 960;
/// Packets of the first window. RFC 6928 says 10; these are paced, and only the first ten leave
/// together.
const INITIAL_PACKETS: u64 = 32;
/// Packets of the smallest window.
const MIN_PACKETS: u64 = 2;
/// How many times the first window a train may make of it.
const JUMP: u64 = 16;
/// Rounds without a quarter more that end the start.
const FLAT_ROUNDS: u8 = 3;
/// Round trips that must have been measured before they are believed.
const ENOUGH_SAMPLES: u32 = 6;
/// Smallest rise that counts, in microseconds, where an eighth is less.
const MIN_RISE: u64 = 4_000;

#[cfg(test)]
mod tests {
    use super::super::round::Round;
    use super::*;

    const FLOOR: u64 = 100_000;

    fn heard(low: u64, lost: u64) -> Heard {
        Heard { acked: 100_000, lost, low: Some(low), samples: 20, ..*Round::new().heard() }
    }

    fn rate(kilobytes: u64) -> Rate {
        Rate::over(kilobytes * 1000, 1_000_000)
    }

    #[test]
    fn three_rounds_without_a_quarter_more_end_it() {
        let mut start = Start::new();
        let rates = [100, 200, 400, 480, 490, 495];
        let full = rates.map(|now| start.on_round(&heard(FLOOR, 0), rate(now), 1000));
        assert_eq!(full, [false, false, false, false, false, true]);
    }

    #[test]
    fn loss_ends_it_only_when_it_is_more_than_a_quarter() {
        let mut start = Start::new();
        assert!(!start.on_round(&heard(FLOOR, 20_000), rate(100), 1000));
        assert!(start.on_round(&heard(FLOOR, 40_000), rate(200), 1000));
    }

    #[test]
    fn it_is_over_when_what_the_train_told_arrives() {
        let mut start = Start::new();
        start.told = Some(rate(1000));
        assert!(!start.on_round(&heard(FLOOR, 0), rate(930), 1000));
        assert!(start.on_round(&heard(FLOOR, 0), rate(940), 1000));
    }

    #[test]
    fn who_loses_much_into_a_queue_that_does_not_grow_found_it_full() {
        let start = Start::new();
        let crowded =
            |low, high, lost| start.is_crowded(&Heard { high, ..heard(low, lost) }, rate(10), 1000);
        assert!(crowded(2 * FLOOR, 2 * FLOOR + 5_000, 40_000));
        assert!(!crowded(2 * FLOOR, 2 * FLOOR + 5_000, 20_000), "little is lost");
        assert!(!crowded(FLOOR, FLOOR + 25_000, 40_000), "the queue is its own");
    }

    #[test]
    fn a_queue_ends_it_unless_a_train_says_that_others_made_it() {
        let mut start = Start::new();
        assert!(!start.sees_queue(&heard(FLOOR + 9_000, 0), FLOOR, rate(100)));
        assert!(start.sees_queue(&heard(FLOOR + 13_000, 0), FLOOR, rate(100)));
        start.told = Some(rate(1000));
        assert!(!start.sees_queue(&heard(FLOOR + 13_000, 0), FLOOR, rate(100)));
        assert!(start.sees_queue(&heard(FLOOR + 13_000, 0), FLOOR, rate(500)));
        assert!(start.sees_queue(&heard(3 * FLOOR, 0), FLOOR, rate(100)));
    }
}
