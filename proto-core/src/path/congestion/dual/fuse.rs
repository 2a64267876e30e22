//! The fuse: heavy loss that goes on is of no use to anybody, whatever its reason (RFC 8085
//! section 3.1).

use core::time::Duration;

use super::round::Heard;
use crate::time::Instant;

/// How long much has been lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fuse {
    since: Option<Instant>,
    rounds: u8,
}

impl Fuse {
    pub(super) const fn new() -> Self {
        Self { since: None, rounds: 0 }
    }

    /// A round is over. Returns whether so much was lost, for so long, that less must be sent.
    pub(super) fn on_round(&mut self, now: Instant, heard: &Heard) -> bool {
        let lost_more_than = |share: u64| 100 * heard.lost > share * heard.settled();
        if !lost_more_than(MUCH) {
            *self = Self::new();
            return false;
        }
        let since = *self.since.get_or_insert(now);
        self.rounds = if lost_more_than(VERY_MUCH) { self.rounds.saturating_add(1) } else { 0 };
        self.rounds >= ROUNDS || now.since(since) >= TIME
    }
}

/// Hundredths that are much, for this time.
const MUCH: u64 = 15;
const TIME: Duration = Duration::from_secs(3);
/// Hundredths that are very much, for so many rounds.
const VERY_MUCH: u64 = 30;
const ROUNDS: u8 = 3;

#[cfg(test)]
mod tests {
    use super::super::round::Round;
    use super::*;

    fn heard(lost: u64) -> Heard {
        Heard { acked: 100 - lost, lost, ..*Round::new().heard() }
    }

    fn at(millis: u64) -> Instant {
        Instant::from_micros(millis * 1000)
    }

    #[test]
    fn very_much_loss_blows_it_in_three_rounds_and_much_in_three_seconds() {
        let mut fuse = Fuse::new();
        let blown = [0, 50, 100].map(|millis| fuse.on_round(at(millis), &heard(40)));
        assert_eq!(blown, [false, false, true]);

        let mut fuse = Fuse::new();
        let blown = [0, 1000, 2000, 3000].map(|millis| fuse.on_round(at(millis), &heard(20)));
        assert_eq!(blown, [false, false, false, true]);
    }

    #[test]
    fn what_a_bad_link_loses_does_not_blow_it() {
        let mut fuse = Fuse::new();
        assert!((0..100).all(|second| !fuse.on_round(at(second * 1000), &heard(10))));
        assert!(!fuse.on_round(at(101_000), &heard(60)), "one bad round is chance");
    }
}
