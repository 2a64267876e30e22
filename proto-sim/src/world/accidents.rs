//! What happens in a world besides the protocol: connections made and broken, datagrams carried,
//! and everything that the plan has in store.

use proto_core::ids::ConnectionId;
use proto_core::path::{Address, PathConfig};
use proto_core::secure::{DatagramKeys, Role, Suite, peek_connection_id};
use proto_core::time::{Duration, Instant};

use super::World;
use super::client::{Fate, Sender, State};
use super::line::Line;
use super::server::Session;
use crate::endpoint::{Endpoint, Host};
use crate::machine::Machine;
use crate::plan::Event;

impl World {
    /// Moves a client's connection on: notices that it broke, dials, and comes online.
    pub(super) fn connect(&mut self, number: usize) {
        let now = self.now;
        self.notice_cut(number);
        let client = &mut self.clients[number];
        if client.asleep_until > now {
            return;
        }
        match client.state {
            State::Away(until) if until <= now => {
                client.state = State::Dialling(now + client.control * 4);
            }
            State::Dialling(until) if until <= now => {
                if self.server.listens(now) {
                    self.come_online(number);
                } else {
                    client.state = State::Away(now + REDIAL);
                }
            }
            State::Away(_) | State::Dialling(_) | State::Online { .. } => {}
        }
    }

    fn notice_cut(&mut self, number: usize) {
        let now = self.now;
        let Some(line) = &mut self.lines[number] else {
            return;
        };
        let server_awake = self.server.asleep_until <= now;
        if server_awake && line.server_notices(now) {
            let cid = line.cid;
            self.close_session(cid);
        }
        let client = &mut self.clients[number];
        let line = self.lines[number].as_mut().expect("it was there a moment ago");
        if client.asleep_until <= now
            && line.client_notices(now)
            && let Some(endpoint) = client.go_away(now + REDIAL)
        {
            let mut host = Host {
                store: &mut client.store,
                truth: &self.truth,
                trace: &mut self.trace,
                who: ("client", number),
                effects: &mut Vec::new(),
            };
            endpoint.close(now, &mut host);
        }
    }

    /// The secure channel stands: both ends get their keys, and the path is tried.
    fn come_online(&mut self, number: usize) {
        let now = self.now;
        if let Some(ghost) = self.server.session_of(number) {
            self.close_session(ghost);
        }
        self.clients[number].heard_at = None;
        let server_cid = self.server.reserve_cid();
        let told = u16::from_be_bytes(server_cid.to_wire());
        let client_cid = ConnectionId::new(!told);
        self.trace.add(now, "online", &[number as u64, u64::from(told)]);
        self.lines[number] = Some(Line::new(server_cid, self.clients[number].control));

        let secret = self.rng.array();
        let mut path = |role, local, remote| {
            let keys = DatagramKeys::new(Suite::ChaCha20Poly1305, secret, role);
            PathConfig::new(keys, local, remote, self.rng.array())
        };
        let of_server = path(Role::Server, server_cid, client_cid);
        let of_client = path(Role::Client, client_cid, server_cid);

        let flow = Machine::host(now, of_server, self.server.confirm_at);
        let endpoint = Endpoint::of_server(flow, self.server.write_time);
        self.server.sessions.insert(server_cid, Session { client: number, endpoint });
        let flow = if self.clients[number].device {
            Machine::device(now, of_client)
        } else {
            Machine::host(now, of_client, None)
        };
        let endpoint = Endpoint::of_client(flow, self.clients[number].write_time);
        self.clients[number].state =
            State::Online { cid: client_cid, endpoint: Box::new(endpoint) };

        self.at_server(server_cid, |end, host| end.open(now, host, None));
        self.at_client(number, |end, host| end.open(now, host, Some(SERVER)));
    }

    pub(super) fn carry_messages(&mut self, number: usize) {
        let now = self.now;
        while self.server.asleep_until <= now
            && let Some(line) = &mut self.lines[number]
            && let Some(message) = line.poll_at_server(now)
        {
            let cid = line.cid;
            self.at_server(cid, |end, host| end.handle_message(now, host, &message));
        }
        while self.clients[number].asleep_until <= now
            && let Some(line) = &mut self.lines[number]
            && let Some(message) = line.poll_at_client(now)
        {
            self.at_client(number, |end, host| end.handle_message(now, host, &message));
        }
    }

    pub(super) fn carry_datagrams(&mut self, number: usize) {
        let now = self.now;
        while self.server.asleep_until <= now
            && let Some((sender, datagram)) = self.clients[number].up.poll_arrival(now)
        {
            self.reach_server(sender, datagram);
        }
        while self.clients[number].asleep_until <= now
            && let Some((to, mut datagram)) = self.clients[number].down.poll_arrival(now)
        {
            let client = &mut self.clients[number];
            let State::Online { cid, .. } = &client.state else {
                continue;
            };
            if client.address == to && peek_connection_id(&datagram) == Some(*cid) {
                client.heard_at = Some(to);
                self.at_client(number, |end, host| {
                    end.handle_datagram(now, host, SERVER, &mut datagram, Some(to));
                });
            }
        }
    }

    fn reach_server(&mut self, sender: Sender, mut datagram: Vec<u8>) {
        let now = self.now;
        if self.server.down_until.is_some() {
            return;
        }
        if let Some(cid) = peek_connection_id(&datagram) {
            self.at_server(cid, |end, host| {
                end.handle_datagram(now, host, sender.from, &mut datagram, sender.heard_at);
            });
        }
    }

    /// Something of the plan happens, to a client or to the server.
    pub(super) fn happen(&mut self, whom: Option<usize>, event: Event) {
        self.trace.tell(self.now, || format!("{whom:?} suffers {event:?}"));
        match whom {
            Some(number) => self.happen_to_client(number, event),
            None => self.happen_to_server(event),
        }
    }

    fn happen_to_client(&mut self, number: usize, event: Event) {
        let now = self.now;
        let client = &mut self.clients[number];
        match event {
            Event::Rebind => client.rebind(),
            Event::MtuDrops(to) => client.narrow(to),
            Event::Cut => self.cut(number),
            Event::Crash(away) => {
                drop(client.go_away(now + away));
                client.store.disk.crash();
                self.cut(number);
            }
            Event::Pause(time) => client.asleep_until = client.asleep_until.max(now + time),
            Event::Hold(wish) => self.hold_wish(number, wish, true),
            Event::Proceed(wish) => self.hold_wish(number, wish, false),
            Event::Spoof => {
                let last = client.last_datagram.clone();
                if let Some((sender, datagram)) = last.filter(|_| self.server.asleep_until <= now) {
                    let from = Address::v4([10, 6, 6, 6], sender.from.port);
                    self.reach_server(Sender { from, ..sender }, datagram);
                }
            }
            Event::Change(_) => {}
        }
    }

    fn happen_to_server(&mut self, event: Event) {
        let now = self.now;
        match event {
            Event::Crash(away) => {
                self.server.sessions.clear();
                self.server.store.disk.crash();
                self.server.down_until = Some(now + away);
                (0..self.lines.len()).for_each(|number| self.cut(number));
            }
            Event::Pause(time) => {
                self.server.asleep_until = self.server.asleep_until.max(now + time);
            }
            Event::Hold(_) => self.hold_all(true),
            Event::Proceed(_) => self.hold_all(false),
            Event::Change(file) => {
                let name = format!("s{file}");
                let len = self.rng.between(0, 100_000);
                let stamp = self.truth.create(len);
                self.server.store.share(&name, stamp, &self.truth);
            }
            Event::Rebind | Event::MtuDrops(_) | Event::Cut | Event::Spoof => {}
        }
    }

    fn cut(&mut self, number: usize) {
        if let Some(line) = &mut self.lines[number] {
            line.cut(self.now);
        }
    }

    fn hold_wish(&mut self, number: usize, place: usize, set: bool) {
        let now = self.now;
        let wish = &mut self.clients[number].wishes[place];
        wish.hold = set;
        if let Fate::Running(id) = wish.fate {
            self.at_client(number, |end, host| end.hold(now, host, id, set));
        }
    }

    fn hold_all(&mut self, set: bool) {
        let now = self.now;
        for cid in self.server.sessions.keys().copied().collect::<Vec<_>>() {
            self.at_server(cid, |end, host| end.hold_all(now, host, set));
        }
    }

    /// Everybody wakes, comes back, and lets go.
    pub(super) fn release(&mut self) {
        self.server.asleep_until = Instant::ZERO;
        self.hold_all(false);
        for number in 0..self.clients.len() {
            self.clients[number].asleep_until = Instant::ZERO;
            for wish in 0..self.clients[number].wishes.len() {
                self.hold_wish(number, wish, false);
            }
        }
    }
}

/// Where the server is.
const SERVER: Address = Address::v4([10, 0, 0, 1], 50_000);
/// How long a client waits before it dials again.
const REDIAL: Duration = Duration::from_millis(500);
