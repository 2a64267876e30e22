//! What an engine tells a session.

use proto_core::flow::Progress;
use proto_core::ids::{Digest, Stamp, TransferId};
use proto_core::text::FileName;
use proto_core::time::Duration;
use proto_core::wire::{AbortReason, Transfer};

/// Something that happened on a session's flow. None is lost; progress is told at most ten times
/// a second for each transfer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EngineEvent {
    /// Send this to the peer on the control channel.
    Message(Box<Transfer>),
    /// The peer's address is proven, and datagrams of this size pass.
    PathProven {
        /// Bytes of a whole datagram.
        size: u16,
    },
    /// Nobody answers on UDP: it may be blocked. The path goes on trying while it is needed.
    PathUnanswered,
    /// The peer broke the protocol, or another session has this one's connection id: end the session.
    Misbehaved {
        /// How.
        how: Box<str>,
    },
    /// A transfer's size is known, and its file is open.
    Started {
        /// Which.
        id: TransferId,
        /// What the file is called here.
        name: FileName,
        /// Its bytes.
        size: u64,
        /// Its version.
        stamp: Stamp,
        /// Bytes of it that were already at the receiver.
        resumed: u64,
        /// Whether the file leaves (or else arrives).
        sending: bool,
    },
    /// How far a transfer is.
    Progress {
        /// Which.
        id: TransferId,
        /// How far.
        progress: Progress,
    },
    /// Who holds a transfer changed.
    Holds {
        /// Which.
        id: TransferId,
        /// This side holds it.
        mine: bool,
        /// The peer holds it.
        theirs: bool,
        /// Bytes that were done then.
        at: u64,
    },
    /// Nothing moves although nobody holds it; it goes on by itself when it can.
    Stalled {
        /// Which.
        id: TransferId,
    },
    /// It moves again.
    Proceeding {
        /// Which.
        id: TransferId,
    },
    /// Everything arrived; the content is compared with its digest.
    Verifying {
        /// Which.
        id: TransferId,
    },
    /// The content is verified, on disk, and has its name.
    Finished {
        /// Which.
        id: TransferId,
        /// The name that the file got at last; for what was sent, the name it was sent by.
        name: FileName,
        /// Its bytes.
        size: u64,
        /// Its digest, where it is known here.
        digest: Option<Digest>,
        /// Its last byte, if it arrived here and is not empty.
        last_byte: Option<u8>,
        /// How long the disk took to have it for good, if it arrived here.
        synced: Option<Duration>,
    },
    /// The transfer ended early. What arrived is kept for a resume, except when it was wrong.
    Ended {
        /// Which.
        id: TransferId,
        /// Why.
        why: AbortReason,
        /// Whether the peer ended it.
        by_peer: bool,
        /// What the system said, when it was the system.
        detail: Option<Box<str>>,
    },
}
