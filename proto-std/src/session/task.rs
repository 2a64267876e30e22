//! The session's life: connect, converse, lose the connection, wait, connect again.
//!
//! ```text
//!   Connecting --ok--> conversing --lost--> waiting --backoff--> Connecting
//!       |                  |                   |
//!       +---- final -------+---- Leave --------+----> Closed
//! ```

use std::pin::pin;

use async_std::channel::{Receiver, Sender};
use proto_core::chat::{self, Client};
use proto_core::ids::ConnectionId;
use proto_core::secure::StaticKey;
use proto_core::time::{Duration, Instant};

use super::backoff::Backoff;
use super::command::Command;
use super::config::{Purpose, SessionConfig};
use super::connect::{Attempt, Connected, Failure};
use super::desk::{Desk, Voice};
use super::error::Error;
use super::event::Event;
use super::{cursor::CursorFile, explain};
use crate::address::Fingerprint;
use crate::known_servers::KnownServers;
use crate::race::{Either, race, sleep_until};
use crate::{clock, entropy, identity};

/// How long an answer about an unknown server is waited for.
const TRUST_PATIENCE: Duration = Duration::from_secs(600);
/// Times in a row that a server may hang up on our login before its secret is held to be wrong.
const UNHEARD: u32 = 2;

/// How a conversation ends.
#[derive(Debug)]
pub(super) enum Fell {
    /// We left.
    Left,
    /// The face is gone.
    Abandoned,
    /// The connection is lost; try again.
    Lost(Error),
    /// The server hung up before it said a word.
    Unheard,
    /// There is no point in trying again.
    Final(Error),
}

/// A running session.
pub(super) struct Task {
    pub(super) config: SessionConfig,
    key: StaticKey,
    pub(super) desk: Desk,
    pub(super) inbox: Receiver<Command>,
    pub(super) cursor: Option<CursorFile>,
    pub(super) was_online: bool,
    backoff: Backoff,
    unheard: u32,
    /// Whether to knock: not until the server has let us in again.
    knocks: bool,
    began: Instant,
}

/// Runs a session to its end, and says that it ended.
pub(super) async fn run(config: SessionConfig, inbox: Receiver<Command>, events: Sender<Event>) {
    let voice = Voice::new(events);
    let ended = match Task::new(config, inbox, voice.clone()) {
        Ok(mut task) => {
            let ended = Box::pin(task.live()).await;
            task.stop().await;
            ended
        }
        Err(error) => Fell::Final(error),
    };
    if let Fell::Final(error) | Fell::Lost(error) = ended {
        voice.tell(Event::Failed(error)).await;
    }
    voice.tell(Event::Closed).await;
}

impl Task {
    fn new(config: SessionConfig, inbox: Receiver<Command>, voice: Voice) -> Result<Self, Error> {
        let path = identity::path_of(&config.state_dir, &config.name);
        let key = identity::load_or_create(&path).map_err(|error| {
            Error::disk(format!("cannot use the key in {}", path.display()), &error)
        })?;
        let purpose = match config.purpose {
            Purpose::Join => chat::Purpose::Join,
            Purpose::Use => chat::Purpose::Use,
        };
        let mut cursor = (config.purpose == Purpose::Join)
            .then(|| CursorFile::new(&config.state_dir, &config.name, &config.server));
        let begin = cursor.as_mut().and_then(CursorFile::load);
        let client = Client::new(config.name.clone(), purpose, entropy::number(), begin);
        Ok(Self {
            desk: Desk::new(&config, Box::new(client), voice),
            key: key.into(),
            config,
            inbox,
            cursor,
            was_online: false,
            backoff: Backoff::default(),
            unheard: 0,
            knocks: true,
            began: clock::now(),
        })
    }

    async fn live(&mut self) -> Fell {
        loop {
            let attempt = self.backoff.failures() + 1;
            self.desk.voice.tell(Event::Connecting { attempt }).await;
            let fell = match Box::pin(self.connect()).await {
                Ok(connected) => Box::pin(self.converse(connected)).await,
                Err(fell) => fell,
            };
            self.desk.on_offline(clock::now()).await;
            self.save_cursor();
            let why = match fell {
                Fell::Lost(why) => why,
                Fell::Unheard => {
                    self.unheard += 1;
                    let why = explain::wrong_secret(&self.config.server);
                    if self.unheard >= UNHEARD {
                        return Fell::Final(why);
                    }
                    why
                }
                Fell::Left | Fell::Abandoned | Fell::Final(_) => return fell,
            };
            if let Some(end) = self.pause(why).await {
                return end;
            }
        }
    }

    /// The server has let us in: forget earlier failures.
    pub(super) fn on_online(&mut self) {
        self.was_online = true;
        self.unheard = 0;
        self.knocks = true;
        self.backoff.on_success();
    }

    pub(super) fn save_cursor(&mut self) {
        if let Some(file) = &mut self.cursor {
            file.save_now(self.desk.client.cursor());
        }
    }

    async fn connect(&mut self) -> Result<Connected, Fell> {
        loop {
            let attempt = self.attempt();
            self.knocks = false;
            let mut running = pin!(attempt.run());
            let outcome = loop {
                match race(&mut running, self.inbox.recv()).await {
                    Either::Left(outcome) => break outcome,
                    Either::Right(command) => {
                        self.desk.command(clock::now(), command.unwrap_or(Command::Leave)).await;
                        if self.is_over() {
                            return Err(Fell::Left);
                        }
                        if self.inbox.is_closed() && self.inbox.is_empty() {
                            break running.await;
                        }
                    }
                }
            };
            match outcome {
                Ok(connected) => return Ok(connected),
                Err(Failure::Final(error)) => return Err(Fell::Final(error)),
                Err(Failure::Down(error)) if !self.was_online => return Err(Fell::Final(error)),
                Err(Failure::Down(error) | Failure::Transient(error)) => {
                    return Err(Fell::Lost(error));
                }
                Err(Failure::Unknown(fingerprint)) => self.ask(fingerprint).await?,
            }
        }
    }

    fn attempt(&self) -> Attempt {
        Attempt {
            server: self.config.server.clone(),
            key: self.key.clone(),
            secret: self.config.secret.clone(),
            // Nobody else uses this session's socket, so any number will do.
            cid: ConnectionId::new(u16::from_le_bytes(entropy::bytes())),
            suites: super::suites(),
            known: KnownServers::new(&self.config.state_dir),
            trust: self.config.trust,
            patience: self.config.timeout,
            knocks: self.knocks,
        }
    }

    /// Asks the face about a server that was never seen before.
    async fn ask(&mut self, fingerprint: Fingerprint) -> Result<(), Fell> {
        self.desk.voice.tell(Event::FirstContact { fingerprint, asks: true }).await;
        let until = clock::now() + TRUST_PATIENCE;
        let accepted = loop {
            match race(self.inbox.recv(), sleep_until(until)).await {
                Either::Left(Ok(Command::Trust { accept })) => break accept,
                Either::Left(Ok(Command::Leave) | Err(_)) => return Err(Fell::Left),
                Either::Left(Ok(command)) => self.desk.command(clock::now(), command).await,
                Either::Right(()) => break false,
            }
        };
        if !accepted {
            return Err(Fell::Final(explain::unknown(&self.config.server, fingerprint)));
        }
        let known = KnownServers::new(&self.config.state_dir);
        known.add(&self.config.server, fingerprint).map_err(|error| {
            Fell::Final(Error::disk(format!("cannot write {}", known.path().display()), &error))
        })
    }

    /// Waits before the next attempt, if there is to be one, unless the user is tired of waiting.
    async fn pause(&mut self, why: Error) -> Option<Fell> {
        let retry_in = self.backoff.after_failure(entropy::number());
        let exhausted = if self.was_online {
            self.config.retries.is_some_and(|most| self.backoff.failures() > most)
        } else {
            clock::now().since(self.began) + retry_in > self.config.timeout
        };
        if exhausted {
            return Some(Fell::Final(why));
        }
        if self.is_over() {
            return Some(Fell::Left);
        }
        self.desk.voice.tell(Event::Offline { why, retry_in }).await;
        let until = clock::now() + retry_in;
        while clock::now() < until {
            match race(self.inbox.recv(), sleep_until(until)).await {
                Either::Left(Ok(Command::RetryNow)) => return None,
                Either::Left(Ok(command)) => self.desk.command(clock::now(), command).await,
                Either::Left(Err(_)) => {
                    self.desk.command(clock::now(), Command::Leave).await;
                    sleep_until(until).await;
                }
                Either::Right(()) => {}
            }
            if self.is_over() {
                return Some(Fell::Left);
            }
        }
        None
    }

    /// Whether there is nobody to go on for.
    fn is_over(&self) -> bool {
        let left = self.desk.is_done_offline() || self.desk.is_overdue(clock::now());
        left || self.desk.voice.is_gone()
    }

    /// Lets go of the engine, once what arrived is on disk.
    async fn stop(&mut self) {
        self.save_cursor();
        if let Some(engine) = self.desk.transfers.take_engine() {
            async_std::task::spawn_blocking(move || engine.stop()).await;
        }
    }
}
