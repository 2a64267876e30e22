//! What a client says on the control channel.

use serde::{Deserialize, Serialize};

use super::Transfer;
use crate::ids::{Ordinal, Seq};
use crate::text::{Name, Text};

/// A control message from a client. Variants are appended, never reordered.
#[expect(clippy::large_enum_variant, reason = "there is no allocator, so no box")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToServer<'a> {
    /// First message of a session: who speaks, and what for.
    Login {
        /// The name, bound to the client's key.
        name: Name,
        /// Joining the room, or only using the server.
        mode: Mode,
        /// Which run of the client speaks: drawn at random when its program starts, so that a
        /// script and a chat of one identity never mix up their counts.
        stream: u64,
        /// The lowest number that this run still holds unacknowledged, or will use next.
        first: Seq,
    },
    /// A message. Its number is one more than the last one's.
    Say {
        /// The client's own count.
        seq: Seq,
        /// Whom it is for.
        to: Audience,
        /// What is said.
        #[serde(borrow)]
        text: Text<'a>,
    },
    /// Asks who is in the room; answered by `Present`… `PresentEnd`.
    Who,
    /// Asks for the shared files; answered by `File`… `FilesEnd`.
    Files,
    /// Something about a transfer.
    Transfer(Transfer),
    /// Asks for a sign of life; answered by `Pong` with the same number.
    Ping(u32),
    /// Answers the server's `Ping`.
    Pong(u32),
    /// Says goodbye: the session ends here, and the room is told.
    Leave,
}

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Mode {
    /// Takes a place in the room: presence, notices and messages.
    Join {
        /// The last message that this client showed; `None` begins with what comes next.
        cursor: Option<Ordinal>,
    },
    /// Uses the server without entering the room: lists, files, sending. Nobody is told.
    Use,
}

/// Whom a message is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Audience {
    /// Everybody in the room.
    All,
    /// One person.
    One(Name),
}
