//! Small identifiers: one type each, so that none is mistaken for another.

use serde::{Deserialize, Serialize};

use crate::limits::CONNECTION_ID_LEN;

/// A transfer within one session; the client picks it, for downloads and uploads alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TransferId(pub u16);

/// Tells a receiver of datagrams which session one belongs to; the receiver picks it.
///
/// Its bytes lead the datagram, and the first of them tells that it is a sealed one. It only finds
/// the session: that a datagram is the peer's is for its tag to tell.
// Invariant: the two highest bits are 01. The first byte on the wire holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ConnectionId(u16);

impl ConnectionId {
    /// How many there are.
    pub const COUNT: usize = 1 << 14;

    /// The id with the 14 low bits of a number.
    pub const fn new(number: u16) -> Self {
        Self(number & !TOP_BITS | MARK)
    }

    /// The id that these bytes are, if they are one.
    pub const fn from_wire(bytes: [u8; CONNECTION_ID_LEN]) -> Option<Self> {
        let id = u16::from_be_bytes(bytes);
        if id & TOP_BITS == MARK { Some(Self(id)) } else { None }
    }

    /// Its bytes, as they lead a datagram.
    pub const fn to_wire(self) -> [u8; CONNECTION_ID_LEN] {
        self.0.to_be_bytes()
    }

    /// The next one upwards; the first after the last.
    #[must_use]
    pub const fn next(self) -> Self {
        Self::new(self.0.wrapping_add(1))
    }
}

/// Number of a datagram on a path, from 0, never used twice: it is the nonce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PacketNumber(pub u64);

/// A client's own count of the messages that it sent, from 1, per stream: one run of its program.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Seq(pub u64);

/// The room's count of the messages meant for one reader; a hole is a message missed.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ordinal(pub u64);

/// BLAKE3 of a file's whole content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Digest(pub [u8; 32]);

/// Changes whenever a file's content may have: a mix of its size, time of change and identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Stamp(pub u64);

/// An X25519 public key: who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PublicKey(pub [u8; 32]);

/// The bits of a connection id that are no choice.
const TOP_BITS: u16 = 0b11 << 14;
/// What they are: nothing else that comes to the port begins so.
const MARK: u16 = 0b01 << 14;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_of_a_connection_id_tells_that_it_is_one() {
        for number in [0, 1, 0x1234, TOP_BITS, MARK, u16::MAX] {
            let id = ConnectionId::new(number);
            assert!((0x40..=0x7F).contains(&id.to_wire()[0]), "{id:?}");
            assert_eq!(ConnectionId::from_wire(id.to_wire()), Some(id));
            assert_eq!(ConnectionId::new(number ^ TOP_BITS), id, "14 bits are a choice");
            assert_ne!(ConnectionId::new(number ^ 1), id);
        }
        for first in (0..0x40).chain(0x80..=0xFF) {
            assert_eq!(ConnectionId::from_wire([first, 0x40]), None);
        }
    }
}
