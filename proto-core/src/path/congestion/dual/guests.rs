//! Whether somebody else needs the link: a queue that stands although we do our part to empty it.

use core::time::Duration;

use crate::time::Instant;

/// In how many rounds of late the queue stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Guests {
    since: Option<Instant>,
    rounds: u8,
}

impl Guests {
    pub(super) const fn new() -> Self {
        Self { since: None, rounds: 0 }
    }

    /// A round is over, and a queue stood in all of it, or not. Returns whether there is reason to
    /// suspect somebody. Who cuts a window in half empties the queue for a while, too, so that one
    /// round without it does not clear of suspicion.
    pub(super) fn on_round(&mut self, now: Instant, stood: bool) -> bool {
        self.rounds = if stood { self.rounds.saturating_add(1) } else { self.rounds / 2 };
        if self.rounds == 0 {
            self.since = None;
            return false;
        }
        let since = *self.since.get_or_insert(now);
        stood && self.rounds >= ROUNDS && now.since(since) >= TIME
    }
}

/// How long the link has been ours alone, as it seems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lonely {
    since: Option<Instant>,
    rounds: u8,
}

impl Lonely {
    pub(super) const fn new() -> Self {
        Self { since: None, rounds: 0 }
    }

    /// A round is over, and there was hardly a queue, or there was. Returns whether nobody else
    /// is there.
    pub(super) fn on_round(&mut self, now: Instant, quiet: bool) -> bool {
        if !quiet {
            *self = Self::new();
            return false;
        }
        let since = *self.since.get_or_insert(now);
        self.rounds = self.rounds.saturating_add(1);
        self.rounds >= LONELY_ROUNDS && now.since(since) >= LONELY_TIME
    }
}

/// Rounds, and time, that make it suspicious. With fewer, a burst of our own is taken for a guest
/// and costs an ebb; with more, a guest has the queue to itself for longer.
const ROUNDS: u8 = 8;
const TIME: Duration = Duration::from_millis(500);
/// Rounds, and time, without a queue that clear of it: more than two flows are quiet for when both
/// have just cut their windows.
const LONELY_ROUNDS: u8 = 16;
const LONELY_TIME: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(round: u64) -> Instant {
        Instant::from_micros(round * 100_000)
    }

    #[test]
    fn a_queue_that_stands_for_eight_rounds_is_suspicious() {
        let mut guests = Guests::new();
        assert!((0..7).all(|round| !guests.on_round(at(round), true)));
        assert!(guests.on_round(at(7), true));
    }

    #[test]
    fn one_round_without_a_queue_does_not_clear_of_suspicion_and_many_do() {
        let mut guests = Guests::new();
        assert!(!(0..7).any(|round| guests.on_round(at(round), true)));
        guests.on_round(at(7), false);
        assert!((8..13).any(|round| guests.on_round(at(round), true)));

        assert!(!(13..20).any(|round| guests.on_round(at(round), false)));
        assert!(!guests.on_round(at(20), true));
    }

    #[test]
    fn a_link_is_ours_after_two_seconds_without_a_queue_and_not_after_a_dip() {
        let mut lonely = Lonely::new();
        assert!((0..19).all(|round| !lonely.on_round(at(round), true)));
        lonely.on_round(at(19), false);
        assert!((20..40).all(|round| !lonely.on_round(at(round), true)));
        assert!(lonely.on_round(at(40), true));
    }
}
