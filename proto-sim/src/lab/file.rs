//! A whole file from a server to a client: how much longer it takes than the link does, and how
//! much more is sent than stored.

use std::collections::VecDeque;

use proto_core::flow::{Arrival, Flow, FlowConfig, FlowEvent, FlowOutput};
use proto_core::ids::{ConnectionId, Digest, Stamp, TransferId};
use proto_core::path::{Address, PathConfig};
use proto_core::secure::{DatagramKeys, Role, Suite};
use proto_core::text::FileName;
use proto_core::time::{Duration, Instant};
use proto_core::wire::Transfer;

use super::plain::Plain;
use crate::link::{Link, LinkConfig};
use crate::rng::Rng;

/// A file and its link: a bottleneck towards the client, and behind it what goes wrong.
#[derive(Clone, Debug)]
pub struct File {
    /// Its bytes.
    pub size: u64,
    /// Rate and queue of the bottleneck.
    pub neck: LinkConfig,
    /// Latency, and what is lost, both ways.
    pub way: LinkConfig,
    /// What chance is drawn from.
    pub seed: u64,
}

/// What came out.
#[derive(Clone, Copy, Debug)]
pub struct Arrived {
    /// From the client's wish until three tenths, nine tenths, and all of it were there.
    pub times: [Duration; 3],
    /// Bytes that the server sent, headers included.
    pub sent: u64,
}

/// One end: a host's flow, as large as a host's.
struct End {
    flow: Box<Flow<Plain, 8192, 256, 4>>,
    wakes: Option<Instant>,
}

struct Run {
    now: Instant,
    /// The server and the client.
    ends: [End; 2],
    /// What each of them is sent.
    ways: [Link; 2],
    neck: Link,
    words: [VecDeque<(Instant, Transfer)>; 2],
    latency: Duration,
    size: u64,
}

impl File {
    /// Runs until it has arrived.
    pub fn run(&self) -> Arrived {
        let now = Instant::from_micros(1_000_000);
        let rng = Rng::new(self.seed);
        let ways = ["up", "down"].map(|way| Link::new(self.way.clone(), rng.split(way)));
        let neck = Link::new(self.neck.clone(), rng.split("neck"));
        let ends = [Role::Server, Role::Client].map(|role| End::new(now, role, self.seed));
        let (words, latency) = ([VecDeque::new(), VecDeque::new()], self.way.latency);
        let mut run = Run { now, ends, ways, neck, words, latency, size: self.size };
        let [server, client] = &mut run.ends;
        server.flow.open(now, None);
        client.flow.open(now, Some(SERVER));
        let name = FileName::parse("file").expect("it is one");
        client.flow.get(now, FILE, &name, None, false, false).expect("there is room");
        let times = [3, 9, 10].map(|tenths| run.until(self.size * tenths / 10).since(now));
        let sent = run.ends[0].flow.path_stats().bytes_sent;
        Arrived { times, sent }
    }
}

impl Run {
    fn until(&mut self, stored: u64) -> Instant {
        let mut scratch = vec![0; 2048];
        while self.ends[1].flow.stats().bytes_stored < stored {
            (0..2).for_each(|end| self.drain(end, &mut scratch));
            let wakes = self.ends.iter().filter_map(|end| end.wakes);
            let words = self.words.iter().filter_map(|words| Some(words.front()?.0));
            let datagrams = self.ways.iter().chain([&self.neck]).filter_map(Link::next_arrival);
            let next = wakes.chain(words).chain(datagrams).min().expect("it is not over");
            self.now = self.now.max(next);
            while let Some(((), datagram)) = self.neck.poll_arrival(self.now) {
                self.ways[1].send(self.now, (), &datagram);
            }
            (0..2).for_each(|end| self.hear(end));
        }
        self.now
    }

    fn hear(&mut self, end: usize) {
        let (now, flow) = (self.now, &mut self.ends[end].flow);
        while self.words[end].front().is_some_and(|&(at, _)| at <= now) {
            let (_, word) = self.words[end].pop_front().expect("there is one");
            flow.handle_message(now, &word).expect("the peer is honest");
        }
        while let Some(((), mut datagram)) = self.ways[end].poll_arrival(now) {
            let from = if end == 0 { CLIENT } else { SERVER };
            if let Ok(Arrival::Chunk { receipt, .. }) =
                flow.handle_datagram(now, from, &mut datagram)
            {
                flow.stored(now, receipt);
            }
        }
    }

    fn drain(&mut self, end: usize, scratch: &mut [u8]) {
        let (now, size) = (self.now, self.size);
        let flow = &mut self.ends[end].flow;
        self.ends[end].wakes = loop {
            match flow.poll_output(now) {
                FlowOutput::Data(packet, _) | FlowOutput::Packet(packet) => {
                    let len = flow.write(&packet, scratch);
                    let link = if end == 0 { &mut self.neck } else { &mut self.ways[0] };
                    link.send(now, (), &scratch[..len]);
                }
                FlowOutput::Message(word) => {
                    self.words[1 - end].push_back((now + self.latency, word));
                }
                FlowOutput::Event(FlowEvent::Wanted { id, .. }) => {
                    flow.offer(now, id, size, Stamp(1));
                    flow.digest(now, id, Digest([0; 32]));
                }
                FlowOutput::Event(FlowEvent::Offered { id, .. }) => flow.prepared(now, id, &[]),
                FlowOutput::Event(_) => {}
                FlowOutput::Wait(at) => break Some(at),
                FlowOutput::Idle => break None,
            }
        };
    }
}

impl End {
    fn new(now: Instant, role: Role, seed: u64) -> Self {
        let keys = DatagramKeys::new(Suite::ChaCha20Poly1305, [7; 32], role);
        let number = u16::from(role == Role::Server);
        let (local, remote) = (ConnectionId::new(1 + number), ConnectionId::new(2 - number));
        let entropy = (u128::from(seed) << 1 | u128::from(number)).to_le_bytes();
        let mut path = PathConfig::new(keys, local, remote, entropy);
        path.max_datagram = DATAGRAM;
        path.proven_host = (role == Role::Server).then_some(CLIENT.ip);
        let flow = Box::new(Flow::new(FlowConfig { path, confirm_at: None }, now));
        Self { flow, wakes: Some(now) }
    }
}

const FILE: TransferId = TransferId(1);
const CLIENT: Address = Address::v4([192, 0, 2, 1], 4000);
const SERVER: Address = Address::v4([192, 0, 2, 99], 50_000);
/// The longest that fits Ethernet.
pub(super) const DATAGRAM: u16 = 1472;
