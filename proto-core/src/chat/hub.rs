//! The server's room: who is in it, what was said, and who has read how far.

use super::hub_event::{Ending, HubConfig, HubEvent, LinkId, Receipt, Unfit};
use super::links::{Link, Links, Slot, Stage};
use super::log::{Entry, Log, Recipient};
use super::notices::{Notice, Notices};
use super::people::{People, PersonId};
use super::record::{MessageRecord, PersonRecord};
use crate::ids::PublicKey;
use crate::text::Name;
use crate::time::{Duration, Instant, UnixMillis};
use crate::wire::{Goodbye, LoginRefusal, ToServer};

mod login;
mod output;
mod pull;
mod say;

/// The room, with at most `PEOPLE` identities remembered and `LINKS` connections.
///
/// After every call that takes `&mut self`, call [`poll_output`](Self::poll_output) until it
/// waits or is idle. What a link is to be sent is pulled from
/// [`poll_message`](Self::poll_message) while its writer has room, so a slow reader slows nobody.
///
/// Memory: 280 KB for the log, about 450 bytes a person and 160 a link. [`new`](Self::new) is
/// `const`: where the stack is small, build the hub in a `static` or on a thread with a large one.
#[derive(Clone, Debug)]
pub struct Hub<const PEOPLE: usize, const LINKS: usize> {
    config: HubConfig,
    people: People<PEOPLE>,
    links: Links<LINKS>,
    log: Log,
    notices: Notices,
    /// The notice that the driver is told next.
    told: u64,
    /// The receipt that was given last.
    receipts: u64,
    /// The last receipt that came back stored.
    stored: Receipt,
    /// Whether storing failed, and nobody had a reason to try again.
    disk_failed: bool,
    /// No link is due for a ping or a goodbye before then.
    sweep_at: Option<Instant>,
    /// What the wall clock showed, and when.
    wall: (UnixMillis, Instant),
}

impl<const PEOPLE: usize, const LINKS: usize> Hub<PEOPLE, LINKS> {
    /// Makes an empty room.
    pub const fn new(config: HubConfig) -> Self {
        Self {
            config,
            people: People::new(),
            links: Links::new(),
            log: Log::new(),
            notices: Notices::new(),
            told: 0,
            receipts: 0,
            stored: Receipt(0),
            disk_failed: false,
            sweep_at: None,
            wall: (UnixMillis(0), Instant::ZERO),
        }
    }

    /// Takes somebody from what was stored: first all people, then the messages.
    ///
    /// # Errors
    /// [`Unfit`] when the record contradicts those before it; nothing is changed.
    pub fn restore_person(&mut self, record: &PersonRecord) -> Result<(), Unfit> {
        let double = self.people.find_key(&record.key).is_some()
            || self.people.find_name(&record.name).is_some();
        if double {
            return Err(Unfit::Double);
        }
        self.people.restore(record).map(|_| ()).ok_or(Unfit::Full)
    }

    /// Takes a message from what was stored, in the order of their places.
    ///
    /// # Errors
    /// [`Unfit`] when the record contradicts those before it; nothing is changed.
    pub fn restore_message(&mut self, record: &MessageRecord<'_>) -> Result<(), Unfit> {
        let find = |key| self.people.find_key(key).ok_or(Unfit::Stranger);
        let from = find(&record.from)?;
        let to = match &record.to {
            None => None,
            Some(to) => {
                Some(Recipient { who: find(&to.key)?, name: to.name.clone(), private: to.private })
            }
        };
        let entry = Entry {
            from,
            from_name: record.from_name.clone(),
            from_private: record.from_private,
            to,
            stream: record.stream,
            seq: record.seq,
            at: record.at,
            public: record.public,
            receipt: Receipt(self.receipts),
            text: Entry::copy(record.text),
        };
        if self.log.restore(record.place, entry) { Ok(()) } else { Err(Unfit::OutOfOrder) }
    }

    /// A secure link stands.
    ///
    /// # Errors
    /// [`LoginRefusal::Full`] when `LINKS` are there already: say so, and close it.
    pub fn connect(&mut self, now: Instant, key: PublicKey) -> Result<LinkId, LoginRefusal> {
        let id = self.links.add(key, now).ok_or(LoginRefusal::Full)?;
        self.sweep_by(now + self.config.login_within);
        Ok(id)
    }

    /// A link is gone, whoever ended it.
    pub fn disconnect(&mut self, now: Instant, id: LinkId) {
        if let Some(slot) = self.links.find(id) {
            self.detach(now, slot, true);
            self.links.remove(slot);
        }
    }

    /// Takes a message from a link; `at` is the wall clock. An error has been dealt with already:
    /// it says why the link is about to be closed.
    ///
    /// # Errors
    /// The [`Goodbye`] that the link is about to get.
    pub fn handle_message<'m>(
        &mut self,
        now: Instant,
        at: UnixMillis,
        id: LinkId,
        message: ToServer<'m>,
    ) -> Result<HubEvent<'m>, Goodbye> {
        let Some(slot) = self.links.find(id) else { return Ok(HubEvent::Quiet) };
        let Some(link) = self.links.get_mut(slot) else { return Ok(HubEvent::Quiet) };
        self.wall = (at, now);
        link.alive = now;
        link.pinged = false;
        match link.stage {
            Stage::Ending(_) => Ok(HubEvent::Quiet),
            Stage::Fresh => {
                let ToServer::Login { name, mode, stream, first } = message else {
                    return Err(self.end(now, slot, Goodbye::Misbehaved));
                };
                Ok(self.login(now, slot, name, mode, stream, first))
            }
            Stage::Using | Stage::Joined => self.handle_session(now, slot, message),
        }
    }

    /// Refuses a link for a reason of the driver's own, for example
    /// [`LookAlike`](LoginRefusal::LookAlike).
    pub fn refuse(&mut self, now: Instant, id: LinkId, why: LoginRefusal) {
        if let Some(slot) = self.links.find(id) {
            self.close(now, slot, Ending::Refused(why), true);
        }
    }

    /// The shared files changed: everybody in the room is told once.
    pub fn files_changed(&mut self) {
        for slot in self.links.slots() {
            if let Some(link) = self.links.get_mut(slot)
                && link.stage == Stage::Joined
            {
                link.owed.files_changed = true;
            }
        }
        self.links.wake_joined();
    }

    /// Says goodbye to everybody.
    pub fn shutdown(&mut self, now: Instant) {
        for slot in self.links.slots() {
            if self.links.get(slot).is_some() {
                self.close(now, slot, Ending::Goodbye(Goodbye::Shutdown), false);
            }
        }
    }

    /// The name of whoever is logged in over a link.
    pub fn name(&self, id: LinkId) -> Option<&Name> {
        let session = self.links.get(self.links.find(id)?)?.session.as_ref()?;
        Some(&self.people.get(session.who).name)
    }

    /// Those in the room.
    pub fn present(&self) -> impl Iterator<Item = &Name> {
        self.people.iter().filter(|person| person.link.is_some()).map(|person| &person.name)
    }

    /// Whether a message would find room to be stored. While it would not, store what was handed
    /// out before handling more: a message that finds no room is rejected.
    pub fn can_hear(&self) -> bool {
        self.log.can_stage()
    }

    fn handle_session<'m>(
        &mut self,
        now: Instant,
        slot: Slot,
        message: ToServer<'m>,
    ) -> Result<HubEvent<'m>, Goodbye> {
        match message {
            ToServer::Login { .. } => Err(self.end(now, slot, Goodbye::Misbehaved)),
            ToServer::Say { seq, to, text } => self.say(now, slot, seq, to, text),
            ToServer::Who => {
                self.charge(now, slot)?;
                let owed = &mut self.link_mut(slot).owed;
                owed.list_again = owed.list.is_some();
                owed.list.get_or_insert(0);
                self.links.wake(slot);
                Ok(HubEvent::Quiet)
            }
            ToServer::Files => {
                self.charge(now, slot)?;
                Ok(HubEvent::AskedFiles)
            }
            ToServer::Transfer(transfer) => Ok(HubEvent::Transfer(transfer)),
            ToServer::Ping(number) => {
                self.charge(now, slot)?;
                self.link_mut(slot).owed.pong = Some(number);
                self.links.wake(slot);
                Ok(HubEvent::Quiet)
            }
            ToServer::Pong(_) => Ok(HubEvent::Quiet),
            ToServer::Leave => {
                self.close(now, slot, Ending::Left, true);
                Ok(HubEvent::Quiet)
            }
        }
    }

    /// Ends a link with a goodbye, and gives it back to be returned.
    fn end(&mut self, now: Instant, slot: Slot, why: Goodbye) -> Goodbye {
        self.close(now, slot, Ending::Goodbye(why), true);
        why
    }

    /// Ends a link because another takes over its stream or its place in the room.
    fn replace(&mut self, now: Instant, ghost: Slot, tell: bool) {
        self.close(now, ghost, Ending::Goodbye(Goodbye::Replaced), tell);
    }

    /// Ends a link, and tells the room if `tell` is set and somebody left it.
    fn close(&mut self, now: Instant, slot: Slot, ending: Ending, tell: bool) {
        self.detach(now, slot, tell);
        let link = self.link_mut(slot);
        if !link.is_ending() {
            link.stage = Stage::Ending(ending);
            link.owed.goodbye = true;
            self.links.wake(slot);
        }
    }

    /// Takes a link out of its person's hands, unless it is ending: then that is done.
    fn detach(&mut self, now: Instant, slot: Slot, tell: bool) {
        let Some(who) = self.person_of(slot) else { return };
        if self.link_mut(slot).is_ending() {
            return;
        }
        let person = self.people.get_mut(who);
        for stream in &mut person.streams {
            stream.link = stream.link.filter(|&speaker| speaker != slot);
        }
        person.sessions -= 1;
        if person.link == Some(slot) {
            person.link = None;
            if tell {
                let name = person.name.clone();
                self.notify(now, name, false);
            }
        }
    }

    /// Tells the room that somebody came or left.
    fn notify(&mut self, now: Instant, name: Name, joined: bool) {
        let at = self.wall_clock(now);
        self.notices.push(Notice { name, at, joined, place: self.log.visible() });
        self.links.wake_joined();
    }

    /// What the wall clock should show now.
    fn wall_clock(&self, now: Instant) -> UnixMillis {
        let (at, seen) = self.wall;
        let since = u64::try_from(now.since(seen).as_millis()).unwrap_or(u64::MAX);
        UnixMillis(at.0.saturating_add(since))
    }

    /// A link that is known to stand.
    fn link_mut(&mut self, slot: Slot) -> &mut Link {
        self.links.get_mut(slot).expect("the slot was just found")
    }

    fn person_of(&self, slot: Slot) -> Option<PersonId> {
        Some(self.links.get(slot)?.session.as_ref()?.who)
    }

    fn sweep_by(&mut self, deadline: Instant) {
        self.sweep_at = Some(self.sweep_at.map_or(deadline, |at| at.min(deadline)));
    }

    /// When a link must be looked at, unless it is heard before.
    fn deadline(&self, link: &Link) -> Option<Instant> {
        let patience: Duration = match link.stage {
            Stage::Fresh => self.config.login_within,
            Stage::Using | Stage::Joined if link.pinged => self.config.silent_after,
            Stage::Using | Stage::Joined => self.config.ping_after,
            Stage::Ending(_) => return None,
        };
        Some(link.alive + patience)
    }
}

#[cfg(test)]
mod tests;
