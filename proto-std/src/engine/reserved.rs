//! Connection ids that are promised, and datagrams that came before their session stood.
//!
//! A client's first datagram may overtake the last message of the handshake on TCP. It is kept for
//! a moment, so that its path need not wait for a resend.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use proto_core::ids::ConnectionId;
use proto_core::time::Instant;

use crate::entropy;

/// The ids that are promised or in use.
#[derive(Debug, Default)]
pub(super) struct Reserved {
    ids: Mutex<HashMap<ConnectionId, Reservation>>,
}

#[derive(Debug)]
enum Reservation {
    /// Promised to a handshake, at a time; what came for it since.
    Promised(Instant, Vec<Early>),
    /// A session has it.
    Taken,
}

/// A datagram that came early.
#[derive(Debug)]
pub(super) struct Early {
    pub(super) from: SocketAddr,
    pub(super) to: Option<IpAddr>,
    pub(super) bytes: Box<[u8]>,
}

impl Reserved {
    /// Promises an id that nobody can guess.
    pub(super) fn reserve(&self, now: Instant) -> ConnectionId {
        let mut ids = self.lock();
        ids.retain(|_, reservation| match reservation {
            Reservation::Promised(at, _) => now.since(*at) < PROMISE,
            Reservation::Taken => true,
        });
        loop {
            let id = ConnectionId(u32::from_le_bytes(entropy::bytes()));
            if let std::collections::hash_map::Entry::Vacant(vacant) = ids.entry(id) {
                vacant.insert(Reservation::Promised(now, Vec::new()));
                return id;
            }
        }
    }

    /// Gives a promised id to its session, with the datagrams that came for it.
    pub(super) fn take(&self, id: ConnectionId) -> Vec<Early> {
        match self.lock().insert(id, Reservation::Taken) {
            Some(Reservation::Promised(_, early)) => early,
            Some(Reservation::Taken) | None => Vec::new(),
        }
    }

    /// Frees an id.
    pub(super) fn release(&self, id: ConnectionId) {
        self.lock().remove(&id);
    }

    /// Keeps a datagram if its id is promised; false when it is dropped.
    pub(super) fn keep(
        &self,
        id: ConnectionId,
        from: SocketAddr,
        to: Option<IpAddr>,
        bytes: &[u8],
    ) -> bool {
        let mut ids = self.lock();
        let Some(Reservation::Promised(_, early)) = ids.get_mut(&id) else { return false };
        let held: usize = early.iter().map(|early| early.bytes.len()).sum();
        let has_room = early.len() < MOST_EARLY && held + bytes.len() <= MOST_EARLY_BYTES;
        if has_room {
            early.push(Early { from, to, bytes: bytes.into() });
        }
        has_room
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, Reservation>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Time that a promise holds: longer than any handshake.
const PROMISE: Duration = Duration::from_secs(60);
/// Datagrams kept for one id: a hello of each size.
const MOST_EARLY: usize = 8;
/// Bytes of them: a hello of each size, twice.
const MOST_EARLY_BYTES: usize = 160 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_early_waits_for_its_session_alone() {
        let reserved = Reserved::default();
        let id = reserved.reserve(Instant::ZERO);
        let from = SocketAddr::from(([127, 0, 0, 1], 9));

        assert!(reserved.keep(id, from, None, b"hello"));
        assert!(!reserved.keep(ConnectionId(id.0 ^ 1), from, None, b"hello"));

        assert_eq!(&*reserved.take(id)[0].bytes, b"hello");
        assert!(!reserved.keep(id, from, None, b"late"));
        assert!(reserved.take(id).is_empty());
    }

    #[test]
    fn what_is_kept_is_bounded_in_number_and_bytes() {
        let reserved = Reserved::default();
        let from = SocketAddr::from(([127, 0, 0, 1], 9));
        let id = reserved.reserve(Instant::ZERO);
        let kept = (0..100).filter(|_| reserved.keep(id, from, None, &[0; 1200])).count();
        assert_eq!(kept, MOST_EARLY);
        let id = reserved.reserve(Instant::ZERO);
        let kept = (0..100).filter(|_| reserved.keep(id, from, None, &vec![0; 65_000])).count();
        assert_eq!(kept, 2);
    }

    #[test]
    fn a_promise_nobody_kept_is_forgotten() {
        let reserved = Reserved::default();
        let id = reserved.reserve(Instant::ZERO);
        reserved.reserve(Instant::ZERO + PROMISE);
        let from = SocketAddr::from(([127, 0, 0, 1], 9));
        assert!(!reserved.keep(id, from, None, b"hello"));
    }
}
