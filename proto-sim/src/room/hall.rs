//! The server's process: the hub, and the database that survives it.

use std::collections::BTreeMap;

use proto_core::chat::{
    Hub, HubConfig, HubOutput, LinkId, MAX_MESSAGE_RECORD_LEN, MAX_PERSON_RECORD_LEN,
    MessageRecord, PersonRecord, Receipt, StoreRecord,
};
use proto_core::ids::PublicKey;
use proto_core::limits::MAX_RECORD_LEN;
use proto_core::time::{Duration, Instant, UnixMillis};
use proto_core::wire::{Goodbye, ToServer, decode, encode};

use super::Room;
use crate::rng::{Chance, Rng};
use crate::timeline::Timeline;

type SimHub = Hub<16, 16>;

/// The server.
#[derive(Debug)]
pub(super) struct Hall {
    hub: Box<SimHub>,
    database: Database,
    /// Transactions under way, with the receipt that each was given.
    commits: Timeline<(Transaction, Receipt)>,
    last_commit: Instant,
    slow: bool,
    pub(super) failing: Chance,
    pub(super) down_until: Option<Instant>,
    wakes: Option<Instant>,
    rng: Rng,
}

#[derive(Debug, Default)]
struct Database {
    people: BTreeMap<PublicKey, Vec<u8>>,
    messages: BTreeMap<u64, Vec<u8>>,
}

/// What becomes durable together.
#[derive(Debug, Default)]
struct Transaction {
    people: Vec<PersonRecord>,
    message: Option<(u64, Vec<u8>)>,
    forget: Option<u64>,
}

impl Hall {
    pub(super) fn new(slow: bool, rng: &Rng) -> Self {
        Self {
            hub: Box::new(SimHub::new(HubConfig::DEFAULT)),
            database: Database::default(),
            commits: Timeline::new(),
            last_commit: Instant::ZERO,
            slow,
            failing: Chance::NEVER,
            down_until: None,
            wakes: None,
            rng: rng.split("hall"),
        }
    }

    pub(super) fn next_wake(&self) -> Option<Instant> {
        if self.down_until.is_some() {
            return self.down_until;
        }
        [self.wakes, self.commits.next()].into_iter().flatten().min()
    }

    pub(super) fn connect(&mut self, now: Instant, key: PublicKey) -> Option<LinkId> {
        if self.down_until.is_some() {
            return None;
        }
        self.hub.connect(now, key).ok()
    }

    pub(super) fn disconnect(&mut self, now: Instant, link: LinkId) {
        self.hub.disconnect(now, link);
    }

    /// The process dies; what was not committed is gone.
    pub(super) fn crash(&mut self, until: Instant) {
        self.commits.clear();
        self.wakes = None;
        self.down_until = Some(until);
    }

    /// The process starts from what the database has.
    fn start(&mut self) {
        self.down_until = None;
        *self.hub = SimHub::new(HubConfig::DEFAULT);
        for bytes in self.database.people.values() {
            let person = PersonRecord::decode(bytes).expect("what was written is read");
            self.hub.restore_person(&person).expect("what was stored is restored");
        }
        for bytes in self.database.messages.values() {
            let message = MessageRecord::decode(bytes).expect("what was written is read");
            self.hub.restore_message(&message).expect("what was stored is restored");
        }
    }

    fn begin_commit(&mut self, now: Instant, transaction: Transaction, receipt: Receipt) {
        let longest = Duration::from_millis(if self.slow { 300 } else { 1 });
        let takes = self.rng.duration(Duration::ZERO, longest);
        self.last_commit = self.last_commit.max(now + takes);
        self.commits.push(self.last_commit, (transaction, receipt));
    }
}

impl Room {
    /// Lets the hub hear a message.
    pub(super) fn tell_hub(&mut self, link: LinkId, record: &[u8]) {
        let (message, rest) = decode::<ToServer<'_>>(record).expect("clients speak the protocol");
        assert!(rest.is_empty(), "one message a record");
        let at = UnixMillis(self.now.as_micros() / 1000);
        let heard = self.hall.hub.handle_message(self.now, at, link, message);
        let honest = !matches!(heard, Err(why) if why != Goodbye::Flooding);
        assert!(honest, "an honest client is not sent away: {heard:?}");
        self.drain_hub();
    }

    pub(super) fn wake_hall(&mut self) {
        if self.hall.down_until.is_some_and(|at| at <= self.now) {
            self.hall.start();
        }
        if self.hall.down_until.is_some() {
            return;
        }
        while let Some((transaction, receipt)) = self.hall.commits.pop(self.now) {
            self.finish_commit(transaction, receipt);
        }
        self.drain_hub();
    }

    fn finish_commit(&mut self, transaction: Transaction, receipt: Receipt) {
        if self.hall.rng.happens(self.hall.failing) {
            // Nothing after a failed transaction is stored either.
            let mut last = receipt;
            while let Some((_, later)) = self.hall.commits.pop(Instant::from_micros(u64::MAX)) {
                last = later;
            }
            self.trace.tell(self.now, || "the database fails".into());
            let void = self.hall.hub.not_stored(self.now, last);
            assert!(void >= last, "what is void includes what failed");
            return;
        }
        if let Some((place, bytes)) = transaction.message {
            let record = MessageRecord::decode(&bytes).expect("what was written is read");
            self.trace.add(self.now, "stored", &[place, record.seq.0]);
            self.book.on_stored(&record);
            self.hall.database.messages.insert(place, bytes);
        }
        for person in &transaction.people {
            let mut bytes = [0; MAX_PERSON_RECORD_LEN];
            let len = person.encode(&mut bytes).expect("it fits by definition");
            self.hall.database.people.insert(person.key, bytes[..len].to_vec());
        }
        if let Some(place) = transaction.forget {
            self.hall.database.messages.remove(&place);
        }
        self.hall.hub.stored(self.now, receipt);
    }

    pub(super) fn drain_hub(&mut self) {
        let now = self.now;
        for _ in 0..MOST_OUTPUTS {
            match self.hall.hub.poll_output(now) {
                HubOutput::Store(record, receipt) => {
                    let transaction = transaction(record);
                    self.hall.begin_commit(now, transaction, receipt);
                }
                HubOutput::Ready(link) => {
                    if let Some(wire) = self.wires.iter_mut().find(|w| w.link == Some(link)) {
                        wire.ready = true;
                    }
                }
                HubOutput::Close(link, ending) => {
                    self.trace.tell(now, || format!("the hub closes {link:?}: {ending:?}"));
                    self.close(link);
                }
                HubOutput::Event(_) => {}
                HubOutput::Wait(at) => {
                    assert!(at > now, "a wait lies in the future: {at:?} at {now:?}");
                    self.hall.wakes = Some(at);
                    return self.pull_all();
                }
                HubOutput::Idle => {
                    self.hall.wakes = None;
                    return self.pull_all();
                }
            }
        }
        panic!("the hub comes to rest");
    }

    /// Sends what the hub has for each wire that is ready and has room.
    fn pull_all(&mut self) {
        for place in 0..self.wires.len() {
            let wire = &mut self.wires[place];
            while wire.ready && wire.to_client.len() < wire.room {
                wire.ready = pull(&mut self.hall.hub, self.now, wire);
            }
        }
    }

    fn close(&mut self, link: LinkId) {
        if let Some(wire) = self.wires.iter_mut().find(|wire| wire.link == Some(link)) {
            while pull(&mut self.hall.hub, self.now, wire) {}
            wire.to_client.send(self.now, None);
            wire.link = None;
        }
        self.hall.hub.disconnect(self.now, link);
    }
}

/// Sends one message; false when there is none.
fn pull(hub: &mut SimHub, now: Instant, wire: &mut super::Wire) -> bool {
    let Some(message) = wire.link.and_then(|link| hub.poll_message(now, link)) else {
        return false;
    };
    let mut record = [0; MAX_RECORD_LEN];
    let len = encode(&message, &mut record).expect("every message fits a record");
    wire.to_client.send(now, Some(record[..len].to_vec()));
    true
}

fn transaction(record: StoreRecord<'_>) -> Transaction {
    match record {
        StoreRecord::Person(person) => {
            Transaction { people: vec![person], ..Transaction::default() }
        }
        StoreRecord::Message { message, sender, recipient, forget } => {
            let mut bytes = [0; MAX_MESSAGE_RECORD_LEN];
            let len = message.encode(&mut bytes).expect("it fits by definition");
            Transaction {
                people: [Some(sender), recipient].into_iter().flatten().collect(),
                message: Some((message.place, bytes[..len].to_vec())),
                forget,
            }
        }
    }
}

/// Most outputs of the hub at one instant.
const MOST_OUTPUTS: u64 = 5_000;
