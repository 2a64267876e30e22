//! What a client has to say to its driver.

use core::fmt;

use crate::ids::{Ordinal, Seq, Stamp};
use crate::text::{FileName, Name, Text};
use crate::time::{Instant, UnixMillis};
use crate::wire::{Audience, Goodbye, LoginRefusal, Rejection, ToClient, ToServer, Transfer};

/// What a client wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientOutput<'c> {
    /// Send this.
    Transmit(ToServer<'c>),
    /// Tell this.
    Event(ClientEvent<'static>),
    /// Nothing until something arrives, or until then.
    Wait(Instant),
    /// Nothing until something happens.
    Idle,
}

/// What happened, as its user wants to know it.
#[expect(clippy::large_enum_variant, reason = "there is no allocator, so no box")]
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ClientEvent<'m> {
    /// Nothing that a user wants to know.
    Quiet,
    /// The server lets us in.
    LoggedIn {
        /// Our name, as the server writes it.
        name: Name,
        /// The server's wall clock.
        at: UnixMillis,
        /// Whether uploads are taken.
        uploads: bool,
        /// Whether the messages go on where the cursor stood.
        resumed: bool,
        /// How many messages after the cursor are gone for good.
        missed: u64,
    },
    /// The server does not let us in, and closes.
    Refused(LoginRefusal),
    /// Somebody said something; this may be our own words coming back.
    Said {
        /// The reader's count.
        ordinal: Ordinal,
        /// How many messages right before this one are gone for good: the reader was too slow.
        missed: u64,
        /// When the server had it.
        at: UnixMillis,
        /// Who said it.
        from: Name,
        /// Whom it is for.
        to: Audience,
        /// Our own number of it, when this very client said it.
        mine: Option<Seq>,
        /// What was said.
        text: Text<'m>,
    },
    /// The server has stored our message.
    Delivered {
        /// Which.
        seq: Seq,
    },
    /// The server did not take our message.
    Rejected {
        /// Which.
        seq: Seq,
        /// Why.
        why: Rejection,
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
    /// Somebody is in the room: one line of the answer to `ask_users`.
    Present(Name),
    /// The answer to `ask_users` is complete. A link that falls before it begins the list anew.
    PresentEnd,
    /// Comings and goings were left out: whoever shows a list asks again.
    PeopleChanged,
    /// A shared file: one line of the answer to `ask_files`.
    File {
        /// Its name.
        name: FileName,
        /// Its length in bytes.
        size: u64,
        /// Its version.
        stamp: Stamp,
    },
    /// The answer to `ask_files` is complete. A link that falls before it begins the list anew.
    FilesEnd,
    /// The shared files changed: whoever shows a list asks again.
    FilesChanged,
    /// Something about a transfer: hand it to the flow.
    Transfer(Transfer),
    /// The server ends the session: drop the link.
    Goodbye(Goodbye),
    /// Nothing came for too long: drop the link and make a new one.
    Silent,
    /// Our goodbye was sent: flush and drop the link.
    Closed,
}

/// How a server breaks the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Misbehaviour {
    /// It speaks without a link.
    NoLink,
    /// It goes on before it has welcomed us.
    BeforeWelcome,
    /// It answers a login twice.
    LoginTwice,
    /// It acknowledges what was never said, or out of order.
    HeardTooMuch,
}

impl Misbehaviour {
    /// Before the welcome, only what does not depend on it may come: what the server's other parts
    /// say (files, transfers) may overtake it.
    pub(super) fn unless_early(message: &ToClient<'_>) -> Result<(), Self> {
        match message {
            ToClient::Welcome { .. }
            | ToClient::Refused(_)
            | ToClient::File { .. }
            | ToClient::FilesEnd
            | ToClient::FilesChanged
            | ToClient::Transfer(_)
            | ToClient::Ping(_)
            | ToClient::Pong(_)
            | ToClient::Goodbye(_) => Ok(()),
            ToClient::Said { .. }
            | ToClient::Joined { .. }
            | ToClient::Left { .. }
            | ToClient::Heard(_)
            | ToClient::Rejected { .. }
            | ToClient::Present(_)
            | ToClient::PresentEnd
            | ToClient::PeopleChanged => Err(Self::BeforeWelcome),
        }
    }
}

impl fmt::Display for Misbehaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoLink => "the server speaks without a link",
            Self::BeforeWelcome => "the server goes on before it has welcomed us",
            Self::LoginTwice => "the server answers a login twice",
            Self::HeardTooMuch => "the server acknowledges what was never said",
        })
    }
}

impl core::error::Error for Misbehaviour {}
