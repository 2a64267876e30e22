//! How much may be on the way, and how fast it leaves.

use core::time::Duration;

use super::rate::Rate;
use super::{Dual, LATE, MIN_PACKETS, Mode, UNITY};
use crate::time::micros;

impl Dual {
    /// Most bytes on the way.
    pub fn window(&self) -> u64 {
        let least = MIN_PACKETS * self.size;
        let held = self.held();
        match self.mode {
            Mode::Starting(start) => {
                // More than a train told of would only queue.
                let most = start.told().map_or(u64::MAX, |told| {
                    told.before_loss(self.baseline.share(self.size))
                        .times(ROOM)
                        .within(self.floor() + LATE)
                });
                (2 * held).min(most).max(start.packets() * self.size)
            }
            // What is lost is on the way until that is known, and acknowledgements come late.
            Mode::Draining(_) | Mode::Cruising => (2 * held + self.gross().within(LATE)).max(least),
            Mode::Ebbing(ebb) => (self.rate.within(self.floor()) * ebb.depth / 8).max(least),
            Mode::Sharing { .. } | Mode::Short => self.cubic.window(),
        }
    }

    /// Bytes a second to send at this round trip; `None` if the window says it.
    pub fn pacing_rate(&self, rtt: Duration) -> Option<u64> {
        let rate = match self.mode {
            Mode::Starting(start) if self.rate.is_zero() => {
                Rate::over(2 * start.packets() * self.size, micros(rtt))
            }
            Mode::Starting(start) => {
                let fast = self.gross().times(START_GAIN);
                start.told().map_or(fast, |told| fast.min(told.times(TOLD_GAIN)))
            }
            Mode::Draining(_) => self.gross().times(UNITY / 2),
            Mode::Cruising | Mode::Ebbing(_) => self.gross().times(self.gain),
            Mode::Sharing { .. } | Mode::Short => return None,
        };
        // Whatever was measured, the smallest window keeps the measuring going.
        let least = Rate::over(MIN_PACKETS * self.size, micros(rtt));
        Some(rate.max(least).bytes().max(1))
    }

    /// Whether the rate is still looked for.
    pub const fn is_starting(&self) -> bool {
        match self.mode {
            Mode::Starting(_) => true,
            Mode::Draining(_) | Mode::Cruising | Mode::Ebbing(_) => false,
            Mode::Sharing { .. } | Mode::Short => self.cubic.is_starting(),
        }
    }

    /// What must be sent for the rate to arrive.
    pub(super) fn gross(&self) -> Rate {
        self.rate.before_loss(self.baseline.share(self.size))
    }

    /// What the empty link holds.
    pub(super) fn held(&self) -> u64 {
        self.gross().within(self.floor())
    }
}

/// What is sent at the start: 2.77 times what arrives (draft-ietf-ccwg-bbr section 5.3.1).
const START_GAIN: u64 = 2836;
/// What is sent at the start once a train has told of the bottleneck, at most.
const TOLD_GAIN: u64 = 1280;
/// What a train told of that may be on the way at the start, in 1024ths.
const ROOM: u64 = 1152;
