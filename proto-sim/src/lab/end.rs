//! One end of a path that sends a file without end, or stores one.

use proto_core::ids::{ConnectionId, TransferId};
use proto_core::path::congestion::ControllerKind;
use proto_core::path::{Address, Carried, Incoming, Packet, Path, PathConfig, Settled};
use proto_core::secure::{DatagramKeys, Role, Suite};
use proto_core::time::Instant;

use super::plain::Plain;

/// As many packets on the way as a host's program allows.
const WINDOW: usize = 8192;

/// One end.
pub(super) struct End {
    path: Box<Path<Plain, WINDOW>>,
    /// Whether it is the source.
    sends: bool,
    offset: u64,
    /// Bytes of file acknowledged, or stored.
    pub(super) done: u64,
}

impl End {
    /// Makes a client that sends, or a server that stores.
    pub(super) fn new(now: Instant, flow: u32, sends: bool, controller: ControllerKind) -> Self {
        let role = if sends { Role::Client } else { Role::Server };
        let keys = DatagramKeys::new(Suite::ChaCha20Poly1305, [7; 32], role);
        let (local, remote) =
            (ConnectionId(2 * flow + u32::from(sends)), 2 * flow + u32::from(!sends));
        let mut config =
            PathConfig::new(keys, local, ConnectionId(remote), [flow.to_le_bytes()[0]; 16]);
        config.max_datagram = 1452;
        config.controller = controller;
        let mut path = Box::new(Path::new(config, now));
        path.open(now, sends.then_some(SERVER));
        Self { path, sends, offset: 0, done: 0 }
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
        let packet = self.next(now)?;
        Some(self.path.write(&packet, datagram))
    }

    fn next(&mut self, now: Instant) -> Option<Packet> {
        if let Some(packet) = self.path.poll_packet(now) {
            return Some(packet);
        }
        if !self.sends || !self.path.can_send(now) {
            return None;
        }
        // What was lost is not sent again: to a controller, all bytes are the same.
        let len = u16::try_from(self.path.payload_len()).expect("datagrams are short here");
        let carried = Carried { transfer: TransferId(1), offset: self.offset, len };
        self.offset += u64::from(len);
        Some(self.path.send_data(now, carried))
    }

    /// Takes a datagram in.
    pub(super) fn hear(&mut self, now: Instant, datagram: &mut [u8]) {
        let from = if self.sends { SERVER } else { CLIENT };
        let incoming = self.path.handle_datagram(now, from, datagram);
        if let Ok(Incoming::Data { bytes, receipt, .. }) = incoming {
            self.done += bytes.len() as u64;
            self.path.stored(now, receipt);
        }
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.path.next_timeout()
    }

    pub(super) fn wake(&mut self, now: Instant) {
        if self.path.next_timeout().is_some_and(|at| at <= now) {
            self.path.handle_timeout(now);
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
