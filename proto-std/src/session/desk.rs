//! What the user wants and what is known of it, online or not: the desk that commands land on.

use std::collections::VecDeque;

use async_std::channel::Sender;
use proto_core::chat::Client;
use proto_core::ids::Seq;
use proto_core::limits::MAX_MESSAGES;
use proto_core::text::{Name, Text};
use proto_core::time::{Duration, Instant};
use proto_core::wire::{Audience, Rejection};

use super::command::Command;
use super::config::SessionConfig;
use super::event::{Event, FileEntry};
use super::explain;
use super::transfers::Transfers;

/// Messages that wait for a place in the outbox.
const WAITING: usize = 256;
/// Messages whose tokens are remembered, so that their echo is known as the user's own.
const REMEMBERED: usize = MAX_MESSAGES * 2;
/// How long a goodbye waits for what is not delivered yet.
const LEAVE_PATIENCE: Duration = Duration::from_secs(5);

/// Tells the face what happens. Waits while the face is busy; says nothing once it is gone.
#[derive(Clone, Debug)]
pub(super) struct Voice(Sender<Event>);

impl Voice {
    pub(super) const fn new(events: Sender<Event>) -> Self {
        Self(events)
    }

    pub(super) async fn tell(&self, event: Event) {
        drop(self.0.send(event).await);
    }

    pub(super) fn is_gone(&self) -> bool {
        self.0.is_closed()
    }
}

/// The session's memory: it outlives connections.
pub(super) struct Desk {
    pub(super) voice: Voice,
    pub(super) client: Box<Client<MAX_MESSAGES>>,
    pub(super) transfers: Transfers,
    /// Lists that are being received.
    pub(super) users: Vec<Name>,
    pub(super) files: Vec<FileEntry>,
    /// Messages said and their tokens, oldest first.
    said: VecDeque<Said>,
    /// Messages that found the outbox full.
    waiting: VecDeque<(u64, Audience, String)>,
    leave_by: Option<Instant>,
}

struct Said {
    seq: Seq,
    token: u64,
    to: Audience,
}

impl Desk {
    pub(super) fn new(
        config: &SessionConfig,
        client: Box<Client<MAX_MESSAGES>>,
        voice: Voice,
    ) -> Self {
        Self {
            client,
            transfers: Transfers::new(config, voice.clone()),
            voice,
            users: Vec::new(),
            files: Vec::new(),
            said: VecDeque::new(),
            waiting: VecDeque::new(),
            leave_by: None,
        }
    }

    /// Does what the user wants, as far as that is possible now.
    pub(super) async fn command(&mut self, now: Instant, command: Command) {
        match command {
            Command::Say { token, to, text } => self.say(now, token, to, text).await,
            Command::Users => self.client.ask_users(),
            Command::Files => self.client.ask_files(),
            Command::Get(get) => self.transfers.get(*get).await,
            Command::Put(put) => self.transfers.put(*put).await,
            Command::Hold { id, set } => self.transfers.hold(id, set).await,
            Command::Confirm { id } => self.transfers.confirm(id).await,
            Command::Cancel { id, discard } => self.transfers.cancel(id, discard).await,
            // Nobody asked, and nobody waits.
            Command::Trust { .. } | Command::RetryNow => {}
            Command::Leave => {
                self.leave_by.get_or_insert(now + LEAVE_PATIENCE);
            }
        }
    }

    /// Moves waiting messages on, and says goodbye once nothing waits.
    pub(super) fn advance(&mut self, now: Instant) {
        while let Some((token, to, text)) = self.waiting.front() {
            let text = Text::parse(text).expect("it was checked before it had to wait");
            let Ok(seq) = self.client.say(now, to, text) else { return };
            let said = Said { seq, token: *token, to: to.clone() };
            self.remember(said);
            self.waiting.pop_front();
        }
        if self.leave_by.is_some() {
            self.client.leave();
        }
    }

    /// Whether the user wants to go and the time for goodbyes is over.
    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        self.leave_by.is_some_and(|by| now >= by)
    }

    pub(super) const fn leave_by(&self) -> Option<Instant> {
        self.leave_by
    }

    /// Whether the user wants to go and nothing is left that a connection would be good for.
    pub(super) fn is_done_offline(&self) -> bool {
        self.leave_by.is_some() && self.client.is_settled() && self.waiting.is_empty()
    }

    /// Whether more messages can be taken.
    pub(super) fn can_say(&self) -> bool {
        self.waiting.len() < WAITING
    }

    pub(super) async fn on_offline(&mut self, now: Instant) {
        self.client.disconnected(now);
        self.users.clear();
        self.files.clear();
        self.transfers.on_offline().await;
    }

    pub(super) async fn on_delivered(&mut self, seq: Seq) {
        if let Some(token) = self.token(seq) {
            self.voice.tell(Event::Delivered { token }).await;
        }
    }

    pub(super) async fn on_rejected(&mut self, seq: Seq, why: Rejection) {
        if let Some(said) = self.said.iter().find(|said| said.seq == seq) {
            let (token, why) = (said.token, explain::rejected(&said.to, why));
            self.voice.tell(Event::Rejected { token, why }).await;
        }
    }

    /// The token of one of the user's latest messages.
    pub(super) fn token(&self, seq: Seq) -> Option<u64> {
        self.said.iter().find(|said| said.seq == seq).map(|said| said.token)
    }

    async fn say(&mut self, now: Instant, token: u64, to: Audience, text: String) {
        let why = match Text::parse(&text) {
            Err(why) => explain::bad_text(why),
            Ok(_) if !self.can_say() => explain::outbox_full(),
            Ok(_) => {
                self.waiting.push_back((token, to, text));
                return self.advance(now);
            }
        };
        self.voice.tell(Event::Rejected { token, why }).await;
    }

    fn remember(&mut self, said: Said) {
        if self.said.len() >= REMEMBERED {
            self.said.pop_front();
        }
        self.said.push_back(said);
    }
}
