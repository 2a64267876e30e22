//! The servo: keeps a small queue by sending a little more or a little less than arrives.
//!
//! With a round trip R, a queue of q and a link that holds B packets, it sends
//! `1 + 3/(16 sqrt B) - q/(2R)` times what arrives: q settles at 3/8 of sqrt B packets. Flows that
//! share the link see the same q, so that the smaller one gains (FAST TCP; Copa). While the queue
//! stays empty and more arrives each time, the growth doubles, up to a quarter a round.

use super::Rate;
use super::cruise::MANY;

/// What the servo remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Servo {
    /// Rounds in a row in which the queue was empty.
    empty: u8,
    /// The rate when the growth was last judged.
    mark: Rate,
    /// Rounds until it may double again, and how many it will be next time.
    pause: u8,
    next_pause: u8,
}

/// What is done about a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Action {
    /// 1024ths of what arrives that are to be sent.
    pub(super) gain: u64,
    /// Whether there is a queue, so that what arrives is what the link delivers.
    pub(super) stands: bool,
    /// Whether the link has room for far more: the fastest growth brought what it promised.
    pub(super) far: bool,
}

impl Action {
    /// Less is sent on purpose: nothing is learnt from the queue.
    pub(super) const NONE: Self = Self { gain: 1024, stands: false, far: false };
}

impl Servo {
    pub(super) const fn new() -> Self {
        Self { empty: 0, mark: Rate::ZERO, pause: 0, next_pause: PAUSE }
    }

    /// The growth, in 1024ths a round, of a flow that has so many packets on a link that holds
    /// `most`, and whose queue overflows at `full_at`.
    pub(super) fn growth(packets: u64, most: u64, floor: u64, full_at: u64) -> u64 {
        let root = |packets: u64| packets.isqrt().max(1);
        // Alone, the queue shall settle at a quarter of where it overflows.
        let shallow = BRAKE / 4 * full_at.min(1 << 40) / floor.max(1);
        let alone = (GROWTH / root(most)).min(shallow);
        (alone * root(most) / root(packets)).clamp(MIN_GROWTH, GROWTH)
    }

    /// The queue at which it settles, in microseconds.
    pub(super) fn target(growth: u64, floor: u64) -> u64 {
        floor * growth / BRAKE
    }

    /// A round is over, in which so much arrived and the shortest wait was `queue`. A round that
    /// lasted several round trips changes the queue so many times as much: `trips` says how many.
    pub(super) fn on_round(
        &mut self,
        queue: u64,
        floor: u64,
        growth: u64,
        rate: Rate,
        trips: u64,
    ) -> Action {
        let stands = 2 * queue > Self::target(growth, floor);
        // In many round trips what was done shows before the round is over: the whole queue may go.
        let brake = if trips >= MANY { 2 * BRAKE } else { BRAKE };
        let less = (brake * queue / floor.max(1) / trips).min(MOST_LESS + growth);
        let growth = (growth / trips).max(1);
        let before = self.mark;
        let more = if stands { self.settle() } else { self.grow(growth, rate) };
        let far = more == MOST_MORE && self.mark > before.times(1024 + MOST_MORE / 2);
        Action { gain: 1024 + more.max(growth) - less, stands, far: far && !before.is_zero() }
    }

    /// Too much was lost: grows slowly for a while.
    pub(super) fn on_cut(&mut self) {
        self.settle();
        self.pause = MAX_PAUSE;
    }

    fn settle(&mut self) -> u64 {
        (self.empty, self.pause, self.next_pause) = (0, 0, PAUSE);
        0
    }

    fn grow(&mut self, growth: u64, rate: Rate) -> u64 {
        if self.pause > 0 {
            self.pause -= 1;
            (self.empty, self.mark) = (0, rate);
            return 0;
        }
        let gain = (growth << (self.empty / 2).min(8)).min(MOST_MORE);
        // What is sent in one round arrives in the next: judge every second one.
        if self.empty > 0 && self.empty.is_multiple_of(2) {
            if rate < self.mark.times(1024 + gain / 4) && gain > growth {
                (self.empty, self.pause) = (0, self.next_pause);
                self.next_pause = self.next_pause.saturating_mul(2).min(MAX_PAUSE);
                return 0;
            }
            self.mark = rate;
        }
        if self.empty == 0 {
            self.mark = rate;
        }
        self.empty = self.empty.saturating_add(1);
        gain
    }
}

/// Growth of a link that holds one packet. With the brake it makes the queue, 3/8 of the root of
/// what the link holds: a longer one waits, a shorter one is empty now and then, and the link idle.
const GROWTH: u64 = 192;
/// What a queue as long as the round trip takes off: half of it a round, so that what is seen a
/// round trip late is not corrected twice.
const BRAKE: u64 = 512;
/// Slowest growth, in 1024ths a round: less could not be told from rounding.
const MIN_GROWTH: u64 = 4;
/// Fastest growth, and most that is given way a round: a quarter more is what BBR probes with
/// (draft-ietf-ccwg-bbr, `ProbeBW_UP`), half of it is given way: a guest gains slowly.
const MOST_MORE: u64 = 256;
const MOST_LESS: u64 = 128;
/// Rounds to wait after growth that brought nothing, at first and at most: how soon new room is
/// found against how often a full link is tried.
const PAUSE: u8 = 8;
const MAX_PAUSE: u8 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const FLOOR: u64 = 100_000;

    fn rate(kilobytes: u64) -> Rate {
        Rate::over(kilobytes * 1000, 1_000_000)
    }

    #[test]
    fn the_smaller_flow_grows_faster() {
        let [small, large] = [16, 64].map(|packets| Servo::growth(packets, 100, FLOOR, u64::MAX));
        assert!(2 * large <= small, "{small} {large}");
    }

    #[test]
    fn at_its_target_a_queue_neither_grows_nor_shrinks() {
        let growth = Servo::growth(64, 64, FLOOR, u64::MAX);
        let target = Servo::target(growth, FLOOR);
        let mut servo = Servo::new();
        let action = servo.on_round(target, FLOOR, growth, rate(1000), 1);
        assert!(action.gain.abs_diff(1024) <= 1, "{action:?}");
        assert!(action.stands);
        assert!(servo.on_round(4 * target, FLOOR, growth, rate(1000), 1).gain < 1024);
    }

    #[test]
    fn a_round_of_ten_round_trips_grows_a_tenth_as_much_and_takes_the_whole_queue() {
        let growth = Servo::growth(64, 64, FLOOR, u64::MAX);
        let change = |queue, trips| {
            Servo::new().on_round(queue, FLOOR, growth, rate(1000), trips).gain.abs_diff(1024)
        };
        assert!((8..=13).contains(&(change(0, 1) / change(0, 10))));
        assert!((60..=65).contains(&(change(FLOOR / 8, 1) + growth)), "half of an eighth");
        let all_of_it = 10 * (change(FLOOR / 2, 10) + growth / 10);
        assert!((500..=513).contains(&all_of_it), "{all_of_it} of 1024");
    }

    #[test]
    fn a_queue_that_overflows_early_is_kept_far_shorter() {
        let full_at = 10_000;
        let growth = Servo::growth(64, 64, FLOOR, full_at);
        assert!(Servo::target(growth, FLOOR) <= full_at / 4);
    }

    #[test]
    fn growth_doubles_while_it_brings_more_and_rests_when_it_does_not() {
        let growth = Servo::growth(64, 64, FLOOR, u64::MAX);
        let (mut servo, mut now) = (Servo::new(), 1000);
        let mut gains = [0; 12];
        for gain in &mut gains {
            *gain = servo.on_round(0, FLOOR, growth, rate(now), 1).gain;
            now = now * *gain / 1024;
        }
        assert!(gains.is_sorted());
        assert_eq!(gains[11], 1024 + MOST_MORE);

        let flat = (0..3).map(|_| servo.on_round(0, FLOOR, growth, rate(now), 1).gain).last();
        assert_eq!(flat, Some(1024 + growth));
    }
}
