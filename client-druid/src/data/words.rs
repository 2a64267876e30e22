//! What is said in words: states, notices, and errors as somebody at a window needs them.

use proto_core::text::Name;
use proto_std::human;
use proto_std::session::{Advice, Direction, Error, ErrorKind};

use super::room::{Link, Room};
use super::save_as::capital;
use super::talks::MOST_TALKS;
use super::transfer::{State, Transfer};

/// `Shlomo connected to the server`
pub(crate) fn joined(name: &Name) -> String {
    format!("{} connected to the server", isolated(name.as_str()))
}

/// `Shlomo has left the chat`
pub(crate) fn left(name: &Name) -> String {
    format!("{} has left the chat", isolated(name.as_str()))
}

/// `12 messages missed`
pub(crate) fn missed(count: u64) -> String {
    match count {
        1 => "1 message missed".to_owned(),
        count => format!("{count} messages missed"),
    }
}

/// `3 online`
pub(crate) fn online(count: usize) -> String {
    // The list has room for everyone's conversation, one more that is in view, and these.
    let most = MOST_TALKS - 2;
    if count > most { format!("more than {most} online") } else { format!("{count} online") }
}

/// `The conversation with Shlomo was forgotten, with 3 messages that were not read`
pub(crate) fn forgotten(whom: &Name, unread: usize) -> String {
    let with = match unread {
        0 => "what was not sent in it".to_owned(),
        1 => "a message that was not read".to_owned(),
        count => format!("{count} messages that were not read"),
    };
    format!("The conversation with {} was forgotten, with {with}", isolated(whom.as_str()))
}

/// That a session takes no more wishes just now.
pub(crate) fn busy() -> Error {
    Error::new(
        ErrorKind::Timeout,
        "cannot ask for that now",
        "too much waits for the server already",
        "Wait a little, and try again.",
    )
}

/// What a transfer does, in one line under its name.
pub(crate) fn state(transfer: &Transfer) -> String {
    let mut parts = Vec::new();
    match &transfer.state {
        State::Asked => parts.push("Waiting for the server".to_owned()),
        State::Flowing => {
            parts.push(transfer.amount());
            if transfer.rate > 0 {
                parts.push(human::rate(transfer.rate));
            }
            if let Some(time) = transfer.remaining() {
                parts.push(format!("{} left", human::span(time)));
            }
        }
        State::Stalled => {
            parts.push(transfer.amount());
            parts.push("nothing arrives just now".to_owned());
        }
        State::Paused { mine, theirs } => {
            let by = match (mine, theirs) {
                (true, true) => "Paused by you and the server",
                (true, false) => "Paused by you",
                (false, _) => "Paused by the server",
            };
            parts.push(by.to_owned());
            parts.push(transfer.amount());
        }
        State::Verifying => parts.push("Verifying every byte".to_owned()),
        State::Done { took, .. } => {
            parts.push(match transfer.direction {
                Direction::Download => "Downloaded and verified".to_owned(),
                Direction::Upload => "Uploaded and verified".to_owned(),
            });
            parts.push(transfer.amount());
            if took.as_secs() > 0 {
                parts.push(format!("in {}", human::span(*took)));
            }
            if let Some(byte) = transfer.last_byte {
                parts.push(format!("last byte {byte}"));
            }
        }
        State::Skipped => parts.push("A file of that name is here already".to_owned()),
        State::Cancelled => parts.push("Cancelled".to_owned()),
        State::Failed(error) => {
            let error = for_window(error);
            parts.push(format!("{}. {}", capital(&error.why), error.next).trim_end().to_owned());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("  ·  ")
}

/// What a transfer's latest step is called, in the words of the systems that Haversack descends
/// from; nothing while it has no connection, and `None` when the last word stands.
pub(crate) fn told(me: Option<&Name>, before: &State, transfer: &Transfer) -> Option<String> {
    let (way, did) = match transfer.direction {
        Direction::Download => ("a download", "downloaded"),
        Direction::Upload => ("an upload", "uploaded"),
    };
    let me = isolated(me.map_or("", Name::as_str));
    // A pause of an earlier run is not told before there is a connection.
    let was_told = !transfer.told.is_empty();
    match (before, &transfer.state) {
        (State::Paused { .. }, State::Flowing | State::Verifying) if was_told => {
            Some(format!("user {me} confirm proceeding"))
        }
        (State::Asked | State::Paused { .. }, State::Flowing) => {
            Some(format!("got {way} connection"))
        }
        (_, State::Paused { .. }) => {
            let percent = transfer.percent().unwrap_or(0);
            let last = transfer.last_byte.map(|byte| format!(" last byte is: {byte}"));
            let last = last.unwrap_or_default();
            Some(format!("user {me} {did} {percent}% out of file.{last}"))
        }
        (_, State::Done { .. }) => Some(format!("{did} 100% out of file.")),
        (_, State::Asked | State::Skipped | State::Cancelled | State::Failed(_)) => {
            Some(String::new())
        }
        (_, State::Flowing | State::Stalled | State::Verifying) => None,
    }
}

/// That a transfer is complete.
pub(crate) fn done(transfer: &Transfer) -> String {
    let did = match transfer.direction {
        Direction::Download => "downloaded",
        Direction::Upload => "uploaded",
    };
    format!("{} is {did} and verified", isolated(&transfer.file))
}

/// That a transfer failed.
pub(crate) fn failed(transfer: &Transfer, error: &Error) -> String {
    format!("{}: {}", isolated(&transfer.file), error.why)
}

/// That nobody can say whether a message arrived.
pub(crate) fn unconfirmed() -> Error {
    Error::new(
        ErrorKind::Partial,
        "cannot tell whether the message arrived",
        "the session ended first",
        "Say it again if nobody heard it.",
    )
}

/// An error with its reason and what to do about it.
pub(crate) fn whole(error: &Error) -> String {
    let error = for_window(error);
    format!("{}: {}. {}", capital(&error.what), error.why, error.next).trim_end().to_owned()
}

/// Why a message of the user's own did not get through.
pub(crate) fn refused(why: &Error) -> String {
    // One whose session ended may have arrived all the same.
    let sure = why.kind != ErrorKind::Partial;
    format!("{}: {}", if sure { "Not delivered" } else { "Not confirmed" }, why.why)
}

/// How the connection stands, as a headline.
pub(crate) fn link(room: &Room) -> String {
    match &room.link {
        Link::Connecting { attempt: 1 } => format!("Connecting to {}", room.server),
        Link::Connecting { attempt } => {
            format!("Connecting to {}, attempt {attempt}", room.server)
        }
        Link::Online => "Connected".to_owned(),
        Link::Waiting { why, .. } | Link::Over { why: Some(why) } => capital(&why.what),
        Link::Over { why: None } => "The session is over".to_owned(),
    }
}

/// An error with an advice that can be followed in a window.
pub(crate) fn for_window(error: &Error) -> Error {
    Error { next: advice(&error.next).into(), ..error.clone() }
}

fn advice(next: &Advice) -> &str {
    match next {
        Advice::Words(words) => words,
        Advice::IsItRunning(_) => "Is haversack-server running there, and is the address right?",
        Advice::ForgetServer(_) => {
            "Somebody may be listening in. Ask whoever runs the server whether it was set up \
             anew, and compare the fingerprints, before you trust it again."
        }
        Advice::NameItsKey(_) => "Log in again, and compare it with the server's screen.",
        Advice::GiveSecret => "Ask for the server's secret, and type it in.",
        Advice::SeeUsers => "See who is there in the list of conversations.",
        // They are in view.
        Advice::SeeFiles => "",
        Advice::CompareSizes => "Compare its size with the one in the list of files.",
        Advice::OtherName => "Upload it under another name.",
    }
}

/// A name inside of a sentence: whichever way it is written, it does not turn the sentence round.
pub(crate) fn isolated(name: &str) -> String {
    if name.is_ascii() { name.to_owned() } else { format!("\u{200E}\u{2068}{name}\u{2069}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_the_right_does_not_turn_the_sentence_round() {
        let name = Name::parse("לאה").unwrap();
        assert!(joined(&name).starts_with("\u{200E}\u{2068}לאה\u{2069} connected"));
        assert_eq!(left(&Name::parse("dana").unwrap()), "dana has left the chat");
    }

    #[test]
    fn advice_for_a_terminal_does_not_reach_the_window() {
        let server = || "10.0.0.1:50000".to_owned();
        for next in [
            Advice::IsItRunning(server()),
            Advice::ForgetServer(server()),
            Advice::NameItsKey("haversack://pc#key".into()),
            Advice::GiveSecret,
            Advice::SeeUsers,
            Advice::SeeFiles,
            Advice::CompareSizes,
            Advice::OtherName,
        ] {
            let error = Error::new(ErrorKind::Other, "", "", next.clone());
            let told = for_window(&error).next.to_string();
            for typed in ["haversack ", "haversack:", " --", "HAVERSACK_", "/users"] {
                assert!(!told.contains(typed), "{next:?}: {told}");
            }
            assert_ne!(told, next.to_string());
        }
    }
}
