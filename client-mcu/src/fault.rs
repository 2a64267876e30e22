//! Why the device cannot go on, in words, and as a number for whoever started it.

use core::fmt;

use proto_core::ids::PublicKey;
use proto_core::link::LinkError;
use proto_core::text::base32;
use proto_core::wire::{AbortReason, Goodbye, LoginRefusal, Rejection};

/// Why the device cannot go on.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Its memory is in use: a program runs once.
    Twice,
    /// That part of its orders makes no sense.
    Usage(&'static str),
    /// The server does not answer.
    Unreachable,
    /// The server ended the connection.
    Lost,
    /// Nothing came from the server for too long.
    Silent,
    /// The server is not the one that was expected.
    WrongServer(PublicKey),
    /// The secure channel failed.
    Link(LinkError),
    /// The server does not let the device in.
    Refused(LoginRefusal),
    /// The server sends the device away.
    SentAway(Goodbye),
    /// The server did not take a message.
    Rejected(Rejection),
    /// The server broke the protocol.
    Misbehaved,
    /// The server has no such file.
    NotFound,
    /// The transfer ended.
    Transfer {
        /// Why.
        why: AbortReason,
        /// Whether the server ended it.
        by_server: bool,
    },
    /// The store failed.
    Store,
}

impl Fault {
    /// The store failed, for whatever reason.
    pub(crate) fn store(_: impl fmt::Display) -> Self {
        Self::Store
    }

    /// A number for whoever started the device: those of the command-line client.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Twice | Self::Misbehaved => 1,
            Self::Usage(_) => 2,
            Self::Link(LinkError::WrongSecret) | Self::Refused(_) => 4,
            Self::Unreachable | Self::Lost | Self::WrongServer(_) | Self::Link(_) => 3,
            Self::SentAway(why) => match why {
                Goodbye::Shutdown | Goodbye::Silent => 3,
                Goodbye::Replaced | Goodbye::Flooding => 4,
                Goodbye::Misbehaved => 1,
            },
            Self::Rejected(why) => match why {
                Rejection::NoSuchUser => 5,
                Rejection::TooFast => 4,
                Rejection::NotStored => 1,
            },
            Self::NotFound => 5,
            Self::Transfer { why, by_server } => of_transfer(*why, *by_server),
            Self::Store => 8,
            Self::Silent => 9,
        }
    }

    /// Whether it may go better the next time.
    pub(crate) const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::Lost
                | Self::Silent
                | Self::Link(LinkError::Truncated)
                | Self::SentAway(Goodbye::Shutdown | Goodbye::Silent)
        )
    }
}

const fn of_transfer(why: AbortReason, by_server: bool) -> u8 {
    match why {
        AbortReason::Misbehaved => 1,
        AbortReason::NoUploads | AbortReason::Exists | AbortReason::TooLarge => 4,
        // The server's disk is not the device's.
        AbortReason::NotPermitted | AbortReason::NoSpace | AbortReason::DiskFailed => {
            if by_server {
                4
            } else {
                8
            }
        }
        AbortReason::NoSuchFile => 5,
        AbortReason::WrongDigest => 6,
        AbortReason::Cancelled
        | AbortReason::Stalled
        | AbortReason::SourceChanged
        | AbortReason::Busy => 7,
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice => f.write_str("the program runs already"),
            Self::Usage(what) => write!(f, "the orders lack a proper {what}"),
            Self::Unreachable => f.write_str("the server does not answer"),
            Self::Lost => f.write_str("the server ended the connection"),
            Self::Silent => f.write_str("the server is silent"),
            Self::WrongServer(PublicKey(key)) => {
                write!(f, "that is another server: its key is {}", base32::encode(key))
            }
            Self::Link(why) => why.fmt(f),
            Self::Refused(why) => write!(f, "the server refuses: {why:?}"),
            Self::SentAway(why) => write!(f, "the server says goodbye: {why:?}"),
            Self::Rejected(why) => write!(f, "the server did not take the message: {why:?}"),
            Self::Misbehaved => f.write_str("the server broke the protocol"),
            Self::NotFound => f.write_str("the server has no such file"),
            Self::Transfer { why, .. } => why.fmt(f),
            Self::Store => f.write_str("the store failed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_command_line() {
        let transfer = |why, by_server| Fault::Transfer { why, by_server }.exit_code();

        assert_eq!(Fault::Misbehaved.exit_code(), 1);
        assert_eq!(Fault::Usage("name").exit_code(), 2);
        assert_eq!(Fault::Unreachable.exit_code(), 3);
        assert_eq!(Fault::WrongServer(PublicKey([7; 32])).exit_code(), 3);
        assert_eq!(Fault::Link(LinkError::NotHaversack).exit_code(), 3);
        assert_eq!(Fault::Link(LinkError::WrongSecret).exit_code(), 4);
        assert_eq!(Fault::Refused(LoginRefusal::NameTaken).exit_code(), 4);
        assert_eq!(Fault::NotFound.exit_code(), 5);
        assert_eq!(transfer(AbortReason::NoSuchFile, true), 5);
        assert_eq!(transfer(AbortReason::WrongDigest, false), 6);
        assert_eq!(transfer(AbortReason::Stalled, false), 7);
        assert_eq!(transfer(AbortReason::DiskFailed, false), 8);
        assert_eq!(transfer(AbortReason::DiskFailed, true), 4);
        assert_eq!(Fault::Store.exit_code(), 8);
        assert_eq!(Fault::Silent.exit_code(), 9);
    }
}
