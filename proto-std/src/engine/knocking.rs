//! Knocks on the socket: the one thing that is answered before there is a session.

use proto_core::ids::ConnectionId;
use proto_core::link::ANSWER_LEN;

use super::run::Runner;
use crate::clock;
use crate::udp::{Received, Sent};

/// Who answers knocks: a server, which knows what it is then to keep.
pub trait Doorkeeper: Send + Sync + std::fmt::Debug {
    /// The answer to a datagram, if it is a knock that gets one. `reserve` promises a connection id,
    /// if one is free.
    fn answer(
        &self,
        knock: &[u8],
        reserve: &mut dyn FnMut() -> Option<ConnectionId>,
    ) -> Option<[u8; ANSWER_LEN]>;
}

impl Runner {
    /// Answers a datagram of no session, unless the socket is busy: then the handshake takes its time.
    pub(super) fn on_stranger(&mut self, datagram: &Received) {
        let Some(door) = &self.staff.door else { return };
        if self.is_blocked || !self.batch.is_empty() {
            return;
        }
        let reserved = &self.staff.mailbox.shared.reserved;
        let knock = &self.inbox.bytes()[datagram.range.clone()];
        let Some(answer) = door.answer(knock, &mut || reserved.reserve(clock::now()).ok()) else {
            return;
        };
        if let Some(range) = self.batch.push(datagram.from, datagram.to, answer.len()) {
            self.batch.bytes_mut()[range].copy_from_slice(&answer);
            self.is_blocked = self.socket.send(&mut self.batch) == Sent::Blocked;
        }
    }
}
