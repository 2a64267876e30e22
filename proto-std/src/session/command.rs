//! What a face (command line, window, script) tells its session.

use std::path::PathBuf;

use proto_core::ids::TransferId;
use proto_core::text::FileName;
use proto_core::wire::Audience;

/// A wish of the user. Every wish is answered by an [`super::Event`] sooner or later.
#[derive(Clone, Debug)]
pub enum Command {
    /// Says something. Answered by `Delivered` or `Rejected` with the same token.
    Say {
        /// The face's own mark for this message.
        token: u64,
        /// Whom it is for.
        to: Audience,
        /// What is said; checked by the session.
        text: String,
    },
    /// Asks who is in the room. Answered by `Users`.
    Users,
    /// Asks for the shared files. Answered by `Files`.
    Files,
    /// Downloads a file, or resumes a download. Answered by `Transfer`s.
    Get(Box<Get>),
    /// Uploads a file, or resumes an upload. Answered by `Transfer`s.
    Put(Box<Put>),
    /// Sets or clears the user's own hold on a transfer: pause and proceed. Idempotent.
    Hold {
        /// Which transfer.
        id: TransferId,
        /// Whether it is to stand still.
        set: bool,
    },
    /// Agrees to go on past the server's stop point: clears the server's hold.
    Confirm {
        /// Which transfer.
        id: TransferId,
    },
    /// Gives a transfer up.
    Cancel {
        /// Which transfer.
        id: TransferId,
        /// Whether what has arrived of a download is deleted; else it is kept and may be resumed.
        discard: bool,
    },
    /// Answers `FirstContact` when the policy is [`super::Trust::Ask`].
    Trust {
        /// Whether the server's key is accepted, now and from now on.
        accept: bool,
    },
    /// Ends the wait before the next attempt to connect. Means nothing while there is none.
    RetryNow,
    /// Says goodbye. Answered by `Closed`, after what was said is delivered (or 5 s went by).
    Leave,
}

/// A download.
#[derive(Clone, Debug)]
pub struct Get {
    /// What the face calls it; not in use by another transfer of this session. Survives
    /// reconnects.
    pub id: TransferId,
    /// The file's name at the server.
    pub file: FileName,
    /// The folder that takes it.
    pub folder: PathBuf,
    /// Its name there; `None` is the server's name.
    pub save_as: Option<FileName>,
    /// What to do when a file of that name is there already.
    pub clash: Clash,
    /// Whether it begins on hold.
    pub hold: bool,
    /// Holds by itself once this much has arrived.
    pub pause_at: Option<Percent>,
    /// Whether the user agreed beforehand to go on past the server's stop point.
    pub confirmed: bool,
}

/// An upload.
#[derive(Clone, Debug)]
pub struct Put {
    /// What the face calls it; not in use by another transfer of this session.
    pub id: TransferId,
    /// The file.
    pub path: PathBuf,
    /// Its name at the server; `None` is the path's last part.
    pub save_as: Option<FileName>,
    /// Whether it begins on hold.
    pub hold: bool,
}

/// What to do when a downloaded file's name is taken in its folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clash {
    /// Keep both: `name (1).ext`.
    #[default]
    KeepBoth,
    /// Replace the old file, once the new one is verified.
    Overwrite,
    /// Leave the old file and do not download.
    Skip,
    /// Keep nothing: verify what arrives, and that is all.
    Discard,
}

/// A whole number of hundredths, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u8);

impl Percent {
    /// Takes 0 to 100.
    pub const fn new(value: u8) -> Option<Self> {
        if value <= 100 { Some(Self(value)) } else { None }
    }

    /// The number, 0 to 100.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Parses `50%` or `50`.
    pub fn parse(input: &str) -> Option<Self> {
        input.strip_suffix('%').unwrap_or(input).parse().ok().and_then(Self::new)
    }
}
