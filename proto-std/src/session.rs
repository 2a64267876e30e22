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
//! `event`, `advice`, `error`.

mod advice;
mod backoff;
mod command;
mod config;
mod connect;
mod cursor;
mod desk;
mod error;
mod event;
mod explain;
mod job;
mod knocker;
mod online;
mod task;
mod transfers;

pub use advice::Advice;
pub use command::{Clash, Command, Get, Percent, Put};
pub use config::{Purpose, SessionConfig, Trust};
pub use error::{Error, ErrorKind};
pub use event::{Direction, Event, FileEntry, Online, TransferReport, TransferState};

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use proto_core::secure::{Aead as _, Suites};

use crate::address::{Fingerprint, ServerAddr};
use crate::aead::HostAead;
use crate::channel::{Receiver, Sender, bounded};
use crate::engine::{Engine, EngineConfig};

/// Starts a session on the executor's threads, and returns at once. The session ends with
/// `Event::Closed`; dropping the sender is the same as `Command::Leave`, dropping the receiver
/// ends the session.
///
/// Read the events without pause: a session that cannot tell its face what happens waits, and is
/// taken for dead by the server after a minute.
pub fn start(config: SessionConfig) -> (Sender<Command>, Receiver<Event>) {
    let (commands, inbox) = bounded(64);
    let (outbox, events) = bounded(1024);
    crate::task::spawn(task::run(config, inbox, outbox));
    (commands, events)
}

/// Asks a server for its key, without trusting it or logging in.
///
/// # Errors
/// When nothing answers there, or something else than Haversack does.
pub async fn probe(server: &ServerAddr, timeout: Duration) -> Result<Fingerprint, Error> {
    connect::probe(server, timeout).await
}

/// The ciphers for datagrams.
fn suites() -> Suites {
    HostAead::suites()
}

/// Starts what moves files; `None` when there is no UDP to be had.
fn start_engine() -> Option<Engine> {
    let everywhere =
        [SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)), (Ipv4Addr::UNSPECIFIED, 0).into()];
    everywhere.into_iter().find_map(|bind| {
        Engine::start(EngineConfig::at(bind))
            .inspect_err(|error| log::debug!("no UDP on {bind}: {error}"))
            .ok()
    })
}
