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

    /// Where that part of a size ends, rounded up: whoever rounds down to show how much it is
    /// shows the percentage itself, of a hundred bytes and more. `None` when it is all of it; no
    /// size overflows it.
    pub const fn of(self, size: u64) -> Option<u64> {
        //= docs/PROTOCOL.md#holds
        //# of its size, rounded up; no stop point if that is the whole file
        let part = size / 100 * self.0 as u64 + (size % 100 * self.0 as u64).div_ceil(100);
        if part < size { Some(part) } else { None }
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

        assert_eq!(half.of(1000), Some(500));
        assert_eq!(half.of(1001), Some(501));
        assert_eq!(half.of(u64::MAX), Some(u64::MAX / 2 + 1));
    }

    #[test]
    fn a_part_is_shown_as_the_percentage_that_it_was_asked_for() {
        for percent in 1..=99 {
            for size in 100..1000 {
                let part = Percent::new(percent).unwrap().of(size).unwrap();
                assert_eq!(part * 100 / size, u64::from(percent), "{percent}% of {size}");
            }
        }
    }

    #[test]
    fn all_of_it_is_no_part() {
        assert_eq!(Percent::new(50).unwrap().of(0), None);
        assert_eq!(Percent::new(50).unwrap().of(1), None);
        assert_eq!(Percent::new(99).unwrap().of(99), None);
    }

    #[test]
    fn nothing_and_everything_are_no_parts() {
        assert_eq!(Percent::new(0), None);
        assert_eq!(Percent::new(100), None);
    }
}
