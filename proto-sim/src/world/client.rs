//! A client's process: its store, what it wishes for, and its end of a session.

use std::collections::BTreeMap;

use proto_core::ids::{ConnectionId, Stamp, TransferId};
use proto_core::path::Address;
use proto_core::time::{Duration, Instant};
use proto_core::wire::AbortReason;

use super::World;
use crate::disk::Disk;
use crate::endpoint::{Effect, Endpoint, Host};
use crate::link::{Link, LinkConfig};
use crate::machine::TRANSFERS;
use crate::plan::{ClientPlan, HEALED_RATE, Wish};
use crate::rng::Rng;
use crate::store::Store;
use crate::timeline::Timeline;
use crate::truth::Truth;

/// A client.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) store: Store,
    pub(super) up: Link<Sender>,
    pub(super) down: Link<Address>,
    pub(super) address: Address,
    /// Where something from the server came to us last.
    pub(super) heard_at: Option<Address>,
    pub(super) asleep_until: Instant,
    pub(super) state: State,
    pub(super) wishes: Vec<WishState>,
    pub(super) device: bool,
    pub(super) control: Duration,
    pub(super) write_time: Duration,
    pub(super) last_datagram: Option<(Sender, Vec<u8>)>,
    running: BTreeMap<TransferId, usize>,
    confirms: Timeline<TransferId>,
    next_id: u16,
}

/// Where a datagram comes from, and where its author had heard from the server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sender {
    pub(super) from: Address,
    pub(super) heard_at: Option<Address>,
}

/// How a client stands with the server.
//   Away --time--> Dialling --time--> Online --cut, crash--> Away
#[derive(Debug)]
pub(super) enum State {
    /// Until it dials again.
    Away(Instant),
    /// Until the secure channel stands.
    Dialling(Instant),
    Online {
        cid: ConnectionId,
        endpoint: Box<Endpoint>,
    },
}

/// A wish, and what became of it.
#[derive(Debug)]
pub(super) struct WishState {
    wish: Wish,
    /// What the file is called on the server.
    remote: String,
    /// What it is called here.
    local: String,
    stamp: Option<Stamp>,
    pub(super) hold: bool,
    pub(super) fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// To be tried, not before then.
    Waiting(Instant),
    Running(TransferId),
    Fulfilled,
}

impl Client {
    pub(super) fn new(number: u16, plan: &ClientPlan, truth: &mut Truth, rng: &Rng) -> Self {
        let rng = rng.split(&format!("client {number}"));
        let mut client = Self {
            wishes: Vec::new(),
            store: Store::new(Disk::new(plan.disk, rng.split("disk"))),
            up: Link::new(plan.up.clone(), rng.split("up")),
            down: Link::new(plan.down.clone(), rng.split("down")),
            address: address(number, 1),
            heard_at: None,
            asleep_until: Instant::ZERO,
            state: State::Away(Instant::ZERO),
            device: plan.device,
            control: plan.control,
            write_time: plan.write,
            last_datagram: None,
            running: BTreeMap::new(),
            confirms: Timeline::new(),
            next_id: 0,
        };
        for &wish in &plan.wishes {
            client.wish(number, wish, Instant::ZERO, truth);
        }
        client
    }

    /// Adds a wish to those of the client of this number.
    pub(super) fn wish(&mut self, number: u16, wish: Wish, now: Instant, truth: &mut Truth) {
        let place = self.wishes.len();
        let (remote, stamp) = match wish {
            Wish::Get(file) => (format!("s{file}"), None),
            Wish::Put(len) => (format!("u{number}-{place}"), Some(truth.create(len))),
        };
        if let Some(stamp) = stamp {
            self.store.share(&remote, stamp, truth);
        }
        let (local, fate) = (format!("w{place}"), Fate::Waiting(now));
        self.wishes.push(WishState { wish, remote, local, stamp, hold: false, fate });
    }

    /// Whether all its wishes came true.
    pub(super) fn is_content(&self) -> bool {
        self.wishes.iter().all(|wish| wish.fate == Fate::Fulfilled)
    }

    pub(super) fn fulfilled(&self) -> u64 {
        self.wishes.iter().map(|wish| u64::from(wish.fate == Fate::Fulfilled)).sum()
    }

    pub(super) fn datagrams(&self) -> u64 {
        self.up.stats().sent + self.down.stats().sent
    }

    pub(super) fn describe(&self) -> String {
        let wish = |wish: &WishState| format!("{} {:?}", wish.remote, wish.fate);
        let wishes: Vec<String> = self.wishes.iter().map(wish).collect();
        let state = match &self.state {
            State::Away(until) => format!("away until {until:?}"),
            State::Dialling(until) => format!("dialling until {until:?}"),
            State::Online { .. } => "online".into(),
        };
        format!("{state} [{}]", wishes.join(", "))
    }

    /// Checks that every file is what it should be.
    pub(super) fn judge(&self, server: &Store, truth: &Truth) -> Result<(), String> {
        for wish in &self.wishes {
            let (content, right) = match wish.stamp {
                None => {
                    let content = self.store.disk.content(&wish.local);
                    (content, content.is_some_and(|content| truth.is_version(content)))
                }
                Some(stamp) => {
                    let content = server.disk.content(&wish.remote);
                    (content, content == Some(truth.content(stamp)))
                }
            };
            if !right {
                let len = content.map(<[u8]>::len);
                return Err(format!("the file of {wish:?} is wrong: its length is {len:?}"));
            }
        }
        Ok(())
    }

    pub(super) fn next_wake(&self) -> Option<Instant> {
        let at = match &self.state {
            State::Away(until) | State::Dialling(until) => Some(*until),
            State::Online { endpoint, .. } => {
                let has_room = self.running.len() < TRANSFERS;
                let waits = self.wishes.iter().filter_map(|wish| match wish.fate {
                    Fate::Waiting(at) => Some(at).filter(|_| has_room),
                    Fate::Running(_) | Fate::Fulfilled => None,
                });
                let ends = [endpoint.next_wake(), self.confirms.next()];
                waits.chain(ends.into_iter().flatten()).min()
            }
        };
        at.map(|at| at.max(self.asleep_until))
    }

    /// Moves to another address, as behind a router that forgot.
    pub(super) fn rebind(&mut self) {
        self.address.port += 1;
    }

    /// Datagrams longer than that vanish from now on, both ways.
    pub(super) fn narrow(&mut self, mtu: usize) {
        let narrower =
            |config: &LinkConfig| LinkConfig { mtu: config.mtu.min(mtu), ..config.clone() };
        self.up.configure(narrower(self.up.config()));
        self.down.configure(narrower(self.down.config()));
    }

    /// The links lose nothing any more, and the disk works.
    pub(super) fn heal(&mut self) {
        let healed = |config: &LinkConfig| {
            let LinkConfig { latency, mtu, .. } = *config;
            LinkConfig { latency, mtu, rate: Some(HEALED_RATE), ..LinkConfig::default() }
        };
        self.up.configure(healed(self.up.config()));
        self.down.configure(healed(self.down.config()));
        self.store.disk.heal();
    }

    /// Forgets the session: everything that ran waits to be tried again.
    pub(super) fn go_away(&mut self, until: Instant) -> Option<Box<Endpoint>> {
        for wish in &mut self.wishes {
            if let Fate::Running(_) = wish.fate {
                wish.fate = Fate::Waiting(until);
            }
        }
        self.running.clear();
        self.confirms.clear();
        match std::mem::replace(&mut self.state, State::Away(until)) {
            State::Online { endpoint, .. } => Some(endpoint),
            State::Away(_) | State::Dialling(_) => None,
        }
    }

    fn retry(&mut self, id: TransferId, at: Instant, why: AbortReason) {
        let Some(number) = self.running.remove(&id) else {
            return;
        };
        let wish = &mut self.wishes[number];
        // An earlier try came through, and we did not hear of it.
        let there = why == AbortReason::Exists && matches!(wish.wish, Wish::Put(_));
        wish.fate = if there { Fate::Fulfilled } else { Fate::Waiting(at) };
    }
}

impl World {
    /// Lets a client's end do something, and does what it wants done.
    pub(super) fn at_client(
        &mut self,
        number: usize,
        act: impl FnOnce(&mut Endpoint, &mut Host<'_>),
    ) {
        let mut effects = Vec::new();
        let client = &mut self.clients[number];
        let State::Online { endpoint, .. } = &mut client.state else {
            return;
        };
        let mut host = Host {
            store: &mut client.store,
            truth: &self.truth,
            trace: &mut self.trace,
            who: ("client", number),
            effects: &mut effects,
        };
        act(endpoint, &mut host);
        for effect in effects {
            self.do_for_client(number, effect);
        }
    }

    fn do_for_client(&mut self, number: usize, effect: Effect) {
        let client = &mut self.clients[number];
        match effect {
            Effect::Send(_, datagram) => {
                let mark = Sender { from: client.address, heard_at: client.heard_at };
                client.up.send(self.now, mark, &datagram);
                client.last_datagram = Some((mark, datagram));
            }
            Effect::Message(message) => {
                self.trace.tell(self.now, || format!("{number} to server: {message:?}"));
                if let Some(line) = &mut self.lines[number] {
                    line.send_to_server(self.now, *message);
                }
            }
            Effect::Finished(id) => {
                if let Some(wish) = client.running.remove(&id) {
                    client.wishes[wish].fate = Fate::Fulfilled;
                }
            }
            Effect::Ended(id, why) => client.retry(id, self.now + RETRY, why),
            Effect::Held(id, true) => client.confirms.push(self.now + RETRY, id),
            Effect::Held(_, false) => {}
        }
    }

    pub(super) fn wake_client(&mut self, number: usize) {
        let now = self.now;
        if self.clients[number].asleep_until > now {
            return;
        }
        self.at_client(number, |end, host| end.wake(now, host));
        while let Some(id) = self.clients[number].confirms.pop(now) {
            self.at_client(number, |end, host| end.confirm(now, host, id));
        }
        for wish in 0..self.clients[number].wishes.len() {
            self.try_wish(number, wish);
        }
    }

    fn try_wish(&mut self, number: usize, place: usize) {
        let now = self.now;
        let client = &mut self.clients[number];
        let wish = &mut client.wishes[place];
        let due = matches!(wish.fate, Fate::Waiting(at) if at <= now);
        let has_room = client.running.len() < TRANSFERS;
        if !due || !has_room || !matches!(client.state, State::Online { .. }) {
            return;
        }
        let id = TransferId(client.next_id);
        client.next_id += 1;
        wish.fate = Fate::Running(id);
        client.running.insert(id, place);
        let (remote, local, hold) = (wish.remote.clone(), wish.local.clone(), wish.hold);
        let stamp = wish.stamp;
        let mut taken = false;
        self.at_client(number, |end, host| {
            taken = match stamp {
                None => end.get(now, host, id, &remote, &local, hold),
                Some(stamp) => end.put(now, host, id, &remote, stamp, hold),
            };
        });
        if !taken {
            self.clients[number].retry(id, now + RETRY, AbortReason::Busy);
        }
    }
}

fn address(host: u16, port: u16) -> Address {
    let [high, low] = host.to_be_bytes();
    Address::v4([10, 1, high, low], port)
}

/// How long a person waits before doing something again.
const RETRY: Duration = Duration::from_millis(700);
