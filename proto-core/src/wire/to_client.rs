//! What the server says on the control channel.

use serde::{Deserialize, Serialize};

use super::{Audience, Transfer};
use crate::ids::{Ordinal, Seq, Stamp};
use crate::text::{FileName, Name, Text};
use crate::time::UnixMillis;

/// A control message from the server. Variants are appended, never reordered.
#[expect(clippy::large_enum_variant, reason = "there is no allocator, so no box")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToClient<'a> {
    /// The login is accepted.
    Welcome {
        /// The name as the server keeps it.
        name: Name,
        /// The stream of messages begins after this one.
        cursor: Ordinal,
        /// The last of this stream's messages that the server has: the client goes on after it.
        /// What became of those is told by `Rejected` and `Heard`, which follow.
        heard: Seq,
        /// The server's wall clock.
        at: UnixMillis,
        /// Whether uploads are taken.
        uploads: bool,
    },
    /// The login is refused, and the connection closes.
    Refused(LoginRefusal),
    /// A message for this reader. Its ordinal is one more than the last one's, or some were missed.
    Said {
        /// This reader's count.
        ordinal: Ordinal,
        /// When the server had it.
        at: UnixMillis,
        /// Who said it; may be this client itself.
        from: Name,
        /// Whom it is for.
        to: Audience,
        /// The sender's count when this very stream said it, otherwise 0.
        seq: Seq,
        /// What was said.
        #[serde(borrow)]
        text: Text<'a>,
    },
    /// Somebody entered the room.
    Joined {
        /// Who.
        name: Name,
        /// When.
        at: UnixMillis,
    },
    /// Somebody left the room.
    Left {
        /// Who.
        name: Name,
        /// When.
        at: UnixMillis,
    },
    /// All messages up to this one are stored or were rejected: forget them.
    Heard(Seq),
    /// One message is rejected; it counts as heard.
    Rejected {
        /// Which.
        seq: Seq,
        /// Why.
        why: Rejection,
    },
    /// Somebody is in the room.
    Present(Name),
    /// Those were all who are in the room.
    PresentEnd,
    /// A shared file.
    File {
        /// Its name.
        name: FileName,
        /// Its length in bytes.
        size: u64,
        /// Its version.
        stamp: Stamp,
    },
    /// Those were all the files.
    FilesEnd,
    /// The shared files changed: whoever shows a list asks again.
    FilesChanged,
    /// Something about a transfer.
    Transfer(Transfer),
    /// Asks for a sign of life; answered by `Pong` with the same number.
    Ping(u32),
    /// Answers the client's `Ping`.
    Pong(u32),
    /// The server ends the session.
    Goodbye(Goodbye),
    /// Comings and goings were left out: whoever shows who is here asks again.
    PeopleChanged,
}

/// Why a login is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LoginRefusal {
    /// The name belongs to somebody else's key.
    NameTaken,
    /// The name looks like one that is in use.
    LookAlike,
    /// The server has no place left.
    Full,
    /// Too many connections from there: come back later.
    TooMany,
    /// The key belongs to another name, which is in use right now.
    OtherName,
}

/// Why a message is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Rejection {
    /// Nobody of that name is in the room.
    NoSuchUser,
    /// Too many messages in a short time.
    TooFast,
    /// The server could not store it.
    NotStored,
}

/// Why the server ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Goodbye {
    /// The server shuts down.
    Shutdown,
    /// The same person logged in elsewhere.
    Replaced,
    /// Nothing was heard for too long.
    Silent,
    /// The client broke the protocol.
    Misbehaved,
    /// Too many messages in a short time.
    Flooding,
}
