//! What a session tells its face.

use std::path::PathBuf;
use std::time::Duration;

use proto_core::ids::{Digest, Stamp, TransferId};
use proto_core::text::{FileName, Name};
use proto_core::time::UnixMillis;
use proto_core::wire::Audience;

use super::error::Error;
use crate::address::Fingerprint;

/// Something that happened. Text from others has passed the protocol's checks, but a terminal
/// must still isolate its direction marks.
#[derive(Clone, Debug)]
pub enum Event {
    /// An attempt to connect begins; the first is 1.
    Connecting {
        /// Counts the attempts since the session was last online.
        attempt: u32,
    },
    /// The server's key is seen for the first time. With [`super::Trust::Accept`] it is pinned
    /// already; with [`super::Trust::Ask`] the session waits for `Command::Trust`.
    FirstContact {
        /// The server's key.
        fingerprint: Fingerprint,
        /// Whether an answer is waited for.
        asks: bool,
    },
    /// Logged in.
    Online(Online),
    /// The connection is lost, or could not be made. The session goes on trying.
    Offline {
        /// Why.
        why: Error,
        /// When the next attempt begins.
        retry_in: Duration,
    },
    /// A message to show.
    Said {
        /// When the server had it.
        at: UnixMillis,
        /// Who said it.
        from: Name,
        /// Whom it is for.
        to: Audience,
        /// What was said.
        text: String,
        /// The token of the user's own message; `None` for everybody else's.
        mine: Option<u64>,
    },
    /// Messages were missed for good.
    Missed {
        /// How many.
        count: u64,
    },
    /// The server has the message stored.
    Delivered {
        /// The message's token.
        token: u64,
    },
    /// The message will not be delivered.
    Rejected {
        /// The message's token.
        token: u64,
        /// Why.
        why: Error,
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
    /// Who is in the room: asked for, or sent after each login that joins.
    Users(Vec<Name>),
    /// The shared files: asked for, or sent after each login that joins.
    Files(Vec<FileEntry>),
    /// The shared files changed: whoever shows them asks again.
    FilesChanged,
    /// A transfer's news.
    Transfer(Box<TransferReport>),
    /// Something is amiss that the session goes on without, such as UDP, and so files. It may mend.
    Warning(Error),
    /// The session cannot go on; `Closed` follows.
    Failed(Error),
    /// The session is over: nothing follows.
    Closed,
}

/// What is known after a login.
#[derive(Clone, Debug)]
pub struct Online {
    /// The name as the server keeps it.
    pub name: Name,
    /// The server's key.
    pub fingerprint: Fingerprint,
    /// The server's clock.
    pub at: UnixMillis,
    /// Whether uploads are taken.
    pub uploads: bool,
    /// Whether this session was online before.
    pub resumed: bool,
}

/// A shared file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Its name.
    pub name: FileName,
    /// Its length in bytes.
    pub size: u64,
    /// Its version.
    pub stamp: Stamp,
}

/// Where a transfer stands. Sent at each change of state, and a few times a second while bytes
/// flow.
#[derive(Clone, Debug)]
pub struct TransferReport {
    /// Which transfer.
    pub id: TransferId,
    /// The file's name at the server.
    pub file: FileName,
    /// Which way it goes.
    pub direction: Direction,
    /// Its length in bytes, once known.
    pub size: Option<u64>,
    /// Bytes that the receiving side has stored.
    pub done: u64,
    /// Bytes a second, over the last second or so.
    pub rate: u64,
    /// The value of the last byte before the point that is reached without a hole, when known.
    pub last_byte: Option<u8>,
    /// What it does.
    pub state: TransferState,
}

impl TransferReport {
    /// Whole hundredths done; 100 only at the end. `None` while the size is unknown.
    pub fn percent(&self) -> Option<u8> {
        let size = self.size?;
        if size == 0 {
            return Some(100);
        }
        let percent = u128::from(self.done.min(size)) * 100 / u128::from(size);
        u8::try_from(percent).ok()
    }
}

/// Which way a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the server.
    Download,
    /// To the server.
    Upload,
}

/// What a transfer does.
#[derive(Clone, Debug)]
pub enum TransferState {
    /// Asked for; the server has not answered, or the session is offline.
    Asked,
    /// The first bytes are under way: "got a download connection".
    Started {
        /// Bytes that were here already, from an earlier attempt.
        resumed_from: u64,
    },
    /// Bytes flow.
    Flowing,
    /// Bytes should flow, but none came for 3 s.
    Stalled,
    /// Stands still because somebody wants it so.
    Paused {
        /// The user's own hold is set; `Command::Hold` clears it.
        mine: bool,
        /// The server's hold is set; `Command::Confirm` clears it.
        theirs: bool,
    },
    /// All bytes are here, and are being checked.
    Verifying,
    /// Complete and verified. The last report.
    Done {
        /// Where it is, for downloads.
        path: Option<PathBuf>,
        /// The hash of its content, when it is known here.
        digest: Option<Digest>,
        /// How long it took, since it began to flow.
        took: Duration,
        /// How much of that the disk took at the end to have it for good, for downloads.
        synced: Option<Duration>,
    },
    /// A file of that name is here already, and [`super::Clash::Skip`] was asked. The last report.
    Skipped,
    /// Ended early. What has arrived is kept when it can be resumed. The last report.
    Failed(Error),
}

impl TransferState {
    /// Whether no more reports follow.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Skipped | Self::Failed(_))
    }
}
