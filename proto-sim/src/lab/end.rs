//! One end of a path that sends a file without end, or stores one.
//!
//! Its program does not run at once when something arrives or a timer fires: it is given the
//! processor a little late, now and then ten times as late.

use std::collections::VecDeque;

use proto_core::ids::{ConnectionId, TransferId};
use proto_core::path::congestion::ControllerKind;
use proto_core::path::{Address, Carried, Incoming, Packet, Path, PathConfig, Settled};
use proto_core::secure::{DatagramKeys, Role, Suite};
use proto_core::time::{Duration, Instant, micros};

use super::plain::Plain;
use crate::rng::{Chance, Rng};

/// As many packets on the way as a host's program allows.
const WINDOW: usize = 8192;

/// One end.
pub(super) struct End {
    path: Box<Path<Plain, WINDOW>>,
    /// Whether it is the source.
    sends: bool,
    inbox: VecDeque<Vec<u8>>,
    /// When it runs next, once there is a reason to.
    runs_at: Option<Instant>,
    late: Duration,
    rng: Rng,
    offset: u64,
    /// Bytes of file acknowledged, or stored.
    pub(super) done: u64,
}

impl End {
    /// Makes a client that sends, or a server that stores, and that is so late at most.
    pub(super) fn new(
        now: Instant,
        flow: u16,
        sends: bool,
        controller: ControllerKind,
        late: Duration,
    ) -> Self {
        let role = if sends { Role::Client } else { Role::Server };
        let keys = DatagramKeys::new(Suite::ChaCha20Poly1305, [7; 32], role);
        let (local, remote) =
            (ConnectionId::new(2 * flow + u16::from(sends)), 2 * flow + u16::from(!sends));
        let mut config =
            PathConfig::new(keys, local, ConnectionId::new(remote), [flow.to_le_bytes()[0]; 16]);
        config.max_datagram = 1452;
        config.controller = controller;
        let mut path = Box::new(Path::new(config, now));
        path.open(now, sends.then_some(SERVER));
        let rng = Rng::new(u64::from(2 * flow + u16::from(sends)));
        let (inbox, runs_at) = (VecDeque::new(), Some(now));
        Self { path, sends, inbox, runs_at, late, rng, offset: 0, done: 0 }
    }

    /// A datagram arrives.
    pub(super) fn arrive(&mut self, datagram: Vec<u8>) {
        self.inbox.push_back(datagram);
    }

    /// When something is to be done; at once if something has arrived.
    pub(super) fn next(&mut self, now: Instant) -> Option<Instant> {
        if self.runs_at.is_none() {
            let timeout = self.path.next_timeout();
            let wanted = if self.inbox.is_empty() { timeout? } else { now };
            if now < wanted {
                return Some(wanted);
            }
            self.runs_at = Some(now + self.lateness());
        }
        self.runs_at
    }

    /// Takes in what has arrived, if it is given the processor; says whether it is.
    pub(super) fn run(&mut self, now: Instant) -> bool {
        if self.next(now).is_none_or(|at| now < at) {
            return false;
        }
        self.runs_at = None;
        while let Some(mut datagram) = self.inbox.pop_front() {
            self.hear(now, &mut datagram);
        }
        if self.path.next_timeout().is_some_and(|at| at <= now) {
            self.path.handle_timeout(now);
        }
        true
    }

    fn lateness(&mut self) -> Duration {
        let most = micros(self.late);
        let most = if self.rng.happens(Chance::percent(1)) { 10 * most } else { most };
        Duration::from_micros(self.rng.below(most + 1))
    }

    /// Writes the next datagram to send into `datagram` and returns its length.
    pub(super) fn poll(&mut self, now: Instant, datagram: &mut [u8]) -> Option<usize> {
        while let Some(settled) = self.path.poll_settled() {
            if let Settled::Acked(carried) = settled {
                self.done += u64::from(carried.len);
            }
        }
        while self.path.poll_event().is_some() {}
        self.path.backlogged(self.sends);
        self.path.expecting(!self.sends);
        let packet = self.packet(now)?;
        Some(self.path.write(&packet, datagram))
    }

    fn packet(&mut self, now: Instant) -> Option<Packet> {
        if let Some(packet) = self.path.poll_packet(now) {
            return Some(packet);
        }
        if !self.sends || !self.path.can_send(now) {
            return None;
        }
        // What was lost is not sent again: to a controller, all bytes are the same.
        let transfer = TransferId(1);
        let len = self.path.payload_len(transfer, 0);
        let len = u16::try_from(len).expect("datagrams are short here");
        let carried = Carried { transfer, offset: self.offset, len };
        self.offset += u64::from(len);
        Some(self.path.send_data(now, carried))
    }

    fn hear(&mut self, now: Instant, datagram: &mut [u8]) {
        let from = if self.sends { SERVER } else { CLIENT };
        let incoming = self.path.handle_datagram(now, from, datagram);
        if let Ok(Incoming::Data { bytes, receipt, .. }) = incoming {
            self.done += bytes.len() as u64;
            self.path.stored(now, receipt);
        }
    }

    /// Datagrams sent, and their bytes.
    pub(super) fn sent(&self) -> u64 {
        self.path.stats().bytes_sent
    }

    /// What is known of the controller, for a trace.
    pub(super) fn tell(&self) -> String {
        let path = &self.path;
        format!(
            "window {} in flight {} srtt {:?} min {:?} {:?}",
            path.window(),
            path.in_flight(),
            path.rtt().smoothed(),
            path.rtt().min(),
            path.controller()
        )
    }
}

const CLIENT: Address = Address::v4([192, 0, 2, 1], 4000);
const SERVER: Address = Address::v4([192, 0, 2, 99], 50_000);
