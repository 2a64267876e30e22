//! What is said about a transfer, the same words in both directions.
//!
//! The *source* has the file, the *sink* wants it. A download's source is the server, an
//! upload's is the client; the client begins both.

use core::fmt;

use heapless::Vec;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::ids::{Digest, Stamp, TransferId};
use crate::limits::{MAX_FILE_SIZE, MAX_HELD_RANGES};
use crate::percent::Percent;
use crate::text::FileName;

/// Something about a transfer. Variants are appended, never reordered.
#[expect(clippy::large_enum_variant, reason = "there is no allocator, so no box")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Transfer {
    /// Client, sink: asks for a file. Answered by `Offer` or `Abort`.
    Get {
        /// Which transfer this will be.
        id: TransferId,
        /// Which file.
        name: FileName,
        /// What of it is here already, and of which version.
        held: Option<Held>,
        /// Whether the client holds the transfer from the start.
        hold: bool,
        /// Whether the client already agreed to go on past the server's stop point.
        confirmed: bool,
        /// Where the client will hold the transfer: no byte beyond is sent before a `Hold` of the
        /// client's is cleared.
        stop_at: Option<Percent>,
    },
    /// Client, source: offers to upload. Answered by `Accept` or `Abort`.
    Put {
        /// Which transfer this will be.
        id: TransferId,
        /// What the file shall be called.
        name: FileName,
        /// Its length in bytes.
        #[serde(deserialize_with = "file_size")]
        size: u64,
        /// Its version.
        stamp: Stamp,
        /// Whether the client holds the transfer from the start.
        hold: bool,
    },
    /// Source: what the file is. Data may already be under way.
    Offer {
        /// Which transfer.
        id: TransferId,
        /// The file's length in bytes.
        #[serde(deserialize_with = "file_size")]
        size: u64,
        /// Its version; when it differs from the one held, what is held is worthless.
        stamp: Stamp,
        /// Whether the ranges that the sink holds are left out of what is sent.
        resumed: bool,
    },
    /// Sink: its place for the file is open, and it takes everything. Before this, only the first
    /// mebibyte of a fresh download may travel.
    Accept {
        /// Which transfer.
        id: TransferId,
        /// What of it is here already, rising and apart.
        #[serde(deserialize_with = "rising")]
        held: Vec<ByteRange, MAX_HELD_RANGES>,
    },
    /// Source: the hash of the whole content, as soon as it is known.
    Digest {
        /// Which transfer.
        id: TransferId,
        /// BLAKE3.
        digest: Digest,
    },
    /// Sets or clears the speaker's own hold. Data flows when neither side holds.
    Hold {
        /// Which transfer.
        id: TransferId,
        /// Whether the speaker holds it now.
        set: bool,
    },
    /// Client: agrees to go on past the server's stop point.
    Confirm {
        /// Which transfer.
        id: TransferId,
    },
    /// Sink: the content is stored, verified, and has its name.
    Done {
        /// Which transfer.
        id: TransferId,
    },
    /// Either side: the transfer ends here.
    Abort {
        /// Which transfer.
        id: TransferId,
        /// Why.
        why: AbortReason,
    },
    /// Client: wants to be sent no more bytes a second, over all transfers of the session.
    Limit {
        /// Bytes a second.
        rate: u64,
    },
}

/// What a sink has of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Held {
    /// Of which version.
    pub stamp: Stamp,
    /// Which bytes, rising and apart.
    #[serde(deserialize_with = "rising")]
    pub ranges: Vec<ByteRange, MAX_HELD_RANGES>,
}

/// Bytes `start..end` of a file, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ByteRange {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

impl<'de> Deserialize<'de> for ByteRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (start, end) = <(u64, u64)>::deserialize(deserializer)?;
        if start < end && end <= MAX_FILE_SIZE {
            Ok(Self { start, end })
        } else {
            Err(D::Error::custom("not a range of a file's bytes"))
        }
    }
}

/// Reads a list of ranges that rise and do not touch.
fn rising<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<ByteRange, MAX_HELD_RANGES>, D::Error> {
    let ranges = Vec::<ByteRange, MAX_HELD_RANGES>::deserialize(deserializer)?;
    if ranges.windows(2).all(|pair| pair[0].end < pair[1].start) {
        Ok(ranges)
    } else {
        Err(D::Error::custom("ranges must rise and be apart"))
    }
}

/// Reads a file's length.
fn file_size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let size = u64::deserialize(deserializer)?;
    if size <= MAX_FILE_SIZE { Ok(size) } else { Err(D::Error::custom("no file is so long")) }
}

/// Why a transfer ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AbortReason {
    /// Its user does not want it any more.
    Cancelled,
    /// There is no such file.
    NoSuchFile,
    /// The file may not be read, or the folder not be written.
    NotPermitted,
    /// Uploads are not taken here.
    NoUploads,
    /// A file of that name exists already.
    Exists,
    /// It is larger than what is allowed.
    TooLarge,
    /// The disk, or the quota, has no room for it.
    NoSpace,
    /// The disk failed.
    DiskFailed,
    /// The file changed while it was sent.
    SourceChanged,
    /// What arrived is not what was sent: the hashes differ.
    WrongDigest,
    /// Too many transfers at once.
    Busy,
    /// Nothing moved for too long.
    Stalled,
    /// The other side broke the protocol.
    Misbehaved,
}

impl AbortReason {
    /// Whether it is the trouble of one end's disk: whose, depends on who ended the transfer.
    pub const fn is_of_a_disk(self) -> bool {
        matches!(self, Self::NotPermitted | Self::NoSpace | Self::DiskFailed)
    }
}

impl fmt::Display for AbortReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cancelled => "it was cancelled",
            Self::NoSuchFile => "there is no such file",
            Self::NotPermitted => "permission denied",
            Self::NoUploads => "the server takes no uploads",
            Self::Exists => "a file of that name exists",
            Self::TooLarge => "the file is too large for the server",
            Self::NoSpace => "no space is left",
            Self::DiskFailed => "the disk failed",
            Self::SourceChanged => "the file changed while it was sent",
            Self::WrongDigest => "what arrived is not what was sent",
            Self::Busy => "too many transfers at once",
            Self::Stalled => "nothing moved for too long",
            Self::Misbehaved => "the other side broke the protocol",
        })
    }
}
