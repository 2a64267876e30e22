//! Datagrams: sealed one by one, opened in any order.
//!
//! ```text
//!   | connection id [4] | low 24 bits of the number | body … | tag 16 |
//!   '------------ authenticated, clear -----------' '-sealed-'
//! ```
//!
//! The packet number is the nonce, and it chooses the key: its epoch is the number divided by
//! [`PACKETS_PER_KEY`](crate::limits::PACKETS_PER_KEY). Replays are the path's business: it
//! knows which numbers it has seen.

use core::fmt;

use super::datagram_keys::epoch;
use super::{Aead, DatagramKeys, packet_number};
use crate::ids::{ConnectionId, PacketNumber};
use crate::limits::{
    DATAGRAM_HEADER_LEN, MAX_DATAGRAM_LEN, MAX_FORGERIES, MIN_DATAGRAM_LEN, TAG_LEN,
};

/// Whom a datagram says it is for; `None` when it is no datagram of this protocol.
///
/// Nothing is authenticated here: the answer only finds the [`Opener`] to ask.
pub fn peek_connection_id(datagram: &[u8]) -> Option<ConnectionId> {
    if !(MIN_DATAGRAM_LEN..=MAX_DATAGRAM_LEN).contains(&datagram.len()) {
        return None;
    }
    ConnectionId::from_wire(*datagram.first_chunk()?)
}

/// Seals the datagrams of one end of a session.
#[derive(Clone)]
pub struct Sealer<A> {
    keys: DatagramKeys,
    epoch: u64,
    cipher: A,
}

impl<A: Aead> Sealer<A> {
    /// A sealer for the end whose role the keys name.
    pub fn new(keys: &DatagramKeys) -> Self {
        Self { keys: keys.clone(), epoch: 0, cipher: keys.derive(keys.role(), 0) }
    }

    /// Writes the header and seals the body in place. `datagram` is the whole of it: room for the
    /// header, the body, room for the tag.
    ///
    /// A number is sealed once: that is the path's invariant, and secrecy hangs by it.
    ///
    /// # Panics
    /// When the datagram is shorter or longer than a datagram can be.
    pub fn seal(&mut self, to: ConnectionId, number: PacketNumber, datagram: &mut [u8]) {
        assert!(
            (MIN_DATAGRAM_LEN..=MAX_DATAGRAM_LEN).contains(&datagram.len()),
            "a datagram has a header, a body and a tag"
        );
        if epoch(number) != self.epoch {
            self.epoch = epoch(number);
            self.cipher = self.keys.derive(self.keys.role(), self.epoch);
        }
        let (header, rest) = datagram.split_first_chunk_mut().expect("a header comes first");
        let (body, tag) = rest.split_last_chunk_mut().expect("a tag comes last");
        let ([c0, c1, c2, c3], [n0, n1, n2]) = (to.to_wire(), packet_number::encode(number));
        let clear: [u8; DATAGRAM_HEADER_LEN] = [c0, c1, c2, c3, n0, n1, n2];
        *header = clear;
        *tag = self.cipher.seal(number.0, &clear, body);
    }
}

impl<A> fmt::Debug for Sealer<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({:?}, epoch {})", self.keys, self.epoch)
    }
}

/// Opens the datagrams of the other end of a session.
///
/// The keys of the epochs around the newest one are ready, so that a forged datagram costs no
/// more than one try of one key, and moves nothing.
// Invariants:
// - `current` is the key of `epoch`, the newest epoch from which a datagram was opened.
// - `next` is the key of `epoch + 1`, `previous` of `epoch - 1` where there is one.
#[derive(Clone)]
pub struct Opener<A> {
    keys: DatagramKeys,
    epoch: u64,
    previous: Option<A>,
    current: A,
    next: A,
    forgeries: u64,
}

impl<A: Aead> Opener<A> {
    /// An opener for the end whose role the keys name: it opens what the other end seals.
    pub fn new(keys: &DatagramKeys) -> Self {
        let from = keys.role().other();
        Self {
            keys: keys.clone(),
            epoch: 0,
            previous: None,
            current: keys.derive(from, 0),
            next: keys.derive(from, 1),
            forgeries: 0,
        }
    }

    /// Opens a datagram in place: its number and its body. `largest_seen` is the largest number
    /// among the datagrams opened so far.
    ///
    /// # Errors
    /// Says why it is dropped. Nothing but a counter has changed then, and what the datagram's
    /// bytes are is undefined.
    pub fn open<'d>(
        &mut self,
        largest_seen: Option<PacketNumber>,
        datagram: &'d mut [u8],
    ) -> Result<(PacketNumber, &'d mut [u8]), OpenError> {
        if peek_connection_id(datagram).is_none() {
            return Err(OpenError::NotOurs);
        }
        if self.forgeries >= MAX_FORGERIES {
            return Err(OpenError::Exhausted);
        }
        let (header, rest) =
            datagram.split_first_chunk_mut::<DATAGRAM_HEADER_LEN>().ok_or(OpenError::NotOurs)?;
        let (body, tag) = rest.split_last_chunk_mut::<TAG_LEN>().ok_or(OpenError::NotOurs)?;
        let number = packet_number::decode(largest_seen, [header[4], header[5], header[6]]);

        let cipher = self.cipher(epoch(number)).ok_or(OpenError::OutOfReach)?;
        if cipher.open(number.0, header, body, tag).is_err() {
            self.forgeries += 1;
            return Err(OpenError::Forged);
        }
        if epoch(number) > self.epoch {
            self.turn();
        }
        Ok((number, body))
    }

    /// The key of an epoch, if it is at most one away.
    fn cipher(&self, epoch: u64) -> Option<&A> {
        if epoch == self.epoch {
            Some(&self.current)
        } else if epoch == self.epoch + 1 {
            Some(&self.next)
        } else if epoch + 1 == self.epoch {
            self.previous.as_ref()
        } else {
            None
        }
    }

    /// Goes on to the next epoch.
    fn turn(&mut self) {
        self.epoch += 1;
        let next = self.keys.derive(self.keys.role().other(), self.epoch + 1);
        let current = core::mem::replace(&mut self.next, next);
        self.previous = Some(core::mem::replace(&mut self.current, current));
    }
}

impl<A> Opener<A> {
    /// Datagrams with a wrong tag so far.
    pub const fn forgeries(&self) -> u64 {
        self.forgeries
    }
}

impl<A> fmt::Debug for Opener<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opener({:?}, epoch {}, forgeries {})", self.keys, self.epoch, self.forgeries)
    }
}

/// Why a datagram is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// It is no datagram of this protocol: its length or first byte is impossible.
    NotOurs,
    /// Its number is more than one epoch away from the newest.
    OutOfReach,
    /// Its tag is wrong.
    Forged,
    /// So many were forged that the keys are trusted no longer: the session must end.
    Exhausted,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotOurs => "not a datagram of this protocol",
            Self::OutOfReach => "the packet number is out of reach",
            Self::Forged => "the datagram's seal is broken",
            Self::Exhausted => "too many forged datagrams for these keys",
        })
    }
}

impl core::error::Error for OpenError {}

#[cfg(test)]
mod tests;
