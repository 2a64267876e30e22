//! The conversation over one connection.

use std::io;

use proto_core::chat::{ClientEvent, ClientOutput};
use proto_core::link::LinkError;
use proto_core::time::Duration;
use proto_core::wire::{ToClient, ToServer, decode};

use super::command::Command;
use super::config::Purpose;
use super::connect::Connected;
use super::event::{Event, FileEntry, Online};
use super::explain;
use super::task::{Fell, Task};
use crate::address::Fingerprint;
use crate::clock;
use crate::engine::EngineEvent;
use crate::race::{Alarm, Either, race};
use crate::stream::{Input, SecureStream, Turn};

/// How long the server may take to hear our goodbye.
const FAREWELL_PATIENCE: Duration = Duration::from_secs(2);

/// Things heard from the engine before somebody else is.
const HEEDED: usize = 64;

/// Something to attend to.
enum Stir {
    Stream(io::Result<Turn>),
    Command(Option<Command>),
    Engine(Option<Box<EngineEvent>>),
    Alarm,
}

impl Task {
    /// Logs in and talks until the connection ends, one way or another.
    pub(super) async fn converse(&mut self, connected: Connected) -> Fell {
        let Connected { stream, remote, established, first_contact } = connected;
        let fingerprint = Fingerprint(established.peer);
        if first_contact {
            self.desk.voice.tell(Event::FirstContact { fingerprint, asks: false }).await;
        }
        self.desk.client.connected(clock::now());
        self.desk.transfers.begin(established, remote).await;
        let fell = self.exchange(stream, fingerprint).await;
        self.desk.transfers.settle().await;
        fell
    }

    /// Talks until the connection ends.
    async fn exchange(&mut self, mut stream: SecureStream, fingerprint: Fingerprint) -> Fell {
        let mut alarm = Alarm::new();
        let mut heard = false;
        loop {
            match self.listen(&mut stream, fingerprint).await {
                Ok(something) => heard |= something,
                Err(fell) => return fell,
            }
            match self.speak(&mut stream, &mut alarm).await {
                Ok(()) => {}
                Err(Fell::Left) => {
                    match self.config.purpose {
                        Purpose::Join => stream.farewell(FAREWELL_PATIENCE).await,
                        // No room is told, and what was said is on its way.
                        Purpose::Use => stream.hang_up(FAREWELL_PATIENCE).await,
                    }
                    return Fell::Left;
                }
                Err(fell) => return fell,
            }
            match self.stir(&mut stream, &mut alarm).await {
                Stir::Stream(Ok(Turn::Moved)) | Stir::Alarm => {}
                Stir::Stream(_) if !heard && stream.ended() == Err(LinkError::WrongSecret) => {
                    return Fell::Unheard;
                }
                Stir::Stream(_) if !heard && stream.ended() == Err(LinkError::Truncated) => {
                    return Fell::Lost(explain::handshake(
                        &self.config.server,
                        LinkError::Truncated,
                    ));
                }
                Stir::Stream(Ok(Turn::Closed)) => {
                    return Fell::Lost(explain::closed(&self.config.server));
                }
                Stir::Stream(Err(error)) => {
                    return Fell::Lost(explain::lost(&self.config.server, &error));
                }
                Stir::Command(command) => {
                    let command = command.unwrap_or(Command::Leave);
                    self.desk.command(clock::now(), command).await;
                }
                Stir::Engine(Some(event)) => {
                    if let Err(fell) = self.heed(&mut stream, *event).await {
                        return fell;
                    }
                }
                Stir::Engine(None) => self.desk.transfers.on_end(),
            }
            if self.desk.voice.is_gone() {
                return Fell::Abandoned;
            }
        }
    }

    /// Hears what the engine has to tell, one thing after the other: what of it is for the server
    /// shares a record.
    async fn heed(&mut self, stream: &mut SecureStream, event: EngineEvent) -> Result<(), Fell> {
        let mut event = event;
        for left in (0..HEEDED).rev() {
            match event {
                EngineEvent::Message(message) => stream.push(&ToServer::Transfer(*message)),
                EngineEvent::Misbehaved { how } => return Err(self.misbehaved(&how)),
                event => self.desk.transfers.on_event(event).await,
            }
            let more = self.desk.transfers.events().filter(|_| left > 0 && stream.can_push());
            let Some(next) = more.and_then(|events| events.try_recv().ok()) else { break };
            event = next;
        }
        Ok(())
    }

    /// Waits for the next thing to do.
    async fn stir(&self, stream: &mut SecureStream, alarm: &mut Alarm) -> Stir {
        let can_push = stream.can_push();
        let engine = self.desk.transfers.events();
        let commands = async {
            // A face that is gone wants nothing more; one that floods has to wait.
            if self.inbox.is_closed() && self.inbox.is_empty() && self.desk.leave_by().is_some()
                || !self.desk.can_say()
            {
                std::future::pending::<()>().await;
            }
            self.inbox.recv().await.ok()
        };
        let events = async {
            match &engine {
                Some(events) if can_push => events.recv().await.ok().map(Box::new),
                _ => std::future::pending().await,
            }
        };
        let network = race(stream.turn(), events);
        let rest = race(commands, alarm.ring());
        match race(network, rest).await {
            Either::Left(Either::Left(turn)) => Stir::Stream(turn),
            Either::Left(Either::Right(event)) => Stir::Engine(event),
            Either::Right(Either::Left(command)) => Stir::Command(command),
            Either::Right(Either::Right(())) => Stir::Alarm,
        }
    }

    /// Takes everything that came in; says whether anything did.
    async fn listen(
        &mut self,
        stream: &mut SecureStream,
        server: Fingerprint,
    ) -> Result<bool, Fell> {
        let mut heard = false;
        loop {
            let mut record = match stream.input() {
                Ok(Input::Record(record)) => record,
                Ok(Input::Nothing) => return Ok(heard),
                Ok(Input::Identified(_) | Input::Established(_) | Input::Progress) => continue,
                Err(error) => {
                    return Err(Fell::Lost(explain::handshake(&self.config.server, error)));
                }
            };
            heard = true;
            while !record.is_empty() {
                let (message, rest) = decode::<ToClient<'_>>(record)
                    .map_err(|error| self.misbehaved(&error.to_string()))?;
                record = rest;
                let event = self
                    .desk
                    .client
                    .handle_message(clock::now(), message)
                    .map_err(|error| self.misbehaved(&error.to_string()))?;
                self.on_event(event, server).await?;
            }
        }
    }

    /// Says everything that is to be said, as far as there is room, and sets the alarm.
    async fn speak(&mut self, stream: &mut SecureStream, alarm: &mut Alarm) -> Result<(), Fell> {
        let now = clock::now();
        if stream.is_unanswered(now) {
            let error = io::ErrorKind::TimedOut.into();
            return Err(Fell::Lost(explain::unreachable(&self.config.server, &error)));
        }
        if stream.deadline().is_some_and(|deadline| now >= deadline) {
            return Err(Fell::Lost(explain::silent(&self.config.server)));
        }
        if self.desk.is_overdue(now) {
            return Err(Fell::Left);
        }
        self.desk.advance(now);
        while stream.can_push() {
            match self.desk.client.poll_output(now) {
                ClientOutput::Transmit(message) => stream.push(&message),
                ClientOutput::Event(ClientEvent::Closed) => return Err(Fell::Left),
                ClientOutput::Event(ClientEvent::Silent) => {
                    return Err(Fell::Lost(explain::silent(&self.config.server)));
                }
                ClientOutput::Event(ClientEvent::Delivered { seq }) => {
                    self.desk.on_delivered(seq).await;
                    self.desk.advance(now);
                }
                ClientOutput::Event(_) => {}
                ClientOutput::Wait(until) => {
                    alarm.set(Some(until));
                    break;
                }
                ClientOutput::Idle => break,
            }
        }
        let cursor = self.desk.client.cursor();
        if let Some(file) = &mut self.cursor {
            file.save(now, cursor);
            alarm.set(file.deadline(cursor));
        }
        alarm.set(stream.deadline());
        alarm.set(self.desk.leave_by());
        Ok(())
    }

    async fn on_event(&mut self, event: ClientEvent<'_>, server: Fingerprint) -> Result<(), Fell> {
        let told = match event {
            ClientEvent::LoggedIn { name, at, uploads, resumed: _, missed } => {
                let resumed = self.was_online;
                self.on_online();
                let online = Online { name, fingerprint: server, at, uploads, resumed };
                self.desk.voice.tell(Event::Online(online)).await;
                if self.config.purpose == Purpose::Join {
                    self.desk.client.ask_users();
                    self.desk.client.ask_files();
                }
                return self.on_missed(missed).await;
            }
            ClientEvent::Said { missed, at, from, to, mine, text, .. } => {
                self.on_missed(missed).await?;
                let mine = mine.and_then(|seq| self.desk.token(seq));
                Event::Said { at, from, to, text: text.as_str().to_owned(), mine }
            }
            ClientEvent::Refused(why) => {
                return Err(Fell::Final(explain::refused(self.config.name.as_str(), why)));
            }
            ClientEvent::Goodbye(why) => {
                let server = &self.config.server;
                return Err(match explain::goodbye(server, why) {
                    Some(error) => Fell::Final(error),
                    None => Fell::Lost(explain::stopped(server, why)),
                });
            }
            ClientEvent::Silent => {
                return Err(Fell::Lost(explain::silent(&self.config.server)));
            }
            ClientEvent::Closed => return Err(Fell::Left),
            ClientEvent::Delivered { seq } => {
                self.desk.on_delivered(seq).await;
                return Ok(());
            }
            ClientEvent::Rejected { seq, why } => {
                self.desk.on_rejected(seq, why).await;
                return Ok(());
            }
            ClientEvent::Transfer(transfer) => {
                self.desk.transfers.message(transfer).await;
                return Ok(());
            }
            ClientEvent::Joined { name, at } => Event::Joined { name, at },
            ClientEvent::Left { name, at } => Event::Left { name, at },
            ClientEvent::Present(name) => {
                self.desk.users.push(name);
                return Ok(());
            }
            ClientEvent::PresentEnd => Event::Users(std::mem::take(&mut self.desk.users)),
            ClientEvent::PeopleChanged => {
                self.desk.client.ask_users();
                return Ok(());
            }
            ClientEvent::File { name, size, stamp } => {
                self.desk.files.push(FileEntry { name, size, stamp });
                return Ok(());
            }
            ClientEvent::FilesEnd => Event::Files(std::mem::take(&mut self.desk.files)),
            ClientEvent::FilesChanged => Event::FilesChanged,
            ClientEvent::Quiet => return Ok(()),
        };
        self.desk.voice.tell(told).await;
        Ok(())
    }

    async fn on_missed(&self, count: u64) -> Result<(), Fell> {
        if count > 0 {
            self.desk.voice.tell(Event::Missed { count }).await;
        }
        Ok(())
    }

    fn misbehaved(&self, why: &str) -> Fell {
        Fell::Lost(explain::misbehaved(&self.config.server, why))
    }
}
