//! Two controllers in one: a model of the link while nobody else needs it, CUBIC where somebody
//! else holds a queue.
//!
//! ```text
//!            queue or no growth     empty, 3 rounds     suspicion, or floor not seen for 10 s
//!   Starting ------------------> Draining -----> Cruising <------------------> Ebbing
//!                                                    ^   queue gone              |
//!                                          queue gone|                           | queue remains
//!                                                    +--------- Sharing <--------+
//! ```
//!
//! - `allowance`: how much may be on the way, and how fast it leaves.
//! - `rate`, `round`, `crest`, `floor`, `lull`: what arrives, in rounds, and in the best of them,
//!   how long the empty link takes, and when somebody was late.
//! - `start` and `train`: how the rate is found.
//! - `servo` and `baseline`: how much more or less than that is sent while cruising, and how much
//!   of it the link loses whoever sends; `trial`: whether it does.
//! - `fuse` and `brake`: what happens when far too much is lost, or the start promised too much.
//! - `guests` and `ebb`: whether somebody else is there.
//! - `cruise`: what a round decides once the start is over.
//!
//! Round trips below a millisecond are shorter than what timers and threads add to them: there
//! the model has no clock, and CUBIC decides alone.

mod allowance;
mod baseline;
mod brake;
mod crest;
mod cruise;
mod ebb;
mod floor;
mod fuse;
mod guests;
mod lull;
mod rate;
mod round;
mod servo;
mod start;
mod train;
mod trial;

use core::time::Duration;

use super::cubic::Cubic;
use super::{Loss, Sample};
use crate::path::rtt::MAX_ACK_DELAY;
use crate::time::{Instant, micros};
use baseline::Baseline;
use crest::Crest;
use ebb::Ebb;
use floor::Floor;
use fuse::Fuse;
use guests::{Guests, Lonely};
use lull::Lull;
use rate::Rate;
use round::{Heard, Round};
use servo::Servo;
use start::Start;
use trial::Trial;

/// The controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dual {
    size: u64,
    mode: Mode,
    cubic: Cubic,
    /// What the link delivers of ours.
    rate: Rate,
    /// The most of it in the last rounds of cruising.
    crest: Crest,
    /// The most that it ever delivered, or that a train told of.
    peak: Rate,
    /// 1024ths of it that are sent.
    gain: u64,
    floor: Floor,
    round: Round,
    baseline: Baseline,
    servo: Servo,
    guests: Guests,
    /// The longest queue of late, in microseconds, and rounds in a row far below it.
    deepest: u64,
    calm: u8,
    /// When the longest queue was as long, or was last taken for shorter.
    deepest_at: Instant,
    lull: Lull,
    fuse: Fuse,
    trial: Trial,
    /// The longest queue of the last round in which it overflowed.
    full_at: u64,
    /// Whether far less arrived in the last round of cruising than before.
    slow: bool,
    /// When CUBIC last ended deciding.
    shared_at: Option<Instant>,
    /// The rate before the last cut.
    saved: Option<Rate>,
    /// What arrived when the rate was cut, until the queue is gone.
    spared: Option<Rate>,
    /// How long CUBIC decides before it is looked whether it must.
    look_after: Duration,
    last_sent: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// The rate is not known yet.
    Starting(Start),
    /// What the start has queued leaves; rounds of that.
    Draining(u8),
    /// The model decides.
    Cruising,
    /// Less is on the way, to see what remains.
    Ebbing(Ebb),
    /// CUBIC decides: somebody else holds a queue.
    Sharing { lonely: Lonely, since: Instant, quiet: bool },
    /// CUBIC decides: the round trip is too short for the model.
    Short,
}

impl Dual {
    /// Begins with the initial window for datagrams of this size.
    pub const fn new(size: u64) -> Self {
        Self {
            size,
            mode: Mode::Starting(Start::new()),
            cubic: Cubic::new(size),
            rate: Rate::ZERO,
            crest: Crest::new(),
            peak: Rate::ZERO,
            gain: UNITY,
            floor: Floor::new(),
            round: Round::new(),
            baseline: Baseline::new(),
            servo: Servo::new(),
            guests: Guests::new(),
            deepest: 0,
            calm: 0,
            deepest_at: Instant::ZERO,
            lull: Lull::new(),
            fuse: Fuse::new(),
            trial: Trial::new(),
            full_at: u64::MAX,
            slow: false,
            shared_at: None,
            saved: None,
            spared: None,
            look_after: LOOK_AFTER,
            last_sent: None,
        }
    }

    pub(super) fn on_size(&mut self, size: u64) {
        self.size = size;
        self.cubic.on_size(size);
    }

    pub(super) fn on_sent(&mut self, now: Instant, in_flight: u64) {
        if in_flight == 0 {
            self.round.interrupt();
            let idle = self.last_sent.is_some_and(|last| now.since(last) > LONG_IDLE);
            if idle && matches!(self.mode, Mode::Draining(_) | Mode::Cruising | Mode::Ebbing(_)) {
                // Much may have changed: the servo grows fast if not.
                self.mode = Mode::Cruising;
                (self.rate, self.servo) = (self.rate.times(UNITY / 2), Servo::new());
            }
        }
        self.last_sent = Some(now);
        self.cubic.on_sent(now, in_flight);
    }

    pub(super) fn on_ack(&mut self, now: Instant, sample: &Sample) {
        // The peer chose the delay: it may not push a round trip below the smallest (RFC 9002
        // section 5.3).
        let adjusted = |rtt: Duration| rtt.saturating_sub(sample.delay.min(MAX_ACK_DELAY));
        let rtt = sample.rtt.map(|rtt| micros(adjusted(rtt).max(sample.min_rtt.min(rtt))));
        if let Some(rtt) = rtt {
            self.floor.on_sample(now, rtt);
            self.see_queue(now, sample, rtt);
        }
        if sample.rtt.is_some() && sample.min_rtt < SHORTEST {
            self.mode = Mode::Short;
        }
        // A queue of our own makes round trips so long that it would be noticed too late.
        let longest = (self.mode == Mode::Cruising).then(|| 2 * self.floor() + LATE);
        let heard = self.round.on_ack(now, sample, rtt, LEAST_ROUND * self.size, longest);
        match self.mode {
            Mode::Starting(start) => self.start(now, sample, start, heard.as_ref()),
            Mode::Draining(_) => {
                let left = sample.in_flight.saturating_sub(sample.acked);
                let empty = self.held() + self.gross().within(ACK_DELAY);
                if left <= empty.max(MIN_PACKETS * self.size) {
                    self.mode = Mode::Cruising;
                }
            }
            Mode::Cruising | Mode::Ebbing(_) => {}
            Mode::Sharing { .. } | Mode::Short => self.cubic.on_ack(now, sample),
        }
        if let Some(heard) = heard {
            self.on_round(now, sample, &heard);
        }
    }

    pub(super) fn on_loss(&mut self, now: Instant, loss: &Loss) -> bool {
        self.round.on_loss(loss.bytes);
        if self.mode == Mode::Short {
            return self.cubic.on_loss(now, loss);
        }
        if loss.persistent {
            self.mode = Mode::Starting(Start::again());
            (self.rate, self.gain) = (Rate::ZERO, UNITY);
            (self.servo, self.guests, self.saved) = (Servo::new(), Guests::new(), None);
            self.round = Round::new();
            return true;
        }
        match self.mode {
            // With an empty queue, what the link is known to lose it loses by itself.
            Mode::Sharing { quiet, .. } => {
                let window = self.cubic.window();
                let bears = self.baseline.bears(window, self.size);
                !(quiet && self.round.heard().lost <= bears) && self.cubic.on_loss(now, loss)
            }
            Mode::Starting(_)
            | Mode::Draining(_)
            | Mode::Cruising
            | Mode::Ebbing(_)
            | Mode::Short => false,
        }
    }

    pub(super) fn undo(&mut self) {
        if let Some(saved) = self.saved.take() {
            self.rate = self.rate.max(saved);
        }
        self.cubic.undo();
    }

    fn start(&mut self, now: Instant, sample: &Sample, mut start: Start, heard: Option<&Heard>) {
        self.rate = start.on_ack(now, sample, self.rate, self.size);
        let mut full = start.sees_queue(self.round.heard(), self.floor(), self.rate);
        if let Some(heard) = heard {
            if start.is_crowded(heard, self.rate, self.size) {
                self.cubic.adopt(heard.acked);
                self.mode = Mode::Sharing { lonely: Lonely::new(), since: now, quiet: false };
                return;
            }
            full |= start.on_round(heard, self.rate, self.size);
            // What is lost while a queue stands may be lost because of it.
            let floor = self.floor();
            if !full && heard.samples > 0 && heard.high <= floor + floor / 4 {
                self.baseline.learn(heard.lost, heard.settled(), self.size);
            }
        }
        self.peak = self.peak.max(self.rate).max(start.told().unwrap_or(Rate::ZERO));
        self.mode = Mode::Starting(start);
        if full {
            // What was seen before this round was measured when the floor was not known yet.
            let last = heard.unwrap_or(self.round.heard()).high.saturating_sub(self.floor());
            (self.mode, self.deepest) = (Mode::Draining(0), self.deepest.min(last));
        }
        self.calm = 0;
    }

    fn on_round(&mut self, now: Instant, sample: &Sample, heard: &Heard) {
        if self.mode == Mode::Short {
            return;
        }
        if self.mode != Mode::Cruising {
            self.trial.interrupt();
            (self.spared, self.slow, self.crest) = (None, false, Crest::new());
        }
        let rate = heard.rate(self.rate);
        if self.fuse.on_round(now, heard) {
            self.blow(sample, rate);
            return;
        }
        let (Some(rate), Some(low)) = (rate, heard.low) else {
            if let Mode::Ebbing(ebb) = self.mode {
                // So little is on the way that it may be silent now and then.
                return self.ebb(now, ebb, heard, sample);
            }
            return self.on_burst(sample, heard);
        };
        let floor = self.floor();
        let queue = low.saturating_sub(floor);
        self.peak = self.peak.max(rate);
        let top = heard.high.saturating_sub(floor);
        let calm = 2 * queue <= self.deepest && 4 * top <= 3 * self.deepest;
        self.calm = if calm { self.calm.saturating_add(1) } else { 0 };
        match self.mode {
            Mode::Starting(_) | Mode::Short => return,
            Mode::Draining(rounds) => return self.drain(rounds, rate, heard),
            Mode::Cruising => self.cruise(now, queue, rate, heard, sample),
            Mode::Ebbing(ebb) => self.ebb(now, ebb, heard, sample),
            Mode::Sharing { lonely, since, .. } => {
                self.rate = rate;
                self.share(now, queue, lonely, since, sample);
            }
        }
        if self.calm >= 2 && !self.trial.is_running() {
            self.baseline.learn(heard.lost, heard.settled(), self.size);
        }
    }

    fn floor(&self) -> u64 {
        self.floor.get().unwrap_or(0)
    }
}

/// As much as arrives, in 1024ths.
const UNITY: u64 = 1024;
/// Datagrams of the smallest window.
const MIN_PACKETS: u64 = 4;
/// Datagrams of the shortest round.
const LEAST_ROUND: u64 = 8;
/// How long an acknowledgement is put off, in microseconds, and how late it may be in all.
const ACK_DELAY: u64 = 10_000;
const LATE: u64 = 25_000;
/// Round trips below this are left to CUBIC.
const SHORTEST: Duration = Duration::from_millis(1);
/// Silence after which the rate is not believed.
const LONG_IDLE: Duration = Duration::from_secs(10);
/// How long CUBIC decides before it is looked whether it must, at first.
const LOOK_AFTER: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: u64 = 1000;

    #[test]
    fn a_peer_that_lies_about_its_delay_makes_no_shorter_way() {
        let mut dual = Dual::new(SIZE);
        let rtt = Duration::from_millis(20);
        let delay = Duration::from_millis(25);
        let sample = Sample { rtt: Some(rtt), min_rtt: rtt, delay, ..Sample::NOTHING };
        dual.on_ack(Instant::from_micros(1_000_000), &sample);
        assert_eq!(dual.floor.get(), Some(20_000));
    }

    #[test]
    fn an_ebb_ends_though_the_flight_runs_out_in_every_round() {
        let mut dual = Dual { mode: Mode::Ebbing(Ebb::new(false, 0, 4)), ..Dual::new(SIZE) };
        dual.floor.on_sample(Instant::from_micros(1), 1_000);
        dual.rate = Rate::over(30_000_000, 1_000_000);
        let heard = Heard { acked: 8 * SIZE, low: Some(1_900), high: 1_900, ..Heard::NOTHING };
        for _ in 0..3 {
            dual.on_round(Instant::from_micros(1_000_000), &Sample::NOTHING, &heard);
        }
        // Nor are ends that are late taken for somebody else's queue.
        assert_eq!(dual.mode, Mode::Cruising);
    }

    #[test]
    fn a_queue_seen_before_the_floor_was_known_is_forgotten_when_the_start_ends() {
        let mut dual = Dual { deepest: 5_000, ..Dual::new(SIZE) };
        dual.floor.on_sample(Instant::from_micros(1), 1_000);
        let rtt = Duration::from_micros(1_700);
        let sample = Sample { rtt: Some(rtt), acked: SIZE, ..Sample::NOTHING };
        for ack in 0..10 {
            dual.on_ack(Instant::from_micros(1_000_000 + ack), &sample);
        }
        assert!(!dual.is_starting());
        assert_eq!(dual.deepest, 700);
    }

    #[test]
    fn after_long_silence_half_the_rate_is_believed_whatever_was_going_on() {
        for mode in [Mode::Draining(0), Mode::Cruising, Mode::Ebbing(Ebb::new(false, 0, 4))] {
            let mut dual = Dual { mode, ..Dual::new(SIZE) };
            dual.rate = Rate::over(2_000_000, 1_000_000);
            dual.on_sent(Instant::from_micros(1_000_000), 0);
            dual.on_sent(Instant::from_micros(12_000_000), 0);
            assert_eq!((dual.rate.bytes(), dual.mode), (1_000_000, Mode::Cruising));
        }
    }
}
