//! The server's process: its store, and one end per session.

use std::collections::BTreeMap;

use proto_core::ids::ConnectionId;
use proto_core::time::{Duration, Instant};

use super::World;
use crate::disk::Disk;
use crate::endpoint::{Effect, Endpoint, Host};
use crate::plan::Plan;
use crate::rng::Rng;
use crate::store::Store;
use crate::truth::Truth;

/// The server.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) store: Store,
    pub(super) asleep_until: Instant,
    /// While down, when it starts again.
    pub(super) down_until: Option<Instant>,
    pub(super) sessions: BTreeMap<ConnectionId, Session>,
    pub(super) confirm_at: Option<u8>,
    pub(super) write_time: Duration,
    next_cid: u16,
}

/// The server's end of a session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) client: usize,
    pub(super) endpoint: Endpoint,
}

impl Server {
    pub(super) fn new(plan: &Plan, truth: &mut Truth, rng: &Rng) -> Self {
        let mut store = Store::new(Disk::new(plan.server_disk, rng.split("disk")));
        for (number, &len) in plan.shared.iter().enumerate() {
            store.share(&format!("s{number}"), truth.create(len), truth);
        }
        Self {
            store,
            asleep_until: Instant::ZERO,
            down_until: None,
            sessions: BTreeMap::new(),
            confirm_at: plan.confirm_at,
            write_time: plan.server_write,
            next_cid: 1,
        }
    }

    /// Whether somebody can connect.
    pub(super) fn listens(&self, now: Instant) -> bool {
        self.down_until.is_none() && self.asleep_until <= now
    }

    pub(super) fn reserve_cid(&mut self) -> ConnectionId {
        self.next_cid += 1;
        ConnectionId::new(self.next_cid)
    }

    /// The end of this client's session, if it has one.
    pub(super) fn session_of(&self, client: usize) -> Option<ConnectionId> {
        let mut sessions = self.sessions.iter();
        sessions.find(|(_, session)| session.client == client).map(|(&cid, _)| cid)
    }

    pub(super) fn next_wake(&self) -> Option<Instant> {
        let ends = self.sessions.values().filter_map(|session| session.endpoint.next_wake());
        let wakes = ends.min().map(|at| at.max(self.asleep_until));
        [wakes, self.down_until].into_iter().flatten().min()
    }
}

impl World {
    /// Lets a server's end do something, and does what it wants done.
    pub(super) fn at_server(
        &mut self,
        cid: ConnectionId,
        act: impl FnOnce(&mut Endpoint, &mut Host<'_>),
    ) {
        let mut effects = Vec::new();
        let Some(session) = self.server.sessions.get_mut(&cid) else {
            return;
        };
        let mut host = Host {
            store: &mut self.server.store,
            truth: &self.truth,
            trace: &mut self.trace,
            who: ("server for", session.client),
            effects: &mut effects,
        };
        act(&mut session.endpoint, &mut host);
        let number = session.client;
        for effect in effects {
            self.do_for_server(number, effect);
        }
    }

    fn do_for_server(&mut self, number: usize, effect: Effect) {
        match effect {
            Effect::Send(to, datagram) => {
                // Only the client that is there now is reached; nobody lives at a forged address.
                let client = self.clients.iter_mut().find(|client| client.address == to);
                if let Some(client) = client {
                    client.down.send(self.now, to, &datagram);
                }
            }
            Effect::Message(message) => {
                self.trace.tell(self.now, || format!("server to {number}: {message:?}"));
                if let Some(line) = &mut self.lines[number] {
                    line.send_to_client(self.now, *message);
                }
            }
            Effect::Finished(..) | Effect::Ended(..) | Effect::Held(..) => {}
        }
    }

    pub(super) fn wake_server(&mut self) {
        if self.server.down_until.is_some_and(|at| at <= self.now) {
            self.server.down_until = None;
        }
        if self.server.asleep_until > self.now {
            return;
        }
        for cid in self.server.sessions.keys().copied().collect::<Vec<_>>() {
            let now = self.now;
            self.at_server(cid, |end, host| end.wake(now, host));
        }
    }

    /// Ends a session on the server in good order.
    pub(super) fn close_session(&mut self, cid: ConnectionId) {
        if let Some(session) = self.server.sessions.remove(&cid) {
            let mut host = Host {
                store: &mut self.server.store,
                truth: &self.truth,
                trace: &mut self.trace,
                who: ("server for", session.client),
                effects: &mut Vec::new(),
            };
            session.endpoint.close(self.now, &mut host);
        }
    }
}
