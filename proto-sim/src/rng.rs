//! The one source of chance: a small generator that splits into independent ones by label.
//!
//! Each element of a world draws from its own generator, so that a fault added to one link does
//! not reshuffle what happens to another.

use proto_core::time::{Duration, micros};

/// A generator of numbers that is a function of its seed (xoshiro256**, seeded by `SplitMix64`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    key: u64,
    state: [u64; 4],
}

impl Rng {
    /// Makes the generator of a seed.
    pub fn new(seed: u64) -> Self {
        let mut mix = seed;
        Self { key: seed, state: core::array::from_fn(|_| split_mix(&mut mix)) }
    }

    /// Makes the generator of one element. It depends on this one's seed and on the label, and
    /// not on what was drawn before.
    #[must_use]
    pub fn split(&self, label: &str) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ self.key;
        for byte in label.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self::new(split_mix(&mut hash))
    }

    /// Draws any number.
    pub fn draw(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let drawn = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        drawn
    }

    /// Draws a number in `0..end`; zero when the range is empty.
    pub fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.draw()) * u128::from(end);
        u64::try_from(wide >> 64).expect("the high half of a product of two u64 fits u64")
    }

    /// Draws a number in `start..=last`.
    pub fn between(&mut self, start: u64, last: u64) -> u64 {
        assert!(start <= last, "a range rises");
        start + self.below((last - start).saturating_add(1))
    }

    /// Draws an index into something that long.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).expect("an index below a usize is one")
    }

    /// Draws a time in `start..=last`.
    pub fn duration(&mut self, start: Duration, last: Duration) -> Duration {
        Duration::from_micros(self.between(micros(start), micros(last)))
    }

    /// Says whether something of this chance happens now. Draws nothing when it cannot.
    pub fn happens(&mut self, chance: Chance) -> bool {
        chance.0 > 0 && self.below(u64::from(Chance::ALWAYS.0)) < u64::from(chance.0)
    }

    /// Fills a slice with random bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.draw().to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
    }

    /// Draws a key or a nonce.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// How likely something is, in parts per million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chance(u32);

impl Chance {
    /// It does not happen.
    pub const NEVER: Self = Self(0);
    /// It happens each time.
    pub const ALWAYS: Self = Self(1_000_000);

    /// Makes a chance of whole percents, at most 100.
    pub const fn percent(percent: u32) -> Self {
        assert!(percent <= 100, "a chance is at most 100 %");
        Self(percent * 10_000)
    }

    /// Makes a chance of parts per million, at most a million.
    pub const fn per_million(parts: u32) -> Self {
        assert!(parts <= 1_000_000, "a chance is at most 100 %");
        Self(parts)
    }

    /// The chance in parts per million.
    pub const fn parts(self) -> u32 {
        self.0
    }
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Bytes that cannot be guessed, the same each time for the same seed.
pub fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence() {
        let (mut one, mut other) = (Rng::new(7), Rng::new(7));
        assert!((0..100).all(|_| one.draw() == other.draw()));
        assert_ne!(Rng::new(7).draw(), Rng::new(8).draw());
    }

    #[test]
    fn a_split_does_not_depend_on_what_was_drawn() {
        let mut parent = Rng::new(7);
        let before = parent.split("link");
        parent.draw();
        assert_eq!(before, parent.split("link"));
        assert_ne!(before, parent.split("disk"));
    }

    #[test]
    fn a_chance_happens_about_as_often_as_it_says() {
        let mut rng = Rng::new(1);
        let times = (0..10_000).filter(|_| rng.happens(Chance::percent(30))).count();
        assert!((2_800..3_200).contains(&times), "{times} of 10000");
        assert!(!rng.happens(Chance::NEVER) && rng.happens(Chance::ALWAYS));
    }

    #[test]
    fn a_draw_stays_in_its_range() {
        let mut rng = Rng::new(2);
        assert!((0..1000).all(|_| (3..=5).contains(&rng.between(3, 5))));
        assert_eq!(rng.below(0), 0);
    }
}
