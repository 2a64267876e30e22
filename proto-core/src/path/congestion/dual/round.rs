//! Rounds: one window's packets each, and what became of them (BBR, draft-ietf-ccwg-bbr,
//! section 5.5.1).

use super::{Rate, Sample};
use crate::time::{Instant, micros};

/// The round under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Round {
    /// The packet number that ends it.
    end: u64,
    /// When it began: with the last acknowledgement of the one before.
    begun: Option<Instant>,
    /// When the newest packet left that was acknowledged by then.
    begun_with: Instant,
    heard: Heard,
}

/// What was heard in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// Bytes acknowledged, and bytes given up.
    pub(super) acked: u64,
    pub(super) lost: u64,
    /// The shortest and the longest round trip, the peer's delay taken off, in microseconds, among
    /// so many.
    pub(super) low: Option<u64>,
    pub(super) high: u64,
    pub(super) samples: u32,
    /// Whether the sender ran out of data.
    pub(super) limited: bool,
    /// How long it lasted, in microseconds; zero if that cannot be told.
    pub(super) time: u64,
    /// From the leaving of the newest packet acknowledged before it to that of the newest in it, in
    /// microseconds.
    pub(super) sending: u64,
}

impl Round {
    pub(super) const fn new() -> Self {
        Self { end: 0, begun: None, begun_with: Instant::ZERO, heard: Heard::NOTHING }
    }

    /// What was heard in it so far.
    pub(super) const fn heard(&self) -> &Heard {
        &self.heard
    }

    pub(super) fn on_loss(&mut self, bytes: u64) {
        self.heard.lost += bytes;
    }

    /// The sender was silent: what comes next has another beginning.
    pub(super) const fn interrupt(&mut self) {
        self.begun = None;
    }

    /// Returns what was heard when the round is over: after a round trip, or so much longer than
    /// one as `longest` says, and `least` bytes, and some time.
    pub(super) fn on_ack(
        &mut self,
        now: Instant,
        sample: &Sample,
        rtt: Option<u64>,
        least: u64,
        longest: Option<u64>,
    ) -> Option<Heard> {
        let heard = &mut self.heard;
        heard.acked += sample.acked;
        heard.limited |= sample.app_limited;
        if let Some(rtt) = rtt {
            heard.low = Some(heard.low.map_or(rtt, |low| low.min(rtt)));
            heard.high = heard.high.max(rtt);
            heard.samples = heard.samples.saturating_add(1);
        }
        let time = self.begun.map(|begun| micros(now.since(begun)));
        let short = time.is_some_and(|time| time < LEAST_TIME);
        let long = longest.is_some_and(|longest| time.is_some_and(|time| time > longest));
        if !(long || sample.newest >= self.end) || heard.acked < least || short {
            return None;
        }
        heard.time = time.unwrap_or(0);
        let sent_at = sample.sent_at.max(self.begun_with);
        heard.sending = micros(sent_at.since(self.begun_with));
        (self.end, self.begun, self.begun_with) = (sample.next, Some(now), sent_at);
        Some(core::mem::replace(&mut self.heard, Heard::NOTHING))
    }
}

/// What a round takes at least, in microseconds: in less time, whoever is not given the processor
/// looks like a queue.
const LEAST_TIME: u64 = 10_000;

impl Heard {
    pub(super) const NOTHING: Self = Self {
        acked: 0,
        lost: 0,
        low: None,
        high: 0,
        samples: 0,
        limited: false,
        time: 0,
        sending: 0,
    };

    /// Bytes whose fate is known.
    pub(super) const fn settled(&self) -> u64 {
        self.acked + self.lost
    }

    /// What was delivered, over the whole round; `None` when its time is not known. `before` is the
    /// rate so far. More than that arrives while a queue grows, and then as fast as it left; what
    /// seems to arrive far faster was acknowledged in a bunch: an end was late, or the link hands
    /// acknowledgements over together (draft-ietf-ccwg-bbr, section 4.1).
    pub(super) fn rate(&self, before: Rate) -> Option<Rate> {
        let arrived = (self.time > 0).then(|| Rate::over(self.acked, self.time))?;
        if self.sending.saturating_sub(self.time) <= self.time / PUNCTUAL {
            return Some(arrived);
        }
        Some(arrived.min(Rate::over(self.acked, self.sending).max(before)))
    }
}

/// Timers keep time to this part of a round.
const PUNCTUAL: u64 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn ack(round: &mut Round, millis: u64, newest: u64, next: u64, rtt: u64) -> Option<Heard> {
        let sample = Sample { acked: 1000, newest, next, ..Sample::NOTHING };
        round.on_ack(Instant::from_micros(millis * 1000), &sample, Some(rtt), 2000, None)
    }

    #[test]
    fn a_round_ends_with_what_was_sent_at_its_end_of_the_one_before() {
        let mut round = Round::new();
        ack(&mut round, 0, 0, 10, 100);
        assert!(ack(&mut round, 1, 1, 10, 100).is_some());
        assert_eq!(ack(&mut round, 50, 5, 20, 120), None);
        round.on_loss(3000);
        let heard = ack(&mut round, 101, 10, 20, 110).unwrap();
        assert_eq!((heard.acked, heard.lost, heard.time), (2000, 3000, 100_000));
        assert_eq!((heard.low, heard.high, heard.samples), (Some(110), 120, 2));
        assert_eq!(heard.rate(Rate::ZERO), Some(Rate::over(20_000, 1_000_000)));
    }

    #[test]
    fn a_round_has_enough_packets_and_enough_time() {
        let mut round = Round::new();
        ack(&mut round, 0, 0, 1, 100);
        assert!(ack(&mut round, 1, 1, 2, 100).is_some());
        assert_eq!(ack(&mut round, 40, 2, 3, 100), None);
        assert!(ack(&mut round, 41, 3, 4, 100).is_some());
        assert_eq!(ack(&mut round, 42, 4, 5, 100), None);
        assert_eq!(ack(&mut round, 43, 5, 6, 100), None);
        assert!(ack(&mut round, 51, 6, 7, 100).is_some());
    }

    #[test]
    fn what_is_acknowledged_in_a_bunch_did_not_arrive_faster_than_it_left() {
        let rate = |time, sending, before| {
            let heard = Heard { acked: 60_000, time, sending, ..Heard::NOTHING };
            heard.rate(Rate::over(before, 1_000)).map(|rate| rate.within(1_000))
        };
        assert_eq!(rate(60_000, 62_000, 100), Some(1_000), "timers are no better");
        assert_eq!(rate(15_000, 60_000, 100), Some(1_000));
        assert_eq!(rate(15_000, 60_000, 2_000), Some(2_000), "a queue leaves");
        assert_eq!(rate(15_000, 60_000, 9_000), Some(4_000), "no more than arrived");
    }

    #[test]
    fn a_round_knows_how_long_its_packets_took_to_leave() {
        let mut round = Round::new();
        let mut ack = |millis: u64, newest: u64, sent: u64| {
            let sent_at = Instant::from_micros(sent * 1000);
            let sample = Sample { acked: 5000, newest, next: newest, sent_at, ..Sample::NOTHING };
            round.on_ack(Instant::from_micros(millis * 1000), &sample, Some(50), 2000, None)
        };
        let acks = [(100, 10, 50), (150, 20, 100), (162, 30, 140), (200, 31, 130), (250, 40, 190)];
        let sending =
            acks.map(|(at, newest, sent)| ack(at, newest, sent).map_or(0, |heard| heard.sending));
        // The fourth was overtaken on its way.
        assert_eq!(sending, [50_000, 50_000, 40_000, 0, 50_000]);
    }

    #[test]
    fn silence_leaves_a_round_without_a_rate() {
        let mut round = Round::new();
        ack(&mut round, 0, 0, 1, 100);
        ack(&mut round, 1, 1, 2, 100);
        round.interrupt();
        ack(&mut round, 5_000, 2, 3, 100);
        assert_eq!(ack(&mut round, 5_001, 3, 4, 100).unwrap().rate(Rate::ZERO), None);
    }
}
