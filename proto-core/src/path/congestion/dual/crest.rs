//! The most that arrived of late: an end that is late now and then makes no slower link
//! (`BBR.MaxBwFilter`, draft-ietf-ccwg-bbr).

use super::Rate;

/// What arrived in the last rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crest([Rate; ROUNDS]);

impl Crest {
    pub(super) const fn new() -> Self {
        Self([Rate::ZERO; ROUNDS])
    }

    /// A round is over. Returns the most that arrived in it or in those before; before the first
    /// one, it was so much.
    pub(super) fn on_round(&mut self, rate: Rate, before: Rate) -> Rate {
        if self.0[0].is_zero() {
            self.0 = [before; ROUNDS];
        }
        self.0.rotate_right(1);
        self.0[0] = rate;
        self.0.into_iter().fold(rate, Rate::max)
    }
}

/// Rounds that are remembered: of four, one is seldom late.
const ROUNDS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_rounds_that_are_late_are_none_and_four_are_a_slower_link() {
        let mut crest = Crest::new();
        let rate = |bytes| Rate::over(bytes, 1_000_000);
        let late = [70, 80, 60, 75, 50];
        let most = late.map(|bytes| crest.on_round(rate(bytes), rate(100)).bytes());
        assert_eq!(most, [100, 100, 100, 80, 80]);
    }
}
