//! A server that clients may come to.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::Fault;
use crate::link::Room;
use crate::peer::{Peer, Role};
use crate::process::Process;

/// How long a server may take until clients may come.
const OPENING: Duration = Duration::from_secs(10);
/// How often it is looked whether they may.
const LOOK: Duration = Duration::from_millis(5);

/// A running server, and where it is met.
pub struct Server {
    /// The program.
    pub process: Process,
    /// Where it says its address.
    pub meeting: PathBuf,
}

impl Server {
    /// Starts it and waits until it is ready. Its files are called after `name`, in `folder`.
    pub fn start(
        room: &Room,
        peer: Peer,
        source: &Path,
        folder: &Path,
        name: &str,
        host: &str,
    ) -> Result<Self, Fault> {
        let meeting = folder.join(name);
        let command = peer.command(Role::Serve, source, &meeting, host)?;
        let log = meeting.with_extension("server-log");
        let mut process = Process::start(room, &command, &log)?;
        let deadline = Instant::now() + OPENING;
        while fs::read_to_string(&meeting).unwrap_or_default().is_empty() {
            if process.has_ended() || Instant::now() > deadline {
                let why = fs::read_to_string(&log).unwrap_or_default();
                return Err(format!("{peer}'s server does not open: {}", why.trim()).into());
            }
            thread::sleep(LOOK);
        }
        Ok(Self { process, meeting })
    }

    /// The port that it listens at.
    pub fn port(&self) -> Result<u16, Fault> {
        let meeting = fs::read_to_string(&self.meeting)?;
        let address = meeting.split_whitespace().next().unwrap_or_default();
        Ok(address.parse::<SocketAddr>()?.port())
    }
}
