//! What the hub has to say to its driver.

use core::fmt;

use super::rate::Rate;
use super::record::{MessageRecord, PersonRecord};
use crate::text::{Name, Text};
use crate::time::{Duration, Instant};
use crate::wire::{Audience, Goodbye, LoginRefusal, Mode, Rejection, Transfer};

/// A connection to the hub. It means nothing any more once the hub was told that it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(u32);

impl LinkId {
    pub(super) fn from_parts(slot: u16, generation: u16) -> Self {
        Self(u32::from(generation) << 16 | u32::from(slot))
    }

    pub(super) fn parts(self) -> (u16, u16) {
        let [low, high, generation_low, generation_high] = self.0.to_le_bytes();
        (u16::from_le_bytes([low, high]), u16::from_le_bytes([generation_low, generation_high]))
    }
}

/// Goes with something to be stored, and comes back when it is. Later ones are greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Receipt(pub(super) u64);

/// How a hub is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubConfig {
    /// Whether clients are told that uploads are taken. Default: no.
    pub uploads: bool,
    /// How fast a person may speak. Default: 50 a second after a burst of 100, which is what a
    /// client may hold unacknowledged.
    pub rate: Rate,
    /// Messages too fast, in excess of those in time, before the link is closed. Default: 100.
    pub patience: u32,
    /// Links that a person may have at once. Default: 16, for scripts that run side by side.
    pub sessions: u16,
    /// Time from a secure link to its login. Default: 10 s.
    pub login_within: Duration,
    /// Silence after which a sign of life is asked for. Default: 30 s.
    pub ping_after: Duration,
    /// Silence after which a link is closed. Default: 75 s.
    pub silent_after: Duration,
}

impl HubConfig {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        uploads: false,
        rate: Rate { burst: 100, per_second: 50 },
        patience: 100,
        sessions: 16,
        login_within: Duration::from_secs(10),
        ping_after: Duration::from_secs(30),
        silent_after: Duration::from_secs(75),
    };
}

impl Default for HubConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What the hub wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum HubOutput<'h> {
    /// Store this durably, then call `stored` with the receipt. Several may be stored in one go:
    /// the last receipt stands for all before it.
    Store(StoreRecord<'h>, Receipt),
    /// This link has something to pull with `poll_message`. Not said again until it is drained.
    Ready(LinkId),
    /// Drain this link with `poll_message`, flush, close it, and then call `disconnect`.
    Close(LinkId, Ending),
    /// Tell this.
    Event(HubEvent<'static>),
    /// Nothing until something arrives, or until then.
    Wait(Instant),
    /// Nothing until something happens.
    Idle,
}

/// What is to be stored. All of one record becomes durable together, or none of it.
#[expect(clippy::large_enum_variant, reason = "there is no allocator, so no box")]
#[derive(Clone, Debug, PartialEq)]
pub enum StoreRecord<'h> {
    /// Somebody is new, or has another name.
    Person(PersonRecord),
    /// A message, and what it changes about those who are part of it.
    Message {
        /// The message, to be kept under its place.
        message: MessageRecord<'h>,
        /// Its sender.
        sender: PersonRecord,
        /// Its recipient, when that is somebody else.
        recipient: Option<PersonRecord>,
        /// The place of the message that falls out of the log, to be deleted.
        forget: Option<u64>,
    },
}

/// Why a link ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its login was refused.
    Refused(LoginRefusal),
    /// Its client said that it leaves.
    Left,
    /// The hub ends it, and says so.
    Goodbye(Goodbye),
}

/// What happened, as the server's screen wants to know it.
#[expect(clippy::large_enum_variant, reason = "there is no allocator, so no box")]
#[derive(Clone, Debug, PartialEq)]
pub enum HubEvent<'m> {
    /// Nothing worth telling.
    Quiet,
    /// Somebody logged in.
    LoggedIn {
        /// Who.
        name: Name,
        /// What for.
        mode: Mode,
        /// Whether the room was told: not when the same person was there already.
        joined: bool,
    },
    /// A login was refused.
    Refused {
        /// The name that was asked for.
        name: Name,
        /// Why.
        why: LoginRefusal,
    },
    /// Somebody left the room.
    Left {
        /// Who.
        name: Name,
    },
    /// Somebody said something. It is not stored yet.
    Said {
        /// Who.
        from: Name,
        /// To whom.
        to: Audience,
        /// What.
        text: Text<'m>,
    },
    /// Somebody's message was rejected.
    Rejected {
        /// Whose.
        from: Name,
        /// For whom it was.
        to: Audience,
        /// Why.
        why: Rejection,
    },
    /// That link wants the shared files: send `File`… `FilesEnd`.
    AskedFiles,
    /// Something about a transfer: hand it to that link's flow.
    Transfer(Transfer),
}

/// Why a stored record does not fit what was restored before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// There is no room for more people.
    Full,
    /// Its key or its name was there already.
    Double,
    /// It speaks of somebody who was not restored.
    Stranger,
    /// Its place is before that of another.
    OutOfOrder,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "there is no room for more people",
            Self::Double => "the key or the name is there twice",
            Self::Stranger => "the message speaks of somebody unknown",
            Self::OutOfOrder => "the messages are not in order",
        })
    }
}

impl core::error::Error for Unfit {}
