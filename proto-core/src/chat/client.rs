//! A client's half of the chat: it survives its links.

use super::client_event::{ClientEvent, ClientOutput, Misbehaviour};
use super::outbox::{Outbox, OutboxFull};
use super::question::Question;
use crate::ids::{Ordinal, Seq};
use crate::note::note;
use crate::text::{Name, Text};
use crate::time::{Duration, Instant, UnixMillis};
use crate::wire::{Audience, Mode, Rejection, ToClient, ToServer};

/// Silence after which a sign of life is asked for.
const PING_AFTER: Duration = Duration::from_secs(30);
/// Silence after which the link is taken for dead.
const SILENT_AFTER: Duration = Duration::from_secs(75);

/// One run of a client: its name, what it said and is not acknowledged, what it has shown.
///
/// Links come and go beneath it: the driver calls [`connected`](Self::connected) when a secure
/// link stands and [`disconnected`](Self::disconnected) when it fell. After every call that takes
/// `&mut self`, call [`poll_output`](Self::poll_output) until it waits or is idle.
//
//   Offline --connected--> Greeting --Welcome--> Online --Leave sent--> Done
//      ^                      | Refused             | Goodbye, silence
//      |                      v                     v
//      +-----disconnected--- Done <-----------------+
//
// Invariants of the numbers:
// - heard <= reached <= outbox.last(), and heard <= sent <= outbox.last() while there is a link.
#[derive(Clone, Debug)]
pub struct Client<const OUTBOX: usize> {
    name: Name,
    purpose: Purpose,
    stream: u64,
    cursor: Option<Ordinal>,
    state: State,
    outbox: Outbox<OUTBOX>,
    /// All up to this one are stored or rejected.
    heard: Seq,
    /// All up to this one went over this link, or need not.
    sent: Seq,
    /// All up to this one went over some link.
    reached: Seq,
    users: Question,
    files: Question,
    leaving: bool,
    login_owed: bool,
    pong_owed: Option<u32>,
    pinged: bool,
    pings: u32,
    /// When the server was last heard.
    alive: Instant,
    ping_after: Duration,
    silent_after: Duration,
}

/// What a client wants of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Purpose {
    /// To be in the room: presence, notices, messages.
    Join,
    /// To list, send or transfer without entering the room. Nobody is told.
    Use,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Offline,
    Greeting,
    Online,
    Done,
}

impl<const OUTBOX: usize> Client<OUTBOX> {
    /// Makes a client that has no link yet.
    /// `stream` is drawn at random by each run of a program. `cursor` is the last message that
    /// was shown, as [`cursor`](Self::cursor) gave it; `None` begins with what comes next.
    pub const fn new(name: Name, purpose: Purpose, stream: u64, cursor: Option<Ordinal>) -> Self {
        Self {
            name,
            purpose,
            stream,
            cursor,
            state: State::Offline,
            outbox: Outbox::new(),
            heard: Seq(0),
            sent: Seq(0),
            reached: Seq(0),
            users: Question::None,
            files: Question::None,
            leaving: false,
            login_owed: false,
            pong_owed: None,
            pinged: false,
            pings: 0,
            alive: Instant::ZERO,
            ping_after: PING_AFTER,
            silent_after: SILENT_AFTER,
        }
    }

    /// Waits differently: for small devices, whose radio sleeps (60 s and 150 s).
    #[must_use]
    pub const fn with_patience(mut self, ping_after: Duration, silent_after: Duration) -> Self {
        self.ping_after = ping_after;
        self.silent_after = silent_after;
        self
    }

    /// A fresh secure link stands: the login goes out, and with it what nobody has tried yet.
    pub fn connected(&mut self, now: Instant) {
        self.state = State::Greeting;
        self.login_owed = true;
        self.sent = self.heard;
        self.pong_owed = None;
        self.pinged = false;
        self.alive = now;
    }

    /// The link fell. Whatever was not answered is asked again over the next one.
    pub fn disconnected(&mut self, _: Instant) {
        self.state = State::Offline;
        self.login_owed = false;
        self.users.on_disconnect();
        self.files.on_disconnect();
    }

    /// Says something, and gets the number by which its fate will be told.
    ///
    /// # Errors
    /// [`OutboxFull`] when `OUTBOX` messages wait for their acknowledgement already.
    pub fn say(&mut self, _now: Instant, to: &Audience, text: Text<'_>) -> Result<Seq, OutboxFull> {
        self.outbox.push(to, text)
    }

    /// Asks who is in the room, unless that question is open already.
    pub fn ask_users(&mut self) {
        self.users.want();
    }

    /// Asks for the shared files, unless that question is open already.
    pub fn ask_files(&mut self) {
        self.files.want();
    }

    /// Says goodbye as soon as everything said is acknowledged; [`ClientEvent::Closed`] follows.
    pub fn leave(&mut self) {
        self.leaving = true;
    }

    /// Takes a message from the server.
    ///
    /// # Errors
    /// [`Misbehaviour`]: the server does not keep to the protocol, so drop the link.
    pub fn handle_message<'m>(
        &mut self,
        now: Instant,
        message: ToClient<'m>,
    ) -> Result<ClientEvent<'m>, Misbehaviour> {
        match self.state {
            State::Offline => return Err(Misbehaviour::NoLink),
            State::Done => return Ok(ClientEvent::Quiet),
            State::Greeting => Misbehaviour::unless_early(&message)?,
            State::Online => {}
        }
        self.alive = now;
        self.pinged = false;
        match message {
            ToClient::Welcome { name, cursor, heard, at, uploads } => {
                self.on_welcome(name, cursor, heard, at, uploads)
            }
            ToClient::Refused(why) => {
                if self.state == State::Online {
                    return Err(Misbehaviour::LoginTwice);
                }
                self.state = State::Done;
                Ok(ClientEvent::Refused(why))
            }
            ToClient::Said { ordinal, at, from, to, seq, text } => {
                let Some(missed) = self.advance(ordinal) else {
                    return Ok(ClientEvent::Quiet);
                };
                let mine = (seq != Seq(0)).then_some(seq);
                Ok(ClientEvent::Said { ordinal, missed, at, from, to, mine, text })
            }
            ToClient::Heard(seq) => {
                if seq > self.sent {
                    return Err(Misbehaviour::HeardTooMuch);
                }
                self.heard = self.heard.max(seq);
                Ok(ClientEvent::Quiet)
            }
            ToClient::Rejected { seq, why } => self.on_rejected(seq, why),
            ToClient::Joined { name, at } => Ok(ClientEvent::Joined { name, at }),
            ToClient::Left { name, at } => Ok(ClientEvent::Left { name, at }),
            ToClient::Present(name) => Ok(ClientEvent::Present(name)),
            ToClient::PresentEnd => {
                self.users.on_end();
                Ok(ClientEvent::PresentEnd)
            }
            ToClient::File { name, size, stamp } => Ok(ClientEvent::File { name, size, stamp }),
            ToClient::FilesEnd => {
                self.files.on_end();
                Ok(ClientEvent::FilesEnd)
            }
            ToClient::FilesChanged => Ok(ClientEvent::FilesChanged),
            ToClient::PeopleChanged => Ok(ClientEvent::PeopleChanged),
            ToClient::Transfer(transfer) => Ok(ClientEvent::Transfer(transfer)),
            ToClient::Ping(number) => {
                self.pong_owed = Some(number);
                Ok(ClientEvent::Quiet)
            }
            ToClient::Pong(_) => Ok(ClientEvent::Quiet),
            ToClient::Goodbye(why) => {
                self.state = State::Done;
                Ok(ClientEvent::Goodbye(why))
            }
        }
    }

    /// What is to be done next: send a message, tell the user something, or wait.
    pub fn poll_output(&mut self, now: Instant) -> ClientOutput<'_> {
        while let Some((seq, delivered)) = self.outbox.pop(self.heard) {
            if delivered {
                return ClientOutput::Event(ClientEvent::Delivered { seq });
            }
        }
        if !matches!(self.state, State::Greeting | State::Online) {
            return self.poll_offline();
        }
        if let Some(message) = self.poll_control(now) {
            return message;
        }
        let seq = Seq(self.sent.0 + 1);
        if self.may_say()
            && let Some((to, text)) = self.outbox.get(seq)
        {
            self.sent = seq;
            self.reached = self.reached.max(seq);
            return ClientOutput::Transmit(ToServer::Say { seq, to: to.clone(), text });
        }
        if self.leaving && self.state == State::Online && self.outbox.is_empty() {
            self.state = State::Done;
            return ClientOutput::Transmit(ToServer::Leave);
        }
        let waits = self.pinged || self.state == State::Greeting;
        let patience = if waits { self.silent_after } else { self.ping_after };
        ClientOutput::Wait(self.alive + patience)
    }

    /// The last message that was given out: to be saved together with what was shown.
    pub const fn cursor(&self) -> Option<Ordinal> {
        self.cursor
    }

    /// The name, as the server writes it once it has welcomed us.
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// Whether the server has let us in over the present link.
    pub fn is_online(&self) -> bool {
        self.state == State::Online
    }

    /// Whether everything said is acknowledged and told.
    pub fn is_settled(&self) -> bool {
        self.outbox.is_empty()
    }

    fn on_welcome<'m>(
        &mut self,
        name: Name,
        start: Ordinal,
        heard: Seq,
        at: UnixMillis,
        uploads: bool,
    ) -> Result<ClientEvent<'m>, Misbehaviour> {
        if self.state == State::Online {
            return Err(Misbehaviour::LoginTwice);
        }
        if heard > self.reached {
            return Err(Misbehaviour::HeardTooMuch);
        }
        note!("chat: welcome at {}, the server heard {}", start.0, heard.0);
        self.state = State::Online;
        self.name = name.clone();
        self.sent = self.sent.max(heard);
        self.reached = self.reached.max(self.sent);
        let (mut resumed, mut missed) = (false, 0);
        if self.purpose == Purpose::Join {
            if let Some(cursor) = self.cursor {
                resumed = cursor <= start;
                missed = start.0.saturating_sub(cursor.0);
            }
            self.cursor = Some(start);
        }
        Ok(ClientEvent::LoggedIn { name, at, uploads, resumed, missed })
    }

    fn on_rejected<'m>(
        &mut self,
        seq: Seq,
        why: Rejection,
    ) -> Result<ClientEvent<'m>, Misbehaviour> {
        if seq <= self.heard {
            return Ok(ClientEvent::Quiet);
        }
        if seq > self.sent || seq.0 != self.heard.0 + 1 {
            return Err(Misbehaviour::HeardTooMuch);
        }
        self.outbox.reject(seq);
        self.heard = seq;
        Ok(ClientEvent::Rejected { seq, why })
    }

    /// Moves the cursor to a message, and says how many were missed before it. `None` when that
    /// message was given out before.
    fn advance(&mut self, ordinal: Ordinal) -> Option<u64> {
        let shown = self.cursor.unwrap_or(Ordinal(ordinal.0.saturating_sub(1)));
        if ordinal <= shown {
            return None;
        }
        self.cursor = Some(ordinal);
        Some(ordinal.0 - shown.0 - 1)
    }

    /// Whether messages may go out: at once while none of them was tried over another link,
    /// otherwise only when the server has told what it has.
    fn may_say(&self) -> bool {
        self.state == State::Online || self.reached == self.heard || self.sent > self.heard
    }

    fn poll_offline(&mut self) -> ClientOutput<'_> {
        if self.leaving && self.state == State::Done {
            self.leaving = false;
            return ClientOutput::Event(ClientEvent::Closed);
        }
        ClientOutput::Idle
    }

    /// Login, signs of life and questions.
    fn poll_control(&mut self, now: Instant) -> Option<ClientOutput<'static>> {
        if self.login_owed {
            self.login_owed = false;
            let mode = match self.purpose {
                Purpose::Join => Mode::Join { cursor: self.cursor },
                Purpose::Use => Mode::Use,
            };
            return Some(ClientOutput::Transmit(ToServer::Login {
                name: self.name.clone(),
                mode,
                stream: self.stream,
                first: Seq(self.heard.0 + 1),
            }));
        }
        if now >= self.alive + self.silent_after {
            self.state = State::Done;
            return Some(ClientOutput::Event(ClientEvent::Silent));
        }
        if let Some(number) = self.pong_owed.take() {
            return Some(ClientOutput::Transmit(ToServer::Pong(number)));
        }
        if self.users.ask() {
            return Some(ClientOutput::Transmit(ToServer::Who));
        }
        if self.files.ask() {
            return Some(ClientOutput::Transmit(ToServer::Files));
        }
        if !self.pinged && self.state == State::Online && now >= self.alive + self.ping_after {
            self.pinged = true;
            self.pings = self.pings.wrapping_add(1);
            return Some(ClientOutput::Transmit(ToServer::Ping(self.pings)));
        }
        None
    }
}

#[cfg(test)]
mod tests;
