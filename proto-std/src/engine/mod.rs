//! The thread that moves files: one UDP socket, every session's flow, reads and writes.
//!
//! ```text
//!    session (TCP, async)                  the engine's thread
//!   +--------------------+  FlowHandle    +------------------------------------+
//!   | control messages   |--------------->| commands                           |
//!   | get, put, hold ..  |                |    v                               |   files
//!   |                    |<---------------| Flow, Flow, Flow <-> read / write  |<--------->
//!   +--------------------+  EngineEvent   |    ^                               |
//!                                         | one UDP socket, GSO and GRO        |<---------> network
//!                                         +------------------------------------+
//! ```
//!
//! The engine decides nothing about the protocol: it does what each `Flow` says. Files are opened,
//! hashed and synced on other threads, so that a cold disk delays nobody's datagrams.
//!
//! Read in this order: `config`, `event`, `files` and `handle` are what others see; `command` and
//! `reserved` are how they reach the thread; `run` is its loop, `receiving` and `sending` are
//! where bytes go; `session`, `job`, `wishes` and `answering` are what is done for one session;
//! `clerks`, `knocking`, `limit`, `looking`, `quota` and `resting` are small helpers.
//!
//! # Use
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use std::time::Duration;
//! # use proto_core::ids::{ConnectionId, PublicKey, TransferId};
//! # use proto_core::text::FileName;
//! # use proto_core::secure::DatagramKeys;
//! # use proto_std::engine::*;
//! # use proto_std::storage::{Exists, Folder, Sidecars};
//! # async fn example(keys: DatagramKeys, remote_cid: ConnectionId, server: PublicKey)
//! # -> std::io::Result<()> {
//! // Once a process.
//! let engine = Engine::start(EngineConfig::at("[::]:0".parse().expect("an address")))?;
//!
//! // Once a session. The id goes into the handshake before the keys are known.
//! let local_cid = engine.reserve_cid().map_err(std::io::Error::other)?;
//! let (flow, events) = engine.open(SessionConfig {
//!     keys,
//!     local_cid,
//!     remote_cid,
//!     remote: Some("127.0.0.1:50000".parse().expect("an address")), // None: a server waits
//!     host: None, // a server: where TCP says that the client is
//!     peer: server,
//!     files: Arc::new(NoFiles), // a server passes its `SharedFolder`
//!     sidecars: Some(Sidecars::open("state/transfers".as_ref())?),
//!     confirm_at: None,
//!     limit_rate: None,
//! });
//!
//! // Each download: the caller picks the id.
//! let folder = Arc::new(Folder::open("downloads".as_ref())?);
//! let name = FileName::parse("photo.jpg").expect("a name");
//! flow.get(GetRequest {
//!     id: TransferId(1),
//!     save_as: name.clone(),
//!     name,
//!     folder,
//!     exists: Exists::NumberIt,
//!     hold: false,
//!     confirmed: false,
//!     stop_at: None,
//! })
//! .await;
//!
//! // Every `ToClient::Transfer(t)` from TCP goes to `flow.message(t).await`; and:
//! while let Ok(event) = events.recv().await {
//!     match event {
//!         EngineEvent::Message(message) => { /* send ToServer::Transfer(*message) on TCP */ }
//!         EngineEvent::Progress { id, progress } => { /* draw it */ }
//!         EngineEvent::Finished { id, name, .. } => break,
//!         EngineEvent::Ended { id, why, .. } => break,
//!         _ => {}
//!     }
//! }
//!
//! // TCP fell: transfers go on for a minute. Before the same files are asked for again on a new
//! // session, close the old flow at once: `Duration::ZERO`.
//! flow.close(Duration::from_secs(60));
//! # Ok(())
//! # }
//! ```

mod config;
mod event;
mod files;
mod handle;

mod answering;
mod clerks;
mod command;
mod flow;
mod job;
mod knocking;
mod limit;
mod looking;
mod quota;
mod receiving;
mod reserved;
mod resting;
mod run;
mod sending;
mod session;
mod staff;
#[cfg(test)]
mod tests;
mod wishes;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use async_std::channel::{Receiver, unbounded};
use polling::Poller;
use proto_core::ids::ConnectionId;

pub use config::{EngineConfig, GetRequest, PutRequest, SessionConfig};
pub use event::EngineEvent;
pub use files::{Files, NoFiles, SharedFolder, Upload, Uploads};
pub use handle::FlowHandle;
pub use knocking::Doorkeeper;
pub use proto_core::flow::{Progress, State};
pub use proto_core::secure::{DatagramKeys, Role};
pub use reserved::NoFreeId;

use self::command::{Command, Mailbox, Opening, SessionKey};
pub use self::run::MOST_LINGERING;
use self::run::Runner;
use crate::udp::Socket;
use crate::{clock, courtesy};

/// The engine: clones share one thread, which ends when the last clone and handle are gone.
#[derive(Clone, Debug)]
pub struct Engine {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    mailbox: Mailbox,
    local: SocketAddr,
    sessions: AtomicU64,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Engine {
    /// Binds the socket and starts the thread.
    ///
    /// # Errors
    /// When the address cannot be bound, or the system gives no thread.
    #[expect(clippy::needless_pass_by_value, reason = "a configuration is used once")]
    pub fn start(config: EngineConfig) -> io::Result<Self> {
        let socket = Socket::bind(config.bind)?;
        let local = socket.local_addr()?;
        let (mailbox, commands) = Mailbox::new(Poller::new()?);
        let runner = Runner::new(&config, socket, mailbox.clone(), commands)?;
        let thread = thread::Builder::new().name("engine".into());
        let thread = courtesy::spawn(thread, move || {
            if let Err(error) = runner.run() {
                log::error!("the engine stopped: {error}");
            }
        })?;
        let (sessions, thread) = (AtomicU64::new(0), Mutex::new(Some(thread)));
        Ok(Self { inner: Arc::new(Inner { mailbox, local, sessions, thread }) })
    }

    /// Where the socket is bound.
    pub fn local_addr(&self) -> SocketAddr {
        self.inner.local
    }

    /// A connection id for a session that is about to be; datagrams for it are kept for a moment.
    ///
    /// # Errors
    /// When all of them are in use.
    pub fn reserve_cid(&self) -> Result<ConnectionId, NoFreeId> {
        self.inner.mailbox.shared.reserved.reserve(clock::now())
    }

    /// Opens a session's flow. The first transfer begins to prove the path. Waits only while the
    /// engine's queue is full.
    pub fn open(&self, config: SessionConfig) -> (FlowHandle, Receiver<EngineEvent>) {
        let inner = &self.inner;
        let key = SessionKey(inner.sessions.fetch_add(1, Ordering::Relaxed));
        // How much waits in it is bounded by the session.
        let (events, heard) = unbounded();
        let opening = Opening { key, config, events };
        inner.mailbox.send_blocking(Command::Open(Box::new(opening)));
        (FlowHandle::new(key, inner.mailbox.clone(), self.clone()), heard)
    }

    /// Ends the thread: every flow closes and what is received so far is kept for a resume.
    /// Blocks until that is on disk.
    pub fn stop(&self) {
        self.inner.mailbox.shared.stop();
        let thread = self.inner.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            log::error!("the engine panicked");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.mailbox.shared.stop();
    }
}
