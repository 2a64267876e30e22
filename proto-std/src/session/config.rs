//! What a session needs to know before it starts.

use std::path::PathBuf;
use std::time::Duration;

use proto_core::text::Name;

use crate::address::ServerAddr;
use crate::secret::Secret;

/// How to run a session.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// Where to, and whose key to expect there.
    pub server: ServerAddr,
    /// Who the user is. The key that proves it is kept in `state_dir`, one per name.
    pub name: Name,
    /// Join the room, or only use the server.
    pub purpose: Purpose,
    /// Keys, known servers, the last message shown, sidecars of unfinished transfers.
    pub state_dir: PathBuf,
    /// The server's secret, if it has one.
    pub secret: Option<Secret>,
    /// What to do about a server never seen before.
    pub trust: Trust,
    /// How long one attempt to connect and log in may take. Default 20 s.
    pub timeout: Duration,
    /// Attempts in a row that may fail before the session gives up; `None` never gives up.
    /// Default 10 for scripts.
    pub retries: Option<u32>,
    /// Most bytes a second of this session's uploads and downloads; `None` is no limit.
    pub limit_rate: Option<u64>,
}

impl SessionConfig {
    /// The defaults for everything but who and where.
    pub fn new(server: ServerAddr, name: Name, purpose: Purpose, state_dir: PathBuf) -> Self {
        Self {
            server,
            name,
            purpose,
            state_dir,
            secret: None,
            trust: Trust::Accept,
            timeout: Duration::from_secs(20),
            retries: Some(10),
            limit_rate: None,
        }
    }
}

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A place in the room: presence, notices and messages.
    Join,
    /// Lists, files, sending. Nobody is told, and a window of the same name stays logged in.
    Use,
}

/// What to do about a server whose key is not known. A key that *changed* is always refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Pin the key and go on, like SSH's `accept-new`.
    Accept,
    /// Send `FirstContact` and wait for `Command::Trust`.
    Ask,
    /// Refuse.
    Refuse,
}
