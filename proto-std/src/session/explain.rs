//! What went wrong, in words: what, why, and what to do next.

use std::io;

use proto_core::link::LinkError;
use proto_core::text::BadText;
use proto_core::wire::{AbortReason, Audience, Goodbye, LoginRefusal, Rejection};

use super::advice::Advice;
use super::error::{Error, ErrorKind};
use super::event::Direction;
use crate::address::{Fingerprint, ServerAddr};

pub(super) fn is_it_running(server: &ServerAddr) -> Advice {
    Advice::IsItRunning(server.to_string())
}

pub(super) fn unreachable(server: &ServerAddr, error: &io::Error) -> Error {
    let why = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::TimedOut => "no answer".to_owned(),
        _ => error.to_string(),
    };
    let what = format!("cannot reach {server}");
    Error::new(ErrorKind::Unreachable, what, why, is_it_running(server))
}

pub(super) fn unknown_host(server: &ServerAddr, error: &io::Error) -> Error {
    Error::new(
        ErrorKind::Unreachable,
        format!("cannot find {}", server.host()),
        error.to_string(),
        "Check the spelling of the server's name, or give its IP address.",
    )
}

pub(super) fn lost(server: &ServerAddr, error: &io::Error) -> Error {
    let what = format!("lost the connection to {server}");
    Error::new(ErrorKind::Unreachable, what, error.to_string(), is_it_running(server))
}

pub(super) fn closed(server: &ServerAddr) -> Error {
    let what = format!("lost the connection to {server}");
    Error::new(ErrorKind::Unreachable, what, "the server closed it", is_it_running(server))
}

pub(super) fn silent(server: &ServerAddr) -> Error {
    let what = format!("lost the connection to {server}");
    Error::new(ErrorKind::Timeout, what, "the server is silent", is_it_running(server))
}

pub(super) fn handshake(server: &ServerAddr, error: LinkError) -> Error {
    if error == LinkError::WrongSecret {
        return wrong_secret(server);
    }
    let what = format!("cannot talk to {server}");
    if error == LinkError::Truncated {
        return Error::new(
            ErrorKind::Unreachable,
            what,
            "it hung up at once",
            "It may be full or stopping, or not listen to this address for a minute, as after \
             several wrong secrets: try again later.",
        );
    }
    if error == LinkError::Forgotten {
        let next = "It may have been restarted just now, or be overrun: try again.";
        return Error::new(ErrorKind::Unreachable, what, error.to_string(), next);
    }
    Error::new(
        ErrorKind::Unreachable,
        what,
        error.to_string(),
        "Check the address: something other than a Haversack server of this version answers there.",
    )
}

pub(super) fn wrong_secret(server: &ServerAddr) -> Error {
    Error::new(
        ErrorKind::WrongSecret,
        format!("{server} does not let us in"),
        "the secret is wrong or missing",
        Advice::GiveSecret,
    )
}

pub(super) fn key_changed(server: &ServerAddr, expected: Fingerprint, found: Fingerprint) -> Error {
    Error::new(
        ErrorKind::KeyChanged,
        format!("{server} is not the server it was"),
        format!("its key is {found} instead of {expected}"),
        Advice::ForgetServer(server.to_string()),
    )
}

pub(super) fn unknown(server: &ServerAddr, found: Fingerprint) -> Error {
    Error::new(
        ErrorKind::Unreachable,
        format!("{server} is not a known server"),
        format!("its key is {found}"),
        Advice::NameItsKey(format!("haversack://{server}#{found}")),
    )
}

pub(super) fn refused(name: &str, why: LoginRefusal) -> Error {
    let kind = match why {
        LoginRefusal::NameTaken | LoginRefusal::LookAlike => ErrorKind::NameTaken,
        LoginRefusal::Full | LoginRefusal::TooMany | LoginRefusal::OtherName => ErrorKind::Refused,
    };
    let (why, next) = match why {
        LoginRefusal::NameTaken => ("the name is taken", format!("Try {name}2.")),
        LoginRefusal::LookAlike => {
            ("the name looks like somebody else's", "Try a name that differs more.".into())
        }
        LoginRefusal::Full => ("the server is full", "Try again later.".into()),
        LoginRefusal::TooMany => {
            ("there are too many connections from here", "Try again later.".into())
        }
        LoginRefusal::OtherName => (
            "your key belongs to another name that is in use",
            "Log the other name out, or use another state directory.".into(),
        ),
    };
    Error::new(kind, format!("cannot log in as {name}"), why, next)
}

/// Why a server ended the session; `None` when it is worth coming back.
pub(super) fn goodbye(server: &ServerAddr, why: Goodbye) -> Option<Error> {
    let what = format!("{server} ended the session");
    match why {
        Goodbye::Shutdown | Goodbye::Silent => None,
        Goodbye::Replaced => Some(Error::new(
            ErrorKind::Refused,
            what,
            "you logged in elsewhere under the same name",
            "Use another name to be here twice.",
        )),
        Goodbye::Flooding => Some(Error::new(
            ErrorKind::Refused,
            what,
            "too many messages in a short time",
            "Wait a little, and send more slowly.",
        )),
        Goodbye::Misbehaved => Some(Error::new(
            ErrorKind::Other,
            what,
            "it says that we broke the protocol",
            "Check that client and server have the same version.",
        )),
    }
}

pub(super) fn stopped(server: &ServerAddr, why: Goodbye) -> Error {
    let why = match why {
        Goodbye::Silent => "it did not hear from us",
        _ => "it is shutting down",
    };
    let what = format!("{server} ended the session");
    Error::new(ErrorKind::Unreachable, what, why, is_it_running(server))
}

pub(super) fn bad_text(why: BadText) -> Error {
    Error::new(ErrorKind::Usage, "cannot send the message", why.to_string(), "")
}

pub(super) fn outbox_full() -> Error {
    Error::new(
        ErrorKind::Timeout,
        "cannot send the message",
        "too many messages wait for the server already",
        "Send it again once the server has answered.",
    )
}

pub(super) fn rejected(to: &Audience, why: Rejection) -> Error {
    let whom = match to {
        Audience::All => "everyone".to_owned(),
        Audience::One(name) => name.to_string(),
    };
    let what = format!("cannot deliver the message to {whom}");
    match why {
        Rejection::NoSuchUser => Error::new(
            ErrorKind::NotFound,
            what,
            "the user does not exist, or is not online",
            Advice::SeeUsers,
        ),
        Rejection::TooFast => Error::new(
            ErrorKind::Refused,
            what,
            "too many messages in a short time",
            "Wait a little, and send it again.",
        ),
        Rejection::NotStored => Error::new(
            ErrorKind::Other,
            what,
            "the server could not store it",
            "Tell whoever runs the server to check its disk.",
        ),
    }
}

pub(super) fn no_udp(port: u16) -> Error {
    Error::new(
        ErrorKind::Timeout,
        "no files can be sent or received yet",
        "the server does not answer on UDP",
        format!("A firewall may block it: allow UDP port {port} at the server, in and out."),
    )
}

/// Why the server ended a transfer: its troubles are not this machine's.
pub(super) fn aborted_by_server(what: String, way: Direction, why: AbortReason) -> Error {
    let next = match why {
        AbortReason::NotPermitted => "Ask whoever runs the server; hidden files are not shared.",
        AbortReason::NoSpace => "Ask whoever runs the server for room, or a larger --quota.",
        AbortReason::DiskFailed => "Ask whoever runs the server to check its disk.",
        AbortReason::Busy if way == Direction::Upload => {
            let why = format!("{why}, or another one of that name");
            return Error::new(ErrorKind::Partial, what, why, "Wait for one to finish.");
        }
        _ => return aborted(what, way, why, None),
    };
    Error::new(ErrorKind::Refused, what, format!("{why} at the server"), next)
}

/// An upload that was under way when a connection fell, and whose name is taken now.
pub(super) fn may_be_there(what: String) -> Error {
    Error::new(
        ErrorKind::Refused,
        what,
        "a file of that name is there now, and it may be this one: the connection was lost before \
         the server could say so",
        Advice::CompareSizes,
    )
}

/// Why a transfer ended that its user gave up. `discard` deletes what has arrived of a download; a
/// server keeps what it has of an upload.
pub(super) fn cancelled(what: String, way: Direction, discard: bool) -> Error {
    let error = aborted(what, way, AbortReason::Cancelled, None);
    match way {
        Direction::Download if discard => {
            Error { next: "What had arrived is deleted.".into(), ..error }
        }
        Direction::Download | Direction::Upload => error,
    }
}

/// Why a transfer ended early.
pub(super) fn aborted(
    what: String,
    way: Direction,
    why: AbortReason,
    detail: Option<&str>,
) -> Error {
    let detail = detail.filter(|detail| !detail.is_empty());
    let (again, resume) = match way {
        Direction::Download => {
            ("Ask for it again", "What has arrived is kept; ask for it again to go on.")
        }
        Direction::Upload => {
            ("Upload it again", "What has arrived is kept; upload it again to go on.")
        }
    };
    let (kind, next): (_, Advice) = match why {
        AbortReason::Cancelled | AbortReason::Stalled => (ErrorKind::Partial, resume.into()),
        AbortReason::NoSuchFile => (ErrorKind::NotFound, Advice::SeeFiles),
        AbortReason::NotPermitted => {
            (ErrorKind::Disk, "Check the permissions of file and folder.".into())
        }
        AbortReason::NoUploads => {
            (ErrorKind::Refused, "Its owner allows it with --allow-upload.".into())
        }
        AbortReason::Exists => (ErrorKind::Refused, Advice::OtherName),
        AbortReason::TooLarge => (ErrorKind::Refused, "Ask its owner for a larger --quota.".into()),
        AbortReason::NoSpace => (ErrorKind::Disk, "Make room, then ask again.".into()),
        AbortReason::DiskFailed => (ErrorKind::Disk, resume.into()),
        AbortReason::SourceChanged => (ErrorKind::Partial, format!("{again}.").into()),
        AbortReason::WrongDigest => {
            (ErrorKind::Checksum, format!("{again}; if that repeats, a disk is failing.").into())
        }
        AbortReason::Busy if detail.is_some() => {
            (ErrorKind::Partial, "Wait for that one to end, or choose another name.".into())
        }
        AbortReason::Busy => (ErrorKind::Partial, "Wait for one to finish.".into()),
        AbortReason::Misbehaved => {
            (ErrorKind::Other, "Check that client and server have the same version.".into())
        }
    };
    let reason = match why {
        AbortReason::NoSuchFile => "File does not exist".to_owned(),
        _ => why.to_string(),
    };
    let why = match detail {
        // It is not the number of transfers then.
        Some(detail) if why == AbortReason::Busy => detail.to_owned(),
        Some(detail) if !detail.starts_with(&reason) => format!("{reason}: {detail}"),
        Some(detail) => detail.to_owned(),
        None => reason,
    };
    Error::new(kind, what, why, next)
}

pub(super) fn misbehaved(server: &ServerAddr, why: &str) -> Error {
    let next = "Check that client and server have the same version.";
    Error::new(ErrorKind::Other, format!("cannot understand {server}"), why, next)
}
