//! A part of a file, in percent.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// A percentage from 1 to 99.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Percent(u8);

impl Percent {
    /// Makes a percentage; `None` for what is nothing, everything or more.
    pub const fn new(percent: u8) -> Option<Self> {
        if percent >= 1 && percent <= 99 { Some(Self(percent)) } else { None }
    }

    /// That part of a size, rounded down; no size overflows it.
    pub const fn of(self, size: u64) -> u64 {
        size / 100 * self.0 as u64 + size % 100 * self.0 as u64 / 100
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u8::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("no percentage"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_exact_and_never_overflows() {
        let half = Percent::new(50).unwrap();

        assert_eq!(half.of(1001), 500);
        assert_eq!(half.of(1), 0);
        assert_eq!(half.of(u64::MAX), u64::MAX / 2);
    }

    #[test]
    fn nothing_and_everything_are_no_parts() {
        assert_eq!(Percent::new(0), None);
        assert_eq!(Percent::new(100), None);
    }
}
