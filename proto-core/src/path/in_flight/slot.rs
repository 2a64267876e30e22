//! A packet on the way, and how its fate becomes known.

use crate::path::Carried;
use crate::time::Instant;

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::path) enum Fate {
    Acked,
    Lost,
}

/// One packet on the way.
#[derive(Clone, Copy, Debug)]
pub(in crate::path) struct Sent {
    pub(in crate::path) number: u64,
    pub(in crate::path) at: Instant,
    /// Length of the whole datagram.
    pub(in crate::path) len: u16,
    /// The file bytes in it; `None` for a ping.
    pub(in crate::path) carried: Option<Carried>,
    pub(in crate::path) rate: Rate,
}

/// What had been delivered when a packet left: the beginning of a rate sample.
#[derive(Clone, Copy, Debug)]
pub(in crate::path) struct Rate {
    pub(in crate::path) delivered: u64,
    pub(in crate::path) delivered_at: Instant,
    pub(in crate::path) first_sent_at: Instant,
    pub(in crate::path) app_limited: bool,
}

/// A packet and how far its story is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) sent: Sent,
    pub(super) state: State,
    /// Once settled: at least so many slots from this one on are settled.
    pub(super) run: u16,
    /// While its fate is to be told: the slot to tell next.
    pub(super) next: u16,
}

//   OnTheWay --ack--> Acked --told--> Told --at the front--> (free)
//       \------lost--> Lost --told----/
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    OnTheWay,
    Acked,
    Lost,
    Told,
}

impl Slot {
    #[cfg(test)]
    pub(super) const EMPTY: Self = Self {
        sent: Sent {
            number: 0,
            at: Instant::ZERO,
            len: 0,
            carried: None,
            rate: Rate {
                delivered: 0,
                delivered_at: Instant::ZERO,
                first_sent_at: Instant::ZERO,
                app_limited: false,
            },
        },
        state: State::Told,
        run: 0,
        next: NONE,
    };
}

/// No slot.
pub(super) const NONE: u16 = u16::MAX;
