//! What the hub wants done: store, tell, wake, close, wait.

use super::Hub;
use crate::chat::hub_event::{HubEvent, HubOutput, Receipt, StoreRecord};
use crate::chat::links::Stage;
use crate::chat::log::{Entry, Recipient};
use crate::chat::record::{MessageRecord, RecipientRecord};
use crate::limits::MAX_MESSAGES;
use crate::time::Instant;
use crate::wire::{Goodbye, Rejection};

/// Links that one look at the clock may end, so that the notices of it are read before they are
/// forgotten.
const MAX_ENDED_AT_ONCE: usize = 64;

impl<const PEOPLE: usize, const LINKS: usize> Hub<PEOPLE, LINKS> {
    /// What is to be done next.
    pub fn poll_output(&mut self, now: Instant) -> HubOutput<'_> {
        let receipt = Receipt(self.receipts + 1);
        if !self.disk_failed
            && let Some(person) = self.people.take_unsaved(receipt)
        {
            self.receipts += 1;
            return HubOutput::Store(StoreRecord::Person(person), receipt);
        }
        if self.log.has_unemitted() {
            return self.poll_store(receipt);
        }
        if self.sweep_at.is_some_and(|at| at <= now) {
            self.sweep(now);
        }
        while let Some(notice) = self.notices.get(self.told.max(self.notices.first())) {
            self.told = self.told.max(self.notices.first()) + 1;
            if !notice.joined {
                return HubOutput::Event(HubEvent::Left { name: notice.name.clone() });
            }
        }
        while let Some(slot) = self.links.pop_ready() {
            let id = self.links.id(slot);
            let link = self.link_mut(slot);
            let Stage::Ending(ending) = link.stage else { return HubOutput::Ready(id) };
            if !core::mem::replace(&mut link.closed, true) {
                return HubOutput::Close(id, ending);
            }
        }
        self.sweep_at.map_or(HubOutput::Idle, HubOutput::Wait)
    }

    /// Everything up to that receipt is stored durably: it may be read and acknowledged.
    pub fn stored(&mut self, _now: Instant, receipt: Receipt) {
        self.stored = self.stored.max(receipt);
        self.disk_failed = false;
        let mut public = false;
        while let Some(entry) = self.log.reveal(receipt) {
            let (from, stream) = (entry.from, entry.stream);
            match &entry.to {
                None => public = true,
                Some(to) => {
                    for who in [from, to.who] {
                        if let Some(slot) = self.people.get(who).link {
                            self.links.wake(slot);
                        }
                    }
                }
            }
            self.settle(from, stream);
        }
        if public {
            self.links.wake_joined();
        }
    }

    /// What goes with that receipt could not be stored. Every message that waits to be stored is
    /// rejected, and so the driver must throw away whatever else it was handed up to the receipt
    /// that it gets back: none of it may be stored later.
    #[must_use = "what was handed out up to this receipt must not be stored any more"]
    pub fn not_stored(&mut self, _now: Instant, _receipt: Receipt) -> Receipt {
        while let Some((entry, was_emitted)) = self.log.unstage() {
            if was_emitted {
                self.uncount(&entry);
            }
            let row = self.people.stream_mut(entry.from, entry.stream, entry.seq);
            row.fates.set(entry.seq, Some(Rejection::NotStored));
            self.settle(entry.from, entry.stream);
        }
        self.people.mark_after(self.stored);
        self.disk_failed = true;
        Receipt(self.receipts)
    }

    /// Counts the next staged message and hands it out to be stored.
    fn poll_store(&mut self, receipt: Receipt) -> HubOutput<'_> {
        self.receipts += 1;
        let public = &mut self.log.public;
        let mut total = *public;
        let (place, entry) = self.log.emit().expect("there is one");
        entry.receipt = receipt;
        match &mut entry.to {
            None => total += 1,
            Some(to) => {
                let recipient = self.people.get_mut(to.who);
                recipient.private += 1;
                to.private = recipient.private;
                if to.who != entry.from {
                    self.people.get_mut(entry.from).private += 1;
                }
            }
        }
        entry.public = total;
        entry.from_private = self.people.get(entry.from).private;
        let (from, stream, seq) = (entry.from, entry.stream, entry.seq);
        self.log.public = total;
        self.people.stream_mut(from, stream, seq).recorded = seq;
        let sender = self.people.record(from, receipt);
        let entry = self.log.get(place).expect("it was just emitted");
        let recipient = entry.to.as_ref().filter(|to| to.who != from);
        let recipient = recipient.map(|to| self.people.record(to.who, receipt));
        let to = entry.to.as_ref().map(|Recipient { who, name, private }| RecipientRecord {
            key: self.people.get(*who).key,
            name: name.clone(),
            private: *private,
        });
        let message = MessageRecord {
            place,
            at: entry.at,
            public: total,
            from: sender.key,
            from_name: entry.from_name.clone(),
            from_private: entry.from_private,
            stream,
            seq,
            to,
            text: entry.text(),
        };
        let forget = place.checked_sub(MAX_MESSAGES as u64);
        HubOutput::Store(StoreRecord::Message { message, sender, recipient, forget }, receipt)
    }

    /// Takes back what a message changed in the counts: it was never there.
    fn uncount(&mut self, entry: &Entry) {
        let Some(to) = &entry.to else {
            self.log.public -= 1;
            return;
        };
        self.people.get_mut(to.who).private -= 1;
        if to.who != entry.from {
            self.people.get_mut(entry.from).private -= 1;
        }
    }

    /// Asks those who were silent for a sign of life, and ends those who gave none.
    fn sweep(&mut self, now: Instant) {
        self.sweep_at = None;
        let mut ended = 0;
        for slot in self.links.slots() {
            let Some(link) = self.links.get(slot) else { continue };
            let (stage, pinged) = (link.stage, link.pinged);
            if self.deadline(link).is_some_and(|deadline| deadline <= now) {
                if ended == MAX_ENDED_AT_ONCE {
                    self.sweep_by(now);
                    return;
                }
                if pinged || stage == Stage::Fresh {
                    self.end(now, slot, Goodbye::Silent);
                    ended += 1;
                } else {
                    let link = self.link_mut(slot);
                    link.pinged = true;
                    link.owed.ping = true;
                    self.links.wake(slot);
                }
            }
            if let Some(deadline) = self.links.get(slot).and_then(|link| self.deadline(link)) {
                self.sweep_by(deadline);
            }
        }
    }
}
