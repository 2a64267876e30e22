//! Datagrams: sealed one by one, opened in any order.
//!
//! ```text
//!   | connection id [2] | low 16 or 32 bits of the number | body … | tag 16 |
//!   '-- authenticated --'                                 '-sealed-'
//! ```
//!
//! The packet number is the nonce, so that the tag covers it, and it chooses the key: its epoch is
//! the number divided by [`PACKETS_PER_KEY`](crate::limits::PACKETS_PER_KEY). Replays are the path's
//! business: it knows which numbers it has seen.

use core::fmt;

use super::datagram_keys::epoch;
use super::{Aead, DatagramKeys, packet_number};
use crate::ids::{ConnectionId, PacketNumber};
use crate::limits::{
    CONNECTION_ID_LEN, DATAGRAM_HEADER_LEN, LONG_DATAGRAM_HEADER_LEN, MAX_DATAGRAM_LEN,
    MAX_FORGERIES, TAG_LEN,
};

/// How much of its number a datagram says. The two highest bits of its first byte tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// The low 16 bits: the number is near the largest that the other end has opened.
    Short,
    /// The low 32 bits.
    Long,
}

impl Header {
    /// The header of a datagram of this protocol that begins with this byte.
    pub const fn of(first: u8) -> Self {
        if first & 0x80 == 0 { Self::Short } else { Self::Long }
    }

    /// Its bytes.
    pub const fn size(self) -> usize {
        match self {
            Self::Short => DATAGRAM_HEADER_LEN,
            Self::Long => LONG_DATAGRAM_HEADER_LEN,
        }
    }

    /// What becomes of a connection id's first byte.
    const fn mark(self) -> u8 {
        match self {
            Self::Short => 0,
            Self::Long => 0xC0,
        }
    }
}

/// Whom a datagram says it is for; `None` when it is no datagram of this protocol.
///
/// Nothing is authenticated here: the answer only finds the [`Opener`] to ask.
pub fn peek_connection_id(datagram: &[u8]) -> Option<ConnectionId> {
    let lead: [u8; CONNECTION_ID_LEN] = *datagram.first_chunk()?;
    let least = Header::of(lead[0]).size() + 1 + TAG_LEN;
    if !(least..=MAX_DATAGRAM_LEN).contains(&datagram.len()) {
        return None;
    }
    addressee(lead)
}

/// Whom a datagram that begins like this is for.
pub(crate) const fn addressee([first, second]: [u8; CONNECTION_ID_LEN]) -> Option<ConnectionId> {
    ConnectionId::from_wire([first ^ Header::of(first).mark(), second])
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
    /// header, the body, room for the tag. A short header is for a number that is less than 2¹⁵
    /// away from the largest that the other end has opened.
    ///
    /// A number is sealed once: that is the path's invariant, and secrecy hangs by it.
    ///
    /// # Panics
    /// When the datagram is shorter or longer than a datagram can be.
    pub fn seal(
        &mut self,
        to: ConnectionId,
        number: PacketNumber,
        header: Header,
        datagram: &mut [u8],
    ) {
        assert!(
            header.size() + TAG_LEN < datagram.len() && datagram.len() <= MAX_DATAGRAM_LEN,
            "a datagram has a header, a body and a tag"
        );
        if epoch(number) != self.epoch {
            self.epoch = epoch(number);
            self.cipher = self.keys.derive(self.keys.role(), self.epoch);
        }
        let (id, rest) = datagram.split_first_chunk_mut().expect("an id comes first");
        let (low, rest) = rest.split_at_mut(header.size() - CONNECTION_ID_LEN);
        let (body, tag) = rest.split_last_chunk_mut().expect("a tag comes last");
        let [first, second] = to.to_wire();
        let lead = [first ^ header.mark(), second];
        *id = lead;
        low.copy_from_slice(&number.0.to_le_bytes()[..low.len()]);
        *tag = self.cipher.seal(number.0, &lead, body);
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
        let (&mut lead, rest) =
            datagram.split_first_chunk_mut::<CONNECTION_ID_LEN>().ok_or(OpenError::NotOurs)?;
        let (low, rest) = rest.split_at_mut(Header::of(lead[0]).size() - CONNECTION_ID_LEN);
        let (body, tag) = rest.split_last_chunk_mut::<TAG_LEN>().ok_or(OpenError::NotOurs)?;
        let number = packet_number::decode(largest_seen, low);

        let cipher = self.cipher(epoch(number)).ok_or(OpenError::OutOfReach)?;
        if cipher.open(number.0, &lead, body, tag).is_err() {
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
