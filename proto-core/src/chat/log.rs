//! The room's log: one ring of messages for all readers.

use heapless::{Deque, String};

use super::hub_event::Receipt;
use super::people::PersonId;
use crate::ids::{Ordinal, Seq};
use crate::limits::{MAX_MESSAGES, MAX_TEXT_LEN};
use crate::text::{Name, Text};
use crate::time::UnixMillis;
use crate::wire::Audience;

/// Messages that may wait to be stored.
pub const MAX_STAGED: usize = 28;
const SLOTS: usize = MAX_MESSAGES + MAX_STAGED;

/// The last [`MAX_MESSAGES`] messages that anybody may read, and behind them those that are yet
/// to be stored. The visible part forgets, the staged part refuses.
//
//   first                visible        emitted          end
//     | readers pull these | being stored | to be stored |
//
// Invariants:
// - entries[i] has the place first + i, and first <= visible <= emitted <= end.
// - visible - first <= MAX_MESSAGES and end - visible <= MAX_STAGED.
// - Counts (public, private, receipt) of an entry are right once it is emitted.
#[derive(Clone, Debug)]
pub(super) struct Log {
    entries: Deque<Entry, SLOTS>,
    first: u64,
    visible: u64,
    emitted: u64,
    /// Public messages ever, up to the last one emitted.
    pub(super) public: u64,
}

/// A message in the log.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) from: PersonId,
    pub(super) from_name: Name,
    /// The sender's private messages, with this one.
    pub(super) from_private: u64,
    pub(super) to: Option<Recipient>,
    pub(super) stream: u64,
    pub(super) seq: Seq,
    pub(super) at: UnixMillis,
    /// Public messages, with this one.
    pub(super) public: u64,
    pub(super) receipt: Receipt,
    pub(super) text: String<MAX_TEXT_LEN>,
}

/// Whom a private message is for.
#[derive(Clone, Debug)]
pub(super) struct Recipient {
    pub(super) who: PersonId,
    pub(super) name: Name,
    /// The recipient's private messages, with this one.
    pub(super) private: u64,
}

impl Log {
    pub(super) const fn new() -> Self {
        Self { entries: Deque::new(), first: 0, visible: 0, emitted: 0, public: 0 }
    }

    /// Takes a message that is to be stored.
    pub(super) fn stage(&mut self, entry: Entry) {
        assert!(self.can_stage(), "the caller asks first");
        self.entries.push_back(entry).map_err(|_| ()).expect("visible + staged <= SLOTS");
    }

    pub(super) fn can_stage(&self) -> bool {
        self.end() - self.visible < MAX_STAGED as u64
    }

    pub(super) fn has_unemitted(&self) -> bool {
        self.emitted < self.end()
    }

    /// Moves past the first entry that was not emitted yet, and gives it with its place.
    pub(super) fn emit(&mut self) -> Option<(u64, &mut Entry)> {
        let place = self.emitted;
        let index = self.index(place)?;
        let entry = self.entries.get_mut(index)?;
        self.emitted += 1;
        Some((place, entry))
    }

    /// Makes the next entry visible, if it is stored with that receipt.
    pub(super) fn reveal(&mut self, stored: Receipt) -> Option<&Entry> {
        if self.visible == self.emitted || self.get(self.visible)?.receipt > stored {
            return None;
        }
        self.visible += 1;
        if self.visible - self.first > MAX_MESSAGES as u64 {
            self.entries.pop_front();
            self.first += 1;
        }
        self.get(self.visible - 1)
    }

    /// Takes back the last staged entry; says whether it was emitted.
    pub(super) fn unstage(&mut self) -> Option<(Entry, bool)> {
        if self.end() == self.visible {
            return None;
        }
        let entry = self.entries.pop_back()?;
        let was_emitted = self.emitted > self.end();
        self.emitted = self.emitted.min(self.end());
        Some((entry, was_emitted))
    }

    /// Takes a message from what was stored. A gap before it makes everything earlier forgotten.
    pub(super) fn restore(&mut self, place: u64, entry: Entry) -> bool {
        if place < self.end() {
            return false;
        }
        if place > self.end() {
            self.entries.clear();
            self.first = place;
        } else if self.entries.len() == MAX_MESSAGES {
            self.entries.pop_front();
            self.first += 1;
        }
        self.public = entry.public;
        self.entries.push_back(entry).map_err(|_| ()).expect("there are at most MAX_MESSAGES");
        self.visible = place + 1;
        self.emitted = place + 1;
        true
    }

    pub(super) fn get(&self, place: u64) -> Option<&Entry> {
        self.entries.get(self.index(place)?)
    }

    /// The place of the oldest message.
    pub(super) const fn first(&self) -> u64 {
        self.first
    }

    /// One past the place of the last message that anybody may read.
    pub(super) const fn visible(&self) -> u64 {
        self.visible
    }

    /// The lowest number of that stream that waits to be stored.
    pub(super) fn first_staged(&self, who: PersonId, stream: u64) -> Option<Seq> {
        (self.visible..self.end())
            .filter_map(|place| self.get(place))
            .find(|entry| entry.from == who && entry.stream == stream)
            .map(|entry| entry.seq)
    }

    /// What a reader's count stands at before a place. `private` is the reader's count of private
    /// messages up to the last one emitted.
    pub(super) fn ordinal_before(&self, place: u64, who: PersonId, private: u64) -> Ordinal {
        Ordinal(self.public_before(place) + self.private_before(place, who, private))
    }

    /// How many private messages a reader had before a place.
    pub(super) fn private_before(&self, place: u64, who: PersonId, private: u64) -> u64 {
        (place..self.emitted)
            .find_map(|place| self.get(place)?.private_of(who))
            .map_or(private, |count| count - 1)
    }

    fn public_before(&self, place: u64) -> u64 {
        if place >= self.emitted {
            return self.public;
        }
        self.get(place).map_or(self.public, |entry| entry.public - u64::from(entry.to.is_none()))
    }

    fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    fn index(&self, place: u64) -> Option<usize> {
        usize::try_from(place.checked_sub(self.first)?).ok()
    }
}

impl Entry {
    /// Copies a text into the log.
    pub(super) fn copy(text: Text<'_>) -> String<MAX_TEXT_LEN> {
        String::try_from(text.as_str()).expect("a text is at most that long")
    }

    pub(super) fn text(&self) -> Text<'_> {
        Text::parse(&self.text).expect("the text was checked when it came in")
    }

    pub(super) fn audience(&self) -> Audience {
        self.to.as_ref().map_or(Audience::All, |to| Audience::One(to.name.clone()))
    }

    /// A reader's count of private messages with this one, if it is private and the reader's.
    pub(super) fn private_of(&self, who: PersonId) -> Option<u64> {
        let to = self.to.as_ref()?;
        if to.who == who {
            Some(to.private)
        } else {
            (self.from == who).then_some(self.from_private)
        }
    }
}
