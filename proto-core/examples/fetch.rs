//! A file over a link that loses every tenth datagram: two ends, and all that a driver does.
//!
//! ```text
//! cargo run -p proto-core --example fetch
//! ```
//!
//! Time, the link and the files are the driver's: here a number, two queues and two vectors. On a
//! device they are a timer, a socket and a flash chip, and nothing else changes. The control
//! channel is a queue, too; the example `room` shows the secure one.
#![expect(clippy::cast_possible_truncation, reason = "an example's numbers are small")]

use std::collections::VecDeque;

use proto_core::flow::{Arrival, Flow, FlowConfig, FlowEvent, FlowOutput};
use proto_core::ids::{ConnectionId, Digest, Stamp, TransferId};
use proto_core::limits::BASE_DATAGRAM_LEN;
use proto_core::path::{Address, PathConfig};
use proto_core::secure::{ChaCha, DatagramKeys, Role, Suite};
use proto_core::text::FileName;
use proto_core::time::{Duration, Instant};
use proto_core::wire::{AbortReason, Transfer};

/// 64 packets on their way, 64 holes in what has arrived, one transfer at a time.
type Files = Flow<ChaCha, 64, 64, 1>;

const FILE: TransferId = TransferId(1);
const DELAY: Duration = Duration::from_millis(10);

fn main() {
    let content: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
    let mut now = Instant::ZERO;
    let mut server = End::new(Role::Server, content.clone());
    let mut client = End::new(Role::Client, Vec::new());
    server.flow.open(now, None);
    client.flow.open(now, Some(server.address));
    let name = FileName::parse("photo.jpg").expect("a plain name");
    client.flow.get(now, FILE, &name, None, false, false).expect("nothing else is under way");

    while !client.done {
        server.poll(now);
        client.poll(now);
        now = server.wakes_at(&client).min(client.wakes_at(&server)).max(now);
        server.deliver_to(now, &mut client);
        client.deliver_to(now, &mut server);
    }

    assert!(client.file == content, "what was verified is what was sent");
    let (sent, lost) = (server.sent, server.lost);
    println!("{} bytes after {} ms", client.file.len(), now.as_micros() / 1000);
    println!("{sent} datagrams from the server, of which the link lost {lost}");
}

/// What is on its way to the other end.
enum Parcel {
    Words(Box<Transfer>),
    Datagram(Vec<u8>),
}

/// One end: a machine and its driver.
struct End {
    flow: Files,
    file: Vec<u8>,
    address: Address,
    outgoing: VecDeque<(Instant, Parcel)>,
    wait: Option<Instant>,
    done: bool,
    sent: u32,
    lost: u32,
}

impl End {
    fn new(role: Role, file: Vec<u8>) -> Self {
        let (ours, theirs) = if role == Role::Client { (1, 2) } else { (2, 1) };
        // A link's `Established` yields the keys and both ids; the entropy is the device's own.
        let keys = DatagramKeys::new(Suite::ChaCha20Poly1305, [7; 32], role);
        let mut path =
            PathConfig::new(keys, ConnectionId::new(ours), ConnectionId::new(theirs), [9; 16]);
        path.max_datagram = BASE_DATAGRAM_LEN as u16;
        Self {
            flow: Files::new(FlowConfig { path, confirm_at: None }, Instant::ZERO),
            file,
            address: Address::v4([192, 0, 2, ours as u8], 4040),
            outgoing: VecDeque::new(),
            wait: None,
            done: false,
            sent: 0,
            lost: 0,
        }
    }

    /// Does what the machine wants done, until it waits.
    fn poll(&mut self, now: Instant) {
        let mut datagram = [0; BASE_DATAGRAM_LEN];
        loop {
            match self.flow.poll_output(now) {
                FlowOutput::Data(packet, place) => {
                    let payload = &mut datagram[packet.payload_range()];
                    let from = place.offset as usize;
                    payload.copy_from_slice(&self.file[from..from + payload.len()]);
                    let len = self.flow.write(&packet, &mut datagram);
                    self.send(now, &datagram[..len]);
                }
                // A probe for longer datagrams than this link carries is lost like any other.
                FlowOutput::Packet(packet) if packet.len > datagram.len() => {}
                FlowOutput::Packet(packet) => {
                    let len = self.flow.write(&packet, &mut datagram);
                    self.send(now, &datagram[..len]);
                }
                FlowOutput::Message(words) => {
                    self.outgoing.push_back((now + DELAY, Parcel::Words(Box::new(words))));
                }
                FlowOutput::Event(event) => self.answer(now, &event),
                FlowOutput::Wait(at) => break self.wait = Some(at),
                FlowOutput::Idle => break self.wait = None,
            }
        }
    }

    /// The machine asks about files; a driver knows.
    fn answer(&mut self, now: Instant, event: &FlowEvent) {
        match *event {
            FlowEvent::Wanted { id, .. } => {
                self.flow.offer(now, id, self.file.len() as u64, Stamp(1));
                self.flow.digest(now, id, digest(&self.file));
            }
            FlowEvent::Offered { id, size, .. } => {
                self.file.resize(size as usize, 0);
                self.flow.prepared(now, id, &[]);
            }
            FlowEvent::Verify { id, digest: wanted } if digest(&self.file) == wanted => {
                self.flow.verified(now, id);
            }
            FlowEvent::Verify { id, .. } => self.flow.abort(now, id, AbortReason::WrongDigest),
            FlowEvent::Finished { .. } => self.done = true,
            FlowEvent::Ended { why, .. } => panic!("the transfer ended: {why}"),
            _ => {}
        }
    }

    fn send(&mut self, now: Instant, datagram: &[u8]) {
        self.sent += 1;
        if self.sent.is_multiple_of(10) {
            self.lost += 1;
        } else {
            self.outgoing.push_back((now + DELAY, Parcel::Datagram(datagram.to_vec())));
        }
    }

    /// When this end has something to do: its own time has come, or something arrives.
    fn wakes_at(&self, peer: &Self) -> Instant {
        let arrival = peer.outgoing.front().map(|&(at, _)| at);
        self.wait.into_iter().chain(arrival).min().unwrap_or(Instant::from_micros(u64::MAX))
    }

    /// Hands over what has arrived by now.
    fn deliver_to(&mut self, now: Instant, peer: &mut Self) {
        while self.outgoing.front().is_some_and(|&(at, _)| at <= now) {
            match self.outgoing.pop_front() {
                Some((_, Parcel::Words(words))) => {
                    peer.flow.handle_message(now, &words).expect("both ends keep to the protocol");
                }
                Some((_, Parcel::Datagram(datagram))) => peer.take(now, self.address, datagram),
                None => {}
            }
        }
    }

    /// Bytes are stored first and acknowledged then.
    fn take(&mut self, now: Instant, from: Address, mut datagram: Vec<u8>) {
        let arrival = self.flow.handle_datagram(now, from, &mut datagram);
        let Ok(Arrival::Chunk { offset, bytes, receipt, .. }) = arrival else { return };
        let (start, end) = (offset as usize, offset as usize + bytes.len());
        self.file.resize(self.file.len().max(end), 0);
        self.file[start..end].copy_from_slice(bytes);
        self.flow.stored(now, receipt);
    }
}

fn digest(content: &[u8]) -> Digest {
    Digest(*blake3::hash(content).as_bytes())
}

#[test]
fn a_file_arrives_over_a_lossy_link() {
    main();
}
