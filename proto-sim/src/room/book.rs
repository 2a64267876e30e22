//! The truth about a room: everything that was ever stored, in its order.

use std::collections::BTreeMap;

use proto_core::chat::MessageRecord;
use proto_core::ids::{PublicKey, Seq};

/// Everything that was stored.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// By place: who may read it, and what it says.
    entries: BTreeMap<u64, Entry>,
    /// The last number that was stored of each stream of each person.
    last: BTreeMap<(PublicKey, u64), Seq>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    from: PublicKey,
    to: Option<PublicKey>,
    text: String,
}

impl Book {
    /// A message became durable.
    pub(super) fn on_stored(&mut self, message: &MessageRecord<'_>) {
        let stream = (message.from, message.stream);
        let last = self.last.insert(stream, message.seq);
        assert!(
            last.is_none_or(|last| last < message.seq),
            "a message is stored once and in its stream's order: {:?} after {last:?}",
            message.seq
        );
        let next = self.entries.last_key_value().map_or(0, |(&place, _)| place + 1);
        assert!(
            self.entries.is_empty() || message.place == next,
            "places rise by one: {} instead of {next}",
            message.place
        );
        let entry = Entry {
            from: message.from,
            to: message.to.as_ref().map(|to| to.key),
            text: message.text.as_str().into(),
        };
        self.entries.insert(message.place, entry);
    }

    /// Whether what this person said under that number is durable.
    pub(super) fn has(&self, text: &str) -> bool {
        self.entries.values().any(|entry| entry.text == text)
    }

    /// What a reader's count stands at when it has read everything.
    pub(super) fn ordinals(&self, reader: PublicKey) -> u64 {
        let concerns = self.entries.values().filter(|entry| entry.concerns(reader));
        concerns.count() as u64
    }

    /// The text that a reader's ordinal stands for.
    pub(super) fn text(&self, reader: PublicKey, ordinal: u64) -> Option<&str> {
        let mut concerns = self.entries.values().filter(|entry| entry.concerns(reader));
        let index = usize::try_from(ordinal.checked_sub(1)?).ok()?;
        concerns.nth(index).map(|entry| entry.text.as_str())
    }

    /// How many messages were stored.
    pub(super) fn len(&self) -> u64 {
        self.entries.len() as u64
    }
}

impl Entry {
    fn concerns(&self, reader: PublicKey) -> bool {
        self.to.is_none_or(|to| to == reader || self.from == reader)
    }
}
