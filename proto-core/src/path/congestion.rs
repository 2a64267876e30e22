//! How many bytes may be on the way: one small enum of controllers, driven by samples.
//!
//! Controllers see what the path measured and answer with a window. They know nothing of packets,
//! files or sockets, so that a laboratory can drive them alone.

mod cbrt;
mod cubic;
mod hystart;

use core::time::Duration;

pub use cubic::Cubic;

use crate::time::Instant;

/// What one acknowledgement taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Bytes that it acknowledged for the first time.
    pub acked: u64,
    /// Bytes that were given up because of it.
    pub lost: u64,
    /// Bytes that were on the way before it.
    pub in_flight: u64,
    /// Bytes delivered while the newest acknowledged packet was on the way…
    pub delivered: u64,
    /// …and how long that took; zero when it cannot be told.
    pub interval: Duration,
    /// Whether the sender had run out of data when that packet left.
    pub app_limited: bool,
    /// The round trip it measured, the peer's delay not taken off; `None` when it was ambiguous.
    pub rtt: Option<Duration>,
    /// The smallest round trip of this route.
    pub min_rtt: Duration,
    /// The smoothed round trip.
    pub smoothed_rtt: Duration,
    /// When the newest acknowledged packet was sent.
    pub sent_at: Instant,
    /// Its number.
    pub newest: u64,
    /// The number that the next packet will have: rounds are counted by it.
    pub next: u64,
}

/// What was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// How many bytes.
    pub bytes: u64,
    /// When the newest of those packets was sent.
    pub sent_at: Instant,
    /// Whether nothing at all arrived for several round trips (RFC 9002 section 7.6).
    pub persistent: bool,
}

/// Which controller to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ControllerKind {
    /// RFC 9438 with `HyStart++`.
    #[default]
    Cubic,
}

/// A congestion controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Controller {
    /// RFC 9438 with `HyStart++`.
    Cubic(Cubic),
}

impl Controller {
    /// Begins a controller for datagrams of this size.
    pub fn new(kind: ControllerKind, size: usize) -> Self {
        match kind {
            ControllerKind::Cubic => Self::Cubic(Cubic::new(size as u64)),
        }
    }

    /// The datagrams' size changed.
    pub fn on_size(&mut self, size: usize) {
        match self {
            Self::Cubic(cubic) => cubic.on_size(size as u64),
        }
    }

    /// A packet leaves; `in_flight` counts it not yet.
    pub fn on_sent(&mut self, now: Instant, in_flight: u64) {
        match self {
            Self::Cubic(cubic) => cubic.on_sent(now, in_flight),
        }
    }

    /// Something was acknowledged.
    pub fn on_ack(&mut self, now: Instant, sample: &Sample) {
        match self {
            Self::Cubic(cubic) => cubic.on_ack(now, sample),
        }
    }

    /// Something was given up. Returns whether the window was cut, so that a new episode begins.
    pub fn on_loss(&mut self, now: Instant, loss: &Loss) -> bool {
        match self {
            Self::Cubic(cubic) => cubic.on_loss(now, loss),
        }
    }

    /// Nothing of what led to the last cut was lost: take it back.
    pub fn undo(&mut self) {
        match self {
            Self::Cubic(cubic) => cubic.undo(),
        }
    }

    /// Most bytes on the way.
    pub const fn window(&self) -> u64 {
        match self {
            Self::Cubic(cubic) => cubic.window(),
        }
    }

    /// Whether the window still doubles every round trip.
    pub const fn is_starting(&self) -> bool {
        match self {
            Self::Cubic(cubic) => cubic.is_starting(),
        }
    }
}
