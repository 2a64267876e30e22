//! What survives a restart of the server: people and messages, as the driver stores them.
//!
//! One byte says which version of the layout follows; the rest is postcard. Layouts are never
//! changed, only added.

use heapless::Vec;
use serde::{Deserialize, Serialize};

use super::people::MAX_STREAMS;
use crate::ids::{PublicKey, Seq};
use crate::limits::{MAX_NAME_LEN, MAX_TEXT_LEN};
use crate::text::{Name, Text};
use crate::time::UnixMillis;
use crate::wire::{Malformed, NoRoom, decode, encode};

const VERSION: u8 = 1;

/// Longest varint of 64 and of 128 bits.
const VARINT: usize = 10;
const WIDE_VARINT: usize = 19;

/// Longest encoded [`PersonRecord`].
pub const MAX_PERSON_RECORD_LEN: usize =
    1 + 32 + 1 + MAX_NAME_LEN + VARINT + 1 + MAX_STREAMS * (2 * VARINT + 2 * WIDE_VARINT);
/// Longest encoded [`MessageRecord`].
pub const MAX_MESSAGE_RECORD_LEN: usize =
    1 + 7 * VARINT + 32 + 1 + MAX_NAME_LEN + (1 + 32 + 1 + MAX_NAME_LEN) + 2 + MAX_TEXT_LEN;

/// Somebody: the key is the record's name in any store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRecord {
    /// Who.
    pub key: PublicKey,
    /// The name bound to that key.
    pub name: Name,
    /// Private messages to or from this person, ever.
    pub private: u64,
    /// How far this person's most recent streams were heard.
    pub streams: Vec<StreamRecord, MAX_STREAMS>,
}

/// How far a stream was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamRecord {
    /// Which.
    pub id: u64,
    /// The last number.
    pub last: Seq,
    /// Low bits of what became of the last 128 messages.
    pub low: u128,
    /// High bits of the same.
    pub high: u128,
}

/// A message in the room's log: its place is the record's name in any store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageRecord<'a> {
    /// Its place in the log, rising by one.
    pub place: u64,
    /// When the server had it.
    pub at: UnixMillis,
    /// Public messages ever, with this one.
    pub public: u64,
    /// The sender.
    pub from: PublicKey,
    /// The sender's name then.
    pub from_name: Name,
    /// The sender's private messages ever, with this one.
    pub from_private: u64,
    /// The sender's stream.
    pub stream: u64,
    /// The sender's number.
    pub seq: Seq,
    /// The recipient of a private message.
    pub to: Option<RecipientRecord>,
    /// What was said.
    #[serde(borrow)]
    pub text: Text<'a>,
}

/// Whom a private message was for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientRecord {
    /// Who.
    pub key: PublicKey,
    /// The name then.
    pub name: Name,
    /// This person's private messages ever, with this one.
    pub private: u64,
}

impl PersonRecord {
    /// Writes the record; [`MAX_PERSON_RECORD_LEN`] bytes always suffice.
    ///
    /// # Errors
    /// [`NoRoom`] when it does not fit.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, NoRoom> {
        encode(&(VERSION, self), out)
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`Malformed`]: it is damaged, or of a later version.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        versioned(bytes)
    }
}

impl<'a> MessageRecord<'a> {
    /// Writes the record; [`MAX_MESSAGE_RECORD_LEN`] bytes always suffice.
    ///
    /// # Errors
    /// [`NoRoom`] when it does not fit.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, NoRoom> {
        encode(&(VERSION, self), out)
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`Malformed`]: it is damaged, or of a later version.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        versioned(bytes)
    }
}

fn versioned<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Malformed> {
    let (&version, rest) = bytes.split_first().ok_or(Malformed::Truncated)?;
    if version != VERSION {
        return Err(Malformed::Invalid);
    }
    match decode(rest)? {
        (record, []) => Ok(record),
        (_, [_, ..]) => Err(Malformed::Invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest_name(c: char) -> Name {
        Name::parse(std::string::String::from_iter([c; MAX_NAME_LEN]).as_str()).unwrap()
    }

    #[test]
    fn the_longest_records_fit_what_is_promised() {
        let stream = StreamRecord { id: !0, last: Seq(!0), low: !0, high: !0 };
        let streams = [stream; MAX_STREAMS].into_iter().collect();
        let key = PublicKey([0xFF; 32]);
        let person = PersonRecord { key, name: longest_name('x'), private: !0, streams };
        let long = std::string::String::from_iter(['x'; MAX_TEXT_LEN]);
        let message = MessageRecord {
            place: !0,
            at: UnixMillis(!0),
            public: !0,
            from: key,
            from_name: longest_name('x'),
            from_private: !0,
            stream: !0,
            seq: Seq(!0),
            to: Some(RecipientRecord { key, name: longest_name('y'), private: !0 }),
            text: Text::parse(&long).unwrap(),
        };

        let mut bytes = [0; MAX_PERSON_RECORD_LEN];
        assert_eq!(person.encode(&mut bytes), Ok(MAX_PERSON_RECORD_LEN));
        assert_eq!(PersonRecord::decode(&bytes), Ok(person));
        let mut bytes = [0; MAX_MESSAGE_RECORD_LEN];
        assert_eq!(message.encode(&mut bytes), Ok(MAX_MESSAGE_RECORD_LEN));
        assert_eq!(MessageRecord::decode(&bytes), Ok(message));
    }

    #[test]
    fn records_have_their_bytes() {
        let name = Name::parse("leah").unwrap();
        let key = PublicKey([7; 32]);
        let stream = StreamRecord { id: 300, last: Seq(2), low: 2, high: 0 };
        let streams = [stream].into_iter().collect();
        let person = PersonRecord { key, name: name.clone(), private: 3, streams };
        let message = MessageRecord {
            place: 5,
            at: UnixMillis(1000),
            public: 4,
            from: key,
            from_name: name.clone(),
            from_private: 3,
            stream: 300,
            seq: Seq(2),
            to: Some(RecipientRecord { key, name, private: 3 }),
            text: Text::parse("hi").unwrap(),
        };
        let mut bytes = [0; 256];

        let len = person.encode(&mut bytes).unwrap();
        let tail = *b"\x04leah\x03\x01\xac\x02\x02\x02\x00";
        assert_eq!(bytes[..len], [&[1][..], &[7; 32], &tail].concat());

        let len = message.encode(&mut bytes).unwrap();
        let parts: [&[u8]; 6] = [
            b"\x01\x05\xe8\x07\x04",
            &[7; 32],
            b"\x04leah\x03\xac\x02\x02\x01",
            &[7; 32],
            b"\x04leah\x03",
            b"\x02hi",
        ];
        assert_eq!(bytes[..len], parts.concat());
    }

    #[test]
    fn damaged_records_are_refused() {
        let name = Name::parse("leah").unwrap();
        let person =
            PersonRecord { key: PublicKey([7; 32]), name, private: 3, streams: Vec::new() };
        let mut bytes = [0; 64];
        let len = person.encode(&mut bytes).unwrap();

        assert!(PersonRecord::decode(&bytes[..len]).is_ok());
        assert_eq!(PersonRecord::decode(&bytes[..=len]), Err(Malformed::Invalid));
        for cut in 0..len {
            assert_eq!(PersonRecord::decode(&bytes[..cut]), Err(Malformed::Truncated));
        }
        bytes[0] = VERSION + 1;
        assert_eq!(PersonRecord::decode(&bytes[..len]), Err(Malformed::Invalid));
    }
}
