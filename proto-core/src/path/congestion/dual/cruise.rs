//! What a round decides once the start is over: how much is sent, and who decides next.

use core::time::Duration;

use super::ebb::{Bottom, Ebb};
use super::guests::{Guests, Lonely};
use super::rate::Rate;
use super::round::Heard;
use super::servo::{Action, Servo};
use super::start::Start;
use super::trial::Verdict;
use super::{Dual, LOOK_AFTER, MIN_PACKETS, Mode, Sample, UNITY};
use crate::time::Instant;

impl Dual {
    /// A round of the model is over, in which the shortest wait was `queue`.
    pub(super) fn cruise(
        &mut self,
        now: Instant,
        queue: u64,
        rate: Rate,
        heard: &Heard,
        sample: &Sample,
    ) {
        let floor = self.floor();
        let seen = queue.saturating_sub(self.slack());
        let trips = (heard.time / floor.max(1)).max(1);
        // Far less arrives than a moment ago, and a long queue stands: the link is slower now, or
        // somebody came. An ebb tells, and empties the queue. One such round is a hiccup.
        let slow =
            queue > (floor / 2).max(LONG_QUEUE) && !heard.limited && rate < self.rate.times(SLOWER);
        let slower = core::mem::replace(&mut self.slow, slow) && slow;
        let short = trips >= MANY;
        // What arrives in many round trips was sent in them; more was only late before.
        let sent = self.gross().times(self.gain.max(UNITY));
        let crest = self.crest.on_round(rate.min(sent), self.rate);
        let rate = if short { crest } else { rate };
        let action = if self.trial.is_running() {
            Action::NONE
        } else {
            self.servo.on_round(seen, floor, self.growth(), rate, trips)
        };
        self.gain = self.try_baseline(now, heard, action.gain);
        if action.stands && !heard.limited {
            self.rate = self.rate.toward(rate);
        } else {
            self.rate = self.rate.max(rate);
        }
        let full = 2 * queue > self.deepest || self.baseline.is_doubted(now);
        if full && heard.lost > self.baseline.bears(heard.settled(), self.size) {
            self.cut(rate, heard.high.saturating_sub(floor), short);
        } else if !action.stands && !self.trial.is_running() {
            // The queue is gone, and what arrived while it was full still does.
            self.rate = self.rate.max(self.spared.take().unwrap_or(Rate::ZERO));
        }
        let suspect = self.guests.on_round(now, queue > self.suspicious()) || slower;
        let again = self.shared_at.is_some_and(|at| now.since(at) < RETURN);
        if suspect && again {
            // It did so a moment ago: they are back.
            self.guests = Guests::new();
            self.look_after = (self.look_after * 2).min(LOOK_SELDOM);
            self.cubic.adopt(sample.in_flight);
            self.mode = Mode::Sharing { lonely: Lonely::new(), since: now, quiet: false };
        } else if action.far && !heard.limited {
            self.mode = Mode::Starting(Start::again());
            self.servo = Servo::new();
        } else if suspect || self.floor.is_stale(now) {
            let window = sample.in_flight;
            // Our own small queue is gone soon.
            let depth = if suspect { 4 } else { 6 };
            self.mode = Mode::Ebbing(Ebb::new(false, window, depth));
            self.rate = if heard.limited { self.rate } else { self.rate.min(rate) };
            self.gain = UNITY;
        }
    }

    /// Too much is lost while the queue is as long as `full_at`.
    fn cut(&mut self, rate: Rate, full_at: u64, short: bool) {
        self.saved = Some(self.rate);
        // On a short way the round is many round trips, and growing back would take long.
        let least = if short { self.rate.times(CUT) } else { Rate::ZERO };
        let arrived = rate.max(least).min(self.rate);
        self.spared = short.then(|| arrived.times(SPARED));
        self.rate = arrived.times(CUT);
        self.full_at = full_at;
        self.servo.on_cut();
    }

    /// Tries whether the link loses by itself what it seems to. Returns the gain meanwhile.
    fn try_baseline(&mut self, now: Instant, heard: &Heard, gain: u64) -> u64 {
        let share = self.baseline.share(self.size);
        match self.trial.on_round(now, heard, share, self.size) {
            Verdict::Refuted => self.baseline.refute(now),
            Verdict::Confirmed => self.baseline.confirm(),
            Verdict::None => {}
        }
        // Less than what arrives, whatever would be sent for that.
        if self.trial.is_running() { (TRIED * ((1 << 16) - share)) >> 16 } else { gain }
    }

    /// A round of an ebb is over.
    pub(super) fn ebb(&mut self, now: Instant, mut ebb: Ebb, heard: &Heard, sample: &Sample) {
        let bottom = ebb.on_round(heard, sample.in_flight, self.window());
        self.mode = Mode::Ebbing(ebb);
        if let Some(bottom) = bottom {
            self.rise(now, bottom, ebb);
        }
    }

    /// The ebb is over.
    fn rise(&mut self, now: Instant, bottom: Bottom, ebb: Ebb) {
        // Where an ebb cannot be as low as it should, the few packets that remain are a queue.
        let wanted = self.rate.within(self.floor()) * ebb.depth / 8;
        let own = Rate::time_of((MIN_PACKETS * self.size).saturating_sub(wanted), self.peak);
        let waits = bottom.rtt.saturating_sub(self.floor());
        let waits = waits.saturating_sub(own.min(bottom.rtt / 2));
        // On a link that has become slower, a datagram takes longer by itself: by just so much.
        let [now_takes, took] = [self.rate, self.peak].map(|rate| Rate::time_of(self.size, rate));
        let longer = now_takes.saturating_sub(took);
        let slower = waits > self.suspicious() && waits.abs_diff(longer) <= longer / 4;
        let remains = waits > self.suspicious() && !slower;
        self.guests = Guests::new();
        if remains {
            self.floor.postpone(now);
            if ebb.sharing {
                self.look_after = (self.look_after * 2).min(LOOK_SELDOM);
            } else {
                self.cubic.adopt(ebb.window);
                self.look_after = LOOK_AFTER;
            }
            self.mode = Mode::Sharing { lonely: Lonely::new(), since: now, quiet: false };
        } else {
            if slower || self.floor.is_stale(now) {
                self.floor.replace(now, bottom.rtt);
            }
            (self.mode, self.servo) = (Mode::Cruising, Servo::new());
            self.baseline.verify(bottom.lost, bottom.settled, self.size);
            if ebb.sharing {
                self.shared_at = Some(now);
            }
        }
    }

    pub(super) fn share(
        &mut self,
        now: Instant,
        queue: u64,
        lonely: Lonely,
        since: Instant,
        sample: &Sample,
    ) {
        let (mut lonely, quiet) = (lonely, 2 * queue <= self.suspicious());
        self.mode = if lonely.on_round(now, quiet) {
            (self.servo, self.gain, self.shared_at) = (Servo::new(), UNITY, Some(now));
            Mode::Cruising
        } else if now.since(since) >= self.look_after {
            let window = sample.in_flight;
            Mode::Ebbing(Ebb::new(true, window, 4))
        } else {
            Mode::Sharing { lonely, since, quiet }
        };
    }

    /// A queue, in microseconds, that is not ours.
    fn suspicious(&self) -> u64 {
        let floor = self.floor();
        // A queue of ours is as long as when the link was ours alone, whatever our share is now.
        let most = self.most();
        let growth = Servo::growth(most, most, floor, self.full_at);
        let target = Servo::target(growth, floor);
        let noise = (floor / 2).clamp(LEAST_NOISE, NOISE);
        (floor / 8).max(noise).max(2 * target) + self.slack() - FUZZ.min(floor / 4)
    }

    /// A queue as short as this, in microseconds, is none: late ends would empty it. Where the servo's
    /// own is short, on fast links, up to an eighth of the round trip stands for that.
    fn slack(&self) -> u64 {
        let (floor, most) = (self.floor(), self.most());
        let target = Servo::target(Servo::growth(most, most, floor, u64::MAX), floor);
        let wanted = ENDS_LATE.saturating_sub(2 * target).min(floor / 8);
        wanted.max(FUZZ.min(floor / 4))
    }

    fn growth(&self) -> u64 {
        let packets = self.held() / self.size;
        Servo::growth(packets, self.most().max(packets), self.floor(), self.full_at)
    }

    /// Packets that the link held when it was ours alone.
    fn most(&self) -> u64 {
        self.peak.within(self.floor()) / self.size
    }
}

/// 1024ths of the rate: less than this, and it has fallen. A newcomer of our own kind takes half of
/// it at most, and is not to be met with an ebb.
const SLOWER: u64 = 384;
/// A queue as long as this is long, in microseconds, whatever the round trip is.
const LONG_QUEUE: u64 = 10_000;
/// What a cut leaves, in 1024ths: 0.85. The rate is known, so that less than CUBIC's 0.3 has to go
/// for the queue to leave; what is cut in vain takes long to come back.
const CUT: u64 = 870;
/// Round trips of a round that are many. A millisecond in which an end is late is much of it then,
/// and no round is believed alone: the best of some tells what the link delivers.
pub(super) const MANY: u64 = 4;
/// What is sent again once the queue has left, in 1024ths: a little less than filled it.
const SPARED: u64 = 1004;
/// What is sent while the baseline is tried, in 1024ths of what arrives.
const TRIED: u64 = 922;
/// What timers and threads add to a round trip, in microseconds: more on longer ways, where ends
/// rest longer. The smallest round trip of many may have none of it.
const NOISE: u64 = 2_000;
const LEAST_NOISE: u64 = 1_000;
/// A queue as short as this is none, in microseconds, and how long one is while late ends do not
/// leave the link idle.
const FUZZ: u64 = 500;
const ENDS_LATE: u64 = 2_000;
/// How long it is remembered that others were there: they are met without an ebb when they return.
const RETURN: Duration = Duration::from_secs(20);
/// How long CUBIC decides before it is looked whether it must, at most.
const LOOK_SELDOM: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_micros(1_000_000);

    /// 30 MB/s over a way of a millisecond.
    fn cruising() -> Dual {
        let mut dual = Dual { mode: Mode::Cruising, deepest: 1_000, ..Dual::new(1_400) };
        dual.floor.on_sample(NOW, 1_000);
        (dual.rate, dual.peak) = (megabytes(30), megabytes(30));
        dual
    }

    fn megabytes(rate: u64) -> Rate {
        Rate::over(rate, 1)
    }

    /// A round of 10 ms in which so much arrived and so much was lost.
    fn round(dual: &mut Dual, queue: u64, rate: u64, lost: u64) {
        let acked = rate * 10_000;
        let heard = Heard { acked, lost, time: 10_000, samples: 9, ..Heard::NOTHING };
        dual.cruise(NOW, queue, megabytes(rate), &heard, &Sample::NOTHING);
    }

    #[test]
    fn one_round_in_which_hardly_anything_arrives_is_a_hiccup_and_two_are_a_slower_link() {
        let mut dual = cruising();
        round(&mut dual, 19_000, 5, 0);
        round(&mut dual, 0, 30, 0);
        round(&mut dual, 19_000, 5, 0);
        assert_eq!(dual.mode, Mode::Cruising);
        round(&mut dual, 19_000, 5, 0);
        assert!(matches!(dual.mode, Mode::Ebbing(_)), "{:?}", dual.mode);
    }

    #[test]
    fn on_a_short_way_what_came_late_is_not_taken_for_more() {
        let mut dual = cruising();
        round(&mut dual, 0, 45, 0);
        assert!(dual.rate.bytes() <= 30_000_000, "{:?}", dual.rate);
    }

    #[test]
    fn on_a_short_way_one_round_in_which_an_end_was_late_takes_little() {
        let mut dual = cruising();
        round(&mut dual, 1_000, 15, 0);
        assert!(dual.rate.bytes() > 29_500_000, "{:?}", dual.rate);
        round(&mut dual, 1_000, 3, 100_000);
        assert!(dual.rate.bytes() > 20_000_000, "{:?}", dual.rate);
        (0..50).for_each(|_| round(&mut dual, 1_000, 15, 0));
        assert!(dual.rate.bytes() < 16_000_000, "{:?}", dual.rate);
    }

    #[test]
    fn on_a_short_way_what_a_cut_took_comes_back_when_the_queue_is_gone() {
        let mut dual = cruising();
        round(&mut dual, 1_000, 30, 100_000);
        assert!(dual.rate.bytes() < 27_000_000, "{:?}", dual.rate);
        round(&mut dual, 0, 25, 0);
        assert!(dual.rate.bytes() > 29_000_000, "{:?}", dual.rate);
    }

    #[test]
    fn where_the_servos_queue_is_shorter_than_ends_are_late_a_little_more_is_none() {
        let slack = |rate, rtt| {
            let mut dual = Dual { peak: megabytes(rate), ..Dual::new(1_400) };
            dual.floor.on_sample(NOW, rtt);
            dual.slack()
        };
        assert!((1_000..=1_250).contains(&slack(12, 10_000)), "{}", slack(12, 10_000));
        assert_eq!(slack(6, 80_000), FUZZ, "its own is long enough");
        assert_eq!(slack(37, 1_000), 250, "a quarter of a short way");
        assert_eq!(slack(1, 20_000), FUZZ, "a datagram takes longer");
    }
}
