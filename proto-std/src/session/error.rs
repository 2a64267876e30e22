//! Errors as people see them: what happened, why, and what to do next.

use std::{fmt, io};

use super::advice::Advice;

/// Something that went wrong, in three parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What sort of trouble it is: a script looks at this.
    pub kind: ErrorKind,
    /// What could not be done, without a full stop: `cannot reach 192.168.1.5:50000`.
    pub what: String,
    /// Why: `connection refused`.
    pub why: String,
    /// What to do about it.
    pub next: Advice,
}

impl Error {
    /// Puts the parts together.
    pub fn new(
        kind: ErrorKind,
        what: impl Into<String>,
        why: impl Into<String>,
        next: impl Into<Advice>,
    ) -> Self {
        Self { kind, what: what.into(), why: why.into(), next: next.into() }
    }

    /// An error of this machine's disk.
    pub fn disk(what: impl Into<String>, why: &io::Error) -> Self {
        let next = match why.kind() {
            io::ErrorKind::NotFound => "Check the path.",
            io::ErrorKind::PermissionDenied => "Check the permissions of file and folder.",
            io::ErrorKind::ReadOnlyFilesystem => "Choose a folder that may be written.",
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "Make room, then try again."
            }
            _ => "Check the folder's permissions and free space.",
        };
        Self::new(ErrorKind::Disk, what, why.to_string(), next)
    }

    /// An error of a file that was named to be read: that there is none is no trouble of the disk.
    pub fn reading(what: impl Into<String>, why: &io::Error) -> Self {
        let error = Self::disk(what, why);
        match why.kind() {
            io::ErrorKind::NotFound => Self { kind: ErrorKind::NotFound, ..error },
            _ => error,
        }
    }

    /// The exit code that a program ends with.
    pub const fn exit_code(&self) -> u8 {
        self.kind.exit_code()
    }
}

impl fmt::Display for Error {
    /// One line: `what (why). next`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        if !self.why.is_empty() {
            write!(f, " ({})", self.why)?;
        }
        if !self.next.is_empty() {
            write!(f, ". {}", self.next)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// What sort of trouble an error is; each has its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Nothing of the below.
    Other,
    /// What was asked for makes no sense.
    Usage,
    /// The server cannot be reached, or something else answers there.
    Unreachable,
    /// The server has another key than before: somebody may be listening in.
    KeyChanged,
    /// The server says no: a full house, a file it does not take.
    Refused,
    /// The name is somebody else's, or looks like it.
    NameTaken,
    /// The server's secret is wrong or missing.
    WrongSecret,
    /// No such file, or no such user.
    NotFound,
    /// What arrived is not what was sent.
    Checksum,
    /// A transfer broke off; it can be resumed.
    Partial,
    /// This machine's disk: space, permission, a file that exists already.
    Disk,
    /// Nothing happened for too long.
    Timeout,
}

impl ErrorKind {
    /// The exit code that a program ends with.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Other => 1,
            Self::Usage => 2,
            Self::Unreachable | Self::KeyChanged => 3,
            Self::Refused | Self::NameTaken | Self::WrongSecret => 4,
            Self::NotFound => 5,
            Self::Checksum => 6,
            Self::Partial => 7,
            Self::Disk => 8,
            Self::Timeout => 9,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_what_why_next() {
        let error = Error::new(
            ErrorKind::Unreachable,
            "cannot reach 192.168.1.5:50000",
            "connection refused",
            "Is haversack-server running there?",
        );
        assert_eq!(
            error.to_string(),
            "cannot reach 192.168.1.5:50000 (connection refused). Is haversack-server running there?"
        );
        assert_eq!(error.exit_code(), 3);
    }

    #[test]
    fn each_trouble_with_a_disk_has_its_own_advice() {
        for (why, code, next) in [
            (io::ErrorKind::NotFound, 5, "Check the path."),
            (io::ErrorKind::PermissionDenied, 8, "Check the permissions of file and folder."),
            (io::ErrorKind::StorageFull, 8, "Make room, then try again."),
        ] {
            let error = Error::reading("cannot read notes.pdf", &why.into());
            assert_eq!((error.exit_code(), error.next.to_string()), (code, next.to_owned()));
        }

        // What shall be written to is a matter of the disk, even if it is missing.
        let error = Error::disk("cannot use the folder x", &io::ErrorKind::NotFound.into());
        assert_eq!(error.exit_code(), 8);
    }
}
