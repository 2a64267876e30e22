//! What can go wrong with a file, and what the peer is told about it.

use std::{fmt, io};

use proto_core::wire::AbortReason;

/// Why a file cannot be opened, read, written or finished.
#[derive(Debug)]
pub enum Trouble {
    /// There is no such file.
    NotFound,
    /// It may not be read or written, or it is not a plain file.
    NotPermitted,
    /// The name is taken.
    Exists,
    /// The disk or the quota is full.
    NoSpace,
    /// It is larger than what is allowed.
    TooLarge,
    /// It is not the file any more that it was.
    Changed,
    /// The content's digest is not what it should be.
    WrongDigest,
    /// Somebody else is writing it.
    Busy,
    /// The disk failed.
    Failed(io::Error),
}

impl Trouble {
    /// What the peer is told.
    pub fn reason(&self) -> AbortReason {
        match self {
            Self::NotFound => AbortReason::NoSuchFile,
            Self::NotPermitted => AbortReason::NotPermitted,
            Self::Exists => AbortReason::Exists,
            Self::NoSpace => AbortReason::NoSpace,
            Self::TooLarge => AbortReason::TooLarge,
            Self::Changed => AbortReason::SourceChanged,
            Self::WrongDigest => AbortReason::WrongDigest,
            Self::Busy => AbortReason::Busy,
            Self::Failed(_) => AbortReason::DiskFailed,
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::IsADirectory => Self::NotPermitted,
            io::ErrorKind::AlreadyExists => Self::Exists,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace,
            io::ErrorKind::FileTooLarge => Self::TooLarge,
            io::ErrorKind::WouldBlock | io::ErrorKind::ResourceBusy => Self::Busy,
            _ => by_number(&error).unwrap_or(Self::Failed(error)),
        }
    }
}

/// What has no kind of its own: a symlink that may not be followed.
#[cfg(unix)]
fn by_number(error: &io::Error) -> Option<Trouble> {
    let is_a_link = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    is_a_link.then_some(Trouble::NotPermitted)
}

/// What has no kind of its own: a file that another program has for itself.
#[cfg(windows)]
fn by_number(error: &io::Error) -> Option<Trouble> {
    const ERROR_SHARING_VIOLATION: i32 = 32;
    const ERROR_LOCK_VIOLATION: i32 = 33;
    let number = error.raw_os_error()?;
    [ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION].contains(&number).then_some(Trouble::Busy)
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("there is no such file"),
            Self::NotPermitted => f.write_str("it is not a plain file that may be used"),
            Self::Exists => f.write_str("a file of that name exists"),
            Self::NoSpace => f.write_str("the disk is full"),
            Self::TooLarge => f.write_str("the file is too large"),
            Self::Changed => f.write_str("the file changed"),
            Self::WrongDigest => f.write_str("the content is not what was sent"),
            Self::Busy => f.write_str("another transfer is writing the file"),
            Self::Failed(error) => write!(f, "the disk failed: {error}"),
        }
    }
}

impl std::error::Error for Trouble {}
