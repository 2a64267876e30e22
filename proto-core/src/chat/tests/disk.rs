//! What the disk of a random life holds.

use std::string::{String, ToString};
use std::vec::Vec;

use crate::chat::*;

/// A message on the disk.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stored {
    pub(super) from: String,
    pub(super) to: Option<String>,
    pub(super) words: String,
}

/// What goes with a receipt: people, a message, and the place of one to forget.
pub(super) type Waiting = (Receipt, Vec<PersonRecord>, Option<(u64, Vec<u8>, Stored)>, Option<u64>);

/// Copies what the hub hands out.
pub(super) fn write(record: StoreRecord<'_>, receipt: Receipt) -> Waiting {
    match record {
        StoreRecord::Person(person) => (receipt, [person].into(), None, None),
        StoreRecord::Message { message, sender, recipient, forget } => {
            let stored = Stored {
                from: message.from_name.to_string(),
                to: message.to.as_ref().map(|to| to.name.to_string()),
                words: message.text.as_str().to_string(),
            };
            let mut bytes = [0; MAX_MESSAGE_RECORD_LEN];
            let len = message.encode(&mut bytes).unwrap();
            let message = Some((message.place, bytes[..len].to_vec(), stored));
            (receipt, core::iter::once(sender).chain(recipient).collect(), message, forget)
        }
    }
}
