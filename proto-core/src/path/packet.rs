//! A packet about to be written: its number is taken, its bytes are not sealed yet.

use core::ops::Range;
use core::time::Duration;

use super::{Address, Carried};
use crate::ids::PacketNumber;
use crate::limits::TAG_LEN;
use crate::secure::Header;

/// A packet to write and send, at once and once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Packet {
    /// Where to.
    pub to: Address,
    /// Its number.
    pub pn: PacketNumber,
    /// Length of the whole datagram. For `Ack` and `Have` it is a bound: `write` says the length.
    pub len: usize,
    /// What is in it.
    pub kind: PacketKind,
}

/// What is in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketKind {
    /// Bytes of a file.
    Data {
        /// Which.
        carried: Carried,
        /// Whether an acknowledgement is wanted at once.
        urgent: bool,
        /// How it says its number.
        header: Header,
    },
    /// An acknowledgement.
    Ack {
        /// How long the newest packet waited for it.
        delay: Duration,
    },
    /// A map of what is stored.
    Have,
    /// A question whether the address, and this length, work. May be longer than the path takes:
    /// that the system refuses to send it is no error.
    Challenge {
        /// Nobody can guess it.
        token: u64,
    },
    /// The answer.
    Response {
        /// The challenge's.
        token: u64,
        /// Length of the longest challenge that arrived.
        longest: u16,
    },
    /// A request for an acknowledgement.
    Ping,
}

impl Packet {
    /// How it says its number: all but data say it at length.
    pub(super) const fn header(&self) -> Header {
        match self.kind {
            PacketKind::Data { header, .. } => header,
            PacketKind::Ack { .. }
            | PacketKind::Have
            | PacketKind::Challenge { .. }
            | PacketKind::Response { .. }
            | PacketKind::Ping => Header::Long,
        }
    }

    /// Where in the datagram the file's bytes belong; empty unless it carries any.
    pub fn payload_range(&self) -> Range<usize> {
        match self.kind {
            PacketKind::Data { carried, .. } => {
                let end = self.len - TAG_LEN;
                end - usize::from(carried.len)..end
            }
            PacketKind::Ack { .. }
            | PacketKind::Have
            | PacketKind::Challenge { .. }
            | PacketKind::Response { .. }
            | PacketKind::Ping => 0..0,
        }
    }
}
