//! A client and a server with their drivers, in one virtual time.

use std::boxed::Box;
use std::collections::{BTreeMap, BinaryHeap};
use std::string::String;
use std::vec::Vec;

use super::super::*;
use super::file::{File, digest_of};
use super::link::{Dice, Link, Weather};
use super::post::{Parcel, Post};
use crate::ids::ConnectionId;
use crate::secure::{ChaCha, DatagramKeys, Suite};
use crate::time::Duration;
use crate::wire::Transfer;

pub(super) const WINDOW: usize = 256;
pub(super) const HOLES: usize = 16;
pub(super) const TRANSFERS: usize = 8;

pub(super) type TestFlow = Flow<ChaCha, WINDOW, HOLES, TRANSFERS>;

/// Two ends and what is between them.
pub(super) struct Pair {
    pub(super) now: Instant,
    pub(super) client: End,
    pub(super) server: End,
    queue: BinaryHeap<Post>,
    posted: u64,
}

/// One end: its flow and its driver.
pub(super) struct End {
    pub(super) flow: Box<TestFlow>,
    /// What it shares, by name.
    pub(super) files: BTreeMap<String, File>,
    /// What arrives, by transfer.
    pub(super) parts: BTreeMap<u16, Vec<u8>>,
    /// What it has of a file from before, by name.
    pub(super) held: BTreeMap<String, Vec<ByteRange>>,
    pub(super) events: Vec<FlowEvent>,
    pub(super) said: Vec<Transfer>,
    /// How long writing takes.
    pub(super) write_delay: Duration,
    /// What happens to writes and reads.
    pub(super) disk_fails: bool,
    /// The driver answers what it is asked.
    pub(super) obliging: bool,
    pub(super) link: Link,
    pub(super) pipe_delay: Duration,
    names: BTreeMap<u16, String>,
    pipe_free_at: Instant,
    wait: Option<Instant>,
    address: Address,
}

impl Pair {
    pub(super) fn new(weather: Weather, seed: u64) -> Self {
        Self::with_stop_point(weather, seed, None)
    }

    pub(super) fn with_stop_point(weather: Weather, seed: u64, stop: Option<Percent>) -> Self {
        let mut pair = Self {
            now: Instant::from_micros(1_000_000),
            client: End::new(Role::Client, weather, seed, None),
            server: End::new(Role::Server, weather, seed, stop),
            queue: BinaryHeap::new(),
            posted: 0,
        };
        pair.server.flow.open(pair.now, None);
        pair.client.flow.open(pair.now, Some(pair.server.address));
        pair.drain();
        pair
    }

    /// Shares a file of so many bytes at the server.
    pub(super) fn share(&mut self, name: &str, size: usize) -> &mut Self {
        self.server.files.insert(name.into(), File::new(size, 1));
        self
    }

    /// The client asks for a file, and for what it has of it already to be left out.
    pub(super) fn get(&mut self, id: u16, name: &str) -> &mut Self {
        self.get_with(id, name, None, false, false)
    }

    /// The client asks for a file, of which it has some, and will hold it there.
    pub(super) fn get_until(
        &mut self,
        id: u16,
        name: &str,
        held: Option<&Held>,
        stop: Option<Percent>,
    ) -> &mut Self {
        let now = self.now;
        self.begin_get(id, name, held, (false, false));
        self.client.flow.stop_at(now, TransferId(id), stop.unwrap());
        self.drain();
        self
    }

    pub(super) fn get_with(
        &mut self,
        id: u16,
        name: &str,
        held: Option<&Held>,
        on_hold: bool,
        confirmed: bool,
    ) -> &mut Self {
        self.begin_get(id, name, held, (on_hold, confirmed));
        self.drain();
        self
    }

    fn begin_get(&mut self, id: u16, name: &str, held: Option<&Held>, flags: (bool, bool)) {
        let now = self.now;
        let ranges = held.iter().flat_map(|held| held.ranges.iter().copied()).collect();
        self.client.names.insert(id, name.into());
        self.client.parts.entry(id).or_default();
        self.client.held.insert(name.into(), ranges);
        let name = FileName::parse(name).unwrap();
        let flow = &mut self.client.flow;
        flow.get(now, TransferId(id), &name, held, flags.0, flags.1).unwrap();
    }

    /// The client uploads so many bytes.
    pub(super) fn put(&mut self, id: u16, name: &str, size: usize) -> &mut Self {
        let file = File::new(size, 2);
        let (now, id, stamp) = (self.now, TransferId(id), file.stamp);
        let digest = digest_of(&file.content);
        self.client.files.insert(name.into(), file);
        self.client.names.insert(id.0, name.into());
        let name = FileName::parse(name).unwrap();
        self.client.flow.put(now, id, &name, size as u64, stamp, false).unwrap();
        self.client.flow.digest(now, id, digest);
        self.drain();
        self
    }

    /// Goes on until something is true; panics when it is not after so many seconds.
    pub(super) fn run_until(&mut self, seconds: u64, done: impl Fn(&Self) -> bool) {
        let limit = self.now + Duration::from_secs(seconds);
        self.drain();
        while !done(self) {
            assert!(self.step(limit), "not done after {seconds} s: {:#?}", self.summary());
        }
    }

    /// Goes on for some time.
    pub(super) fn run_for(&mut self, time: Duration) {
        let limit = self.now + time;
        self.drain();
        while self.step(limit) {}
        self.now = limit;
        self.drain();
    }

    /// Goes on until neither end has a transfer, and then until nothing is on its way.
    pub(super) fn finish(&mut self, seconds: u64) {
        self.run_until(seconds, |pair| !pair.client.flow.is_busy() && !pair.server.flow.is_busy());
        self.run_for(Duration::from_secs(5));
    }

    /// Everything both ends say, until they wait.
    pub(super) fn drain(&mut self) {
        for role in [Role::Client, Role::Server] {
            self.end(role).wait = None;
            while let Some((at, parcel)) = self.poll(role) {
                self.post(at, role.other(), parcel);
            }
        }
    }

    pub(super) fn end(&mut self, role: Role) -> &mut End {
        match role {
            Role::Client => &mut self.client,
            Role::Server => &mut self.server,
        }
    }

    /// Takes the next thing that happens before the limit; false when nothing does.
    fn step(&mut self, limit: Instant) -> bool {
        let waits = [self.client.wait, self.server.wait].into_iter().flatten();
        let next = waits.chain(self.queue.peek().map(|post| post.at)).min();
        let Some(at) = next.filter(|&at| at <= limit) else { return false };
        self.now = self.now.max(at);
        while self.queue.peek().is_some_and(|post| post.at <= self.now) {
            let post = self.queue.pop().expect("it was just seen");
            let now = self.now;
            let from = self.end(post.to.other()).address;
            let written = self.end(post.to).deliver(now, from, post.parcel);
            if let Some((at, receipt)) = written {
                self.post(at, post.to, Parcel::Written(receipt));
            }
        }
        self.drain();
        true
    }

    fn post(&mut self, at: Instant, to: Role, parcel: Parcel) {
        self.posted += 1;
        self.queue.push(Post { at, number: self.posted, to, parcel });
    }

    /// One output of one end; what it sends, and when that arrives.
    fn poll(&mut self, role: Role) -> Option<(Instant, Parcel)> {
        let now = self.now;
        let mut datagram = [0; 2048];
        loop {
            let end = self.end(role);
            let packet = match end.flow.poll_output(now) {
                FlowOutput::Data(packet, place) => {
                    let payload = &mut datagram[packet.payload_range()];
                    if !end.read(place, payload) {
                        end.flow.abort(now, place.id, AbortReason::DiskFailed);
                        continue;
                    }
                    packet
                }
                FlowOutput::Packet(packet) if packet.len > datagram.len() => continue,
                FlowOutput::Packet(packet) => packet,
                FlowOutput::Message(message) => {
                    end.said.push(message.clone());
                    end.pipe_free_at = end.pipe_free_at.max(now + end.pipe_delay);
                    return Some((end.pipe_free_at, Parcel::Message(Box::new(message))));
                }
                FlowOutput::Event(event) => {
                    end.events.push(event.clone());
                    end.oblige(now, event);
                    continue;
                }
                FlowOutput::Wait(at) => {
                    assert!(at > now, "waiting for what is over: {at:?} at {now:?}");
                    end.wait = Some(at);
                    return None;
                }
                FlowOutput::Idle => return None,
            };
            let len = end.flow.write(&packet, &mut datagram);
            let arrivals = end.link.pass(now, &datagram[..len]);
            for (at, bytes) in arrivals {
                self.post(at, role.other(), Parcel::Datagram(bytes));
            }
        }
    }

    pub(super) fn summary(&self) -> impl std::fmt::Debug + '_ {
        let ids = || self.client.names.keys().map(|&id| TransferId(id));
        let progress: Vec<_> = ids()
            .map(|id| (id, self.client.flow.progress(id), self.server.flow.progress(id)))
            .collect();
        let events = (&self.client.events, &self.server.events);
        let stats = (self.client.flow.stats(), self.server.flow.stats());
        let paths = (self.client.flow.path_stats(), self.server.flow.path_stats());
        (self.now, progress, events, stats, paths)
    }
}

impl End {
    fn new(role: Role, weather: Weather, seed: u64, confirm_at: Option<Percent>) -> Self {
        let (local, remote) = if role == Role::Client { (1, 2) } else { (2, 1) };
        let mut dice = Dice(seed ^ u64::from(local));
        let mut entropy = [0; 16];
        entropy[..8].copy_from_slice(&dice.throw().to_le_bytes());
        let keys = DatagramKeys::new(Suite::ChaCha20Poly1305, [7; 32], role);
        let mut path =
            PathConfig::new(keys, ConnectionId::new(local), ConnectionId::new(remote), entropy);
        path.max_datagram = 1452;
        let flow = Flow::new(FlowConfig { path, confirm_at }, Instant::from_micros(1_000_000));
        Self {
            flow: Box::new(flow),
            files: BTreeMap::new(),
            parts: BTreeMap::new(),
            held: BTreeMap::new(),
            events: Vec::new(),
            said: Vec::new(),
            write_delay: Duration::ZERO,
            disk_fails: false,
            obliging: true,
            link: Link::new(weather, dice.throw()),
            pipe_delay: weather.delay,
            names: BTreeMap::new(),
            pipe_free_at: Instant::ZERO,
            wait: None,
            address: Address::v4([10, 0, 0, u8::try_from(local).unwrap()], 50_000),
        }
    }

    /// Whether it was told of a transfer's good end.
    pub(super) fn finished(&self, id: u16) -> bool {
        self.events.contains(&FlowEvent::Finished { id: TransferId(id) })
    }

    /// How a transfer ended early.
    pub(super) fn ended(&self, id: u16) -> Option<(AbortReason, bool)> {
        self.events.iter().find_map(|event| match event {
            FlowEvent::Ended { id: which, why, by_peer } if which.0 == id => Some((*why, *by_peer)),
            _ => None,
        })
    }

    /// How often it was told of a transfer's end.
    pub(super) fn ends(&self, id: u16) -> usize {
        let is_end = |event: &&FlowEvent| match event {
            FlowEvent::Finished { id: which } | FlowEvent::Ended { id: which, .. } => which.0 == id,
            _ => false,
        };
        self.events.iter().filter(is_end).count()
    }

    /// The last that it was told about a transfer's holds.
    pub(super) fn holds(&self, id: u16) -> Option<(bool, bool, u64)> {
        self.events.iter().rev().find_map(|event| match event {
            FlowEvent::Holds { id: which, mine, theirs, at } if which.0 == id => {
                Some((*mine, *theirs, *at))
            }
            _ => None,
        })
    }

    pub(super) fn progress(&self, id: u16) -> Progress {
        self.flow.progress(TransferId(id)).expect("the transfer is under way")
    }

    fn deliver(
        &mut self,
        now: Instant,
        from: Address,
        parcel: Parcel,
    ) -> Option<(Instant, Receipt)> {
        match parcel {
            Parcel::Message(message) => self.flow.handle_message(now, &message).unwrap(),
            Parcel::Written(receipt) => self.flow.stored(now, receipt),
            Parcel::Datagram(mut datagram) => {
                let arrival = self.flow.handle_datagram(now, from, &mut datagram);
                let Ok(Arrival::Chunk { id, offset, bytes, receipt }) = arrival else {
                    return None;
                };
                if self.disk_fails {
                    self.flow.abort(now, id, AbortReason::NoSpace);
                    return None;
                }
                let part = self.parts.get_mut(&id.0).expect("there is a place for it");
                let end = offset as usize + bytes.len();
                part.resize(part.len().max(end), 0);
                part[offset as usize..end].copy_from_slice(bytes);
                return Some((now + self.write_delay, receipt));
            }
        }
        None
    }

    fn read(&self, place: DataPlace, payload: &mut [u8]) -> bool {
        let name = self.names.get(&place.id.0);
        let start = place.offset as usize;
        let file = name.and_then(|name| self.files.get(name));
        let bytes = file.and_then(|file| file.content.get(start..start + payload.len()));
        bytes.filter(|_| !self.disk_fails).map(|bytes| payload.copy_from_slice(bytes)).is_some()
    }

    /// What a driver does when it is asked something.
    fn oblige(&mut self, now: Instant, event: FlowEvent) {
        if !self.obliging {
            return;
        }
        match event {
            FlowEvent::Wanted { id, name, .. } => {
                self.names.insert(id.0, name.as_str().into());
                let Some(file) = self.files.get(name.as_str()) else {
                    return self.flow.abort(now, id, AbortReason::NoSuchFile);
                };
                self.flow.offer(now, id, file.content.len() as u64, file.stamp);
                self.flow.digest(now, id, digest_of(&file.content));
            }
            FlowEvent::Pushed { id, name, .. } => {
                self.names.insert(id.0, name.as_str().into());
                self.parts.insert(id.0, Vec::new());
                self.flow.accept(now, id, &[]);
            }
            FlowEvent::Offered { id, resumed, .. } => {
                let held = self.held[&self.names[&id.0]].clone();
                self.flow.prepared(now, id, if resumed { &held } else { &[] });
            }
            FlowEvent::Verify { id, digest } => {
                if digest_of(&self.parts[&id.0]) == digest {
                    self.flow.verified(now, id);
                } else {
                    self.flow.abort(now, id, AbortReason::WrongDigest);
                }
            }
            _ => {}
        }
    }
}

pub(super) fn held(stamp: u64, ranges: &[(u64, u64)]) -> Held {
    let ranges = ranges.iter().map(|&(start, end)| ByteRange { start, end }).collect();
    Held { stamp: Stamp(stamp), ranges }
}
