//! What makes less be sent besides a queue: a start that promised too much, and heavy loss; and how
//! long a queue is remembered.

use core::time::Duration;

use super::fuse::Fuse;
use super::rate::Rate;
use super::round::Heard;
use super::{Dual, LEAST_ROUND, Mode, Sample, UNITY};
use crate::time::{Instant, micros};

impl Dual {
    /// The rate that the start found may have been a train's luck: what arrives decides.
    pub(super) fn drain(&mut self, rounds: u8, rate: Rate, heard: &Heard) {
        // Half of it is sent: of that, all should arrive.
        if !heard.limited && rate < self.rate.times(UNITY * 7 / 16) {
            self.rate = rate;
        }
        self.mode = Mode::Draining(rounds + 1);
        if rounds + 1 >= DRAIN_ROUNDS {
            self.mode = Mode::Cruising;
        }
    }

    /// Far too much is lost: whatever the reason, less is sent.
    pub(super) fn blow(&mut self, sample: &Sample, rate: Option<Rate>) {
        self.fuse = Fuse::new();
        self.baseline.forget();
        self.servo.on_cut();
        self.rate = rate.map_or(self.rate, |rate| self.rate.min(rate)).times(BLOWN);
        match self.mode {
            Mode::Sharing { .. } => self.cubic.adopt_grown(sample.in_flight * 7 / 10),
            Mode::Starting(_) => self.mode = Mode::Draining(0),
            Mode::Draining(_) | Mode::Ebbing(_) => self.mode = Mode::Cruising,
            Mode::Cruising | Mode::Short => {}
        }
    }

    /// A round began with silence, so that it tells no rate. What it lost counts all the same, and
    /// what one packet saw delivered is possible (draft-ietf-ccwg-bbr, section 4.1).
    pub(super) fn on_burst(&mut self, sample: &Sample, heard: &Heard) {
        if !matches!(self.mode, Mode::Cruising | Mode::Draining(_)) {
            return;
        }
        if heard.lost > self.baseline.bears(heard.settled(), self.size) {
            self.rate = self.rate.times(BLOWN);
        }
        if !sample.interval.is_zero() {
            self.rate = self.rate.max(Rate::over(sample.delivered, micros(sample.interval)));
        }
    }

    /// Takes a queue for the longest; what was long ago counts half. What was on the way in a lull
    /// tells of no queue.
    pub(super) fn see_queue(&mut self, now: Instant, sample: &Sample, rtt: u64) {
        let queue = rtt.saturating_sub(self.floor());
        let usual = self.floor().max(Rate::time_of(LEAST_ROUND * self.size, self.rate));
        let late = self.lull.on_ack(now, sample.sent_at, usual);
        if queue >= self.deepest && !late {
            (self.deepest, self.deepest_at) = (queue, now);
        } else if now.since(self.deepest_at) >= DEEPEST_HALVES {
            let least = (self.floor() / 4).max(LEAST_DEEPEST);
            self.deepest = (self.deepest / 2).max(least.min(self.deepest));
            self.deepest_at = now;
            self.peak = self.rate.max(self.peak.times(UNITY * 3 / 4));
            self.full_at = self.full_at.saturating_mul(2);
        }
    }
}

/// Rounds after which the start's queue has left, or was none of ours.
const DRAIN_ROUNDS: u8 = 3;
/// What the fuse leaves of the rate, in 1024ths: 0.7, as CUBIC (RFC 9438 section 4.6).
const BLOWN: u64 = 717;
/// How long the longest queue is remembered as it was, and the least that it is taken for, in
/// microseconds.
const DEEPEST_HALVES: Duration = Duration::from_secs(30);
const LEAST_DEEPEST: u64 = 2_000;
