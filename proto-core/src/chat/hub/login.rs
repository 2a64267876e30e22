//! Letting somebody in: names are bound to keys, first come, first served.

use super::Hub;
use crate::chat::hub_event::{Ending, HubEvent};
use crate::chat::links::{Session, Slot, Stage};
use crate::chat::people::PersonId;
use crate::ids::{Ordinal, Seq};
use crate::limits::MAX_MESSAGES;
use crate::text::Name;
use crate::time::Instant;
use crate::wire::{LoginRefusal, Mode};

impl<const PEOPLE: usize, const LINKS: usize> Hub<PEOPLE, LINKS> {
    pub(super) fn login<'m>(
        &mut self,
        now: Instant,
        slot: Slot,
        name: Name,
        mode: Mode,
        stream: u64,
        first: Seq,
    ) -> HubEvent<'m> {
        let who = match self.admit(slot, &name, mode) {
            Ok(who) => who,
            Err(why) => {
                self.close(now, slot, Ending::Refused(why), true);
                return HubEvent::Refused { name, why };
            }
        };
        let joins = mode != Mode::Use;
        let was_here = self.people.get(who).link.is_some();
        let (said, answered) = self.resume(now, slot, who, stream, first, !joins);
        if joins {
            self.enter(now, slot, who, was_here);
        }
        let (place, start) = self.start(who, mode);
        let person = self.people.get_mut(who);
        person.sessions += 1;
        let name = person.name.clone();
        let private = self.log.private_before(place, who, person.private);
        let notice = self.notices.end();
        let link = self.link_mut(slot);
        link.stage = if joins { Stage::Joined } else { Stage::Using };
        link.session = Some(Session { who, stream, said, answered, place, private, notice });
        link.owed.welcome = Some(start);
        self.sweep_by(now + self.config.ping_after);
        self.links.wake(slot);
        HubEvent::LoggedIn { name, mode, joined: joins && !was_here }
    }

    /// Finds out who this is, or makes the acquaintance.
    fn admit(&mut self, slot: Slot, name: &Name, mode: Mode) -> Result<PersonId, LoginRefusal> {
        let key = self.link_mut(slot).key;
        let owner = self.people.find_name(name);
        let Some(who) = self.people.find_key(&key) else {
            if owner.is_some() {
                return Err(LoginRefusal::NameTaken);
            }
            let who = self.people.add(key, name.clone()).ok_or(LoginRefusal::Full)?;
            self.people.mark(who);
            self.disk_failed = false;
            return Ok(who);
        };
        let person = self.people.get_mut(who);
        let replaces = mode != Mode::Use && person.link.is_some();
        if owner.is_some_and(|owner| owner != who) {
            return Err(LoginRefusal::NameTaken);
        }
        if owner.is_none() && person.sessions > 0 {
            return Err(LoginRefusal::OtherName);
        }
        if person.sessions >= self.config.sessions && !replaces {
            return Err(LoginRefusal::TooMany);
        }
        if owner.is_none() {
            person.rename(name.clone());
            self.people.mark(who);
        }
        Ok(who)
    }

    /// Finds how far that stream was heard: what came in, and what of it needs no answer.
    fn resume(
        &mut self,
        now: Instant,
        slot: Slot,
        who: PersonId,
        stream: u64,
        first: Seq,
        tell: bool,
    ) -> (Seq, Seq) {
        let known = Seq(first.0.saturating_sub(1));
        if self.people.get(who).stream(stream).is_none() {
            return (known, known);
        }
        let row = self.people.stream_mut(who, stream, known);
        row.skip_to(known);
        let said = row.said;
        if let Some(ghost) = row.link.replace(slot) {
            self.replace(now, ghost, tell);
        }
        let oldest = said.0.saturating_sub(MAX_MESSAGES as u64);
        (said, Seq(known.0.clamp(oldest, said.0)))
    }

    /// Takes a place in the room, which is told unless the same person was there already.
    fn enter(&mut self, now: Instant, slot: Slot, who: PersonId, was_here: bool) {
        if let Some(ghost) = self.people.get(who).link {
            self.replace(now, ghost, false);
        }
        let person = self.people.get_mut(who);
        person.link = Some(slot);
        if !was_here {
            let name = person.name.clone();
            self.notify(now, name, true);
        }
    }

    /// Where in the log a session begins, and what the reader's count stands at there.
    fn start(&self, who: PersonId, mode: Mode) -> (u64, Ordinal) {
        let private = self.people.get(who).private;
        let before = |place| self.log.ordinal_before(place, who, private);
        let (mut low, mut high) = (self.log.first(), self.log.visible());
        let Mode::Join { cursor: Some(cursor) } = mode else { return (high, before(high)) };
        while low < high {
            let middle = low.midpoint(high);
            if before(middle) < cursor {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low, before(low))
    }
}
