//! Bytes a second, in integers that cannot overflow.

/// Bytes a second, at most [`Rate::MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rate(u64);

/// Times beyond 67 s count as 67 s: with [`Rate::MAX`], no product exceeds 2^60.
const MAX_TIME: u64 = 1 << 26;

impl Rate {
    pub(super) const ZERO: Self = Self(0);
    /// 137 Gbit/s: faster than any driver.
    const MAX: u64 = 1 << 34;

    /// So many bytes in so many microseconds.
    pub(super) fn over(bytes: u64, time: u64) -> Self {
        Self((bytes.min(1 << 40) * 1_000_000 / time.max(1)).min(Self::MAX))
    }

    pub(super) const fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn bytes(self) -> u64 {
        self.0
    }

    /// What passes in so many microseconds.
    pub(super) fn within(self, time: u64) -> u64 {
        self.0 * time.min(MAX_TIME) / 1_000_000
    }

    /// How long so many bytes take at a rate, in microseconds.
    pub(super) fn time_of(bytes: u64, rate: Self) -> u64 {
        bytes.min(1 << 40) * 1_000_000 / rate.0.max(1)
    }

    /// So many 1024ths of it.
    pub(super) fn times(self, gain: u64) -> Self {
        Self(((self.0 * gain.min(1 << 16)) >> 10).min(Self::MAX))
    }

    /// What must be sent for this to arrive, when of 2^16 bytes so many are lost.
    pub(super) fn before_loss(self, share: u64) -> Self {
        Self(((self.0 << 16) / ((1 << 16) - share.min(1 << 15))).min(Self::MAX))
    }

    /// Goes a quarter of the way to another rate.
    pub(super) const fn toward(self, other: Self) -> Self {
        Self((3 * self.0 + other.0) / 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_bytes_over_time_and_back() {
        let rate = Rate::over(125_000, 100_000);
        assert_eq!(rate.bytes(), 1_250_000);
        assert_eq!(rate.within(20_000), 25_000);
        assert_eq!(rate.times(512).bytes(), 625_000);
    }

    #[test]
    fn what_is_lost_is_sent_on_top() {
        let one_in_twenty = (1 << 16) / 20;
        let gross = Rate::over(950_000, 1_000_000).before_loss(one_in_twenty);
        assert!(gross.bytes().abs_diff(1_000_000) < 100, "{gross:?}");
    }

    #[test]
    fn nothing_overflows() {
        let most = Rate::over(u64::MAX, 0);
        assert_eq!(most, most.times(u64::MAX));
        assert_eq!(most, most.before_loss(u64::MAX));
        assert!(most.within(u64::MAX) > 0);
    }
}
