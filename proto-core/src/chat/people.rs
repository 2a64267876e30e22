//! Everybody whom the hub knows: keys, the names bound to them, and what they said.

use heapless::Vec;

use super::hub_event::Receipt;
use super::links::Slot;
use super::rate::Bucket;
use super::record::{PersonRecord, StreamRecord};
use super::stream::{Fates, Stream};
use crate::ids::{PublicKey, Seq};
use crate::text::Name;

/// Streams remembered of each person: the most recent ones.
pub const MAX_STREAMS: usize = 4;

/// A person's place in the table; people stay where they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PersonId(pub(super) u16);

/// Everybody, at most `N`; the table refuses when full, so that nobody can drive out a name.
#[derive(Clone, Debug)]
pub(super) struct People<const N: usize> {
    table: Vec<Person, N>,
    unsaved: usize,
    uses: u64,
}

/// Somebody.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) key: PublicKey,
    pub(super) name: Name,
    name_hash: u32,
    /// Private messages to or from this person, ever.
    pub(super) private: u64,
    pub(super) streams: Vec<Stream, MAX_STREAMS>,
    /// The link over which this person is in the room.
    pub(super) link: Option<Slot>,
    /// Links of this person, in the room or not.
    pub(super) sessions: u16,
    pub(super) bucket: Bucket,
    /// Messages that came too fast, less those that did not.
    pub(super) strikes: u32,
    unsaved: bool,
    /// What was handed out last to be stored of this person.
    recorded: Receipt,
}

impl<const N: usize> People<N> {
    const FITS: () = assert!(0 < N && N <= u16::MAX as usize, "a place has 16 bits");

    pub(super) const fn new() -> Self {
        let () = Self::FITS;
        Self { table: Vec::new(), unsaved: 0, uses: 0 }
    }

    /// Adds somebody new; `None` when the table is full.
    pub(super) fn add(&mut self, key: PublicKey, name: Name) -> Option<PersonId> {
        let id = PersonId(u16::try_from(self.table.len()).ok()?);
        self.table.push(Person::new(key, name)).ok()?;
        Some(id)
    }

    pub(super) fn find_key(&self, key: &PublicKey) -> Option<PersonId> {
        self.find(|person| person.key == *key)
    }

    pub(super) fn find_name(&self, name: &Name) -> Option<PersonId> {
        let hash = hash(name);
        self.find(|person| person.name_hash == hash && person.name == *name)
    }

    pub(super) fn get(&self, id: PersonId) -> &Person {
        &self.table[usize::from(id.0)]
    }

    pub(super) fn get_mut(&mut self, id: PersonId) -> &mut Person {
        &mut self.table[usize::from(id.0)]
    }

    /// The next person in the room, from a place in the table on.
    pub(super) fn next_present(&self, from: u16) -> Option<(u16, &Name)> {
        let start = usize::from(from);
        let (index, person) =
            self.table.iter().enumerate().skip(start).find(|(_, person)| person.link.is_some())?;
        Some((u16::try_from(index).ok()?, &person.name))
    }

    /// The stream of that id, made if need be: then everything up to `said` is over and done.
    /// Forgets the least recent stream without a link, or else the least recent one.
    pub(super) fn stream_mut(&mut self, who: PersonId, id: u64, said: Seq) -> &mut Stream {
        self.uses += 1;
        let uses = self.uses;
        let streams = &mut self.get_mut(who).streams;
        let index = match streams.iter().position(|stream| stream.id == id) {
            Some(index) => index,
            None if !streams.is_full() => {
                streams.push(Stream::new(id, said)).expect("there is room");
                streams.len() - 1
            }
            None => {
                let oldest = (0..MAX_STREAMS)
                    .min_by_key(|&i| (streams[i].link.is_some(), streams[i].used))
                    .expect("there is at least one");
                streams[oldest] = Stream::new(id, said);
                oldest
            }
        };
        streams[index].used = uses;
        &mut streams[index]
    }

    /// Notes that somebody must be stored.
    pub(super) fn mark(&mut self, id: PersonId) {
        let person = self.get_mut(id);
        if !person.unsaved {
            person.unsaved = true;
            self.unsaved += 1;
        }
    }

    /// The next one who must be stored, and need not be any more.
    pub(super) fn take_unsaved(&mut self, receipt: Receipt) -> Option<PersonRecord> {
        if self.unsaved == 0 {
            return None;
        }
        let id = self.find(|person| person.unsaved).expect("they are counted");
        Some(self.record(id, receipt))
    }

    /// What is to be stored of somebody, who then need not be stored any more.
    pub(super) fn record(&mut self, id: PersonId, receipt: Receipt) -> PersonRecord {
        let person = self.get_mut(id);
        person.recorded = receipt;
        let was_unsaved = core::mem::take(&mut person.unsaved);
        let streams = person.streams.iter().map(StreamRecord::from).collect();
        let record = PersonRecord {
            key: person.key,
            name: person.name.clone(),
            private: person.private,
            streams,
        };
        self.unsaved -= usize::from(was_unsaved);
        record
    }

    /// Notes that nothing after that receipt was stored.
    pub(super) fn mark_after(&mut self, stored: Receipt) {
        for person in self.table.iter_mut().filter(|person| person.recorded > stored) {
            self.unsaved += usize::from(!person.unsaved);
            person.unsaved = true;
        }
    }

    /// Takes somebody from what was stored. `None` when there is no room, or no such free name.
    pub(super) fn restore(&mut self, record: &PersonRecord) -> Option<PersonId> {
        if self.find_key(&record.key).is_some() || self.find_name(&record.name).is_some() {
            return None;
        }
        let id = self.add(record.key, record.name.clone())?;
        let person = self.get_mut(id);
        person.private = record.private;
        person.streams = record.streams.iter().map(Stream::from).collect();
        Some(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Person> {
        self.table.iter()
    }

    fn find(&self, wanted: impl Fn(&Person) -> bool) -> Option<PersonId> {
        let index = self.table.iter().position(wanted)?;
        u16::try_from(index).ok().map(PersonId)
    }
}

impl Person {
    const fn with_hash(key: PublicKey, name: Name, name_hash: u32) -> Self {
        Self {
            key,
            name,
            name_hash,
            private: 0,
            streams: Vec::new(),
            link: None,
            sessions: 0,
            bucket: Bucket::FULL,
            strikes: 0,
            unsaved: false,
            recorded: Receipt(0),
        }
    }

    fn new(key: PublicKey, name: Name) -> Self {
        let name_hash = hash(&name);
        Self::with_hash(key, name, name_hash)
    }

    pub(super) fn rename(&mut self, name: Name) {
        self.name_hash = hash(&name);
        self.name = name;
    }

    pub(super) fn stream(&self, id: u64) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.id == id)
    }
}

impl From<&Stream> for StreamRecord {
    fn from(stream: &Stream) -> Self {
        let Fates { low, high } = stream.fates;
        Self { id: stream.id, last: stream.recorded, low, high }
    }
}

impl From<&StreamRecord> for Stream {
    fn from(record: &StreamRecord) -> Self {
        let fates = Fates { low: record.low, high: record.high };
        Self { fates, ..Self::new(record.id, record.last) }
    }
}

/// FNV-1a of the name without regard to case: most comparisons end here.
fn hash(name: &Name) -> u32 {
    name.folded().fold(0x811C_9DC5, |hash, c| (hash ^ u32::from(c)).wrapping_mul(0x0100_0193))
}
