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
//! let local_cid = engine.reserve_cid();
//! let (flow, events) = engine.open(SessionConfig {
//!     keys,
//!     local_cid,
//!     remote_cid,
//!     remote: Some("127.0.0.1:50000".parse().expect("an address")), // None: a server waits
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

use std::io;
use std::net::SocketAddr;

use async_std::channel::Receiver;
use proto_core::ids::ConnectionId;

pub use config::{EngineConfig, GetRequest, PutRequest, SessionConfig};
pub use event::{EngineEvent, Progress, State};
pub use files::{Files, NoFiles, SharedFolder, Upload, Uploads};
pub use handle::FlowHandle;
pub use proto_core::secure::{DatagramKeys, Role};

/// The engine: clones share one thread, which ends when the last clone and handle are gone.
#[derive(Clone, Debug)]
pub struct Engine {}

impl Engine {
    /// Binds the socket and starts the thread.
    pub fn start(_config: EngineConfig) -> io::Result<Self> {
        unimplemented!("follows")
    }

    /// Where the socket is bound.
    pub fn local_addr(&self) -> SocketAddr {
        unimplemented!("follows")
    }

    /// A connection id for a session that is about to be; datagrams for it are kept for a moment.
    pub fn reserve_cid(&self) -> ConnectionId {
        unimplemented!("follows")
    }

    /// Opens a session's flow. A client's begins to prove the path to `remote` at once.
    pub fn open(&self, _config: SessionConfig) -> (FlowHandle, Receiver<EngineEvent>) {
        unimplemented!("follows")
    }

    /// Ends the thread: every flow closes and what is received so far is kept for a resume.
    /// Blocks until that is on disk.
    pub fn stop(&self) {
        unimplemented!("follows")
    }
}
