//! Between the session's threads and the window's: neither ever waits for the other for long.
//!
//! ```text
//!   session --events--> [listener thread] --one batch, acknowledged--> window
//!   session <-commands- [speaker thread]  <-------- a queue ---------- window
//! ```
//!
//! The listener hands over what has come, and waits until the window has taken it. A busy window
//! so slows its session down and no queue grows; a window that is gone leaves the listener to hear
//! the session out, so that its goodbye is said and what has arrived is saved.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use druid::SingleUse;
use proto_std::address::Fingerprint;
use proto_std::channel;
use proto_std::clock;
use proto_std::session::{self, Command, Event, SessionConfig};
use proto_std::storage::{self, Sidecar};

use crate::commands::NEWS;
use crate::mailbox::Mailbox;

/// Events that are handed over at once.
const MOST: usize = 256;
/// Wishes that may wait for a session: more than a person has in the time that a session is busy.
const MOST_WISHES: usize = 128;
/// How often a listener looks whether the window is still there.
const GLANCE: Duration = Duration::from_millis(200);
/// How long goodbyes may take when the program ends: longer than a session needs to deliver what
/// was said, to be heard out and to save what has arrived.
const GOODBYE: Duration = Duration::from_secs(20);

/// What a listener hands over.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Which session it is from.
    pub(crate) session: u64,
    pub(crate) events: Vec<Event>,
    /// Downloads that an earlier run left unfinished; told once, after the first login.
    pub(crate) unfinished: Vec<Sidecar>,
    taken: SyncSender<()>,
}

impl Batch {
    /// News that nobody waits to be acknowledged.
    #[cfg(test)]
    pub(crate) fn of(events: Vec<Event>) -> Self {
        let (taken, _) = mpsc::sync_channel(1);
        Self { session: 0, events, unfinished: Vec::new(), taken }
    }

    /// Tells the listener that the window has taken it.
    pub(crate) fn done(&self) {
        // A listener that is gone waits for nothing.
        let _ = self.taken.try_send(());
    }
}

/// The sessions of this program: at most one that the window listens to, and some that are still
/// saying goodbye.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bridge {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    window_is_gone: AtomicBool,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    number: u64,
    speaker: Option<SyncSender<Command>>,
    listeners: Vec<JoinHandle<()>>,
}

impl Bridge {
    /// Starts a session; an earlier one is left.
    pub(crate) fn start(&self, config: SessionConfig, mailbox: Mailbox) -> std::io::Result<()> {
        self.leave();
        let state_dir = config.state_dir.clone();
        let (commands, events) = session::start(config);
        let (speaker, queue) = mpsc::sync_channel(MOST_WISHES);
        thread::Builder::new().name("speaker".into()).spawn(move || speak(&queue, &commands))?;
        self.with(|inner| {
            let shared = Arc::clone(&self.shared);
            let number = inner.number;
            let listener = Listener { number, mailbox, shared, state_dir, asked: false };
            let run = move || listener.run(&events);
            let thread = thread::Builder::new().name("listener".into()).spawn(run)?;
            inner.speaker = Some(speaker);
            inner.listeners.retain(|listener| !listener.is_finished());
            inner.listeners.push(thread);
            Ok(())
        })
    }

    /// A bridge to no session: what it would be told is heard instead.
    #[cfg(test)]
    pub(crate) fn overheard() -> (Self, Receiver<Command>) {
        let (speaker, heard) = mpsc::sync_channel(MOST_WISHES);
        let bridge = Self::default();
        bridge.with(|inner| inner.speaker = Some(speaker));
        (bridge, heard)
    }

    /// Tells the session something, if there is one.
    ///
    /// # Errors
    /// Gives the wish back for which there is no room.
    pub(crate) fn tell(&self, command: Command) -> Result<(), Command> {
        self.with(|inner| match inner.speaker.as_ref().map(|speaker| speaker.try_send(command)) {
            Some(Err(TrySendError::Full(command))) => Err(command),
            // A session that is over hears nothing more, and the window knows that it is.
            Some(Ok(()) | Err(TrySendError::Disconnected(_))) | None => Ok(()),
        })
    }

    /// Leaves the session; what it says from now on is not for the window.
    pub(crate) fn leave(&self) {
        // One that has no room for it hears the same from a queue that is closed.
        drop(self.tell(Command::Leave));
        self.with(|inner| {
            inner.number += 1;
            inner.speaker = None;
        });
    }

    /// Whether this is the session that the window listens to.
    pub(crate) fn is_current(&self, session: u64) -> bool {
        self.with(|inner| inner.number == session && inner.speaker.is_some())
    }

    /// The window is closed: says goodbye and waits until everything is saved.
    pub(crate) fn finish(&self) {
        self.shared.window_is_gone.store(true, Ordering::Relaxed);
        self.leave();
        let listeners = self.with(|inner| std::mem::take(&mut inner.listeners));
        let until = clock::now() + GOODBYE;
        while clock::now() < until && !listeners.iter().all(JoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn with<R>(&self, act: impl FnOnce(&mut Inner) -> R) -> R {
        // Nothing that is done under the lock can leave it half done.
        act(&mut self.shared.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn speak(queue: &Receiver<Command>, commands: &channel::Sender<Command>) {
    while let Ok(command) = queue.recv() {
        if commands.send_blocking(command).is_err() {
            return;
        }
    }
}

struct Listener {
    number: u64,
    mailbox: Mailbox,
    shared: Arc<Shared>,
    state_dir: PathBuf,
    /// Whether unfinished downloads were looked for.
    asked: bool,
}

impl Listener {
    fn run(mut self, events: &channel::Receiver<Event>) {
        let (taken, receipts) = mpsc::sync_channel(1);
        let mut shown = true;
        while let Ok(first) = events.recv_blocking() {
            let mut batch = vec![first];
            while batch.len() < MOST
                && let Ok(event) = events.try_recv()
            {
                add(&mut batch, event);
            }
            let is_last = batch.iter().any(|event| matches!(event, Event::Closed));
            if shown {
                let unfinished = self.unfinished(&mut batch);
                let taken = taken.clone();
                let batch = Batch { session: self.number, events: batch, unfinished, taken };
                let sent = self.mailbox.send(NEWS, SingleUse::new(batch));
                shown = sent && self.wait(&receipts);
            }
            if is_last {
                return;
            }
        }
    }

    /// Waits until the window has taken a batch; false when it never will.
    fn wait(&self, receipts: &Receiver<()>) -> bool {
        loop {
            match receipts.recv_timeout(GLANCE) {
                Ok(()) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) => {
                    let gone = self.shared.window_is_gone.load(Ordering::Relaxed);
                    if gone || !self.mailbox.nudge() {
                        return false;
                    }
                }
            }
        }
    }

    /// What an earlier run left unfinished at this server, once it is known which it is.
    fn unfinished(&mut self, batch: &mut Vec<Event>) -> Vec<Sidecar> {
        let online = batch.iter().find_map(|event| match event {
            Event::Online(online) => Some(online.fingerprint),
            _ => None,
        });
        let Some(fingerprint) = online.filter(|_| !self.asked) else { return Vec::new() };
        self.asked = true;
        look_for_unfinished(&self.state_dir, fingerprint, batch)
    }
}

/// Adds an event; of several lists of files only the latest is of use, and each may be long.
fn add(batch: &mut Vec<Event>, event: Event) {
    if matches!(event, Event::Files(_)) {
        batch.retain(|earlier| !matches!(earlier, Event::Files(_)));
    }
    batch.push(event);
}

/// What was left unfinished at a server. Trouble with it is told with the batch.
fn look_for_unfinished(
    state_dir: &Path,
    server: Fingerprint,
    batch: &mut Vec<Event>,
) -> Vec<Sidecar> {
    match storage::unfinished(state_dir) {
        Ok(mut found) => {
            found.retain(|sidecar| sidecar.peer == server.0);
            found
        }
        Err(error) => {
            let what = format!("cannot look for unfinished downloads in {}", state_dir.display());
            batch.push(Event::Warning(session::Error::disk(what, &error)));
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use proto_core::ids::PublicKey;

    use super::*;

    #[test]
    fn a_session_that_hears_nothing_is_told_no_more_than_the_queue_holds() {
        let (bridge, heard) = Bridge::overheard();
        let told = (0..2 * MOST_WISHES).filter(|_| bridge.tell(Command::Users).is_ok()).count();
        assert_eq!(told, MOST_WISHES);
        drop(heard.recv());
        assert!(bridge.tell(Command::Users).is_ok() && bridge.tell(Command::Users).is_err());
    }

    #[test]
    fn of_many_lists_of_files_the_latest_is_handed_over() {
        let mut batch = Vec::new();
        for event in [Event::Files(Vec::new()), Event::FilesChanged, Event::Files(Vec::new())] {
            add(&mut batch, event);
        }
        assert!(matches!(batch[..], [Event::FilesChanged, Event::Files(_)]), "{batch:?}");
    }

    #[test]
    fn unfinished_downloads_that_cannot_be_looked_for_are_no_secret() {
        let state = tempfile::tempdir().unwrap();
        let server = Fingerprint(PublicKey([1; 32]));
        let mut batch = Vec::new();
        assert!(look_for_unfinished(state.path(), server, &mut batch).is_empty());
        assert!(batch.is_empty(), "there was none yet");

        std::fs::write(state.path().join("transfers"), "not a folder").unwrap();
        look_for_unfinished(state.path(), server, &mut batch);

        let [Event::Warning(error)] = &batch[..] else { panic!("nothing is told: {batch:?}") };
        assert!(error.what.contains("unfinished") && !error.next.is_empty(), "{error}");
    }
}
