//! The engine's thread: waits, hears, receives, sends, and tells how far things are.
//!
//! ```text
//!   wait for the socket, a command or a time, or rest while much is moved
//!     -> commands -> a few full inboxes -> what is due -> a few batches, one each in turn
//! ```

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io;
use std::thread;

use async_std::channel::Receiver;
use polling::{Event, Events, PollMode, Poller};
use proto_core::ids::ConnectionId;
use proto_core::time::{Duration, Instant};
use proto_core::wire::AbortReason;

use super::EngineConfig;
use super::clerks::Clerks;
use super::command::{Closing, Command, Mailbox, SessionKey};
use super::event::EngineEvent;
use super::flow::{DataPlace, Packet};
use super::limit::Bucket;
use super::looking::LOOK_EVERY;
use super::receiving::Chunk;
use super::resting::Rest;
use super::session::Session;
use super::staff::Staff;
use crate::clock;
use crate::storage::{Digests, Finisher, Report};
use crate::udp::{Batch, Inbox, Sent, Socket};

/// Everything that the thread owns.
pub(super) struct Runner {
    pub(super) socket: Socket,
    pub(super) inbox: Inbox,
    pub(super) batch: Batch,
    /// Packets of the batch that are not sealed yet, and where they lie in it.
    pub(super) unsealed: Vec<(Packet, Option<DataPlace>, std::ops::Range<usize>)>,
    pub(super) chunks: Vec<Chunk>,
    pub(super) sessions: Vec<Option<Box<Session>>>,
    pub(super) by_cid: HashMap<ConnectionId, usize>,
    pub(super) staff: Staff,
    pub(super) is_ipv6: bool,
    pub(super) limit: Option<Bucket>,
    limit_rate: Option<u64>,
    commands: Receiver<Command>,
    by_key: HashMap<SessionKey, usize>,
    wakes: BTreeSet<(Instant, usize)>,
    ready: VecDeque<usize>,
    pub(super) looked: Instant,
    pub(super) rest: Rest,
    pub(super) is_blocked: bool,
}

impl Runner {
    pub(super) fn new(
        config: &EngineConfig,
        socket: Socket,
        mailbox: Mailbox,
        commands: Receiver<Command>,
    ) -> io::Result<Self> {
        let (clerks, digests) = (Clerks::start()?, Digests::start()?);
        let finisher = Finisher::start()?;
        let now = clock::now();
        Ok(Self {
            is_ipv6: socket.local_addr()?.is_ipv6(),
            batch: Batch::new(MOST_DATAGRAMS),
            socket,
            inbox: Inbox::new(),
            unsealed: Vec::with_capacity(64),
            chunks: Vec::with_capacity(2048),
            sessions: Vec::new(),
            by_cid: HashMap::new(),
            staff: Staff::new(clerks, digests, finisher, mailbox, config.door.clone()),
            limit: config.limit_rate.map(|rate| Bucket::new(rate, now)),
            limit_rate: config.limit_rate,
            commands,
            by_key: HashMap::new(),
            wakes: BTreeSet::new(),
            ready: VecDeque::new(),
            looked: now,
            rest: Rest::new(now),
            is_blocked: false,
        })
    }

    /// Runs until the engine is stopped.
    pub(super) fn run(mut self) -> io::Result<()> {
        let shared = std::sync::Arc::clone(&self.staff.mailbox.shared);
        let mode = if shared.poller.supports_level() { PollMode::Level } else { PollMode::Oneshot };
        #[expect(unsafe_code, reason = "the socket is taken out again before it is closed")]
        // SAFETY: `self.socket` lives until after `delete` below.
        unsafe {
            shared.poller.add_with_mode(self.socket.io(), Event::readable(SOCKET), mode)?;
        }
        let outcome = self.turn_until_stopped(mode);
        shared.poller.delete(self.socket.io())?;
        outcome
    }

    fn turn_until_stopped(&mut self, mode: PollMode) -> io::Result<()> {
        let shared = std::sync::Arc::clone(&self.staff.mailbox.shared);
        let (mut events, mut was_blocked) = (Events::new(), false);
        while !shared.is_stopping() {
            if self.is_blocked != was_blocked || mode == PollMode::Oneshot {
                let interest = Event::new(SOCKET, true, self.is_blocked);
                shared.poller.modify_with_mode(self.socket.io(), interest, mode)?;
                was_blocked = self.is_blocked;
            }
            self.wait(&shared.poller, &mut events)?;
            self.hear(clock::now());
            self.receive();
            let now = clock::now();
            self.look(now);
            self.rouse(now);
            self.send();
        }
        self.close_all();
        Ok(())
    }

    /// Rests, or waits until there is something to do.
    pub(super) fn wait(&mut self, poller: &Poller, events: &mut Events) -> io::Result<()> {
        let now = clock::now();
        let patience = self.patience(now);
        if let Some(rest) = self.rest.poll(now, patience) {
            thread::sleep(rest);
            return Ok(());
        }
        events.clear();
        poller.wait(events, patience)?;
        Ok(())
    }

    /// How long nothing needs to be done; `None` is until something happens.
    fn patience(&self, now: Instant) -> Option<Duration> {
        if !self.ready.is_empty() && !self.is_blocked {
            return Some(Duration::ZERO);
        }
        let wake = self.wakes.first().map(|(at, _)| *at);
        let look = self.has_jobs().then(|| self.looked + LOOK_EVERY);
        let next = [wake, look].into_iter().flatten().min();
        next.map(|at| at.since(now))
    }

    /// Does what others asked for.
    fn hear(&mut self, now: Instant) {
        // Taken before the queue is emptied: a session's closing comes after its opening.
        let late = self.staff.mailbox.shared.take_late();
        while let Ok(command) = self.commands.try_recv() {
            self.obey(now, command);
        }
        for command in late {
            self.obey(now, command);
        }
    }

    pub(super) fn obey(&mut self, now: Instant, command: Command) {
        if let Command::Open(opening) = command {
            let session =
                Session::new(now, *opening, self.limit_rate, self.socket.longest_wanted());
            return self.open(session);
        }
        if let Command::Kept(key, Report::Closed) = &command {
            let key = *key;
            let slot = self.by_key.get(&key.session);
            if let Some(session) = slot.and_then(|slot| self.sessions[*slot].as_mut())
                && let Some(job) = session.job_of(key)
            {
                job.is_closed = true;
            }
            for key in self.staff.on_closed(key) {
                let busy = Err((AbortReason::Busy, "".into()));
                self.obey(now, Command::SinkOpened(key, Box::new(busy)));
            }
            return;
        }
        if let Command::SinkOpened(key, outcome) = &command
            && self.staff.waits(*key, outcome)
        {
            return;
        }
        let Some(&slot) = self.by_key.get(&command.session()) else { return command.waste() };
        if command.begins_a_transfer() {
            self.supersede(slot);
            self.make_room(now, slot);
        }
        let Some(session) = &mut self.sessions[slot] else { return };
        let staff = &mut self.staff;
        match command {
            Command::Open(_) => {}
            Command::Close(_, Closing::Linger(Duration::ZERO)) => return self.end(slot),
            Command::Close(_, closing) => {
                session.on_closing(now, staff, closing);
                self.end_oldest();
            }
            Command::Message(_, message) => session.hear(now, &message),
            Command::Get(_, request) => session.get(now, staff, *request),
            Command::Put(_, request) => session.put(now, staff, *request),
            Command::Hold(_, id, set) => session.hold(now, id, set),
            Command::Confirm(_, id) => session.confirm(now, id),
            Command::Cancel { id, why, discard, .. } => session.cancel(now, id, why, discard),
            Command::SourceOpened(key, outcome) => session.on_source(now, staff, key, outcome),
            Command::SinkOpened(key, outcome) => session.on_sink(now, staff, key, *outcome),
            Command::Hashed(key, digest) => session.on_digest(now, key, digest),
            Command::Kept(key, report) => session.on_kept(now, key, report),
        }
        self.take_early(now, slot);
        self.make_ready(slot);
    }

    fn open(&mut self, mut session: Session) {
        let (key, cid) = (session.key, session.config.local_cid);
        // A promise is forgotten among many others, and its id may be somebody else's by now.
        if !self.staff.mailbox.shared.reserved.take(cid) {
            let how = "its connection id is taken".into();
            return session.tell(EngineEvent::Misbehaved { how });
        }
        let vacant = self.sessions.iter().position(Option::is_none);
        let slot = vacant.unwrap_or_else(|| {
            self.sessions.push(None);
            self.sessions.len() - 1
        });
        self.sessions[slot] = Some(Box::new(session));
        self.by_key.insert(key, slot);
        self.by_cid.insert(cid, slot);
        self.make_ready(slot);
    }

    /// Ends what lingers of earlier sessions with the same peer: their transfers go on in this one.
    fn supersede(&mut self, slot: usize) {
        let Some(session) = &self.sessions[slot] else { return };
        let (peer, is_client) = (session.config.peer, session.is_client());
        for other in (0..self.sessions.len()).filter(|other| *other != slot) {
            let lingers = self.sessions[other].as_ref().is_some_and(|other| {
                other.ends.is_some() && other.config.peer == peer && other.is_client() == is_client
            });
            if lingers {
                self.end(other);
            }
        }
    }

    /// Ends what has lingered longest when too many do: whoever comes back resumes it.
    fn end_oldest(&mut self) {
        let lingering = |session: &Option<Box<Session>>| session.as_ref().and_then(|it| it.ends);
        let ends = self.sessions.iter().enumerate();
        let ends: Vec<_> = ends.filter_map(|(slot, it)| Some((lingering(it)?, slot))).collect();
        if ends.len() > MOST_LINGERING {
            log::debug!("more than {MOST_LINGERING} sessions linger: the oldest ends");
            ends.iter().min().into_iter().for_each(|(_, slot)| self.end(*slot));
        }
    }

    /// Ends a session: its files are kept for a resume.
    fn end(&mut self, slot: usize) {
        let Some(mut session) = self.sessions[slot].take() else { return };
        if let Some(wake) = session.wake {
            self.wakes.remove(&(wake, slot));
        }
        self.ready.retain(|ready| *ready != slot);
        self.by_key.remove(&session.key);
        self.by_cid.remove(&session.config.local_cid);
        self.staff.mailbox.shared.reserved.release(session.config.local_cid);
        self.staff.closing.extend(session.close());
    }

    fn close_all(&mut self) {
        (0..self.sessions.len()).for_each(|slot| self.end(slot));
        let until = clock::now() + STOP_PATIENCE;
        while !self.staff.closing.is_empty() && clock::now() < until {
            let mut heard = self.staff.mailbox.shared.take_late();
            heard.extend(std::iter::from_fn(|| self.commands.try_recv().ok()));
            if heard.is_empty() {
                thread::sleep(Duration::from_millis(1));
            }
            for command in heard {
                match command {
                    Command::Kept(key, Report::Closed) => {
                        self.staff.closing.retain(|closing| *closing != key);
                    }
                    other => other.waste(),
                }
            }
        }
        // Whoever comes now learns that nobody listens.
        self.commands.close();
        let left = std::iter::from_fn(|| self.commands.try_recv().ok());
        self.staff.mailbox.shared.take_late().into_iter().chain(left).for_each(Command::waste);
    }

    /// Queues a session to be polled.
    pub(super) fn make_ready(&mut self, slot: usize) {
        if let Some(session) = &mut self.sessions[slot]
            && !std::mem::replace(&mut session.is_ready, true)
        {
            self.ready.push_back(slot);
        }
    }

    /// Queues the sessions whose time has come.
    fn rouse(&mut self, now: Instant) {
        while let Some(&(at, slot)) = self.wakes.first()
            && at <= now
        {
            self.wakes.pop_first();
            if let Some(session) = &mut self.sessions[slot] {
                session.wake = None;
            }
            self.make_ready(slot);
        }
    }

    /// Gives each session that is ready a turn after the other, as long as the socket takes it
    /// and not so long that nothing is heard.
    fn send(&mut self) {
        if self.is_blocked {
            self.is_blocked = self.socket.send(&mut self.batch) == Sent::Blocked;
        }
        for _ in 0..TURNS {
            if self.is_blocked {
                return;
            }
            // A turn may take long, and what arrives meanwhile is not late.
            let now = clock::now();
            if let Some(until) = self.limit.as_mut().and_then(|limit| limit.wait(now)) {
                // All of them wait for the common limit.
                while let Some(slot) = self.ready.pop_front() {
                    let ends = self.sessions[slot].as_ref().and_then(|session| session.ends);
                    match ends {
                        Some(ends) if ends <= now => self.end(slot),
                        _ => self.sleep(slot, Some(until)),
                    }
                }
                return;
            }
            let Some(slot) = self.ready.pop_front() else { return };
            let Some(mut session) = self.sessions[slot].take() else { continue };
            let turn = self.turn(now, &mut session);
            if let Some(rtt) = session.round_trip() {
                self.rest.on_turn(rtt);
            }
            let ends = session.is_over(now);
            self.sessions[slot] = Some(session);
            if ends {
                self.end(slot);
                continue;
            }
            match turn {
                Turn::More => self.ready.push_back(slot),
                Turn::Done(wake) => self.sleep(slot, wake),
            }
        }
    }

    /// Lets a session rest until its time.
    fn sleep(&mut self, slot: usize, until: Option<Instant>) {
        let Some(session) = &mut self.sessions[slot] else { return };
        session.is_ready = false;
        if let Some(old) = session.wake.take() {
            self.wakes.remove(&(old, slot));
        }
        let until = [until, session.ends].into_iter().flatten().min();
        session.wake = until;
        self.wakes.extend(until.map(|until| (until, slot)));
    }
}

/// What a session wants after its turn.
pub(super) enum Turn {
    /// Another turn.
    More,
    /// To be left alone until a time, or until something happens.
    Done(Option<Instant>),
}

/// Sessions at most that go on without their control channel.
pub const MOST_LINGERING: usize = 1024;
/// The socket's key at the poller.
const SOCKET: usize = 0;
/// Datagrams that offload takes at most.
const MOST_DATAGRAMS: usize = 64;
/// Batches sent before something is heard again.
const TURNS: usize = 16;
/// Longest time that files are waited for at the end.
const STOP_PATIENCE: Duration = Duration::from_secs(10);
