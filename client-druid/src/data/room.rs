//! The room while the user is in it: people, conversations, files, transfers.

use std::sync::Arc;
use std::time::Duration;

use druid::{Data, Lens};
use proto_core::ids::TransferId;
use proto_core::text::Name;
use proto_core::time::Instant;
use proto_core::wire::Audience;
use proto_std::session::Error;

use super::files::Files;
use super::talk::Talk;
use super::transfer::Transfer;

/// The room.
#[derive(Clone, Data, Debug, Lens)]
pub(crate) struct Room {
    /// Who the user is here.
    #[data(eq)]
    pub(crate) me: Option<Name>,
    /// Where it is.
    pub(crate) server: Arc<str>,
    /// How the connection stands.
    #[data(eq)]
    pub(crate) link: Link,
    /// The conversations: everyone first, then who is here, then who was.
    pub(crate) talks: Arc<Vec<Talk>>,
    /// The conversation in view.
    #[data(eq)]
    pub(crate) current: Audience,
    /// What is being typed into it.
    pub(crate) draft: String,
    /// Whether something is looked for in it, and what.
    pub(crate) searching: bool,
    pub(crate) needle: String,
    pub(crate) files: Files,
    pub(crate) transfers: Arc<Vec<Transfer>>,
    /// Whether the pane with files and transfers is open.
    pub(crate) pane: bool,
    /// A trouble that the session goes on with, such as UDP that does not get through.
    #[data(eq)]
    pub(crate) warning: Option<Arc<Error>>,
    /// The number of the present day.
    pub(crate) today: i32,
    /// The next numbers to give out.
    pub(crate) next_line: u64,
    pub(crate) next_token: u64,
    pub(crate) next_transfer: u16,
}

/// How the connection stands.
//
//   Connecting --Online--> Online --lost--> Waiting --> Connecting
//        |                   |                 |
//        +------ Failed -----+-----------------+--> Over
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Link {
    /// An attempt runs.
    Connecting { attempt: u32 },
    /// It stands.
    Online,
    /// It fell; the next attempt begins then.
    Waiting { why: Arc<Error>, until: Instant },
    /// It will not come back by itself. `None` when the server just said goodbye.
    Over { why: Option<Arc<Error>> },
}

impl Default for Room {
    fn default() -> Self {
        Self {
            me: None,
            server: "".into(),
            link: Link::Connecting { attempt: 1 },
            talks: Arc::new(vec![Talk::new(Audience::All, true)]),
            current: Audience::All,
            draft: String::new(),
            searching: false,
            needle: String::new(),
            files: Files::default(),
            transfers: Arc::default(),
            pane: true,
            warning: None,
            today: 0,
            next_line: 1,
            next_token: 1,
            next_transfer: 1,
        }
    }
}

impl Room {
    /// Whether that is the user.
    pub(crate) fn is_me(&self, name: &Name) -> bool {
        self.me.as_ref() == Some(name)
    }

    /// A number for a line.
    pub(crate) const fn line_id(&mut self) -> u64 {
        let id = self.next_line;
        self.next_line += 1;
        id
    }

    /// A number for a transfer that no other row has.
    pub(crate) fn transfer_id(&mut self) -> TransferId {
        loop {
            let id = TransferId(self.next_transfer);
            self.next_transfer = self.next_transfer.checked_add(1).unwrap_or(1);
            if self.transfers.iter().all(|transfer| transfer.id != id) {
                return id;
            }
        }
    }

    /// A transfer's row.
    pub(crate) fn transfer_mut(&mut self, id: TransferId) -> Option<&mut Transfer> {
        let at = self.transfers.iter().position(|transfer| transfer.id == id)?;
        Some(&mut Arc::make_mut(&mut self.transfers)[at])
    }

    /// Time until the next attempt to connect.
    pub(crate) fn retry_in(&self, now: Instant) -> Option<Duration> {
        match self.link {
            Link::Waiting { until, .. } => Some(until.since(now)),
            Link::Connecting { .. } | Link::Online | Link::Over { .. } => None,
        }
    }

    pub(crate) fn is_online(&self) -> bool {
        self.link == Link::Online
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfers_number_is_not_given_out_twice() {
        let mut room = Room { next_transfer: u16::MAX, ..Room::default() };
        assert_eq!(room.transfer_id(), TransferId(u16::MAX));
        assert_eq!(room.transfer_id(), TransferId(1));
    }
}
