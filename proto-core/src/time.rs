//! Time as the core sees it: microseconds from an arbitrary start, always handed in.

use core::ops::{Add, Sub};

pub use core::time::Duration;

/// A point in time, in microseconds since an arbitrary start that only the driver knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Instant(u64);

impl Instant {
    /// The arbitrary start.
    pub const ZERO: Self = Self(0);

    /// Makes an instant from microseconds since the start.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the start.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Time since `earlier`; zero when the clock went backwards.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    /// Saturates: a deadline beyond the end of time is the end of time.
    fn add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(micros(by)))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    /// Saturates at the start.
    fn sub(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(micros(by)))
    }
}

/// A duration in whole microseconds, saturating.
pub const fn micros(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000).saturating_add(duration.subsec_micros() as u64)
}

/// The server's wall clock, in milliseconds since 1970. Only ever shown, never decided by.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UnixMillis(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_goes_backwards_yields_no_time() {
        let later = Instant::from_micros(5);
        assert_eq!(Instant::ZERO.since(later), Duration::ZERO);
    }

    #[test]
    fn adding_forever_saturates() {
        let end = Instant::from_micros(1) + Duration::MAX;
        assert_eq!(end.as_micros(), u64::MAX);
    }
}
