//! A client without a face: commands in, events out.
//!
//! ```text
//!   face (command line, window)          session                        server
//!      Command  ---- bounded ---->  [ Client | Link | Engine ]  <-- TCP, UDP -->
//!      Event    <--- bounded -----
//! ```
//!
//! The session connects, checks the server's key, logs in, reconnects with backoff, resumes what
//! was unfinished, and never shows a message twice. Read in this order: `config`, `command`,
//! `event`, `error`.

#[expect(dead_code, reason = "the session that counts is yet to come")]
mod backoff;
mod command;
mod config;
mod error;
mod event;

pub use command::{Clash, Command, Get, Percent, Put};
pub use config::{Purpose, SessionConfig, Trust};
pub use error::{Error, ErrorKind};
pub use event::{Direction, Event, FileEntry, Online, TransferReport, TransferState};

use crate::address::{Fingerprint, ServerAddr};
use crate::channel::{Receiver, Sender, bounded};

/// Starts a session on the executor's threads, and returns at once. The session ends with
/// `Event::Closed`; dropping the sender is the same as `Command::Leave`, dropping the receiver
/// ends the session at once.
pub fn start(config: SessionConfig) -> (Sender<Command>, Receiver<Event>) {
    let (commands, _inbox) = bounded(64);
    let (_outbox, events) = bounded(256);
    drop(config);
    (commands, events)
}

/// Asks a server for its key, without trusting it or logging in.
///
/// # Errors
/// When nothing answers there, or something else than Haversack does.
#[expect(clippy::unused_async, reason = "placeholder until the link lands")]
pub async fn probe(
    server: &ServerAddr,
    timeout: std::time::Duration,
) -> Result<Fingerprint, Error> {
    let _ = timeout;
    Err(Error::new(ErrorKind::Other, format!("cannot probe {server}"), "not built yet", ""))
}
