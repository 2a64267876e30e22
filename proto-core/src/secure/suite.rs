//! Which ciphers there are for datagrams, and which one two ends agree on.

/// A cipher for datagrams. The numbers are the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suite {
    /// ChaCha20-Poly1305: every machine has it.
    ChaCha20Poly1305 = 0,
    /// AES-128-GCM: the faster one where both ends have it in hardware.
    Aes128Gcm = 1,
}

impl Suite {
    /// The suite with this number on the wire.
    pub const fn from_wire(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::ChaCha20Poly1305),
            1 => Some(Self::Aes128Gcm),
            _ => None,
        }
    }

    /// Its number on the wire.
    pub const fn to_wire(self) -> u8 {
        self as u8
    }
}

/// A set of suites: bit *n* stands for suite *n*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Suites(u8);

impl Suites {
    /// What every machine has: ChaCha20-Poly1305.
    pub const BASE: Self = Self(0).with(Suite::ChaCha20Poly1305);
    /// Every suite of this version.
    pub const ALL: Self = Self::BASE.with(Suite::Aes128Gcm);

    /// The set of these bits. Bits of suites that this version does not know are dropped.
    pub const fn from_wire(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The set's bits on the wire.
    pub const fn to_wire(self) -> u8 {
        self.0
    }

    /// Adds a suite.
    pub const fn insert(&mut self, suite: Suite) {
        *self = self.with(suite);
    }

    /// The set and one suite more.
    #[must_use]
    pub const fn with(self, suite: Suite) -> Self {
        Self(self.0 | 1 << suite.to_wire())
    }

    /// Whether the suite is in the set.
    pub const fn contains(self, suite: Suite) -> bool {
        self.0 & 1 << suite.to_wire() != 0
    }

    /// The suite that both ends should use: AES where both have it in hardware.
    /// `None` when they have nothing in common.
    pub fn best_common(mine: Self, theirs: Self) -> Option<Suite> {
        let common = Self(mine.0 & theirs.0);
        [Suite::Aes128Gcm, Suite::ChaCha20Poly1305]
            .into_iter()
            .find(|&suite| common.contains(suite))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aes_is_used_only_when_both_have_it() {
        assert_eq!(Suites::best_common(Suites::ALL, Suites::ALL), Some(Suite::Aes128Gcm));
        assert_eq!(Suites::best_common(Suites::ALL, Suites::BASE), Some(Suite::ChaCha20Poly1305));
        assert_eq!(Suites::best_common(Suites::BASE, Suites::ALL), Some(Suite::ChaCha20Poly1305));
        assert_eq!(Suites::best_common(Suites::BASE, Suites::default()), None);
    }

    #[test]
    fn suites_of_the_future_are_no_suites_of_ours() {
        assert_eq!(Suites::from_wire(0xFF), Suites::ALL);
        assert_eq!(Suites::from_wire(0b101), Suites::BASE);
        assert_eq!(Suite::from_wire(2), None);
    }

    #[test]
    fn numbers_on_the_wire_do_not_drift() {
        assert_eq!(Suite::ChaCha20Poly1305.to_wire(), 0);
        assert_eq!(Suite::Aes128Gcm.to_wire(), 1);
        assert_eq!((Suites::BASE.to_wire(), Suites::ALL.to_wire()), (0b01, 0b11));
    }
}
