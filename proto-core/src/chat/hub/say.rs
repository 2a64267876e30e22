//! Hearing a message: once, in order, not too fast, for somebody who is there.

use super::Hub;
use crate::chat::hub_event::{HubEvent, Receipt};
use crate::chat::links::Slot;
use crate::chat::log::{Entry, Recipient};
use crate::chat::people::PersonId;
use crate::ids::Seq;
use crate::limits::MAX_MESSAGES;
use crate::text::Text;
use crate::time::Instant;
use crate::wire::{Audience, Goodbye, Rejection};

impl<const PEOPLE: usize, const LINKS: usize> Hub<PEOPLE, LINKS> {
    pub(super) fn say<'m>(
        &mut self,
        now: Instant,
        slot: Slot,
        seq: Seq,
        to: Audience,
        text: Text<'m>,
    ) -> Result<HubEvent<'m>, Goodbye> {
        let (who, stream) = self.speak_for_stream(now, slot);
        let link = self.link_mut(slot);
        let session = link.session.as_mut().expect("whoever speaks is logged in");
        let said = session.said;
        if seq <= said {
            link.owed.heard = true;
            self.links.wake(slot);
            return Ok(HubEvent::Quiet);
        }
        let unanswered = said.0 - session.answered.0;
        if seq.0 - said.0 > 1 || unanswered >= MAX_MESSAGES as u64 {
            return Err(self.end(now, slot, Goodbye::Misbehaved));
        }
        let verdict =
            if self.charge(now, slot)? { self.judge(&to) } else { Err(Rejection::TooFast) };
        if let Some(session) = &mut self.link_mut(slot).session {
            session.said = seq;
        }
        self.people.stream_mut(who, stream, said).hear(seq, verdict.as_ref().err().copied());
        let from = self.people.get(who).name.clone();
        match verdict {
            Ok(to_whom) => {
                self.disk_failed = false;
                self.log.stage(Entry {
                    from: who,
                    from_name: from.clone(),
                    from_private: 0,
                    to: to_whom,
                    stream,
                    seq,
                    at: self.wall_clock(now),
                    public: 0,
                    receipt: Receipt::default(),
                    text: Entry::copy(text),
                });
                Ok(HubEvent::Said { from, to, text })
            }
            Err(why) => {
                self.settle(who, stream);
                Ok(HubEvent::Rejected { from, to, why })
            }
        }
    }

    /// Counts something that costs us work; says whether it was in time.
    ///
    /// # Errors
    /// The goodbye that the link gets when its patience is at an end.
    pub(super) fn charge(&mut self, now: Instant, slot: Slot) -> Result<bool, Goodbye> {
        let who = self.person_of(slot).expect("whoever speaks is logged in");
        let person = self.people.get_mut(who);
        if person.bucket.take(now, self.config.rate) {
            person.strikes = person.strikes.saturating_sub(1);
            return Ok(true);
        }
        person.strikes += 1;
        if person.strikes <= self.config.patience {
            return Ok(false);
        }
        person.strikes = 0;
        Err(self.end(now, slot, Goodbye::Flooding))
    }

    /// Moves what may be answered of a stream up to what is stored or rejected.
    pub(super) fn settle(&mut self, who: PersonId, stream: u64) {
        let staged = self.log.first_staged(who, stream);
        let Some(row) = self.people.get_mut(who).streams.iter_mut().find(|row| row.id == stream)
        else {
            return;
        };
        let settled = staged.map_or(row.said, |seq| Seq(seq.0 - 1));
        row.settled = row.settled.max(settled);
        if let Some(slot) = row.link {
            self.links.wake(slot);
        }
    }

    /// Makes this link the one that speaks for its stream; two cannot.
    fn speak_for_stream(&mut self, now: Instant, slot: Slot) -> (PersonId, u64) {
        let link = self.links.get_mut(slot).expect("the slot was just found");
        let session = link.session.as_mut().expect("whoever speaks is logged in");
        let (who, stream) = (session.who, session.stream);
        let row = self.people.stream_mut(who, stream, session.said);
        row.skip_to(session.said);
        session.said = row.said;
        if let Some(ghost) = row.link.replace(slot).filter(|&ghost| ghost != slot) {
            self.replace(now, ghost, true);
        }
        (who, stream)
    }

    /// Decides whether a message may be staged, and for whom.
    fn judge(&self, to: &Audience) -> Result<Option<Recipient>, Rejection> {
        let recipient = match to {
            Audience::All => None,
            Audience::One(name) => {
                let who = self.people.find_name(name).ok_or(Rejection::NoSuchUser)?;
                let person = self.people.get(who);
                if person.link.is_none() {
                    return Err(Rejection::NoSuchUser);
                }
                Some(Recipient { who, name: person.name.clone(), private: 0 })
            }
        };
        if self.log.can_stage() { Ok(recipient) } else { Err(Rejection::NotStored) }
    }
}
