//! Threads that work for the engine, and files that others have to wait for.

use std::sync::Arc;

use proto_core::ids::TransferId;
use proto_core::wire::AbortReason;

use super::Doorkeeper;
use super::clerks::Clerks;
use super::command::{Command, JobKey, Mailbox};
use super::session::Session;
use crate::storage::{Digests, Finisher, SinkFile};

/// A sink, or why there is none.
pub(super) type Opened = Result<SinkFile, (AbortReason, Box<str>)>;
type Open = Arc<dyn Fn() -> Opened + Send + Sync>;

/// Threads that work for the engine, and the way back from them.
pub(super) struct Staff {
    pub(super) clerks: Clerks,
    pub(super) digests: Digests,
    pub(super) finisher: Finisher,
    pub(super) mailbox: Mailbox,
    /// Who answers knocks.
    pub(super) door: Option<Arc<dyn Doorkeeper>>,
    /// Files that are being closed: whoever wants one of them again has to wait.
    pub(super) closing: Vec<JobKey>,
    openings: Vec<Opening>,
    /// Files closed so far.
    closed: u64,
}

/// A sink that somebody waits for.
struct Opening {
    key: JobKey,
    open: Open,
    /// Files that were closed when it was tried last.
    closed: u64,
    /// Whether it waits for a file to be closed.
    is_parked: bool,
}

impl Staff {
    pub(super) fn new(
        clerks: Clerks,
        digests: Digests,
        finisher: Finisher,
        mailbox: Mailbox,
        door: Option<Arc<dyn Doorkeeper>>,
    ) -> Self {
        let (closing, openings) = (Vec::new(), Vec::new());
        Self { clerks, digests, finisher, mailbox, door, closing, openings, closed: 0 }
    }

    /// Opens a sink on a clerk's thread; false when no clerk has time.
    pub(super) fn open_sink(
        &mut self,
        key: JobKey,
        open: impl Fn() -> Opened + Send + Sync + 'static,
    ) -> bool {
        let opening = Opening { key, open: Arc::new(open), closed: self.closed, is_parked: false };
        let taken = self.ask(&opening);
        if taken {
            self.openings.push(opening);
        }
        taken
    }

    /// Whether a sink that came back is to be waited for: its file is busy, but is being closed.
    pub(super) fn waits(&mut self, key: JobKey, outcome: &Opened) -> bool {
        let Some(at) = self.openings.iter().position(|opening| opening.key == key) else {
            return false;
        };
        let mut opening = self.openings.swap_remove(at);
        if !matches!(outcome, Err((AbortReason::Busy, _))) {
            return false;
        }
        // It may have been tried just before a file was closed.
        let is_late = std::mem::replace(&mut opening.closed, self.closed) != self.closed;
        let waits = if is_late {
            self.ask(&opening)
        } else {
            opening.is_parked = !self.closing.is_empty();
            opening.is_parked
        };
        if waits {
            self.openings.push(opening);
        }
        waits
    }

    /// A file is closed: whoever waits tries again. Says for whom no clerk has time.
    pub(super) fn on_closed(&mut self, key: JobKey) -> Vec<JobKey> {
        self.closing.retain(|closing| *closing != key);
        self.closed += 1;
        let (closed, mut given_up) = (self.closed, Vec::new());
        let mut openings = std::mem::take(&mut self.openings);
        openings.retain_mut(|opening| {
            if !std::mem::replace(&mut opening.is_parked, false) {
                return true;
            }
            opening.closed = closed;
            let taken = self.ask(opening);
            given_up.extend((!taken).then_some(opening.key));
            taken
        });
        self.openings = openings;
        given_up
    }

    /// Lets go of a transfer's file.
    pub(super) fn close(&mut self, session: &mut Session, id: TransferId) {
        let Some(job) = session.take_job(id) else { return };
        let key = JobKey { session: session.key, id, serial: job.serial };
        if job.close() {
            self.closing.push(key);
        }
    }

    fn ask(&self, opening: &Opening) -> bool {
        let (key, open, mailbox) = (opening.key, Arc::clone(&opening.open), self.mailbox.clone());
        let errand = move || {
            let mut outcome = open();
            // A program that is being started holds our locks for a moment.
            for _ in 0..BUSY_RETRIES {
                if !matches!(outcome, Err((AbortReason::Busy, _))) {
                    break;
                }
                std::thread::sleep(BUSY_PAUSE);
                outcome = open();
            }
            mailbox.send_blocking(Command::SinkOpened(key, Box::new(outcome)));
        };
        self.clerks.send(errand).is_ok()
    }
}

/// Attempts to open a file that is busy after the first, and the pause before each.
const BUSY_RETRIES: usize = 5;
const BUSY_PAUSE: std::time::Duration = std::time::Duration::from_millis(10);
