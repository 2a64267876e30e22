//! What the hub knows of one run of a client: how far it heard it, and what became of it.

use super::links::Slot;
use crate::ids::Seq;
use crate::wire::Rejection;

/// One stream of numbered messages.
//
// Invariants:
// - recorded <= said, settled <= said.
// - `fates` is right for the last 128 numbers up to `said`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stream {
    pub(super) id: u64,
    /// All up to this one came in.
    pub(super) said: Seq,
    /// All up to this one are stored or rejected, so they may be answered.
    pub(super) settled: Seq,
    /// All up to this one are part of what was handed out to be stored.
    pub(super) recorded: Seq,
    pub(super) fates: Fates,
    /// The link that speaks for it now.
    pub(super) link: Option<Slot>,
    /// Rises with each use: the lowest is forgotten first.
    pub(super) used: u64,
}

impl Stream {
    /// Makes a stream of which everything up to `said` is over and done.
    pub(super) const fn new(id: u64, said: Seq) -> Self {
        Self { id, said, settled: said, recorded: said, fates: Fates::NONE, link: None, used: 0 }
    }

    /// Notes that one more message came in, and its fate if it is known already.
    pub(super) fn hear(&mut self, seq: Seq, fate: Option<Rejection>) {
        debug_assert!(seq.0 == self.said.0 + 1, "the caller checks the order");
        self.said = seq;
        self.fates.set(seq, fate);
    }

    /// Jumps ahead: the client knows the fate of everything up to `known`, though we forgot it.
    pub(super) fn skip_to(&mut self, known: Seq) {
        if known > self.said {
            self.said = known;
            self.settled = known;
            self.recorded = known;
            self.fates = Fates::NONE;
        }
    }
}

/// What became of the last 128 messages of a stream: stored, or rejected for one of 3 reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fates {
    pub(super) low: u128,
    pub(super) high: u128,
}

impl Fates {
    pub(super) const NONE: Self = Self { low: 0, high: 0 };

    pub(super) fn get(&self, seq: Seq) -> Option<Rejection> {
        let bit = 1 << (seq.0 % 128);
        match (self.high & bit != 0, self.low & bit != 0) {
            (false, false) => None,
            (false, true) => Some(Rejection::NoSuchUser),
            (true, false) => Some(Rejection::TooFast),
            (true, true) => Some(Rejection::NotStored),
        }
    }

    pub(super) fn set(&mut self, seq: Seq, fate: Option<Rejection>) {
        let bit = 1 << (seq.0 % 128);
        let (high, low) = match fate {
            None => (false, false),
            Some(Rejection::NoSuchUser) => (false, true),
            Some(Rejection::TooFast) => (true, false),
            Some(Rejection::NotStored) => (true, true),
        };
        self.low = if low { self.low | bit } else { self.low & !bit };
        self.high = if high { self.high | bit } else { self.high & !bit };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fate_is_remembered_for_128_messages() {
        let fates = [
            None,
            Some(Rejection::NoSuchUser),
            Some(Rejection::TooFast),
            Some(Rejection::NotStored),
        ];
        let fate = |seq: u64| fates[usize::try_from(seq * 7 / 3 % 4).unwrap()];
        let mut stream = Stream::new(1, Seq(40));

        for seq in 41..1000 {
            stream.hear(Seq(seq), fate(seq));
        }

        for seq in 1000 - 128..1000 {
            assert_eq!(stream.fates.get(Seq(seq)), fate(seq), "{seq}");
        }
    }
}
