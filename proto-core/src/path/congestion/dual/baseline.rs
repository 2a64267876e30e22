//! Loss that has nothing to do with congestion: what the link loses while nobody queues.

use core::time::Duration;

use crate::time::Instant;

/// Counts what was lost, forgetting half when much is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Baseline {
    lost: u64,
    settled: u64,
    /// When a trial last showed that what was learnt was of our own making.
    wrong_at: Option<Instant>,
    /// How long that is remembered: longer each time.
    doubt: Duration,
}

impl Baseline {
    pub(super) const fn new() -> Self {
        Self { lost: 0, settled: 0, wrong_at: None, doubt: DOUBT }
    }

    /// Of so many bytes that were sent into an empty queue, so many were lost.
    pub(super) fn learn(&mut self, lost: u64, settled: u64, size: u64) {
        self.lost += lost;
        self.settled += settled;
        if self.settled > MEMORY * size {
            (self.lost, self.settled) = (self.lost / 2, self.settled / 2);
        }
    }

    /// The link was emptied on purpose, and then so much was lost: if that is far less than what
    /// was learnt, what was learnt was somebody's queue.
    pub(super) fn verify(&mut self, lost: u64, settled: u64, size: u64) {
        if settled >= VERIFIED * size && 2 * (lost << 16) < self.share(size) * settled {
            (self.lost, self.settled) = (lost, settled);
        }
    }

    /// A trial showed that what was learnt was of our own making.
    pub(super) fn refute(&mut self, now: Instant) {
        self.forget();
        self.wrong_at = Some(now);
        self.doubt = (self.doubt * 2).min(MOST_DOUBT);
    }

    /// A trial showed that the link loses by itself.
    pub(super) const fn confirm(&mut self) {
        self.doubt = DOUBT;
    }

    /// Whether what was learnt was shown to be of our own making, not long ago.
    pub(super) fn is_doubted(&mut self, now: Instant) -> bool {
        self.wrong_at = self.wrong_at.filter(|at| now.since(*at) < self.doubt);
        self.wrong_at.is_some()
    }

    /// What was learnt is wrong.
    pub(super) const fn forget(&mut self) {
        (self.lost, self.settled) = (0, 0);
    }

    /// How much of 2^16 bytes is lost, at most [`MOST`].
    pub(super) fn share(&self, size: u64) -> u64 {
        // Too little is known before so many packets: none is the careful guess.
        let most = if self.wrong_at.is_some() { MOST_DOUBTED } else { MOST };
        if self.settled < ENOUGH * size { 0 } else { ((self.lost << 16) / self.settled).min(most) }
    }

    /// How many bytes of these may be lost without that meaning anything.
    pub(super) fn bears(&self, settled: u64, size: u64) -> u64 {
        let packets = settled / size.max(1);
        let share = self.share(size);
        let expected = (packets * share) >> 16;
        let spread = packets / 50 + 3 * expected.isqrt();
        (expected + if share < NONE { packets / 50 } else { spread.max(4) }) * size
    }
}

/// Packets that are remembered: at one in a hundred lost, 20 of them, which is exact to a quarter;
/// more would follow a link that changes later.
const MEMORY: u64 = 2000;
/// Packets without which nothing is known.
const ENOUGH: u64 = 20;
/// Packets that an emptied link must carry to be believed: one round's least.
const VERIFIED: u64 = 8;
/// Less than this is none: half a percent, in 2^16ths.
const NONE: u64 = 328;
/// Most that is taken for the link's own: 15 %, in 2^16ths, where the fuse begins…
pub(super) const MOST: u64 = 9830;
/// …and 2 % once it was shown to be of our own making, for some time: where BBR draws the line
/// (draft-ietf-ccwg-bbr, `BBR.LossThresh`).
pub(super) const MOST_DOUBTED: u64 = 1311;
const DOUBT: Duration = Duration::from_secs(5);
const MOST_DOUBT: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: u64 = 1000;

    #[test]
    fn little_evidence_is_none() {
        let mut baseline = Baseline::new();
        baseline.learn(SIZE, 10 * SIZE, SIZE);
        assert_eq!(baseline.share(SIZE), 0);
    }

    #[test]
    fn one_loss_in_twenty_is_learnt_and_forgotten_again() {
        let mut baseline = Baseline::new();
        (0..200).for_each(|_| baseline.learn(5 * SIZE, 100 * SIZE, SIZE));
        assert!(baseline.share(SIZE).abs_diff((1 << 16) / 20) < 10);

        (0..200).for_each(|_| baseline.learn(0, 100 * SIZE, SIZE));
        assert!(baseline.share(SIZE) < 10, "{}", baseline.share(SIZE));
    }

    #[test]
    fn loss_that_ends_when_the_link_is_emptied_was_a_queue() {
        let mut baseline = Baseline::new();
        baseline.learn(100 * SIZE, 1000 * SIZE, SIZE);
        baseline.verify(5 * SIZE, 50 * SIZE, SIZE);
        assert!(baseline.share(SIZE) > 6000);
        baseline.verify(SIZE, 50 * SIZE, SIZE);
        assert!(baseline.share(SIZE) < 2000);
    }

    #[test]
    fn who_lost_by_its_own_making_is_believed_two_percent_for_a_while() {
        let mut baseline = Baseline::new();
        baseline.learn(100 * SIZE, 1000 * SIZE, SIZE);
        baseline.refute(Instant::ZERO);
        baseline.learn(100 * SIZE, 1000 * SIZE, SIZE);
        assert_eq!(baseline.share(SIZE), MOST_DOUBTED);
        assert!(baseline.is_doubted(Instant::from_micros(9_000_000)));

        assert!(!baseline.is_doubted(Instant::from_micros(10_000_000)));
        assert!(baseline.share(SIZE) > 6000);
    }

    #[test]
    fn no_link_is_believed_to_lose_more_than_15_percent() {
        let mut baseline = Baseline::new();
        baseline.learn(500 * SIZE, 1000 * SIZE, SIZE);
        assert_eq!(baseline.share(SIZE), MOST);
    }

    #[test]
    fn a_lossy_link_bears_what_chance_explains_and_a_clean_one_bears_nothing() {
        let (mut lossy, mut clean) = (Baseline::new(), Baseline::new());
        lossy.learn(50 * SIZE, 1000 * SIZE, SIZE);
        clean.learn(0, 1000 * SIZE, SIZE);
        let bears = lossy.bears(100 * SIZE, SIZE) / SIZE;
        assert!((8..=16).contains(&bears), "{bears}");
        assert_eq!(clean.bears(40 * SIZE, SIZE), 0);
    }
}
