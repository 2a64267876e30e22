//! Trials of the baseline: a link that loses by itself loses as much of less. A policer, or a queue
//! of a few packets, loses without a wait as well, and nothing when less is sent than it passes.

use core::time::Duration;

use super::baseline::MOST_DOUBTED;
use super::round::Heard;
use crate::time::Instant;

/// When the baseline was tried, and the trial that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trial {
    next_at: Option<Instant>,
    pause: Duration,
    running: Option<Running>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Running {
    begun: Instant,
    /// Rounds that tell of what was sent before.
    stale: u8,
    lost: u64,
    settled: u64,
    /// Of 2^16 bytes, how many the link would lose by itself.
    share: u64,
}

/// What a trial showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has shown nothing yet, or none is under way.
    None,
    /// The link loses by itself.
    Confirmed,
    /// It loses nothing when less is sent: the loss was our own making.
    Refuted,
}

impl Trial {
    pub(super) const fn new() -> Self {
        Self { next_at: None, pause: FIRST, running: None }
    }

    /// Whether less is to be sent.
    pub(super) const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Somebody else decides from here: what the trial has shown is forgotten.
    pub(super) const fn interrupt(&mut self) {
        self.running = None;
    }

    /// A round is over; of 2^16 bytes, `share` are taken for the link's own loss.
    pub(super) fn on_round(
        &mut self,
        now: Instant,
        heard: &Heard,
        share: u64,
        size: u64,
    ) -> Verdict {
        let Some(running) = &mut self.running else {
            let first = FIRST.max(Duration::from_micros(heard.time.min(MAX_ROUND) * FIRST_ROUNDS));
            let next_at = *self.next_at.get_or_insert(now + first);
            if share > MOST_DOUBTED && now >= next_at {
                let stale = STALE_ROUNDS;
                self.running = Some(Running { begun: now, stale, lost: 0, settled: 0, share });
            }
            return Verdict::None;
        };
        if running.stale > 0 {
            running.stale -= 1;
            return Verdict::None;
        }
        running.lost += heard.lost;
        running.settled += heard.settled();
        let (time, expected) = (now.since(running.begun), (running.settled * running.share) >> 16);
        // So much was lost that the rest cannot refute it any more.
        let confirmed = 8 * running.lost >= EXPECTED * size;
        if !confirmed && expected < EXPECTED * size && time < LONGEST {
            return Verdict::None;
        }
        let enough = expected >= LEAST_EXPECTED * size;
        let refuted = !confirmed && 8 * running.lost < expected && enough;
        let longer = (self.pause * 2).max(time * 10).min(SELDOM);
        self.pause = if refuted { FIRST } else { longer };
        (self.running, self.next_at) = (None, Some(now + self.pause));
        if refuted { Verdict::Refuted } else { Verdict::Confirmed }
    }
}

/// Packets that the link must have had occasion to lose: fewer can be missing by chance, all the
/// more as they are lost in bursts.
const EXPECTED: u64 = 40;
/// Packets with which a trial that takes too long still shows something, and what is too long: a
/// tenth of the rate is what it costs.
const LEAST_EXPECTED: u64 = 10;
const LONGEST: Duration = Duration::from_secs(4);
/// The round under way, and one in which the queue leaves.
const STALE_ROUNDS: u8 = 2;
/// How long after the start, and between trials, at first and at most.
const FIRST: Duration = Duration::from_secs(2);
const FIRST_ROUNDS: u64 = 16;
/// The longest round that counts, in microseconds.
const MAX_ROUND: u64 = 10_000_000;
const SELDOM: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::super::round::Round;
    use super::super::{Baseline, Dual, Lonely, Mode, Sample};
    use super::*;

    const SIZE: u64 = 1000;
    const ONE_IN_TWENTY: u64 = (1 << 16) / 20;

    #[test]
    fn a_link_that_loses_less_of_less_is_found_out_and_a_lossy_one_is_confirmed() {
        assert_eq!(verdict(0), Verdict::Refuted);
        assert_eq!(verdict(2), Verdict::Confirmed);
    }

    #[test]
    fn little_loss_is_not_tried() {
        let mut trial = Trial::new();
        let rounds = (0..100).map(|round| Instant::from_micros(round * 1_000_000));
        for now in rounds {
            trial.on_round(now, &heard(0), MOST_DOUBTED / 2, SIZE);
            assert!(!trial.is_running());
        }
    }

    #[test]
    fn a_lossy_link_is_confirmed_as_soon_as_chance_cannot_refute_it() {
        let mut trial = Trial::new();
        let mut tried = 0;
        for round in 0..100 {
            let now = Instant::from_micros(round * 200_000);
            tried += u32::from(trial.is_running());
            if trial.on_round(now, &heard(5 * SIZE), ONE_IN_TWENTY, SIZE) == Verdict::Confirmed {
                break;
            }
        }
        // Two rounds tell of what was sent before; the next one loses five.
        assert_eq!(tried, 3);
    }

    #[test]
    fn a_trial_that_is_interrupted_keeps_nobody_from_learning() {
        let mut dual = Dual::new(SIZE);
        let now = Instant::from_micros(10_000_000);
        for now in [Instant::from_micros(1), now] {
            dual.trial.on_round(now, &heard(5 * SIZE), ONE_IN_TWENTY, SIZE);
        }
        assert!(dual.trial.is_running());
        (dual.mode, dual.calm, dual.deepest) = (Mode::Cruising, 2, 100_000);
        dual.floor.on_sample(now, 100_000);
        let lost_5 = Heard { low: Some(100_000), time: 100_000, ..heard(5 * SIZE) };

        dual.on_round(now, &Sample::NOTHING, &lost_5);
        assert_eq!(dual.baseline, Baseline::new(), "the trial runs");

        dual.mode = Mode::Sharing { lonely: Lonely::new(), since: now, quiet: true };
        dual.on_round(now, &Sample::NOTHING, &lost_5);
        assert!(dual.baseline.share(SIZE) > 0);
    }

    /// What rounds of a hundred packets show, of which so many are lost.
    fn verdict(lost: u64) -> Verdict {
        let mut trial = Trial::new();
        let rounds = (0..100).map(|round| Instant::from_micros(round * 200_000));
        let verdicts =
            rounds.map(|now| trial.on_round(now, &heard(lost * SIZE), ONE_IN_TWENTY, SIZE));
        verdicts.into_iter().find(|verdict| *verdict != Verdict::None).unwrap()
    }

    fn heard(lost: u64) -> Heard {
        Heard { acked: 100 * SIZE - lost, lost, ..*Round::new().heard() }
    }
}
