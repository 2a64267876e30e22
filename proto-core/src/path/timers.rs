//! What is waited for, and until when.

use crate::time::Instant;

/// A reason to wake up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// A packet is lost if it is not acknowledged by then.
    Loss,
    /// Nothing was acknowledged for too long: probe.
    Probe,
    /// An acknowledgement is due.
    Ack,
    /// A challenge is to be repeated.
    Challenge,
    /// A new address that did not answer is given up.
    Revert,
    /// Data is expected and nothing came for too long.
    Silence,
}

/// One deadline for each timer.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    deadlines: [Option<Instant>; Timer::ALL.len()],
}

impl Timer {
    pub(super) const ALL: [Self; 6] =
        [Self::Loss, Self::Probe, Self::Ack, Self::Challenge, Self::Revert, Self::Silence];
}

impl Timers {
    /// Sets the timer, or stops it with `None`.
    pub(super) const fn set(&mut self, timer: Timer, deadline: Option<Instant>) {
        self.deadlines[timer as usize] = deadline;
    }

    /// Stops the timer if it is due, and says until when it ran.
    pub(super) fn take_due(&mut self, timer: Timer, now: Instant) -> Option<Instant> {
        self.deadlines[timer as usize].take_if(|deadline| *deadline <= now)
    }

    /// Until when the timer runs.
    pub(super) const fn get(&self, timer: Timer) -> Option<Instant> {
        self.deadlines[timer as usize]
    }

    /// The next deadline; `None` means that nothing is waited for.
    pub(super) fn next(&self) -> Option<Instant> {
        self.deadlines.iter().flatten().min().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_deadline_is_the_earliest() {
        let (early, late) = (Instant::from_micros(1), Instant::from_micros(2));
        let mut timers = Timers::default();
        assert_eq!(timers.next(), None);
        timers.set(Timer::Ack, Some(late));
        timers.set(Timer::Loss, Some(early));
        assert_eq!(timers.next(), Some(early));
        assert_eq!(timers.take_due(Timer::Loss, early), Some(early));
        assert_eq!(timers.take_due(Timer::Ack, early), None);
        assert_eq!(timers.next(), Some(late));
    }
}
