//! What the room remembers, as rows of the database.

use proto_core::chat::{MAX_MESSAGE_RECORD_LEN, MAX_PERSON_RECORD_LEN, PersonRecord, StoreRecord};

use crate::store::Entry;

/// The rows of the database that a record is.
pub(super) fn of(record: &StoreRecord<'_>) -> Vec<Entry> {
    match record {
        StoreRecord::Person(record) => vec![person(record)],
        StoreRecord::Message { message, sender, recipient, forget } => {
            let mut value = vec![0; MAX_MESSAGE_RECORD_LEN];
            let len = message.encode(&mut value).expect("the longest message fits");
            value.truncate(len);
            let mut entries = vec![Entry::Message { place: message.place, value }, person(sender)];
            entries.extend(recipient.as_ref().map(person));
            entries.extend(forget.map(|place| Entry::Fallen { place }));
            entries
        }
    }
}

fn person(record: &PersonRecord) -> Entry {
    let mut value = vec![0; MAX_PERSON_RECORD_LEN];
    let len = record.encode(&mut value).expect("the longest person fits");
    value.truncate(len);
    Entry::Person { key: record.key.0, value }
}
