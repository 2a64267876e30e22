//! Two ends, each with something to send, and the loop that drives them.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::vec;
use std::vec::Vec;

use super::link::{Flight, Link};
use super::*;
use crate::limits::TAG_LEN;
use crate::secure::{Forged, Role, Suite, Suites};

pub(super) const CLIENT: usize = 0;
pub(super) const SERVER: usize = 1;
pub(super) const HOME: Address = Address::v4([192, 0, 2, 1], 4000);
const HOST: Address = Address::v4([192, 0, 2, 99], 50_000);
const TRANSFER: TransferId = TransferId(3);
const WINDOW: usize = 512;

/// Changes how a path begins.
type Choose<'c> = &'c dyn Fn(&mut PathConfig);

pub(super) type TestPath = Path<Toy, WINDOW>;

/// A cipher that hides nothing but notices everything.
#[derive(Clone, Debug)]
pub(super) struct Toy(u64);

impl Aead for Toy {
    fn suites() -> Suites {
        Suites::BASE
    }

    fn new(_: Suite, key: &[u8; 32]) -> Self {
        Self(key.iter().fold(7, |sum, &byte| sum * 31 % 1_000_003 + u64::from(byte)))
    }

    fn seal(&self, nonce: u64, aad: &[u8], text: &mut [u8]) -> [u8; TAG_LEN] {
        let mut sum = self.0 ^ nonce.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for chunk in [aad, text].into_iter().flat_map(|part| part.chunks(8)) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            sum = (sum ^ u64::from_le_bytes(word)).wrapping_mul(0x0100_0000_01B3).rotate_left(23);
        }
        let mut tag = [0; TAG_LEN];
        tag[..8].copy_from_slice(&sum.to_le_bytes());
        tag
    }

    fn open(&self, nonce: u64, aad: &[u8], text: &mut [u8], tag: &[u8; 16]) -> Result<(), Forged> {
        if self.seal(nonce, aad, text) == *tag { Ok(()) } else { Err(Forged) }
    }
}

pub(super) struct End {
    pub(super) path: TestPath,
    pub(super) address: Address,
    /// Ranges to send.
    todo: VecDeque<(u64, u64)>,
    total: u64,
    /// Bytes that the other end has to send.
    wants: u64,
    /// Offsets of what was acknowledged, and what arrived.
    pub(super) acked: BTreeMap<u64, u64>,
    pub(super) got: BTreeMap<u64, u64>,
    pub(super) stores: bool,
    forgetful: bool,
    pub(super) events: Vec<PathEvent>,
    pub(super) haves: usize,
}

pub(super) struct Pair {
    pub(super) client: End,
    pub(super) server: End,
    pub(super) link: Link,
    pub(super) now: Instant,
    /// Bytes that the server sent to an address, and received from it.
    ledger: BTreeMap<Address, (u64, u64)>,
    proven: BTreeSet<Address>,
}

impl End {
    fn new(role: Role, address: Address, seed: u64, now: Instant, choose: Choose<'_>) -> Self {
        let keys = DatagramKeys::new(Suite::ChaCha20Poly1305, [5; 32], role);
        let (mine, theirs) = match role {
            Role::Client => (ConnectionId::new(1), ConnectionId::new(2)),
            Role::Server => (ConnectionId::new(2), ConnectionId::new(1)),
        };
        let entropy = [u8::try_from(seed % 200).unwrap() + u8::from(role == Role::Client); 16];
        let mut config = PathConfig::new(keys, mine, theirs, entropy);
        choose(&mut config);
        Self {
            path: Path::new(config, now),
            address,
            todo: VecDeque::new(),
            total: 0,
            wants: 0,
            acked: BTreeMap::new(),
            got: BTreeMap::new(),
            stores: true,
            forgetful: false,
            events: Vec::new(),
            haves: 0,
        }
    }

    /// Loses interest in whatever is not acknowledged yet.
    pub(super) fn forget(&mut self) {
        self.forgetful = true;
    }

    fn listen(&mut self) {
        while let Some(settled) = self.path.poll_settled() {
            match settled {
                Settled::Acked(Carried { offset, len, .. }) => add(&mut self.acked, offset, len),
                Settled::Lost(_) if self.forgetful => {}
                Settled::Lost(Carried { offset, len, .. }) => {
                    self.todo.push_front((offset, offset + u64::from(len)));
                }
            }
        }
        while let Some(event) = self.path.poll_event() {
            self.events.push(event);
        }
    }

    /// The next datagram to send, whatever it is.
    fn poll(&mut self, now: Instant) -> Option<(Address, Vec<u8>)> {
        self.listen();
        self.path.backlogged(!self.todo.is_empty());
        self.path.expecting(!covers(&self.got, self.wants));
        let packet = match self.todo.pop_front() {
            Some((start, end)) if self.path.can_send(now) => {
                let len = (end - start).min(self.path.payload_len(TRANSFER, 0) as u64);
                if start + len < end {
                    self.todo.push_front((start + len, end));
                }
                let len = u16::try_from(len).unwrap();
                let carried = Carried { transfer: TRANSFER, offset: start, len };
                self.path.send_data(now, carried)
            }
            rest => {
                self.todo.extend(rest);
                if self.todo.len() > 1 {
                    self.todo.rotate_right(1);
                }
                self.path.poll_packet(now)?
            }
        };
        let mut datagram = vec![0; packet.len];
        if let PacketKind::Data { carried, .. } = packet.kind {
            for (i, byte) in datagram[packet.payload_range()].iter_mut().enumerate() {
                *byte = content(carried.offset + i as u64);
            }
        }
        let len = self.path.write(&packet, &mut datagram);
        assert_eq!(len, packet.len);
        Some((packet.to, datagram))
    }

    pub(super) fn hear(&mut self, now: Instant, from: Address, datagram: &mut [u8]) {
        match self.path.handle_datagram(now, from, datagram) {
            Ok(Incoming::Data { transfer, offset, bytes, receipt }) => {
                assert_eq!(transfer, TRANSFER);
                assert!((offset..).zip(bytes).all(|(at, &byte)| byte == content(at)));
                let len = u16::try_from(bytes.len()).unwrap();
                if self.stores {
                    add(&mut self.got, offset, len);
                    self.path.stored(now, receipt);
                }
            }
            Ok(Incoming::Have(_)) => self.haves += 1,
            Ok(Incoming::Handled | Incoming::Duplicate) | Err(_) => {}
        }
    }
}

impl Pair {
    pub(super) fn new(latency: Duration) -> Self {
        Self::seeded(latency, 1)
    }

    pub(super) fn seeded(latency: Duration, seed: u64) -> Self {
        Self::configured(latency, seed, &|_| {})
    }

    /// Both ends have this controller.
    pub(super) fn controlled(kind: ControllerKind, latency: Duration, seed: u64) -> Self {
        Self::configured(latency, seed, &|config| config.controller = kind)
    }

    /// Something else has proven this host.
    pub(super) fn proven(latency: Duration, host: Option<[u8; 16]>) -> Self {
        let mut pair = Self::configured(latency, 1, &|config| config.proven_host = host);
        pair.proven.extend(host.map(|ip| Address { ip, ..HOME }));
        pair
    }

    fn configured(latency: Duration, seed: u64, choose: Choose<'_>) -> Self {
        let now = Instant::from_micros(1_000_000);
        let mut pair = Self {
            client: End::new(Role::Client, HOME, seed, now, choose),
            server: End::new(Role::Server, HOST, seed, now, choose),
            link: Link::new(latency, seed),
            now,
            ledger: BTreeMap::new(),
            proven: BTreeSet::new(),
        };
        pair.client.path.open(now, Some(HOST));
        pair.server.path.open(now, None);
        pair
    }

    pub(super) fn upload(&mut self, bytes: u64) {
        self.client.todo.push_back((self.client.total, self.client.total + bytes));
        self.client.total += bytes;
        self.server.wants += bytes;
    }

    pub(super) fn download(&mut self, bytes: u64) {
        self.server.todo.push_back((self.server.total, self.server.total + bytes));
        self.server.total += bytes;
        self.client.wants += bytes;
    }

    /// Sends whatever can be sent now.
    fn drain(&mut self) {
        while let Some((to, datagram)) = self.client.poll(self.now) {
            let flight = Flight { from: self.client.address, to, datagram };
            self.link.send(self.now, SERVER, flight);
        }
        while let Some((to, datagram)) = self.server.poll(self.now) {
            let (sent, received) = self.ledger.entry(to).or_default();
            *sent += datagram.len() as u64;
            let bound = if self.proven.contains(&to) { u64::MAX } else { *received * 3 };
            assert!(*sent <= bound, "{sent} bytes sent for {received}");
            self.link.send(self.now, CLIENT, Flight { from: HOST, to, datagram });
        }
        for end in [&self.client, &self.server] {
            assert!(end.path.next_timeout().is_none_or(|at| self.now < at), "a wait in the past");
        }
    }

    /// Goes to the next thing that happens; `false` if nothing does before `end`.
    fn step(&mut self, end: Instant) -> bool {
        self.drain();
        let timeouts = [self.client.path.next_timeout(), self.server.path.next_timeout()];
        let next = timeouts.into_iter().flatten().chain(self.link.next()).min();
        let Some(next) = next.filter(|next| *next <= end) else { return false };
        self.now = self.now.max(next);
        self.happen();
        true
    }

    /// What is here is heard, and then what is due.
    fn happen(&mut self) {
        while let Some((to, mut flight)) = self.link.arrive(self.now) {
            if to == CLIENT && flight.to == self.client.address {
                self.client.hear(self.now, flight.from, &mut flight.datagram);
            } else if to == SERVER {
                self.pretend(flight.from, &mut flight.datagram);
            }
        }
        for end in [&mut self.client, &mut self.server] {
            if end.path.next_timeout().is_some_and(|at| at <= self.now) {
                end.path.handle_timeout(self.now);
            }
        }
    }

    /// Gives the server a datagram from an address, whoever sent it.
    pub(super) fn pretend(&mut self, from: Address, datagram: &mut [u8]) {
        self.ledger.entry(from).or_default().1 += datagram.len() as u64;
        self.server.hear(self.now, from, datagram);
        if self.server.path.is_proven() {
            self.proven.extend(self.server.path.remote());
        }
    }

    pub(super) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.step(end) {}
        self.now = end;
    }

    pub(super) fn run_until_delivered(&mut self, time: Duration) {
        let end = self.now + time;
        while !self.is_delivered() && self.step(end) {}
        self.assert_delivered();
    }

    /// Time passes in which nobody looks.
    pub(super) fn sleep(&mut self, time: Duration) {
        self.drain();
        self.now = self.now + time;
        self.client.path.handle_timeout(self.now);
        self.server.path.handle_timeout(self.now);
    }

    /// Time passes in which nobody looks, and what came meanwhile is heard first.
    pub(super) fn doze(&mut self, time: Duration) {
        self.drain();
        self.now = self.now + time;
        self.happen();
    }

    pub(super) fn is_delivered(&self) -> bool {
        covers(&self.server.got, self.client.total) && covers(&self.client.got, self.server.total)
    }

    pub(super) fn assert_delivered(&self) {
        assert!(self.is_delivered(), "{:?}\n{:?}", self.client.path, self.server.path.stats());
        for end in [&self.client, &self.server] {
            assert!(end.acked.iter().map(|(start, end)| end - start).sum::<u64>() <= end.total);
        }
    }
}

/// What a file has at this place.
fn content(at: u64) -> u8 {
    (at.wrapping_mul(2_654_435_761) >> 16).to_le_bytes()[0]
}

/// Adds a range and merges it with its neighbours.
fn add(ranges: &mut BTreeMap<u64, u64>, offset: u64, len: u16) {
    let (mut start, mut end) = (offset, offset + u64::from(len));
    let touching: Vec<_> = ranges
        .range(..=end)
        .rev()
        .take_while(|&(_, &e)| e >= start)
        .map(|(&s, &e)| (s, e))
        .collect();
    for (s, e) in touching {
        (start, end) = (start.min(s), end.max(e));
        ranges.remove(&s);
    }
    ranges.insert(start, end);
}

fn covers(ranges: &BTreeMap<u64, u64>, total: u64) -> bool {
    total == 0 || ranges.get(&0) == Some(&total)
}
