//! When to try again: exponential backoff with full jitter, so that a thousand clients of a
//! restarted server do not come back in one moment.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const MOST: Duration = Duration::from_secs(30);

/// Counts failed attempts and says how long to wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// An attempt failed: how long to wait before the next, given a random number.
    pub(super) fn after_failure(&mut self, random: u64) -> Duration {
        let longest = FIRST.saturating_mul(1 << self.failures.min(10)).min(MOST);
        self.failures = self.failures.saturating_add(1);
        let longest = u64::try_from(longest.as_millis()).expect("at most 30 s");
        // Never less than a quarter: an immediate retry helps nobody.
        Duration::from_millis(longest / 4 + random % (longest * 3 / 4 + 1))
    }

    /// An attempt succeeded.
    pub(super) const fn on_success(&mut self) {
        self.failures = 0;
    }

    /// Failures in a row.
    pub(super) const fn failures(self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_half_a_minute_and_never_beyond() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.after_failure(375), Duration::from_millis(500));
        for random in 0..100 {
            let wait = backoff.after_failure(random * 7919);
            assert!(wait >= FIRST / 4 && wait <= MOST, "{wait:?}");
        }
        backoff.on_success();
        assert!(backoff.after_failure(u64::MAX) <= FIRST);
    }
}
