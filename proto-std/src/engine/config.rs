//! What an engine, a session and a transfer are started with.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use proto_core::ids::{ConnectionId, PublicKey, TransferId};
use proto_core::percent::Percent;
use proto_core::secure::DatagramKeys;
use proto_core::text::FileName;

use super::{Doorkeeper, Files};
use crate::storage::{Exists, Folder, Sidecars, SourceFile};

/// How an engine is started.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Where the socket is bound. `[::]:0` serves IPv4 too, where the system allows it.
    pub bind: SocketAddr,
    /// Most bytes that all flows together send in a second; `None` is no limit.
    pub limit_rate: Option<u64>,
    /// Who answers knocks; `None` answers nobody.
    pub door: Option<Arc<dyn Doorkeeper>>,
}

impl EngineConfig {
    /// An engine without limits, for a client.
    pub fn at(bind: SocketAddr) -> Self {
        Self { bind, limit_rate: None, door: None }
    }
}

/// What a session's flow needs to know.
#[derive(Clone)]
pub struct SessionConfig {
    /// From the handshake; they know which end this is.
    pub keys: DatagramKeys,
    /// Our id, from [`reserve_cid`](super::Engine::reserve_cid).
    pub local_cid: ConnectionId,
    /// The peer's id, from the handshake.
    pub remote_cid: ConnectionId,
    /// Where the peer is; a server's `None` waits for the client's first datagram.
    pub remote: Option<SocketAddr>,
    /// The host that TCP has proven the client to be at: a server sends there freely at once.
    pub host: Option<IpAddr>,
    /// Who the peer is: what is left of a transfer is resumed only with the same peer.
    pub peer: PublicKey,
    /// Answers what the peer asks for; [`NoFiles`](super::NoFiles) refuses everything.
    pub files: Arc<dyn Files>,
    /// Where unfinished downloads are remembered; `None` forgets them with the session.
    pub sidecars: Option<Sidecars>,
    /// A server's stop point: percent of each file after which the client must confirm.
    pub confirm_at: Option<u8>,
    /// Most bytes a second that this flow sends, and that a client asks its server for; `None` is no
    /// limit.
    pub limit_rate: Option<u64>,
}

/// A download.
#[derive(Clone, Debug)]
pub struct GetRequest {
    /// Which transfer it will be; the caller picks one that is free in this session.
    pub id: TransferId,
    /// What the server calls the file.
    pub name: FileName,
    /// What it shall be called here.
    pub save_as: FileName,
    /// Where it shall be.
    pub folder: Arc<Folder>,
    /// What to do when the name is taken.
    pub exists: Exists,
    /// Whether it is held from the start. What a sidecar says of an earlier hold is for the caller
    /// to consider.
    pub hold: bool,
    /// Whether the user already agreed to go on past the server's stop point.
    pub confirmed: bool,
    /// Where it is held by itself.
    pub stop_at: Option<Percent>,
}

/// An upload.
#[derive(Debug)]
pub struct PutRequest {
    /// Which transfer it will be; the caller picks one that is free in this session.
    pub id: TransferId,
    /// What the server shall call the file.
    pub name: FileName,
    /// The file.
    pub source: SourceFile,
    /// Whether it is held from the start.
    pub hold: bool,
}
