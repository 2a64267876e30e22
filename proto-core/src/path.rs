//! One end of a datagram path: packets out, packets in, and what became of them.
//!
//! ```text
//!        send_data, send_have        handle_datagram              stored
//!               |                          |                        |
//!   +-----------v-----------+   +----------v----------+   +---------v--------+
//!   | recovery: in_flight   |<--| opener, seen, frame |-->| acks: what to    |
//!   | rtt loss congestion   | acks                    | pns | tell, and when |
//!   | pacer                 |   +----------+----------+   +---------+--------+
//!   +-----------+-----------+              | source                 |
//!               |               +----------v----------+             |
//!      poll_settled             | routes, prober      |-------------+--> poll_packet, write
//!   Acked / Lost, to the flow   | where to, how long  |
//!                               +---------------------+
//! ```
//!
//! A path knows nothing of files. What it carries is told back as acknowledged or lost, exactly
//! once, and a retransmission is a new packet. After every call that takes `&mut self`: drain
//! `poll_settled` and `poll_event`, send while `can_send`, then `poll_packet` until it is `None`.
//! An idle path needs no timers.
//!
//! Read in this order: `rtt`, `loss`, `in_flight`, `written_off`, `congestion`, `pacer`,
//! `recovery`; `seen`, `acks`; `address`, `probe`; `timers`, `dice`, `stats`; then the machine
//! itself: here, `receive`, `send`, `wake`.

mod acks;
mod address;
pub mod congestion;
mod dice;
mod in_flight;
mod loss;
mod pacer;
mod packet;
mod probe;
mod receive;
mod recovery;
mod rtt;
mod seen;
mod send;
mod stats;
mod timers;
mod wake;
mod written_off;

#[cfg(test)]
mod tests;

use core::fmt;
use core::time::Duration;

pub use address::Address;
pub use loss::{Tolerance, Verdict, detect};
pub use pacer::Pacer;
pub use packet::{Packet, PacketKind};
pub use receive::{Incoming, PacketError, Receipt};
pub use rtt::{GRANULARITY, MAX_ACK_DELAY, Rtt};
pub use stats::Stats;

use acks::Acks;
use address::Routes;
use congestion::{Controller, ControllerKind};
use dice::Dice;
use in_flight::Fate;
use probe::Prober;
use recovery::Recovery;
use seen::Seen;
use send::Answer;
use timers::Timers;

use crate::ids::{ConnectionId, TransferId};
use crate::limits::{BASE_DATAGRAM_LEN, MAX_DATAGRAM_LEN, TAG_LEN};
use crate::secure::{Aead, DatagramKeys, Opener, Role, Sealer};
use crate::shelf::{Inline, Shelves};
use crate::time::Instant;
use crate::wire::frame::{BadFrame, Data, Have};

/// How a path begins.
#[derive(Clone, Debug)]
pub struct PathConfig {
    /// The session's secret, and which end this is.
    pub keys: DatagramKeys,
    /// What the peer writes into its datagrams.
    pub local_cid: ConnectionId,
    /// What goes into ours.
    pub remote_cid: ConnectionId,
    /// Random: challenges and left-out packet numbers are made from it.
    pub entropy: [u8; 16],
    /// Longest datagram that this end sends or can receive; at least [`BASE_DATAGRAM_LEN`].
    pub max_datagram: u16,
    /// How long an acknowledgement may be put off; never more than [`MAX_ACK_DELAY`].
    pub max_ack_delay: Duration,
    /// The host that the control channel comes from, when that has been proven: TCP's handshake
    /// does. Default: `None`, and every address has to answer before it is sent much.
    pub proven_host: Option<[u8; 16]>,
    /// Who decides about the window. Default: the model that gives way to others, if the feature
    /// `dual` is on, else CUBIC.
    pub controller: ControllerKind,
}

impl PathConfig {
    /// A configuration for hosts: the largest datagrams, acknowledgements within 10 ms.
    pub fn new(
        keys: DatagramKeys,
        local_cid: ConnectionId,
        remote_cid: ConnectionId,
        entropy: [u8; 16],
    ) -> Self {
        Self {
            keys,
            local_cid,
            remote_cid,
            entropy,
            max_datagram: u16::MAX,
            max_ack_delay: Duration::from_millis(10),
            proven_host: None,
            controller: ControllerKind::default(),
        }
    }
}

/// What a packet carries: told back when its fate is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Carried {
    /// Of which transfer.
    pub transfer: TransferId,
    /// Where in the file it begins.
    pub offset: u64,
    /// How many bytes.
    pub len: u16,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The peer has stored it.
    Acked(Carried),
    /// It is lost, or the peer could not store it: send it again, in whatever pieces.
    Lost(Carried),
}

/// What the path has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathEvent {
    /// The peer's address is proven, or datagrams may be longer than before.
    Proven {
        /// Length of the longest datagram from now on.
        size: usize,
    },
    /// The peer is at another address.
    Moved {
        /// Where it is now.
        to: Address,
    },
    /// Nobody answers: UDP may be blocked. The path goes on trying while it is needed.
    Unanswered,
    /// The peer lied or talks nonsense: the path is over.
    Broken(Violation),
}

/// How the peer broke the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Violation {
    /// It acknowledged a packet that was not sent yet.
    AckOfUnsent,
    /// It acknowledged a number that was left out on purpose.
    AckOfSkipped,
    /// An authentic datagram held nonsense.
    BadFrame(BadFrame),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AckOfUnsent => f.write_str("a packet was acknowledged that was not sent"),
            Self::AckOfSkipped => f.write_str("a packet was acknowledged that never existed"),
            Self::BadFrame(bad) => bad.fmt(f),
        }
    }
}

impl core::error::Error for Violation {}

/// One end of a path. `WINDOW` bounds the packets on the way; each takes 88 bytes.
#[derive(Clone, Debug)]
pub struct Path<A, const WINDOW: usize, S: Shelves = Inline> {
    sealer: Sealer<A>,
    opener: Opener<A>,
    role: Role,
    local_cid: ConnectionId,
    remote_cid: ConnectionId,
    max_datagram: usize,
    dice: Dice,
    seen: Seen,
    acks: Acks,
    recovery: Recovery<WINDOW, S>,
    routes: Routes,
    prober: Prober,
    /// The one response that waits to be sent.
    answer: Option<Answer>,
    /// The token answered last.
    answered: Option<u64>,
    /// An address that the peer left: it is asked, too, whether it did.
    farewell: Option<Address>,
    have: Option<Have>,
    timers: Timers,
    demand: Demand,
    /// The last `now`.
    clock: Instant,
    news: News,
    over: bool,
    stats: Stats,
}

/// What the path is needed for.
#[derive(Clone, Debug, Default)]
struct Demand {
    /// Data waits to be sent.
    backlogged: bool,
    /// Data is expected, and so many pings were sent since any came.
    expecting: bool,
    silent_pings: u8,
    /// The timers do not know yet.
    stale: bool,
}

/// Events that nobody asked for yet, one of each kind at most.
#[derive(Clone, Debug, Default)]
struct News {
    moved: Option<Address>,
    proven: Option<usize>,
    unanswered: bool,
    broken: Option<Violation>,
}

impl<A: Aead, const WINDOW: usize, S: Shelves> Path<A, WINDOW, S> {
    /// Begins a path; nothing happens before [`open`](Self::open) or the first datagram.
    ///
    /// # Panics
    /// When `max_datagram` is shorter than [`BASE_DATAGRAM_LEN`].
    #[expect(clippy::needless_pass_by_value, reason = "the secret changes hands")]
    pub fn new(config: PathConfig, now: Instant) -> Self {
        let role = config.keys.role();
        let mut dice = Dice::new(config.entropy);
        let max_datagram = usize::from(config.max_datagram).min(MAX_DATAGRAM_LEN);
        assert!(BASE_DATAGRAM_LEN <= max_datagram, "every path carries the base size");
        Self {
            sealer: Sealer::new(&config.keys),
            opener: Opener::new(&config.keys),
            role,
            local_cid: config.local_cid,
            remote_cid: config.remote_cid,
            max_datagram,
            seen: Seen::new(),
            acks: Acks::new(now, config.max_ack_delay),
            recovery: Recovery::new(now, config.controller, dice.throw()),
            routes: Routes::new(role == Role::Server, config.proven_host),
            prober: Prober::new(match role {
                Role::Client => max_datagram,
                Role::Server => BASE_DATAGRAM_LEN,
            }),
            dice,
            answer: None,
            answered: None,
            farewell: None,
            have: None,
            timers: Timers::default(),
            demand: Demand::default(),
            clock: now,
            news: News::default(),
            over: false,
            stats: Stats::default(),
        }
    }

    /// Begins hellos to the peer; a server, which knows no address, waits for the first one.
    pub fn open(&mut self, now: Instant, remote: Option<Address>) {
        self.clock = now;
        if let Some(remote) = remote {
            self.routes.open(remote);
            self.prober.reset();
            self.begin_round(now, false);
        }
    }

    /// Asks the peer's address for proof again: after sleep, or a change of network.
    pub fn revalidate(&mut self, now: Instant) {
        self.clock = now;
        if self.routes.current().is_some() {
            self.prober.forget_round();
            let proven = self.is_proven();
            self.begin_round(now, proven);
        }
    }

    /// Says whether there is data that waits to be sent. Only then pacing asks to be woken.
    pub fn backlogged(&mut self, backlogged: bool) {
        if self.demand.backlogged != backlogged {
            self.demand.backlogged = backlogged;
            if !backlogged {
                self.recovery.on_starved();
            }
        }
    }

    /// Says whether data is expected from the peer. A client that hears nothing then sends a ping
    /// now and then: if its address has changed, its server learns of it only that way.
    pub fn expecting(&mut self, expecting: bool) {
        self.demand.stale |= self.demand.expecting != expecting;
        self.demand.expecting = expecting;
    }

    /// What became of a packet; drain it after every call.
    pub fn poll_settled(&mut self) -> Option<Settled> {
        self.recovery.poll_settled().map(|(fate, carried)| match fate {
            Fate::Acked => Settled::Acked(carried),
            Fate::Lost => Settled::Lost(carried),
        })
    }

    /// What happened.
    pub fn poll_event(&mut self) -> Option<PathEvent> {
        let news = &mut self.news;
        if let Some(to) = news.moved.take() {
            return Some(PathEvent::Moved { to });
        }
        if let Some(size) = news.proven.take() {
            return Some(PathEvent::Proven { size });
        }
        if core::mem::take(&mut news.unanswered) {
            return Some(PathEvent::Unanswered);
        }
        news.broken.take().map(PathEvent::Broken)
    }

    /// Whether the peer's address has proven to be the peer's.
    pub fn is_proven(&self) -> bool {
        self.routes.current().is_some_and(address::Route::is_proven)
    }

    /// Whether the path is over.
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// Where the peer is.
    pub fn remote(&self) -> Option<Address> {
        self.routes.current().map(|route| route.to)
    }

    /// Length of a whole datagram, now.
    pub const fn datagram_len(&self) -> usize {
        self.prober.size()
    }

    /// Most bytes in a datagram, now, of a transfer's file of `size` bytes: the same for all of its
    /// offsets.
    pub const fn payload_len(&self, transfer: TransferId, size: u64) -> usize {
        let header = self.recovery.header().size() + Data::header_len(transfer, size);
        self.prober.size() - header - TAG_LEN
    }

    /// What was counted.
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The round trip as measured.
    pub const fn rtt(&self) -> &Rtt {
        self.recovery.rtt()
    }

    /// Who decides how much may be on the way.
    pub const fn controller(&self) -> &Controller {
        self.recovery.controller()
    }

    /// Most bytes on the way.
    pub fn window(&self) -> u64 {
        self.recovery.window()
    }

    /// Bytes on the way.
    pub const fn in_flight(&self) -> u64 {
        self.recovery.in_flight()
    }

    /// Packets on the way.
    pub const fn packets_in_flight(&self) -> usize {
        self.recovery.packets_in_flight()
    }

    fn end(&mut self, why: Violation) {
        self.over = true;
        self.news.broken = Some(why);
        self.timers = Timers::default();
    }
}
