//! What a flow gives out, and what it takes back.

use super::FlowEvent;
use super::table::Number;
use crate::ids::TransferId;
use crate::path::{self, Packet};
use crate::time::Instant;
use crate::wire::{ByteRange, Transfer};

/// What the driver is to do.
#[expect(clippy::large_enum_variant, reason = "there is no allocator, so no box")]
#[derive(Debug)]
pub enum FlowOutput {
    /// Read the file's bytes from the place into the datagram at
    /// [`payload_range`](Packet::payload_range), then `write` the packet and send it.
    Data(Packet, DataPlace),
    /// `write` the packet and send it.
    Packet(Packet),
    /// Say this on the control channel.
    Message(Transfer),
    /// Take note.
    Event(FlowEvent),
    /// Nothing before that time, unless something else happens.
    Wait(Instant),
    /// Nothing, unless something else happens.
    Idle,
}

/// Where the bytes of a packet are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataPlace {
    /// Of which transfer's file.
    pub id: TransferId,
    /// From which byte on.
    pub offset: u64,
}

/// What a datagram was.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrival<'d> {
    /// Nothing to do but to poll.
    Handled,
    /// Write these bytes at their place, then pass the receipt to `stored`. When they cannot be
    /// written, `abort` the transfer and forget the receipt.
    Chunk {
        /// Of which transfer's file.
        id: TransferId,
        /// From which byte on.
        offset: u64,
        /// The bytes.
        bytes: &'d [u8],
        /// For `stored`.
        receipt: Receipt,
    },
}

/// Stands for bytes that are being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub(super) number: Number,
    pub(super) range: ByteRange,
    pub(super) packet: path::Receipt,
}
