//! How fast lines from a pipe are said: below what a server takes for a flood.

use std::time::Duration;

use proto_core::time::Instant;

/// Messages that may be said at once.
const BURST: u32 = 50;
/// Time in which one more may be said.
const INTERVAL: Duration = Duration::from_millis(25);

/// A bucket of permissions that fills by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    left: u32,
    filled: Instant,
}

impl Pace {
    pub(crate) const fn new(now: Instant) -> Self {
        Self { left: BURST, filled: now }
    }

    /// Whether one more may be said now.
    pub(crate) fn may_say(&mut self, now: Instant) -> bool {
        while self.left < BURST && now.since(self.filled) >= INTERVAL {
            self.left += 1;
            self.filled = self.filled + INTERVAL;
        }
        if self.left == BURST {
            self.filled = now;
        }
        self.left > 0
    }

    /// One is said.
    pub(crate) const fn on_said(&mut self) {
        self.left = self.left.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_followed_by_a_steady_pace() {
        let mut pace = Pace::new(Instant::ZERO);
        let mut said = 0;
        for tenth in 0..=20_u64 {
            let now = Instant::from_micros(tenth * 100_000);
            while pace.may_say(now) {
                pace.on_said();
                said += 1;
            }
        }
        assert_eq!(said, BURST + 80);
    }
}
