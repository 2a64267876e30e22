//! Connection ids that are promised or in use, and datagrams that came before there was a flow.
//!
//! A client's first datagram may overtake the last message of the handshake on TCP, or the words
//! about its first transfer. It is kept, so that its path need not wait for a resend. Anybody may
//! have sent it: an id is soon guessed.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use proto_core::ids::ConnectionId;
use proto_core::limits::PROBED_DATAGRAM_LENS;
use proto_core::time::Instant;

use crate::entropy;

/// The ids that are promised or in use.
#[derive(Debug, Default)]
pub(super) struct Reserved {
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// Who made a promise and did not keep it waits for its end, or for a crowd of others.
    promised: HashMap<ConnectionId, Promise>,
    /// Those of sessions, and what came before these had a flow.
    taken: HashMap<ConnectionId, Vec<Early>>,
    /// Bytes of all that came early.
    early_bytes: usize,
}

/// An id that a handshake has, since when, and what came for it.
#[derive(Debug)]
struct Promise {
    at: Instant,
    early: Vec<Early>,
}

/// A datagram that came early.
#[derive(Debug)]
pub(super) struct Early {
    pub(super) from: SocketAddr,
    pub(super) to: Option<IpAddr>,
    pub(super) bytes: Box<[u8]>,
}

impl Reserved {
    /// Promises an id that nobody has: one drawn at random, or the next free one.
    pub(super) fn reserve(&self, now: Instant) -> Result<ConnectionId, NoFreeId> {
        let mut table = self.lock();
        table.make_room(now);
        let drawn = ConnectionId::new(u16::from_le_bytes(entropy::bytes()));
        let upwards = std::iter::successors(Some(drawn), |id| Some(id.next()));
        let id = upwards.take(ConnectionId::COUNT).find(|id| table.is_free(*id)).ok_or(NoFreeId)?;
        table.promised.insert(id, Promise { at: now, early: Vec::new() });
        Ok(id)
    }

    /// Gives an id to a session, with the datagrams that came for it; false when another one has it.
    pub(super) fn take(&self, id: ConnectionId) -> bool {
        let mut table = self.lock();
        if table.taken.contains_key(&id) {
            return false;
        }
        let early = table.promised.remove(&id).map(|promise| promise.early);
        table.taken.insert(id, early.unwrap_or_default());
        true
    }

    /// What came for a session before it had a flow.
    pub(super) fn early(&self, id: ConnectionId) -> Vec<Early> {
        let mut table = self.lock();
        let early = table.taken.get_mut(&id).map(std::mem::take).unwrap_or_default();
        table.discount(&early);
        early
    }

    /// Frees an id.
    pub(super) fn release(&self, id: ConnectionId) {
        let mut table = self.lock();
        let early = table.taken.remove(&id).unwrap_or_default();
        table.discount(&early);
    }

    /// Keeps a datagram if its id is promised or a session's; false when it is dropped.
    pub(super) fn keep(
        &self,
        id: ConnectionId,
        from: SocketAddr,
        to: Option<IpAddr>,
        bytes: &[u8],
    ) -> bool {
        let mut table = self.lock();
        let all = table.early_bytes + bytes.len();
        let Some(early) = table.early_of(id) else { return false };
        let own = early.iter().map(|early| early.bytes.len()).sum::<usize>() + bytes.len();
        if early.len() == MOST_EARLY || own > MOST_EARLY_BYTES || all > MOST_EARLY_BYTES_OF_ALL {
            return false;
        }
        early.push(Early { from, to, bytes: bytes.into() });
        table.early_bytes = all;
        true
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn is_free(&self, id: ConnectionId) -> bool {
        !self.promised.contains_key(&id) && !self.taken.contains_key(&id)
    }

    fn early_of(&mut self, id: ConnectionId) -> Option<&mut Vec<Early>> {
        let promised = self.promised.get_mut(&id).map(|promise| &mut promise.early);
        promised.or_else(|| self.taken.get_mut(&id))
    }

    /// Forgets promises that are over, and the oldest when there are too many: its client's first
    /// datagrams are sent again.
    fn make_room(&mut self, now: Instant) {
        let over = |promise: &Promise| now.since(promise.at) >= PROMISE;
        let mut gone: Vec<_> =
            self.promised.iter().filter(|(_, promise)| over(promise)).map(|(id, _)| *id).collect();
        if gone.is_empty() && self.promised.len() >= MOST_PROMISES {
            gone.extend(self.promised.iter().min_by_key(|(_, p)| p.at).map(|(id, _)| *id));
        }
        for id in gone {
            let early = self.promised.remove(&id).map(|promise| promise.early);
            self.discount(&early.unwrap_or_default());
        }
    }

    fn discount(&mut self, early: &[Early]) {
        self.early_bytes -= early.iter().map(|early| early.bytes.len()).sum::<usize>();
    }
}

/// Why there is no connection id for another session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoFreeId;

impl fmt::Display for NoFreeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many sessions at once: no connection id is free")
    }
}

impl std::error::Error for NoFreeId {}

/// Time that a promise holds: longer than any handshake.
const PROMISE: Duration = Duration::from_secs(60);
/// Handshakes that may be under way, or were given up within that time.
const MOST_PROMISES: usize = 2048;
const _: () = assert!(MOST_PROMISES <= ConnectionId::COUNT / 8, "most ids are for sessions");
/// Datagrams kept for one id: a hello of each size, twice.
const MOST_EARLY: usize = 2 * PROBED_DATAGRAM_LENS.len();
/// Bytes of them.
const MOST_EARLY_BYTES: usize = 160 << 10;
/// Bytes of them for all ids together.
const MOST_EARLY_BYTES_OF_ALL: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn what_comes_early_waits_for_its_session_alone() {
        let reserved = Reserved::default();
        let id = reserved.reserve(Instant::ZERO).unwrap();
        let from = SocketAddr::from(([127, 0, 0, 1], 9));

        assert!(reserved.keep(id, from, None, b"hello"));
        assert!(!reserved.keep(id.next(), from, None, b"hello"));

        assert!(reserved.take(id));
        assert!(reserved.keep(id, from, None, b"still early"));
        let early = reserved.early(id);
        let early: Vec<_> = early.iter().map(|early| &*early.bytes).collect();
        assert_eq!(early, [&b"hello"[..], b"still early"]);
        assert!(reserved.early(id).is_empty());

        assert!(!reserved.take(id), "no two sessions have one id");
        reserved.release(id);
        assert!(!reserved.keep(id, from, None, b"late"));
        assert!(reserved.take(id) && reserved.early(id).is_empty());
    }

    #[test]
    fn every_id_is_given_away_once_and_one_more_is_refused() {
        let reserved = Reserved::default();
        let mut given = HashSet::new();
        for _ in 0..ConnectionId::COUNT {
            let id = reserved.reserve(Instant::ZERO).unwrap();
            assert!(given.insert(id), "{id:?} is somebody else's");
            assert!(reserved.take(id));
        }
        assert_eq!(reserved.reserve(Instant::ZERO), Err(NoFreeId));

        let gone = *given.iter().next().unwrap();
        reserved.release(gone);
        assert_eq!(reserved.reserve(Instant::ZERO), Ok(gone));
    }

    #[test]
    fn what_is_kept_is_bounded_in_number_and_bytes() {
        let reserved = Reserved::default();
        let from = SocketAddr::from(([127, 0, 0, 1], 9));
        let id = reserved.reserve(Instant::ZERO).unwrap();
        let kept = (0..100).filter(|_| reserved.keep(id, from, None, &[0; 1200])).count();
        assert_eq!(kept, MOST_EARLY);
        let id = reserved.reserve(Instant::ZERO).unwrap();
        let kept = (0..100).filter(|_| reserved.keep(id, from, None, &vec![0; 65_000])).count();
        assert_eq!(kept, 2);
    }

    #[test]
    fn a_promise_nobody_kept_is_forgotten() {
        let reserved = Reserved::default();
        let id = reserved.reserve(Instant::ZERO).unwrap();
        reserved.reserve(Instant::ZERO + PROMISE).unwrap();
        let from = SocketAddr::from(([127, 0, 0, 1], 9));
        assert!(!reserved.keep(id, from, None, b"hello"));
    }

    #[test]
    fn a_crowd_of_strangers_takes_bounded_memory() {
        let reserved = Reserved::default();
        let from = SocketAddr::from(([127, 0, 0, 1], 9));
        let first = reserved.reserve(Instant::ZERO).unwrap();
        let later = Instant::from_micros(1);
        let crowd: Vec<_> = (0..MOST_PROMISES).map(|_| reserved.reserve(later).unwrap()).collect();

        assert!(!reserved.keep(first, from, None, b"hello"), "the oldest made room");
        let hello = [0; 1200];
        let keep = |id| reserved.keep(id, from, None, &hello);
        let kept = |id| (0..MOST_EARLY).filter(|_| keep(id)).count();
        let bytes = crowd.iter().map(|id| kept(*id) * hello.len()).sum::<usize>();
        assert!(MOST_EARLY_BYTES_OF_ALL - hello.len() < bytes && bytes <= MOST_EARLY_BYTES_OF_ALL);

        let (one, other) = (crowd[MOST_PROMISES - 1], crowd[MOST_PROMISES - 2]);
        assert!([crowd[0], crowd[1], one].into_iter().all(|id| reserved.take(id)));
        assert!(!keep(one), "a session without a flow takes the same room");
        assert_eq!(reserved.early(crowd[0]).len(), MOST_EARLY);
        assert_eq!(kept(one), MOST_EARLY, "there is room again");
        assert!(!keep(other));
        reserved.release(crowd[1]);
        assert_eq!(kept(other), MOST_EARLY, "and again");
    }
}
