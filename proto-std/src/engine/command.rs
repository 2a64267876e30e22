//! What reaches the engine's thread from others, and how.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_std::channel::{Receiver, SendError, Sender, TrySendError, bounded};
use polling::Poller;
use proto_core::ids::{Digest, TransferId};
use proto_core::wire::{AbortReason, Transfer};

use super::reserved::Reserved;
use super::{EngineEvent, GetRequest, PutRequest, SessionConfig};
use crate::storage::{Report, SinkFile, SourceFile, Trouble};

/// A session of this engine, from its beginning to its end; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SessionKey(pub(super) u64);

/// One transfer's work in one session; what comes late from another thread names the one that it
/// was done for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct JobKey {
    pub(super) session: SessionKey,
    pub(super) id: TransferId,
    pub(super) serial: u64,
}

/// How a session goes on when its control channel is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// What needs no control channel goes on, for so long.
    Linger(Duration),
    /// What needs no peer goes on, for so long at most.
    Settle(Duration),
}

/// Something for the engine's thread to do.
pub(super) enum Command {
    /// From a session.
    Open(Box<Opening>),
    Message(SessionKey, Box<Transfer>),
    Get(SessionKey, Box<GetRequest>),
    Put(SessionKey, Box<PutRequest>),
    Hold(SessionKey, TransferId, bool),
    Confirm(SessionKey, TransferId),
    Cancel {
        session: SessionKey,
        id: TransferId,
        why: AbortReason,
        discard: bool,
    },
    Close(SessionKey, Closing),
    /// From threads that work for the engine.
    SourceOpened(JobKey, Result<SourceFile, AbortReason>),
    SinkOpened(JobKey, Box<Result<SinkFile, (AbortReason, Box<str>)>>),
    Hashed(JobKey, Result<Digest, Trouble>),
    Kept(JobKey, Report),
}

impl Command {
    /// Whose it is.
    pub(super) fn session(&self) -> SessionKey {
        match self {
            Self::Open(opening) => opening.key,
            Self::Message(key, _)
            | Self::Get(key, _)
            | Self::Put(key, _)
            | Self::Hold(key, _, _)
            | Self::Confirm(key, _)
            | Self::Close(key, _)
            | Self::Cancel { session: key, .. } => *key,
            Self::SourceOpened(JobKey { session, .. }, _)
            | Self::SinkOpened(JobKey { session, .. }, _)
            | Self::Hashed(JobKey { session, .. }, _)
            | Self::Kept(JobKey { session, .. }, _) => *session,
        }
    }

    /// Whether a transfer begins by it.
    pub(super) fn begins_a_transfer(&self) -> bool {
        match self {
            Self::Get(..) | Self::Put(..) => true,
            Self::Message(_, message) => {
                matches!(**message, Transfer::Get { .. } | Transfer::Put { .. })
            }
            _ => false,
        }
    }

    /// What comes too late leaves nothing behind.
    pub(super) fn waste(self) {
        if let Self::SinkOpened(_, outcome) = self
            && let Ok(sink) = *outcome
        {
            sink.abandon();
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command").field("session", &self.session()).finish_non_exhaustive()
    }
}

/// A session that begins.
pub(super) struct Opening {
    pub(super) key: SessionKey,
    pub(super) config: SessionConfig,
    pub(super) events: Sender<EngineEvent>,
}

/// Puts commands into the engine's queue and wakes it.
#[derive(Clone, Debug)]
pub(super) struct Mailbox {
    commands: Sender<Command>,
    pub(super) shared: Arc<Shared>,
}

/// What the engine's thread shares with others.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) poller: Poller,
    pub(super) reserved: Reserved,
    late: Mutex<Vec<Command>>,
    stopping: AtomicBool,
}

impl Mailbox {
    pub(super) fn new(poller: Poller) -> (Self, Receiver<Command>) {
        let (commands, inbox) = bounded(QUEUE_LEN);
        let (reserved, late) = (Reserved::default(), Mutex::default());
        let shared = Shared { poller, reserved, late, stopping: AtomicBool::new(false) };
        (Self { commands, shared: Arc::new(shared) }, inbox)
    }

    /// Waits while the queue is full. After the engine's end it does nothing.
    pub(super) async fn send(&self, command: Command) {
        let _ = self.commands.send(command).await;
        self.shared.wake();
    }

    /// The same on a thread. After the engine's end, what the command brings is wasted.
    pub(super) fn send_blocking(&self, command: Command) {
        if let Err(SendError(command)) = self.commands.send_blocking(command) {
            command.waste();
        }
        self.shared.wake();
    }

    /// The same without waiting; where the queue is full, past it. For what comes a few times for each
    /// session or transfer, and for the engine's own thread, which would wait for itself.
    pub(super) fn post(&self, command: Command) {
        if let Err(TrySendError::Full(command)) = self.commands.try_send(command) {
            self.shared.late().push(command);
        }
        self.shared.wake();
    }
}

impl Shared {
    /// What found the queue full and did not wait.
    pub(super) fn take_late(&self) -> Vec<Command> {
        std::mem::take(&mut *self.late())
    }

    fn late(&self) -> MutexGuard<'_, Vec<Command>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the thread to end.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.wake();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    fn wake(&self) {
        if let Err(error) = self.poller.notify() {
            log::error!("the engine cannot be woken: {error}");
        }
    }
}

/// Commands that wait at most.
const QUEUE_LEN: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reports_waits_for_nobody_and_is_heard() {
        let (mailbox, _inbox) = Mailbox::new(Poller::new().unwrap());
        let key = JobKey { session: SessionKey(1), id: TransferId(1), serial: 1 };
        (0..=QUEUE_LEN).for_each(|_| mailbox.post(Command::Kept(key, Report::Closed)));

        let late = mailbox.shared.take_late();
        assert!(matches!(late[..], [Command::Kept(_, Report::Closed)]), "{late:?}");
    }
}
