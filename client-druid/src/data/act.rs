//! What the user does in the room: goes somewhere, says something, looks for something.

use std::sync::Arc;

use proto_core::limits::MAX_TEXT_LEN;
use proto_core::text::Name;
use proto_core::wire::Audience;
use proto_std::address::ServerAddr;
use proto_std::session::Command;

use super::app::{App, Page};
use super::dialog::{Dialog, Jump, Place};
use super::files::Asked;
use super::fold::Now;
use super::line::{Delivery, Kind, Line, Said};
use super::room::{Link, Room};
use super::words;

/// Places that a search for a place offers.
const MOST_PLACES: usize = 8;

impl App {
    /// Goes to a conversation.
    pub(crate) fn open(&mut self, whom: Audience) {
        if whom != self.room.current {
            let draft = std::mem::take(&mut self.room.draft);
            let before = self.room.current.clone();
            self.room.talk_mut(&before).draft = draft.into();
            self.room.talk_mut(&before).unmark_new();
            let talk = self.room.talk_mut(&whom);
            self.room.draft = std::mem::replace(&mut talk.draft, "".into()).to_string();
            self.room.current = whom;
            self.stop_search();
            self.room.tidy();
        }
        self.read();
    }

    /// Goes to another conversation and takes along what is typed: the recipient is changed.
    pub(crate) fn readdress(&mut self, whom: Audience) {
        let draft = std::mem::take(&mut self.room.draft);
        self.open(whom);
        if self.room.draft.is_empty() {
            self.room.draft = draft;
        }
    }

    /// Goes to the conversation at this place of the list.
    pub(crate) fn open_nth(&mut self, nth: usize) {
        if let Some(talk) = self.room.talks.get(nth) {
            self.open(talk.whom.clone());
        }
    }

    /// Goes to the next conversation, or to the one before.
    pub(crate) fn open_neighbour(&mut self, forward: bool) {
        let count = self.room.talks.len();
        let at = self.room.talks.iter().position(|talk| talk.whom == self.room.current);
        let step = if forward { 1 } else { count - 1 };
        self.open_nth((at.unwrap_or(0) + step) % count);
    }

    /// Says what is typed.
    pub(crate) fn send(&mut self, now: Now) -> Option<Command> {
        let text = self.room.draft.trim().to_owned();
        if text.is_empty() || !self.has_session() {
            return None;
        }
        if !self.room.talk().can_set_out() {
            let why =
                "Too many messages wait here. Say those again that were refused, or remove them.";
            self.announce(why, true);
            return None;
        }
        if text.len() > MAX_TEXT_LEN {
            let over = text.len() - MAX_TEXT_LEN;
            self.announce(format!("That is too long by {over} bytes"), true);
            return None;
        }
        self.room.draft.clear();
        let whom = self.room.current.clone();
        Some(self.say(now, whom, &text.into()))
    }

    /// Says a message again that was refused.
    pub(crate) fn say_again(&mut self, now: Now, line: u64) -> Option<Command> {
        if !self.has_session() {
            return None;
        }
        let whom = self.room.current.clone();
        let text = self.room.talk_mut(&whom).take_back(line)?;
        Some(self.say(now, whom, &text))
    }

    /// Forgets a message that was refused.
    pub(crate) fn give_up(&mut self, line: u64) {
        let whom = self.room.current.clone();
        drop(self.room.talk_mut(&whom).take_back(line));
    }

    /// Asks for files and people anew.
    pub(crate) fn refresh(&mut self) -> [Command; 2] {
        self.room.files.asked = Asked::Once;
        [Command::Files, Command::Users]
    }

    /// The session had no room for a wish: says so where the wish is.
    pub(crate) fn on_unheard(&mut self, command: Command) {
        let why = words::busy();
        match command {
            Command::Say { token, .. } => self.room.on_rejected(token, &why),
            Command::Get(get) => self.fail(get.id, why),
            Command::Put(put) => self.fail(put.id, why),
            Command::Files => self.room.files.asked = Asked::No,
            Command::Users
            | Command::Hold { .. }
            | Command::Confirm { .. }
            | Command::Cancel { .. }
            | Command::Trust { .. }
            | Command::RetryNow => self.on_trouble(why),
            // A session whose queue is closed leaves as well.
            Command::Leave => {}
        }
    }

    /// Clears the conversation in view; the server is not involved.
    pub(crate) fn clear(&mut self) {
        let whom = self.room.current.clone();
        self.room.talk_mut(&whom).clear();
    }

    /// Opens the search in the conversation.
    pub(crate) const fn start_search(&mut self) {
        self.room.searching = true;
    }

    /// Closes it.
    pub(crate) fn stop_search(&mut self) {
        self.room.searching = false;
        self.room.needle.clear();
    }

    /// Opens the search for a place.
    pub(crate) fn start_jump(&mut self) {
        self.jump = Jump::default();
        self.dialog = Dialog::Jump;
        self.look_for_places();
    }

    /// Looks for places with what is typed.
    pub(crate) fn look_for_places(&mut self) {
        let needle = self.jump.needle.trim().to_lowercase();
        let talks = self
            .room
            .talks
            .iter()
            .filter(|talk| needle.is_empty() || talk.title().to_lowercase().contains(&needle));
        let talks = talks.map(|talk| Place::Talk {
            whom: talk.whom.clone(),
            present: talk.present,
            unread: talk.unread,
        });
        let files = self.room.files.all.iter().flat_map(|files| files.iter()).filter(|file| {
            !needle.is_empty() && file.name.as_str().to_lowercase().contains(&needle)
        });
        let files =
            files.map(|file| Place::File { name: file.name.as_str().into(), size: file.size });
        self.jump.found = Arc::new(talks.chain(files).take(MOST_PLACES).collect());
        self.jump.chosen = 0;
    }

    /// Chooses the place below, or above.
    pub(crate) fn choose_place(&mut self, down: bool) {
        let count = self.jump.found.len().max(1);
        let step = if down { 1 } else { count - 1 };
        self.jump.chosen = (self.jump.chosen + step) % count;
    }

    /// Goes to a place that was found.
    pub(crate) fn go(&mut self, nth: usize) {
        let place = self.jump.found.get(nth).cloned();
        self.dialog = Dialog::None;
        match place {
            Some(Place::Talk { whom, .. }) => self.open(whom),
            Some(Place::File { name, .. }) => self.start_download(&name),
            None => {}
        }
    }

    /// Sets the stage for a session: what was said with the same name at the same server stays.
    pub(crate) fn enter(&mut self, server: &ServerAddr, name: &Name) {
        let server = server.to_string();
        let same = *self.room.server == *server && self.room.is_me(name);
        if !same {
            self.room = Room {
                server: server.into(),
                next_line: self.room.next_line,
                next_token: self.room.next_token,
                next_transfer: self.room.next_transfer,
                pane: self.room.pane,
                ..Room::default()
            };
        }
        self.room.link = Link::Connecting { attempt: 1 };
        self.login.busy = true;
    }

    /// Leaves the room for the login form.
    pub(crate) fn leave(&mut self) {
        self.page = Page::Login;
        self.dialog = Dialog::None;
        self.login.busy = false;
        self.login.forgive();
        self.room.link = Link::Over { why: None };
        self.on_session_over();
    }

    /// Tries again after a session is over.
    pub(crate) fn retry(&mut self) {
        // It may not have said its last word yet; that is not heard any more.
        self.on_session_over();
        self.room.link = Link::Connecting { attempt: 1 };
    }

    /// Whether a session is there that would take a message; says so when there is none.
    fn has_session(&mut self) -> bool {
        let over = matches!(self.room.link, Link::Over { .. });
        if over {
            self.announce("Nothing is sent while the session is over. Press Retry first.", true);
        }
        !over
    }

    fn say(&mut self, now: Now, whom: Audience, text: &Arc<str>) -> Command {
        let token = self.room.next_token;
        self.room.next_token += 1;
        let id = self.room.line_id();
        let from = self.room.me.clone().expect("whoever sends has logged in");
        let delivery = Delivery::Waiting { token };
        let said = Said { from, mine: true, text: Arc::clone(text), delivery };
        let line = Line { id, at: now.wall, kind: Kind::Said(said) };
        self.room.talk_mut(&whom).set_out(line);
        Command::Say { token, to: whom, text: text.to_string() }
    }

    fn read(&mut self) {
        let whom = self.room.current.clone();
        if self.room.talk().unread > 0 {
            self.room.talk_mut(&whom).unread = 0;
        }
    }
}
