//! Luck that can be repeated.

use std::time::Duration;

use super::Loss;

/// A source of luck: xorshift64*, which is fast and good enough to lose packets with.
pub struct Chance(u64);

impl Chance {
    /// Luck for a seed; neighbouring seeds have nothing in common.
    pub fn new(seed: u64) -> Self {
        let mut chance = Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        for _ in 0..8 {
            chance.number();
        }
        chance
    }

    /// True with this probability.
    pub fn hits(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.fraction() < probability
    }

    /// A time from nothing to `most`.
    pub fn time(&mut self, most: Duration) -> Duration {
        most.mul_f64(self.fraction())
    }

    fn fraction(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

/// Decides which packets are lost.
pub struct Losses {
    model: Loss,
    is_bad: bool,
}

impl Losses {
    /// Begins in a good stretch.
    pub const fn new(model: Loss) -> Self {
        Self { model, is_bad: false }
    }

    /// Whether the next packet is lost.
    pub fn take(&mut self, chance: &mut Chance) -> bool {
        match self.model {
            Loss::Even(share) => chance.hits(share),
            Loss::Bursts { begin, end } => {
                let turns = if self.is_bad { end } else { begin };
                self.is_bad ^= chance.hits(turns);
                self.is_bad
            }
        }
    }
}
