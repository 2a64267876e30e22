//! How many bytes may be on the way: one small enum of controllers, driven by samples.
//!
//! Controllers see what the path measured and answer with a window. They know nothing of packets,
//! files or sockets, so that a laboratory can drive them alone. Without the feature `dual` there is
//! only CUBIC.

mod cbrt;
mod cubic;
#[cfg(feature = "dual")]
mod dual;
mod hystart;

use core::time::Duration;

pub use cubic::Cubic;
#[cfg(feature = "dual")]
pub use dual::Dual;

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
    /// The round trip it measured, the peer's delay not taken off; `None` when it was ambiguous
    /// or a short packet's.
    pub rtt: Option<Duration>,
    /// How long the peer says that it put the acknowledgement off.
    pub delay: Duration,
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

#[cfg(test)]
impl Sample {
    /// An acknowledgement on a way of 100 ms that taught nothing: what tests begin with.
    const NOTHING: Self = Self {
        acked: 0,
        lost: 0,
        in_flight: 0,
        delivered: 0,
        interval: Duration::ZERO,
        app_limited: false,
        rtt: None,
        delay: Duration::ZERO,
        min_rtt: Duration::from_millis(100),
        smoothed_rtt: Duration::from_millis(100),
        sent_at: Instant::ZERO,
        newest: 0,
        next: 0,
    };
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
    #[cfg_attr(not(feature = "dual"), default)]
    Cubic,
    /// A model of the link, and CUBIC where somebody else needs it.
    #[cfg(feature = "dual")]
    #[default]
    Dual,
}

/// A congestion controller.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "dual",
    expect(clippy::large_enum_variant, reason = "there is one a path, and no allocator")
)]
pub enum Controller {
    /// RFC 9438 with `HyStart++`.
    Cubic(Cubic),
    /// A model of the link, and CUBIC where somebody else needs it.
    #[cfg(feature = "dual")]
    Dual(Dual),
}

/// Asks whichever controller it is.
macro_rules! ask {
    ($controller:expr, $one:ident => $answer:expr) => {
        match $controller {
            Self::Cubic($one) => $answer,
            #[cfg(feature = "dual")]
            Self::Dual($one) => $answer,
        }
    };
}

impl Controller {
    /// Begins a controller for datagrams of this size.
    pub const fn new(kind: ControllerKind, size: usize) -> Self {
        match kind {
            ControllerKind::Cubic => Self::Cubic(Cubic::new(size as u64)),
            #[cfg(feature = "dual")]
            ControllerKind::Dual => Self::Dual(Dual::new(size as u64)),
        }
    }

    /// The datagrams' size changed.
    pub fn on_size(&mut self, size: usize) {
        ask!(self, it => it.on_size(size as u64));
    }

    /// A packet leaves; `in_flight` counts it not yet.
    pub fn on_sent(&mut self, now: Instant, in_flight: u64) {
        ask!(self, it => it.on_sent(now, in_flight));
    }

    /// Something was acknowledged.
    pub fn on_ack(&mut self, now: Instant, sample: &Sample) {
        ask!(self, it => it.on_ack(now, sample));
    }

    /// Something was given up. Returns whether the window was cut, so that a new episode begins.
    pub fn on_loss(&mut self, now: Instant, loss: &Loss) -> bool {
        ask!(self, it => it.on_loss(now, loss))
    }

    /// Nothing of what led to the last cut was lost: take it back.
    pub fn undo(&mut self) {
        ask!(self, it => it.undo());
    }

    /// Most bytes on the way.
    pub fn window(&self) -> u64 {
        ask!(self, it => it.window())
    }

    /// Bytes a second to send at this round trip; `None` if the window is to be spread over it.
    pub fn pacing_rate(&self, rtt: Duration) -> Option<u64> {
        ask!(self, it => it.pacing_rate(rtt))
    }

    /// Whether the window still doubles every round trip.
    pub const fn is_starting(&self) -> bool {
        ask!(self, it => it.is_starting())
    }
}
