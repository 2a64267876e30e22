//! The hub's connections: one slot each, and a queue of those that have something to pull.

use heapless::{Deque, Vec};

use super::hub_event::{Ending, LinkId};
use super::people::PersonId;
use crate::ids::{Ordinal, PublicKey, Seq};
use crate::time::Instant;

/// A connection's place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(pub(super) u16);

/// All connections, at most `N`; the table refuses when full.
//
// Invariants:
// - A slot is in `ready` exactly when its `queued` is set, so at most once.
#[derive(Clone, Debug)]
pub(super) struct Links<const N: usize> {
    slots: Vec<Place, N>,
    ready: Deque<Slot, N>,
}

#[derive(Clone, Debug)]
struct Place {
    generation: u16,
    queued: bool,
    link: Option<Link>,
}

/// A connection.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) key: PublicKey,
    pub(super) stage: Stage,
    /// When it was last heard.
    pub(super) alive: Instant,
    pub(super) pinged: bool,
    /// Whether the driver was told that there is something to pull, and has not pulled it all.
    awake: bool,
    /// Whether the driver was told to close it.
    pub(super) closed: bool,
    pub(super) session: Option<Session>,
    pub(super) owed: Owed,
}

/// How far a connection got.
//
//   Fresh --Login--> Using | Joined --Leave, misbehaviour, silence--> Ending
//     +------------refused, misbehaviour, silence----------------------^
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Fresh,
    Using,
    Joined,
    Ending(Ending),
}

/// What a connection has once it is logged in.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) who: PersonId,
    pub(super) stream: u64,
    /// All up to this one came in.
    pub(super) said: Seq,
    /// All up to this one are answered.
    pub(super) answered: Seq,
    /// The place in the log where it reads next.
    pub(super) place: u64,
    /// Its private messages before that place.
    pub(super) private: u64,
    /// The notice that it reads next.
    pub(super) notice: u64,
}

/// Short answers that wait to be pulled: each kind at most once, so that none can pile up.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one answer that may be owed")]
pub(super) struct Owed {
    pub(super) welcome: Option<Ordinal>,
    pub(super) heard: bool,
    pub(super) pong: Option<u32>,
    pub(super) ping: bool,
    /// Where the list of those present goes on.
    pub(super) list: Option<u16>,
    /// Whether the list was asked for again meanwhile.
    pub(super) list_again: bool,
    pub(super) people_changed: bool,
    pub(super) files_changed: bool,
    pub(super) goodbye: bool,
}

impl<const N: usize> Links<N> {
    const FITS: () = assert!(0 < N && N <= u16::MAX as usize, "a slot has 16 bits");

    pub(super) const fn new() -> Self {
        let () = Self::FITS;
        Self { slots: Vec::new(), ready: Deque::new() }
    }

    /// Gives a new connection a slot; `None` when there is none.
    pub(super) fn add(&mut self, key: PublicKey, now: Instant) -> Option<LinkId> {
        let free = self.slots.iter().position(|place| place.link.is_none());
        let index = free.unwrap_or(self.slots.len());
        if free.is_none() {
            self.slots.push(Place { generation: 0, queued: false, link: None }).ok()?;
        }
        let place = &mut self.slots[index];
        place.generation = place.generation.wrapping_add(1);
        place.link = Some(Link::new(key, now));
        Some(self.id(Slot(u16::try_from(index).ok()?)))
    }

    pub(super) fn remove(&mut self, slot: Slot) {
        self.slots[usize::from(slot.0)].link = None;
    }

    /// The slot of a connection that still stands.
    pub(super) fn find(&self, id: LinkId) -> Option<Slot> {
        let (slot, generation) = id.parts();
        let place = self.slots.get(usize::from(slot))?;
        (place.generation == generation && place.link.is_some()).then_some(Slot(slot))
    }

    pub(super) fn id(&self, slot: Slot) -> LinkId {
        LinkId::from_parts(slot.0, self.slots[usize::from(slot.0)].generation)
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&Link> {
        self.slots.get(usize::from(slot.0))?.link.as_ref()
    }

    pub(super) fn get_mut(&mut self, slot: Slot) -> Option<&mut Link> {
        self.slots.get_mut(usize::from(slot.0))?.link.as_mut()
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> + use<N> {
        (0..u16::try_from(self.slots.len()).unwrap_or(u16::MAX)).map(Slot)
    }

    /// Notes that a connection has something to pull; says nothing twice until it is pulled.
    pub(super) fn wake(&mut self, slot: Slot) {
        let place = &mut self.slots[usize::from(slot.0)];
        let Some(link) = &mut place.link else { return };
        if link.awake && !link.is_ending() {
            return;
        }
        link.awake = true;
        if !place.queued {
            place.queued = true;
            self.ready.push_back(slot).expect("each slot is queued at most once");
        }
    }

    /// Wakes all who are in the room.
    pub(super) fn wake_joined(&mut self) {
        for slot in self.slots() {
            if self.get(slot).is_some_and(|link| link.stage == Stage::Joined) {
                self.wake(slot);
            }
        }
    }

    /// Notes that a connection has pulled everything.
    pub(super) fn rest(&mut self, slot: Slot) {
        if let Some(link) = self.get_mut(slot) {
            link.awake = false;
        }
    }

    /// The next connection that the driver must be told of.
    pub(super) fn pop_ready(&mut self) -> Option<Slot> {
        loop {
            let slot = self.ready.pop_front()?;
            let place = &mut self.slots[usize::from(slot.0)];
            place.queued = false;
            if place.link.as_ref().is_some_and(|link| link.awake || link.is_ending()) {
                return Some(slot);
            }
        }
    }
}

impl Link {
    fn new(key: PublicKey, now: Instant) -> Self {
        Self {
            key,
            stage: Stage::Fresh,
            alive: now,
            pinged: false,
            awake: false,
            closed: false,
            session: None,
            owed: Owed::default(),
        }
    }

    pub(super) const fn is_ending(&self) -> bool {
        matches!(self.stage, Stage::Ending(_))
    }
}
