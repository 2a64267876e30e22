//! What a link reads: short answers first, then the log and the notices at its own pace.

use super::Hub;
use crate::chat::hub_event::{Ending, LinkId};
use crate::chat::links::{Slot, Stage};
use crate::ids::{Ordinal, Seq};
use crate::time::Instant;
use crate::wire::ToClient;

/// Sent with a ping; the answer's number is of no interest.
const PING_NUMBER: u32 = 0;

impl<const PEOPLE: usize, const LINKS: usize> Hub<PEOPLE, LINKS> {
    /// The next message for a link; `None` when it has read everything. Whatever is given out
    /// must be sent: it is not given twice.
    pub fn poll_message(&mut self, now: Instant, id: LinkId) -> Option<ToClient<'_>> {
        let slot = self.links.find(id)?;
        if let Some(answer) = self.poll_answer(now, slot) {
            return Some(answer);
        }
        if self.links.get(slot)?.stage != Stage::Joined {
            self.links.rest(slot);
            return None;
        }
        self.poll_room(slot)
    }

    /// Answers to what this link said, and its end.
    fn poll_answer(&mut self, now: Instant, slot: Slot) -> Option<ToClient<'static>> {
        let at = self.wall_clock(now);
        let uploads = self.config.uploads;
        let link = self.links.get_mut(slot)?;
        if let Some(session) = &link.session
            && let Some(cursor) = link.owed.welcome.take()
        {
            let name = self.people.get(session.who).name.clone();
            return Some(ToClient::Welcome { name, cursor, heard: session.said, at, uploads });
        }
        if let Some(answer) = self.poll_heard(slot) {
            return Some(answer);
        }
        let link = self.links.get_mut(slot)?;
        if let Stage::Ending(ending) = link.stage {
            return match (core::mem::take(&mut link.owed.goodbye), ending) {
                (true, Ending::Refused(why)) => Some(ToClient::Refused(why)),
                (true, Ending::Goodbye(why)) => Some(ToClient::Goodbye(why)),
                (true, Ending::Left) | (false, _) => None,
            };
        }
        if let Some(number) = link.owed.pong.take() {
            return Some(ToClient::Pong(number));
        }
        if core::mem::take(&mut link.owed.ping) {
            return Some(ToClient::Ping(PING_NUMBER));
        }
        if core::mem::take(&mut link.owed.files_changed) {
            return Some(ToClient::FilesChanged);
        }
        if core::mem::take(&mut link.owed.people_changed) {
            return Some(ToClient::PeopleChanged);
        }
        self.poll_list(slot)
    }

    /// What became of this link's own messages.
    fn poll_heard(&mut self, slot: Slot) -> Option<ToClient<'static>> {
        let link = self.links.get_mut(slot)?;
        let session = link.session.as_mut()?;
        let row = self.people.get(session.who).stream(session.stream);
        let settled = row.map_or(session.said, |row| row.settled.min(session.said));
        let rejected = row.and_then(|row| {
            let mut unanswered = (session.answered.0..settled.0).map(|before| Seq(before + 1));
            unanswered.find_map(|seq| Some((seq, row.fates.get(seq)?)))
        });
        let heard = match rejected {
            Some((seq, why)) if seq.0 == session.answered.0 + 1 => {
                session.answered = seq;
                return Some(ToClient::Rejected { seq, why });
            }
            Some((seq, _)) => Seq(seq.0 - 1),
            None => settled,
        };
        let again = core::mem::take(&mut link.owed.heard);
        if heard > session.answered {
            session.answered = heard;
        } else if !again {
            return None;
        }
        Some(ToClient::Heard(session.answered))
    }

    /// The list of those present, as far as it was asked for.
    fn poll_list(&mut self, slot: Slot) -> Option<ToClient<'static>> {
        let owed = &mut self.links.get_mut(slot)?.owed;
        let from = owed.list?;
        if let Some((index, name)) = self.people.next_present(from) {
            owed.list = Some(index + 1);
            return Some(ToClient::Present(name.clone()));
        }
        owed.list = core::mem::take(&mut owed.list_again).then_some(0);
        Some(ToClient::PresentEnd)
    }

    /// Messages and notices, in the order in which they happened.
    fn poll_room(&mut self, slot: Slot) -> Option<ToClient<'_>> {
        let link = self.links.get_mut(slot)?;
        let session = link.session.as_mut()?;
        if session.notice < self.notices.first() {
            session.notice = self.notices.end();
            return Some(ToClient::PeopleChanged);
        }
        if session.place < self.log.first() {
            let total = self.people.get(session.who).private;
            session.place = self.log.first();
            session.private = self.log.private_before(session.place, session.who, total);
        }
        loop {
            if let Some(notice) = self.notices.get(session.notice)
                && notice.place <= session.place
            {
                session.notice += 1;
                let (name, at) = (notice.name.clone(), notice.at);
                return Some(if notice.joined {
                    ToClient::Joined { name, at }
                } else {
                    ToClient::Left { name, at }
                });
            }
            if session.place == self.log.visible() {
                self.links.rest(slot);
                return None;
            }
            let entry = self.log.get(session.place)?;
            session.place += 1;
            if let Some(count) = entry.private_of(session.who) {
                session.private = count;
            } else if entry.to.is_some() {
                continue;
            }
            let mine = entry.from == session.who && entry.stream == session.stream;
            return Some(ToClient::Said {
                ordinal: Ordinal(entry.public + session.private),
                at: entry.at,
                from: entry.from_name.clone(),
                to: entry.audience(),
                seq: if mine { entry.seq } else { Seq(0) },
                text: entry.text(),
            });
        }
    }
}
