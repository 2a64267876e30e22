//! Two people and a server: handshakes, logins, a line of chat. Every byte on the wires is sealed.
//!
//! ```text
//! cargo run -p proto-core --example room
//! ```
//!
//! Each wire is a queue of bytes, as a TCP connection is one. The driver moves bytes, hands what
//! was opened to the machine behind, and seals what that says.

use std::collections::VecDeque;

use proto_core::chat::{
    Client, ClientEvent, ClientOutput, Hub, HubConfig, HubOutput, LinkId, Purpose,
};
use proto_core::ids::{ConnectionId, PublicKey};
use proto_core::link::{Link, LinkConfig, LinkOutput, NO_SECRET};
use proto_core::secure::{RecordBuf, StaticKey, Suites};
use proto_core::text::{Name, Text};
use proto_core::time::{Instant, UnixMillis};
use proto_core::wire::{Audience, ToClient, ToServer, decode, encode};

type Wire = VecDeque<u8>;

/// The clock stands still: nothing here takes time.
const NOW: Instant = Instant::ZERO;

fn main() {
    let server_key = StaticKey::from([1; 32]);
    // 8 people are remembered, 2 are connected at once; 280 KB of messages want a heap or a static.
    let mut hub: Box<Room> = Box::new(Hub::new(HubConfig::DEFAULT));
    let mut lines = [Line::new(&server_key, 11), Line::new(&server_key, 12)];
    let mut alice = Person::new("alice", 21, server_key.public());
    let mut bob = Person::new("bob", 22, server_key.public());

    let mut said = false;
    while bob.read.is_empty() {
        alice.turn(&mut lines[0]);
        bob.turn(&mut lines[1]);
        for line in &mut lines {
            line.hear(&mut hub);
        }
        serve(&mut hub, &mut lines);
        if !said && alice.chat.is_online() && bob.chat.is_online() {
            let text = Text::parse("The kettle is on.").expect("a plain line");
            alice.chat.say(NOW, &Audience::All, text).expect("nothing else waits");
            said = true;
        }
    }
    assert_eq!(bob.read, ["alice: The kettle is on."]);
    println!("{}", bob.read[0]);
}

/// Records in and out of one end of a wire.
struct End {
    link: Link,
    /// Text of records that were opened.
    opened: VecDeque<Vec<u8>>,
    peer: Option<PublicKey>,
}

impl End {
    /// `entropy` stands for 32 fresh random bytes.
    fn config(key: &StaticKey, entropy: u8) -> LinkConfig<'_> {
        let cid = ConnectionId::new(u16::from(entropy));
        let entropy = [entropy; 32];
        LinkConfig { key, psk: NO_SECRET, cid, suites: Suites::BASE, entropy }
    }

    fn new(link: Link) -> Self {
        Self { link, opened: VecDeque::new(), peer: None }
    }

    /// Moves bytes through the link. `expected` is the key that a client trusts.
    fn turn(&mut self, from: &mut Wire, to: &mut Wire, expected: Option<PublicKey>) {
        loop {
            let space = self.link.space();
            let len = space.len().min(from.len());
            for (place, byte) in space.iter_mut().zip(from.drain(..len)) {
                *place = byte;
            }
            self.link.received(len);
            loop {
                match self.link.poll_output().expect("nobody tampers with these wires") {
                    LinkOutput::Transmit(bytes) => to.extend(bytes),
                    LinkOutput::Identified(key) => {
                        assert_eq!(Some(key), expected, "that is another server");
                        self.link.trust();
                    }
                    LinkOutput::Established(established) => self.peer = Some(established.peer),
                    LinkOutput::Record(text) => self.opened.push_back(text.to_vec()),
                    LinkOutput::Idle => break,
                }
            }
            if from.is_empty() {
                return;
            }
        }
    }

    fn seal(&mut self, message: &impl serde::Serialize, to: &mut Wire) {
        let mut record = RecordBuf::new();
        let len = encode(message, record.text()).expect("a record has room for any message");
        to.extend(self.link.seal(&mut record, len));
    }
}

/// A client.
struct Person {
    end: End,
    chat: Client<4>,
    server: PublicKey,
    connected: bool,
    read: Vec<String>,
}

impl Person {
    fn new(name: &str, entropy: u8, server: PublicKey) -> Self {
        let key = StaticKey::from([entropy; 32]);
        let name = Name::parse(name).expect("a plain name");
        Self {
            end: End::new(Link::client(End::config(&key, entropy))),
            chat: Client::new(name, Purpose::Join, u64::from(entropy), None),
            server,
            connected: false,
            read: Vec::new(),
        }
    }

    fn turn(&mut self, line: &mut Line) {
        self.end.turn(&mut line.down, &mut line.up, Some(self.server));
        if self.end.peer.is_some() && !self.connected {
            self.connected = true;
            self.chat.connected(NOW);
        }
        while let Some(record) = self.end.opened.pop_front() {
            let mut rest = &record[..];
            while !rest.is_empty() {
                let (message, after) = decode::<ToClient<'_>>(rest).expect("the server's words");
                let event = self.chat.handle_message(NOW, message).expect("the server's manners");
                if let ClientEvent::Said { from, text, .. } = event {
                    self.read.push(format!("{from}: {}", text.as_str()));
                }
                rest = after;
            }
        }
        loop {
            match self.chat.poll_output(NOW) {
                ClientOutput::Transmit(message) => self.end.seal(&message, &mut line.up),
                ClientOutput::Event(_) => {}
                ClientOutput::Wait(_) | ClientOutput::Idle => return,
            }
        }
    }
}

type Room = Hub<8, 2>;

/// The server's end of one connection, and the wire both ways.
struct Line {
    end: End,
    id: Option<LinkId>,
    up: Wire,
    down: Wire,
}

impl Line {
    fn new(key: &StaticKey, entropy: u8) -> Self {
        let end = End::new(Link::server(End::config(key, entropy)));
        Self { end, id: None, up: Wire::new(), down: Wire::new() }
    }

    fn hear(&mut self, hub: &mut Room) {
        self.end.turn(&mut self.up, &mut self.down, None);
        let Some(peer) = self.end.peer else { return };
        let id = *self.id.get_or_insert_with(|| hub.connect(NOW, peer).expect("there is room"));
        while let Some(record) = self.end.opened.pop_front() {
            let mut rest = &record[..];
            while !rest.is_empty() {
                let (message, after) = decode::<ToServer<'_>>(rest).expect("the client's words");
                hub.handle_message(NOW, UnixMillis(0), id, message).expect("the client's manners");
                rest = after;
            }
        }
    }
}

/// Stores what the hub wants stored, and sends what it has for each line.
fn serve(hub: &mut Room, lines: &mut [Line]) {
    loop {
        let ready = match hub.poll_output(NOW) {
            // A server that keeps nothing answers at once; ours waits for its database.
            HubOutput::Store(_, receipt) => {
                hub.stored(NOW, receipt);
                continue;
            }
            HubOutput::Ready(id) => id,
            HubOutput::Event(_) => continue,
            HubOutput::Close(_, why) => panic!("nobody leaves: {why:?}"),
            HubOutput::Wait(_) | HubOutput::Idle => return,
        };
        let line = lines.iter_mut().find(|line| line.id == Some(ready)).expect("it is connected");
        while let Some(message) = hub.poll_message(NOW, ready) {
            line.end.seal(&message, &mut line.down);
        }
    }
}

#[test]
fn one_speaks_and_the_other_reads() {
    main();
}
