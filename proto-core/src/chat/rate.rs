//! How fast somebody may speak.

use crate::time::{Duration, Instant};

/// A speed with a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Messages that may come at once.
    pub burst: u32,
    /// Messages a second in the long run; at least 1.
    pub per_second: u32,
}

/// Grants what a [`Rate`] allows. It knows one number: when it would be full again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bucket {
    full_at: Instant,
}

impl Bucket {
    pub(super) const FULL: Self = Self { full_at: Instant::ZERO };

    /// Takes one, if there is one.
    pub(super) fn take(&mut self, now: Instant, rate: Rate) -> bool {
        let each = Duration::from_secs(1) / rate.per_second.max(1);
        let full_at = self.full_at.max(now) + each;
        let granted = full_at.since(now) <= each.saturating_mul(rate.burst);
        if granted {
            self.full_at = full_at;
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_granted_and_then_the_speed() {
        let rate = Rate { burst: 5, per_second: 2 };
        let mut bucket = Bucket::FULL;
        let start = Instant::from_micros(7);

        let at_once = (0..100).filter(|_| bucket.take(start, rate)).count();
        let later =
            (1..=10_000).filter(|&ms| bucket.take(start + Duration::from_millis(ms), rate)).count();

        assert_eq!((at_once, later), (5, 20));
    }

    #[test]
    fn a_long_rest_grants_no_more_than_a_burst() {
        let rate = Rate { burst: 3, per_second: 100 };
        let mut bucket = Bucket::FULL;
        let much_later = Instant::ZERO + Duration::from_secs(1 << 30);

        assert!(bucket.take(Instant::ZERO, rate));
        assert_eq!((0..100).filter(|_| bucket.take(much_later, rate)).count(), 3);
    }
}
