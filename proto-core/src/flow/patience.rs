//! When silence is too long.
//!
//! A transfer that should move and does not is *stalled*: its user is told, nothing else
//! changes, and the path goes on probing. Only a very long stall ends it.

use crate::time::{Duration, Instant};

/// Time without progress after which a transfer counts as stalled.
pub const STALLED_AFTER: Duration = Duration::from_secs(3);

/// Time without progress after which a transfer ends.
pub const ENDED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Watches one transfer's progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patience {
    since: Option<Instant>,
    stalled: bool,
}

/// What came of waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing moved for [`STALLED_AFTER`].
    Stalled,
    /// Nothing moved for [`ENDED_AFTER`].
    Hopeless,
}

impl Patience {
    /// Says whether progress is expected now. Whenever it begins to be, time starts anew.
    pub fn expect(&mut self, now: Instant, expected: bool) {
        if !expected {
            *self = Self::default();
        } else if self.since.is_none() {
            self.since = Some(now);
        }
    }

    /// Whether progress is expected.
    pub const fn is_expecting(&self) -> bool {
        self.since.is_some()
    }

    /// Something moved; true when it had stalled.
    pub fn on_progress(&mut self, now: Instant) -> bool {
        if self.since.is_some() {
            self.since = Some(now);
        }
        core::mem::take(&mut self.stalled)
    }

    /// Judges the silence, once for each verdict.
    pub fn check(&mut self, now: Instant) -> Option<Verdict> {
        let since = self.since?;
        if now.since(since) >= ENDED_AFTER {
            self.since = None;
            return Some(Verdict::Hopeless);
        }
        if !self.stalled && now.since(since) >= STALLED_AFTER {
            self.stalled = true;
            return Some(Verdict::Stalled);
        }
        None
    }

    /// When to [`check`](Self::check) next; `None` while nothing is expected.
    pub fn deadline(&self) -> Option<Instant> {
        let patience = if self.stalled { ENDED_AFTER } else { STALLED_AFTER };
        self.since.map(|since| since + patience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_is_told_once_and_ends_with_progress() {
        let mut patience = Patience::default();
        patience.expect(at(0), true);

        assert_eq!(patience.check(at(2)), None);
        assert_eq!(patience.check(at(3)), Some(Verdict::Stalled));
        assert_eq!(patience.check(at(4)), None);

        assert!(patience.on_progress(at(40)));
        assert!(!patience.on_progress(at(41)));
        assert_eq!(patience.deadline(), Some(at(44)));
    }

    #[test]
    fn a_held_transfer_never_stalls() {
        let mut patience = Patience::default();
        patience.expect(at(0), true);
        patience.expect(at(2), false);

        assert_eq!(patience.check(at(1000)), None);
        assert_eq!(patience.deadline(), None);

        patience.expect(at(1000), true);
        assert_eq!(patience.check(at(1002)), None);
    }

    #[test]
    fn a_day_of_silence_is_hopeless() {
        let mut patience = Patience::default();
        patience.expect(at(0), true);
        assert_eq!(patience.check(at(3)), Some(Verdict::Stalled));

        assert_eq!(patience.check(at(24 * 3600)), Some(Verdict::Hopeless));
        assert_eq!(patience.check(at(25 * 3600)), None);
    }

    fn at(seconds: u64) -> Instant {
        Instant::from_micros(seconds * 1_000_000)
    }
}
