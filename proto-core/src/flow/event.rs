//! What a flow tells its driver.

use core::fmt;

use crate::ids::{Digest, Stamp, TransferId};
use crate::path::Violation;
use crate::text::FileName;
use crate::wire::AbortReason;

/// Something happened to a transfer, or to the path under all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FlowEvent {
    /// The peer is where its address says, and datagrams of this size pass.
    PathProven {
        /// Bytes of a whole datagram.
        size: u16,
    },
    /// Nobody answers: UDP may be blocked. The path goes on trying while it is needed.
    PathUnanswered,
    /// The peer lied on the path, which is over with all its transfers: end the session.
    PathBroken {
        /// How.
        why: Violation,
    },
    /// Server: the client wants a file. Answer with `offer` or `abort`.
    Wanted {
        /// Which transfer this will be.
        id: TransferId,
        /// Which file.
        name: FileName,
        /// The version that the client has a part of; `None` when it has nothing.
        held_of: Option<Stamp>,
    },
    /// Server: the client offers a file. Answer with `accept` or `abort`.
    Pushed {
        /// Which transfer this will be.
        id: TransferId,
        /// What the file shall be called.
        name: FileName,
        /// Its bytes.
        size: u64,
        /// Its version.
        stamp: Stamp,
    },
    /// Client: this is the file that was asked for. Answer with `prepared` or `abort`.
    Offered {
        /// Which transfer.
        id: TransferId,
        /// Its bytes.
        size: u64,
        /// Its version.
        stamp: Stamp,
        /// Whether what is here already still counts. When something was here and this is
        /// false, the file has changed and starts over.
        resumed: bool,
    },
    /// The file is open on both sides.
    Started {
        /// Which transfer.
        id: TransferId,
    },
    /// Who holds the transfer changed.
    Holds {
        /// Which transfer.
        id: TransferId,
        /// This side holds it.
        mine: bool,
        /// The peer holds it.
        theirs: bool,
        /// Bytes that are done.
        at: u64,
    },
    /// Nothing moves although nobody holds it. It goes on by itself when it can.
    Stalled {
        /// Which transfer.
        id: TransferId,
    },
    /// It moves again.
    Proceeding {
        /// Which transfer.
        id: TransferId,
    },
    /// Sink: every byte is stored. [`Verify`](Self::Verify) follows once the digest is known.
    Received {
        /// Which transfer.
        id: TransferId,
    },
    /// Sink: compare the content with this. Answer with `verified`, or with `abort` and
    /// [`AbortReason::WrongDigest`].
    Verify {
        /// Which transfer.
        id: TransferId,
        /// What the content's hash must be.
        digest: Digest,
    },
    /// The content is verified and has its name at the sink. The id is free.
    Finished {
        /// Which transfer.
        id: TransferId,
    },
    /// The transfer ended early. The id is free.
    Ended {
        /// Which transfer.
        id: TransferId,
        /// Why.
        why: AbortReason,
        /// Whether the peer ended it.
        by_peer: bool,
    },
}

/// How far a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Progress {
    /// The file's bytes; `None` before they are known.
    pub size: Option<u64>,
    /// Bytes that the sink has: exactly at the sink, as far as it is told at the source.
    pub done: u64,
    /// Bytes that it has from the start without a hole.
    pub contiguous: u64,
    /// What the transfer is doing.
    pub state: State,
}

/// What a transfer is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// It is asked for, and the file is not open on both sides yet.
    Asked,
    /// Bytes flow.
    Flowing,
    /// This side holds it.
    HeldByMe,
    /// The peer holds it.
    HeldByPeer,
    /// Both sides hold it.
    HeldByBoth,
    /// Every byte arrived; the content is compared with its digest.
    Verifying,
}

/// What happened in a flow, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FlowStats {
    /// Bytes that arrived, were new, and are stored.
    pub bytes_stored: u64,
    /// Bytes of ours that arrived at the peer for the first time.
    pub bytes_acked: u64,
    /// Bytes that were given out for sending.
    pub bytes_sent: u64,
    /// Bytes sent once more than needed, for want of room in a list.
    pub bytes_resent: u64,
    /// Datagrams whose bytes were stored already.
    pub chunks_duplicate: u64,
    /// Datagrams not taken and not acknowledged: too early, or too many holes.
    pub chunks_refused: u64,
    /// Datagrams for no transfer that is under way.
    pub chunks_stray: u64,
    /// HAVE maps sent.
    pub haves_sent: u64,
    /// Messages about transfers that are over.
    pub messages_late: u64,
    /// Transfers that were finished.
    pub finished: u64,
    /// Transfers that ended early.
    pub ended: u64,
}

/// A transfer cannot begin: its id is in use, or as many are under way as can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Busy;

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("as many transfers are under way as can be")
    }
}

impl core::error::Error for Busy {}

/// The peer said what nobody may say: end the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Misbehaviour {
    /// That is for the other side to say.
    WrongSide,
    /// The transfer is not at that point, or beyond it.
    OutOfTurn,
    /// The id belongs to a transfer that is under way.
    IdInUse,
    /// Bytes beyond the end of the file, or of any file.
    BeyondTheEnd,
    /// The digest was another before.
    ChangedDigest,
    /// More was asked than could be answered.
    Flood,
}

impl fmt::Display for Misbehaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongSide => "the peer said about a transfer what only this side may say",
            Self::OutOfTurn => "the peer said something about a transfer out of turn",
            Self::IdInUse => "the peer began a transfer under an id that is in use",
            Self::BeyondTheEnd => "the peer named bytes beyond the end of a file",
            Self::ChangedDigest => "the peer changed the digest of a file",
            Self::Flood => "the peer asked for more than could be refused",
        })
    }
}

impl core::error::Error for Misbehaviour {}
