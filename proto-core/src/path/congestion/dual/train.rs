//! Packet trains: packets that leave together arrive as far apart as the bottleneck puts them, so
//! their acknowledgements tell its rate within one round trip (Jain and Dovrolis, "Packet
//! dispersion techniques"; paced chirping, Misund and Briscoe).

use super::{Rate, Sample};
use crate::time::{Instant, micros};

/// The train whose acknowledgements come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Train {
    sent_at: Instant,
    first_at: Instant,
    last_at: Instant,
    /// Bytes acknowledged after the first acknowledgement, and when they came, counted.
    bytes: u64,
    times: u8,
    /// The newest number of it, and whether numbers came in order.
    newest: u64,
    ordered: bool,
}

impl Train {
    pub(super) const fn new() -> Self {
        let never = Instant::ZERO;
        Self {
            sent_at: never,
            first_at: never,
            last_at: never,
            bytes: 0,
            times: 0,
            newest: 0,
            ordered: true,
        }
    }

    /// Returns the bottleneck's rate once a train is long enough to tell.
    pub(super) fn on_ack(&mut self, now: Instant, sample: &Sample, size: u64) -> Option<Rate> {
        if micros(sample.sent_at.since(self.sent_at)) > TOGETHER || self.first_at == Instant::ZERO {
            // What arrived of the last one may have been enough, though some was lost; but a way
            // that changes the order of packets changes the time between them.
            let enough = self.bytes >= LEAST * size && self.times >= LEAST_TIMES;
            let told = (enough && self.ordered).then(|| self.rate());
            let (sent_at, newest) = (sample.sent_at, sample.newest);
            *self = Self { sent_at, newest, first_at: now, last_at: now, ..Self::new() };
            return told;
        }
        self.bytes += sample.acked;
        self.times += u8::from(self.last_at < now);
        self.last_at = now;
        self.ordered &= self.newest <= sample.newest;
        self.newest = sample.newest;
        let long = self.bytes >= LENGTH * size && self.times >= TIMES;
        long.then(|| self.rate())
    }

    fn rate(&self) -> Rate {
        Rate::over(self.bytes, micros(self.last_at.since(self.first_at)))
    }
}

/// What left within so many microseconds is one train: a program sends ten datagrams in less.
const TOGETHER: u64 = 250;
/// Packets, after the first ones, that make a train long enough: of ten that leave together, two
/// are in the first acknowledgement, and one or two may be lost.
const LENGTH: u64 = 6;
/// Acknowledgements at different times, after the first one, that it needs.
const TIMES: u8 = 3;
/// The same of a train of which some was lost.
const LEAST: u64 = 4;
const LEAST_TIMES: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: u64) -> Instant {
        Instant::from_micros(1_000_000 + micros)
    }

    fn sample(sent_at: Instant, acked: u64) -> Sample {
        Sample { acked, sent_at, ..Sample::NOTHING }
    }

    #[test]
    fn ten_packets_that_left_together_tell_the_bottlenecks_rate() {
        let mut train = Train::new();
        let told: Option<Rate> = (0..5)
            .filter_map(|ack| train.on_ack(at(ack * 2_000), &sample(at(0), 2_000), 1000))
            .last();
        assert_eq!(told, Some(Rate::over(1_000_000, 1_000_000)));
    }

    #[test]
    fn a_train_of_which_some_was_lost_tells_when_it_is_over() {
        for (acks, tells) in [(3, true), (2, false)] {
            let mut train = Train::new();
            let early = (0..acks)
                .find_map(|ack| train.on_ack(at(ack * 2_000), &sample(at(0), 2_000), 1000));
            assert_eq!(early, None);
            let told = train.on_ack(at(30_000), &sample(at(9_000), 2_000), 1000);
            assert_eq!(told, tells.then(|| Rate::over(1_000_000, 1_000_000)));
        }
    }

    #[test]
    fn acknowledgements_that_come_together_tell_nothing() {
        let mut train = Train::new();
        assert!((0..10).all(|_| train.on_ack(at(0), &sample(at(0), 2_000), 1000).is_none()));
    }

    #[test]
    fn packets_that_left_apart_are_no_train() {
        let mut train = Train::new();
        let mut acks = (0..20).map(|ack| at(ack * 2_000));
        assert!(acks.all(|now| train.on_ack(now, &sample(now, 2_000), 1000).is_none()));
    }
}
