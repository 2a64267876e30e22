//! One line of a conversation: a message, or a notice about the room.

use std::sync::Arc;

use proto_core::text::Name;
use proto_core::time::UnixMillis;
use proto_std::session::Error;

/// Messages of one person that follow each other this closely look like one.
const TOGETHER_MS: u64 = 5 * 60 * 1000;

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    /// Rises within the program; a line that changes gets another one.
    pub(crate) id: u64,
    /// When it happened, by the server's clock.
    pub(crate) at: UnixMillis,
    pub(crate) kind: Kind,
}

/// What a line tells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Somebody said something.
    Said(Said),
    /// Somebody entered the room.
    Joined(Name),
    /// Somebody left it.
    Left(Name),
    /// So many messages will never come.
    Missed(u64),
    /// What follows was not read yet.
    New,
    /// What was before is not kept any more.
    Older,
    /// A conversation is not kept any more, though there was something in it for the user to do.
    Forgotten { whom: Name, unread: usize },
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) from: Name,
    /// Whether the user said it.
    pub(crate) mine: bool,
    pub(crate) text: Arc<str>,
    pub(crate) delivery: Delivery,
}

/// How far one's own message has come. Everybody else's have arrived.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Delivery {
    /// The server has it.
    Heard,
    /// On its way, or waiting for a connection.
    Waiting {
        /// The session's mark for it.
        token: u64,
    },
    /// It will not be delivered.
    Refused { token: u64, why: Arc<Error> },
}

impl Line {
    /// The message, if it is one.
    pub(crate) const fn said(&self) -> Option<&Said> {
        match &self.kind {
            Kind::Said(said) => Some(said),
            Kind::Joined(_)
            | Kind::Left(_)
            | Kind::Missed(_)
            | Kind::New
            | Kind::Older
            | Kind::Forgotten { .. } => None,
        }
    }

    /// Whether it goes on where the line before it ended: the same person, a moment later.
    pub(crate) fn follows(&self, before: &Self) -> bool {
        let (Some(said), Some(earlier)) = (self.said(), before.said()) else { return false };
        said.mine == earlier.mine
            && said.from == earlier.from
            && self.at.0.saturating_sub(before.at.0) < TOGETHER_MS
    }

    /// Whether a search for `needle`, in lower case, finds it.
    pub(crate) fn matches(&self, needle: &str) -> bool {
        self.said().is_some_and(|said| {
            said.text.to_lowercase().contains(needle)
                || said.from.as_str().to_lowercase().contains(needle)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(from: &str, at: u64) -> Line {
        let said = Said {
            from: Name::parse(from).unwrap(),
            mine: false,
            text: "Hello there".into(),
            delivery: Delivery::Heard,
        };
        Line { id: at, at: UnixMillis(at), kind: Kind::Said(said) }
    }

    #[test]
    fn messages_of_one_person_within_minutes_belong_together() {
        assert!(said("leah", 1000).follows(&said("leah", 0)));
        assert!(!said("leah", TOGETHER_MS).follows(&said("leah", 0)));
        assert!(!said("leah", 1000).follows(&said("dana", 0)));
    }

    #[test]
    fn a_search_finds_words_and_people_whatever_their_case() {
        assert!(said("Leah", 0).matches("hello"));
        assert!(said("Leah", 0).matches("leah"));
        assert!(!said("Leah", 0).matches("dana"));
    }
}
