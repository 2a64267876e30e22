//! A few threads that open files, so that a slow disk stops nobody else.

use std::io;
use std::thread;

use async_std::channel::{Sender, bounded};

use crate::courtesy;

type Errand = Box<dyn FnOnce() + Send>;

/// Threads for errands that may block. They end when it is dropped.
#[derive(Debug)]
pub(super) struct Clerks {
    errands: Sender<Errand>,
}

/// All clerks are busy, and many errands wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overworked;

impl Clerks {
    /// Starts the threads.
    pub(super) fn start() -> io::Result<Self> {
        let (errands, inbox) = bounded::<Errand>(MOST_WAITING);
        for _ in 0..CLERKS {
            let inbox = inbox.clone();
            let thread = thread::Builder::new().name("clerk".into());
            courtesy::spawn(thread, move || {
                while let Ok(errand) = inbox.recv_blocking() {
                    errand();
                }
            })?;
        }
        Ok(Self { errands })
    }

    /// Runs an errand when a clerk is free.
    pub(super) fn send(&self, errand: impl FnOnce() + Send + 'static) -> Result<(), Overworked> {
        self.errands.try_send(Box::new(errand)).map_err(|_| Overworked)
    }
}

/// Threads.
const CLERKS: usize = 4;
/// Errands that wait at most.
const MOST_WAITING: usize = 1024;
