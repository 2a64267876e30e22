//! The flow of a host or of a device: the same machine with much room or little.

use proto_core::flow::{
    Arrival, Busy, Flow, FlowConfig, FlowOutput, Misbehaviour, Percent, Receipt,
};
use proto_core::ids::{Digest, Stamp, TransferId};
use proto_core::path::{Address, Packet, PacketError, PathConfig};
use proto_core::text::FileName;
use proto_core::time::{Duration, Instant};
use proto_core::wire::{AbortReason, ByteRange, Held, Transfer};

use crate::witness::Witness;

/// Most transfers of a session at once, on a host and on a device.
pub const TRANSFERS: usize = 4;

/// A flow.
#[derive(Debug)]
pub enum Machine {
    /// 256 packets on the way, 64 holes in what arrived.
    Host(Box<Flow<Witness, 256, 64, TRANSFERS>>),
    /// 16 packets on the way, 8 holes in what arrived.
    Device(Box<Flow<Witness, 16, 8, TRANSFERS>>),
}

/// Does the same with whichever flow it is.
macro_rules! with {
    ($machine:expr, $flow:ident => $act:expr) => {
        match $machine {
            Machine::Host($flow) => $act,
            Machine::Device($flow) => $act,
        }
    };
}

/// What a path has on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flying {
    /// Packets.
    pub packets: usize,
    /// Most packets.
    pub capacity: usize,
    /// Bytes.
    pub bytes: u64,
    /// Most bytes.
    pub window: u64,
}

impl Machine {
    /// Makes a host's machine for a new session.
    pub fn host(now: Instant, path: PathConfig, confirm_at: Option<u8>) -> Self {
        let confirm_at = confirm_at.and_then(Percent::new);
        Self::Host(Box::new(Flow::new(FlowConfig { path, confirm_at }, now)))
    }

    /// Makes a device's machine for a new session: short datagrams, slow acknowledgements.
    pub fn device(now: Instant, mut path: PathConfig) -> Self {
        path.max_datagram = 1452;
        path.max_ack_delay = Duration::from_millis(25);
        Self::Device(Box::new(Flow::new(FlowConfig { path, confirm_at: None }, now)))
    }

    pub(crate) fn open(&mut self, now: Instant, remote: Option<Address>) {
        with!(self, flow => flow.open(now, remote));
    }

    pub(crate) fn get(
        &mut self,
        now: Instant,
        id: TransferId,
        name: &FileName,
        held: Option<&Held>,
        set: bool,
    ) -> Result<(), Busy> {
        with!(self, flow => flow.get(now, id, name, held, set, false))
    }

    pub(crate) fn put(
        &mut self,
        now: Instant,
        id: TransferId,
        name: &FileName,
        file: (u64, Stamp),
        hold: bool,
    ) -> Result<(), Busy> {
        with!(self, flow => flow.put(now, id, name, file.0, file.1, hold))
    }

    pub(crate) fn hold(&mut self, now: Instant, id: TransferId, set: bool) {
        with!(self, flow => flow.hold(now, id, set));
    }

    pub(crate) fn confirm(&mut self, now: Instant, id: TransferId) {
        with!(self, flow => flow.confirm(now, id));
    }

    pub(crate) fn offer(&mut self, now: Instant, id: TransferId, size: u64, stamp: Stamp) {
        with!(self, flow => flow.offer(now, id, size, stamp));
    }

    pub(crate) fn digest(&mut self, now: Instant, id: TransferId, digest: Digest) {
        with!(self, flow => flow.digest(now, id, digest));
    }

    pub(crate) fn accept(&mut self, now: Instant, id: TransferId, held: &[ByteRange]) {
        with!(self, flow => flow.accept(now, id, held));
    }

    pub(crate) fn prepared(&mut self, now: Instant, id: TransferId, held: &[ByteRange]) {
        with!(self, flow => flow.prepared(now, id, held));
    }

    pub(crate) fn verified(&mut self, now: Instant, id: TransferId) {
        with!(self, flow => flow.verified(now, id));
    }

    pub(crate) fn abort(&mut self, now: Instant, id: TransferId, why: AbortReason) {
        with!(self, flow => flow.abort(now, id, why));
    }

    pub(crate) fn stored(&mut self, now: Instant, receipt: Receipt) {
        with!(self, flow => flow.stored(now, receipt));
    }

    pub(crate) fn handle_message(
        &mut self,
        now: Instant,
        message: &Transfer,
    ) -> Result<(), Misbehaviour> {
        with!(self, flow => flow.handle_message(now, message))
    }

    pub(crate) fn handle_datagram<'d>(
        &mut self,
        now: Instant,
        from: Address,
        datagram: &'d mut [u8],
    ) -> Result<Arrival<'d>, PacketError> {
        with!(self, flow => flow.handle_datagram(now, from, datagram))
    }

    pub(crate) fn poll_output(&mut self, now: Instant) -> FlowOutput {
        with!(self, flow => flow.poll_output(now))
    }

    pub(crate) fn write(&mut self, packet: &Packet, datagram: &mut [u8]) -> usize {
        with!(self, flow => flow.write(packet, datagram))
    }

    pub(crate) fn held(&self, id: TransferId) -> Vec<ByteRange> {
        with!(self, flow => flow.held(id).into_iter().collect())
    }

    pub(crate) fn flying(&self) -> Flying {
        let capacity = match self {
            Self::Host(_) => 256,
            Self::Device(_) => 16,
        };
        with!(self, flow => Flying {
            packets: flow.path().packets_in_flight(),
            capacity,
            bytes: flow.path().in_flight(),
            window: flow.path().window(),
        })
    }
}
