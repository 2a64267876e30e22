//! Control messages as bytes: postcard, several to a record.
//!
//! A record is whole messages until nothing is left. Whoever decodes takes one, then the next
//! from the rest; a rest that is not a message makes the whole record malformed.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Writes a message to the front of `out`, and says how long it is.
///
/// # Errors
/// [`NoRoom`] when it does not fit: send what is there already and begin a new record. Every
/// message fits an empty record.
pub fn encode<T: Serialize>(message: &T, out: &mut [u8]) -> Result<usize, NoRoom> {
    postcard::to_slice(message, out).map(|written| written.len()).map_err(|_| NoRoom)
}

/// Reads the message at the front of `bytes`, and gives back the rest.
///
/// # Errors
/// [`Malformed`]: whoever sent this does not speak the protocol.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), Malformed> {
    postcard::take_from_bytes(bytes).map_err(|error| {
        if error == postcard::Error::DeserializeUnexpectedEnd {
            Malformed::Truncated
        } else {
            Malformed::Invalid
        }
    })
}

/// The message does not fit what is left of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the record has no room for this message")
    }
}

impl core::error::Error for NoRoom {}

/// Why bytes are not a control message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Malformed {
    /// They end within a message.
    Truncated,
    /// They say something that no message may say.
    Invalid,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "a control message ends early",
            Self::Invalid => "a control message is malformed",
        })
    }
}

impl core::error::Error for Malformed {}

#[cfg(test)]
mod tests;
