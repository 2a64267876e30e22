//! What the session tells, folded into the state.

use std::sync::Arc;

use proto_core::time::{Instant, UnixMillis};
use proto_core::wire::Audience;
use proto_std::session::{Command, Error, Event, Online, TransferReport};

use super::app::{App, Page};
use super::dialog::Dialog;
use super::files::Asked;
use super::line::{Delivery, Kind, Said};
use super::room::{Link, Room};
use super::transfer::State;
use super::{times, words};

/// When an event arrives: by the monotonic clock, and by the wall clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) instant: Instant,
    pub(crate) wall: UnixMillis,
}

impl App {
    /// Takes an event; returns what the session is to be told because of it.
    pub(crate) fn on_event(&mut self, now: Now, event: Event) -> Option<Command> {
        self.room.today = times::day(now.wall);
        match event {
            Event::Connecting { attempt } => self.room.link = Link::Connecting { attempt },
            Event::FirstContact { fingerprint, asks } => {
                if asks {
                    self.login.contact = Some(fingerprint);
                    self.dialog = Dialog::FirstContact;
                }
            }
            Event::Online(online) => self.on_online(online),
            Event::Offline { why, retry_in } => {
                let until = now.instant + retry_in;
                self.room.link = Link::Waiting { why: Arc::new(why), until };
            }
            Event::Said { at, from, to, text, mine } => {
                self.on_said(
                    at,
                    Said {
                        mine: self.room.is_me(&from),
                        from,
                        text: text.into(),
                        delivery: Delivery::Heard,
                    },
                    &to,
                    mine,
                );
            }
            Event::Missed { count } => {
                self.room.append(&Audience::All, now.wall, Kind::Missed(count));
            }
            // The message's echo says the same, and when.
            Event::Delivered { .. } => {}
            Event::Rejected { token, why } => self.room.on_rejected(token, &why),
            Event::Joined { name, at } => {
                self.room.set_presence(&name, true);
                self.room.notice(at, &name.clone(), Kind::Joined(name));
            }
            Event::Left { name, at } => {
                self.room.notice(at, &name.clone(), Kind::Left(name.clone()));
                self.room.set_presence(&name, false);
            }
            Event::Users(names) => self.room.set_present(&names),
            Event::Files(files) => {
                self.room.files.set(files);
                return self.room.files.is_asked_again().then_some(Command::Files);
            }
            Event::FilesChanged => return self.room.files.ask_once().then_some(Command::Files),
            Event::Transfer(report) => self.on_transfer(&report),
            Event::Warning(error) => self.room.warning = Some(Arc::new(error)),
            Event::Failed(error) => self.on_failed(error),
            Event::Closed => self.on_closed(),
        }
        None
    }

    fn on_online(&mut self, online: Online) {
        self.login.busy = false;
        self.login.contact = None;
        if self.dialog == Dialog::FirstContact {
            self.dialog = Dialog::None;
        }
        self.room.me = Some(online.name);
        self.room.link = Link::Online;
        self.room.warning = None;
        self.room.files.uploads = online.uploads;
        self.room.files.asked = Asked::No;
        self.page = Page::Room;
    }

    fn on_said(&mut self, at: UnixMillis, said: Said, to: &Audience, token: Option<u64>) {
        let whom = match to {
            Audience::All => Audience::All,
            Audience::One(name) if said.mine => Audience::One(name.clone()),
            Audience::One(_) => Audience::One(said.from.clone()),
        };
        let in_view = self.page == Page::Room && self.room.current == whom;
        let mark = self.room.line_id();
        let talk = self.room.talk_mut(&whom);
        if let Some(token) = token {
            talk.arrive(token);
        }
        if said.mine {
            talk.unmark_new();
        } else if !in_view {
            talk.mark_new(mark, at);
            talk.unread += 1;
        }
        self.room.append(&whom, at, Kind::Said(said));
    }

    fn on_transfer(&mut self, report: &TransferReport) {
        let me = self.room.me.clone();
        let Some(transfer) = self.room.transfer_mut(report.id) else { return };
        let was_over = transfer.is_over();
        transfer.on_report(me.as_ref(), report);
        let word = match &transfer.state {
            State::Done { .. } if !was_over => Some((words::done(transfer), false)),
            State::Failed(error) if !was_over => Some((words::failed(transfer, error), true)),
            State::Asked
            | State::Flowing
            | State::Stalled
            | State::Paused { .. }
            | State::Verifying
            | State::Done { .. }
            | State::Skipped
            | State::Cancelled
            | State::Failed(_) => None,
        };
        if let Some((text, is_error)) = word {
            self.announce(text, is_error);
        }
    }

    /// Something that the user asked for failed, and the session goes on.
    pub(crate) fn on_trouble(&mut self, error: Error) {
        match self.page {
            Page::Login => self.login.on_failed(error),
            Page::Room => self.announce(words::whole(&error), true),
        }
    }

    /// The session cannot go on.
    pub(crate) fn on_failed(&mut self, error: Error) {
        match self.page {
            Page::Login => {
                if self.dialog == Dialog::FirstContact {
                    self.dialog = Dialog::None;
                }
                self.login.on_failed(error);
            }
            Page::Room => self.room.link = Link::Over { why: Some(Arc::new(error)) },
        }
    }

    fn on_closed(&mut self) {
        self.login.busy = false;
        let over = matches!(self.room.link, Link::Over { .. });
        if self.page == Page::Room && !over {
            self.room.link = Link::Over { why: None };
        }
        self.on_session_over();
    }

    /// The session is over: what waited for it waits no more.
    pub(super) fn on_session_over(&mut self) {
        self.room.set_present(&[]);
        self.room.on_messages_stranded();
        self.on_transfers_stranded();
    }
}

impl Room {
    /// Nobody will say any more what became of the messages that wait.
    fn on_messages_stranded(&mut self) {
        let why = Arc::new(words::unconfirmed());
        for talk in Arc::make_mut(&mut self.talks) {
            self.next_line = talk.strand(self.next_line, &why);
        }
    }

    pub(super) fn on_rejected(&mut self, token: u64, why: &Error) {
        let id = self.line_id();
        let talks = Arc::make_mut(&mut self.talks);
        talks.iter_mut().any(|talk| talk.refuse(id, token, why.clone()));
    }

    /// Tells that somebody came or went: to everyone, and where somebody talked with them.
    fn notice(&mut self, at: UnixMillis, name: &proto_core::text::Name, kind: Kind) {
        self.append(&Audience::All, at, kind.clone());
        let whom = Audience::One(name.clone());
        if self.talks.iter().any(|talk| talk.whom == whom && !talk.is_empty()) {
            self.append(&whom, at, kind);
        }
    }
}
