//! Clients, a hub, their links and their disk, driven as programs drive them, and the truth.

use std::boxed::Box;
use std::collections::VecDeque;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::Op;
use super::disk::{Stored, Waiting, write};
use crate::chat::*;
use crate::ids::{Ordinal, PublicKey, Seq};
use crate::limits::{MAX_MESSAGE_LEN, MAX_MESSAGES};
use crate::text::{Name, Text};
use crate::time::{Duration, Instant, UnixMillis};
use crate::wire::{Audience, ToClient, ToServer, decode, encode};

type ModelHub = Hub<4, 12>;
type ModelClient = Client<20>;

/// Who runs a client, and what for. Two of them are the same person.
pub(super) const CAST: [(&str, Purpose); 4] = [
    ("leah", Purpose::Join),
    ("leah", Purpose::Use),
    ("noam", Purpose::Join),
    ("tal", Purpose::Join),
];

/// What a client's user knows of what was said.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Open,
    Delivered,
    Rejected,
    /// The program died before the fate was known.
    Unknown,
}

struct User {
    client: ModelClient,
    life: u64,
    link: Option<LinkId>,
    up: VecDeque<Vec<u8>>,
    down: VecDeque<Vec<u8>>,
    /// Everything said, with the life and the number it was said by.
    said: Vec<(u64, Seq, String, Fate)>,
}

pub(super) struct World {
    now: Instant,
    hub: Box<ModelHub>,
    users: Vec<User>,
    people: Vec<PersonRecord>,
    messages: Vec<(u64, Vec<u8>)>,
    waiting: Vec<Waiting>,
    slow: bool,
    /// Every message ever stored, in order: the truth.
    truth: Vec<Stored>,
    words: u64,
}

const CONFIG: HubConfig =
    HubConfig { rate: Rate { burst: 25, per_second: 10 }, ..HubConfig::DEFAULT };

impl World {
    pub(super) fn new() -> Self {
        let users = (0..CAST.len()).map(|index| User {
            client: client(index, 0, None),
            life: 0,
            link: None,
            up: VecDeque::new(),
            down: VecDeque::new(),
            said: Vec::new(),
        });
        Self {
            now: Instant::from_micros(5),
            hub: Box::new(Hub::new(CONFIG)),
            users: users.collect(),
            people: Vec::new(),
            messages: Vec::new(),
            waiting: Vec::new(),
            slow: false,
            truth: Vec::new(),
            words: 0,
        }
    }

    pub(super) fn run(&mut self, op: &Op) {
        match *op {
            Op::Say { client, to, count } => {
                for _ in 0..count {
                    self.say(client, to);
                }
            }
            Op::Pour { client, to } => {
                for round in 0..11 {
                    self.now = self.now + Duration::from_secs(1);
                    let to = to.filter(|_| round % 3 == 0);
                    self.run(&Op::Say { client, to, count: 10 });
                    self.run(&Op::Up { client, count: 10 });
                    self.run(&Op::Disk { slow: false });
                    self.run(&Op::Down { client, count: 15 });
                }
            }
            Op::Up { client, count } => {
                for _ in 0..count {
                    self.up(client);
                }
            }
            Op::Down { client, count } => {
                for _ in 0..count {
                    self.pull(client);
                    self.down(client);
                }
            }
            Op::Cut { client, hub_knows } => self.cut(client, hub_knows),
            Op::Connect { client } => self.connect(client),
            Op::Rebirth { client } => self.rebirth(client),
            Op::Disk { slow } => {
                self.slow = slow;
                self.store();
            }
            Op::Fail => {
                if let Some((receipt, ..)) = self.waiting.first() {
                    let void = self.hub.not_stored(self.now, *receipt);
                    self.waiting.retain(|(receipt, ..)| *receipt > void);
                }
            }
            Op::Restart => self.restart(),
            Op::Pass { seconds } => self.now = self.now + Duration::from_secs(seconds),
        }
        self.drive();
    }

    fn say(&mut self, index: usize, to: Option<usize>) {
        self.words += 1;
        let words = format!("word {}", self.words);
        let audience = to.map_or(Audience::All, |to| {
            Audience::One(name(CAST.get(to).map_or("stranger", |(who, _)| who)))
        });
        let user = &mut self.users[index];
        let text = Text::parse(&words).unwrap();
        if let Ok(seq) = user.client.say(self.now, &audience, text) {
            user.said.push((user.life, seq, words, Fate::Open));
        }
    }

    fn up(&mut self, index: usize) {
        let user = &mut self.users[index];
        let (Some(link), Some(bytes)) = (user.link, user.up.pop_front()) else { return };
        let (message, rest) = decode::<ToServer<'_>>(&bytes).unwrap();
        assert!(rest.is_empty());
        if !self.hub.can_hear() {
            self.store();
        }
        let at = UnixMillis(self.now.as_micros() / 1000);
        if let Err(why) = self.hub.handle_message(self.now, at, link, message) {
            assert_eq!(why, crate::wire::Goodbye::Flooding, "clients keep to the protocol");
        }
        self.drive();
    }

    fn pull(&mut self, index: usize) {
        let user = &mut self.users[index];
        let Some(link) = user.link else { return };
        if let Some(message) = self.hub.poll_message(self.now, link) {
            let mut bytes = [0; MAX_MESSAGE_LEN];
            let len = encode(&message, &mut bytes).unwrap();
            user.down.push_back(bytes[..len].to_vec());
        }
    }

    fn down(&mut self, index: usize) {
        let user = &mut self.users[index];
        let Some(bytes) = user.down.pop_front() else { return };
        let (message, _) = decode::<ToClient<'_>>(&bytes).unwrap();
        let shown = user.client.cursor();
        let event = user.client.handle_message(self.now, message).unwrap();
        match event {
            ClientEvent::Said { ordinal, missed, from, to, mine, text, .. } => {
                let read = self.meant_for(CAST[index].0);
                let at = usize::try_from(ordinal.0).unwrap() - 1;
                let to = match to {
                    Audience::All => None,
                    Audience::One(name) => Some(name.to_string()),
                };
                let words = text.as_str().to_string();
                let heard = Stored { from: from.to_string(), to, words };
                assert_eq!(read[at], heard, "the ordinal says which message it is");
                let shown = shown.expect("a reader who was welcomed has a cursor");
                assert_eq!(missed, ordinal.0 - shown.0 - 1, "each hole is counted");
                let user = &self.users[index];
                let said = user.said.iter().find(|said| said.2 == heard.words);
                let own = said.filter(|said| said.0 == user.life).map(|said| said.1);
                assert_eq!(mine, own, "one knows one's own words");
            }
            ClientEvent::LoggedIn { resumed, missed, .. } => {
                let cursor = user.client.cursor();
                if let (Some(before), Some(after)) = (shown, cursor) {
                    assert!(resumed || CAST[index].1 == Purpose::Use, "nothing stored is lost");
                    assert_eq!(missed, after.0 - before.0);
                }
                let stored = self.meant_for(CAST[index].0).len() as u64;
                assert!(cursor.unwrap_or(Ordinal(0)).0 <= stored);
            }
            ClientEvent::Rejected { seq, .. } => user.decide(seq, Fate::Rejected),
            ClientEvent::Goodbye(_) | ClientEvent::Refused(_) => self.cut(index, true),
            _ => {}
        }
        self.drive();
    }

    fn meant_for(&self, who: &str) -> Vec<Stored> {
        let mine =
            |stored: &&Stored| stored.to.as_ref().is_none_or(|to| to == who || stored.from == who);
        self.truth.iter().filter(mine).cloned().collect()
    }

    fn cut(&mut self, index: usize, hub_knows: bool) {
        let user = &mut self.users[index];
        let Some(link) = user.link.take() else { return };
        user.up.clear();
        user.down.clear();
        user.client.disconnected(self.now);
        if hub_knows {
            self.hub.disconnect(self.now, link);
        }
    }

    fn connect(&mut self, index: usize) {
        let user = &mut self.users[index];
        if user.link.is_some() {
            return;
        }
        let mut key = [0; 32];
        key[..2].copy_from_slice(&CAST[index].0.as_bytes()[..2]);
        if let Ok(link) = self.hub.connect(self.now, PublicKey(key)) {
            user.link = Some(link);
            user.client.connected(self.now);
        }
    }

    fn rebirth(&mut self, index: usize) {
        self.cut(index, true);
        let user = &mut self.users[index];
        user.life += 1;
        user.client = client(index, user.life, user.client.cursor());
        for said in &mut user.said {
            if said.3 == Fate::Open {
                said.3 = Fate::Unknown;
            }
        }
    }

    fn restart(&mut self) {
        for index in 0..self.users.len() {
            self.cut(index, false);
        }
        self.waiting.clear();
        *self.hub = Hub::new(CONFIG);
        for person in &self.people {
            self.hub.restore_person(person).unwrap();
        }
        for (_, message) in &self.messages {
            self.hub.restore_message(&MessageRecord::decode(message).unwrap()).unwrap();
        }
    }

    /// Does what the hub and the clients want done.
    fn drive(&mut self) {
        loop {
            match self.hub.poll_output(self.now) {
                HubOutput::Store(record, receipt) => {
                    let write = write(record, receipt);
                    self.waiting.push(write);
                    if !self.slow {
                        self.store();
                    }
                }
                HubOutput::Close(link, _) => {
                    if !self.users.iter().any(|user| user.link == Some(link)) {
                        self.hub.disconnect(self.now, link);
                    }
                }
                HubOutput::Ready(_) | HubOutput::Event(_) => {}
                HubOutput::Wait(_) | HubOutput::Idle => break,
            }
        }
        for index in 0..self.users.len() {
            self.drive_client(index);
        }
    }

    fn drive_client(&mut self, index: usize) {
        loop {
            let user = &mut self.users[index];
            match user.client.poll_output(self.now) {
                ClientOutput::Transmit(message) => {
                    let mut bytes = [0; MAX_MESSAGE_LEN];
                    let len = encode(&message, &mut bytes).unwrap();
                    assert!(user.link.is_some(), "nothing is sent without a link");
                    user.up.push_back(bytes[..len].to_vec());
                }
                ClientOutput::Event(ClientEvent::Delivered { seq }) => {
                    user.decide(seq, Fate::Delivered);
                }
                ClientOutput::Event(ClientEvent::Silent) => self.cut(index, false),
                ClientOutput::Event(event) => panic!("{event:?}"),
                ClientOutput::Wait(until) => {
                    assert!(until > self.now, "a client that waits for the past never rests");
                    return;
                }
                ClientOutput::Idle => return,
            }
        }
    }

    fn store(&mut self) {
        let Some((receipt, ..)) = self.waiting.last() else { return };
        let receipt = *receipt;
        for (_, people, message, forget) in self.waiting.split_off(0) {
            for person in people {
                self.people.retain(|old| old.key != person.key);
                self.people.push(person);
            }
            if let Some((place, bytes, stored)) = message {
                self.messages.push((place, bytes));
                self.truth.push(stored);
            }
            self.messages.retain(|(place, _)| Some(*place) != forget);
        }
        assert!(self.messages.len() <= MAX_MESSAGES);
        self.hub.stored(self.now, receipt);
    }

    /// Lets everything come to rest over good links.
    pub(super) fn settle(&mut self) {
        self.slow = false;
        self.store();
        for _ in 0..2000 {
            self.now = self.now + Duration::from_millis(200);
            for index in 0..self.users.len() {
                self.connect(index);
                self.drive();
                self.up(index);
                for _ in 0..3 {
                    self.pull(index);
                    self.down(index);
                }
            }
        }
    }

    pub(super) fn check(&self) {
        for (index, user) in self.users.iter().enumerate() {
            for (life, seq, words, fate) in &user.said {
                let times = self.truth.iter().filter(|stored| stored.words == *words).count();
                let right = match fate {
                    Fate::Delivered => times == 1,
                    Fate::Rejected => times == 0,
                    Fate::Unknown => times <= 1,
                    Fate::Open => false,
                };
                assert!(right, "{words}, {life}/{seq:?}, is {fate:?} and stored {times} times");
            }
            if CAST[index].1 == Purpose::Join {
                let last = self.meant_for(CAST[index].0).len() as u64;
                assert_eq!(user.client.cursor(), Some(Ordinal(last)), "everything was read");
            }
        }
    }
}

impl User {
    fn decide(&mut self, seq: Seq, fate: Fate) {
        let life = self.life;
        let said = self.said.iter_mut().find(|said| said.0 == life && said.1 == seq).unwrap();
        assert_eq!(said.3, Fate::Open, "a fate is told once");
        said.3 = fate;
    }
}

fn name(who: &str) -> Name {
    Name::parse(who).unwrap()
}

fn client(index: usize, life: u64, cursor: Option<Ordinal>) -> ModelClient {
    let (who, purpose) = CAST[index];
    Client::new(name(who), purpose, 1000 * life + index as u64, cursor)
}
