//! One transfer of one peer, at one place.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::link::{self, Link, Room, Shape};
use crate::peer::{Peer, Role};
use crate::process::{Ended, Process};
use crate::said::Said;
use crate::server::Server;
use crate::{Fault, content};

/// What is to be moved, and where.
#[derive(Clone)]
pub struct Task {
    /// The link; `None` is loopback.
    pub link: Option<Shape>,
    /// What is served.
    pub source: PathBuf,
    /// Where it goes.
    pub target: PathBuf,
    /// How long it may take.
    pub limit: Duration,
}

/// What a transfer was like.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// Whose it was.
    pub peer: Peer,
    /// Whether everything arrived in time, and is the same.
    pub is_whole: bool,
    /// Bytes that arrived.
    pub bytes: u64,
    /// From the client's start to its end, s.
    pub took: f64,
    /// From the client's start to the first byte of content, s.
    pub first: Option<f64>,
    /// From the client's start to the last byte, for who says so, s.
    pub last: Option<f64>,
    /// From the last byte to the end: verifying and syncing, for who does so; s.
    pub settled: Option<f64>,
    /// How much of that the disk took to have the file for good, which no peer but one asks of it, s.
    pub synced: Option<f64>,
    /// What the server cost.
    pub server: Cost,
    /// What the client cost.
    pub client: Cost,
    /// What the link saw.
    pub link: Option<link::Report>,
    /// What a program said last when it failed.
    pub complaint: Option<String>,
}

/// What one end cost.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Cost {
    /// User and system time, s.
    pub cpu: f64,
    /// Resident bytes at most.
    pub memory: u64,
}

impl From<&Ended> for Cost {
    fn from(ended: &Ended) -> Self {
        Self { cpu: ended.cpu.as_secs_f64(), memory: ended.memory }
    }
}

impl Run {
    /// Bits a second, until the file is whole and verified: what the disk takes to have it for
    /// good is told apart.
    pub fn goodput(&self) -> f64 {
        self.bytes as f64 * 8.0 / (self.took - self.synced.unwrap_or(0.0))
    }

    /// Bytes of IP packets a second that came over the link in the middle half of the transfer.
    pub fn in_use_amid(&self) -> Option<f64> {
        self.link.as_ref()?.flows.amid()
    }

    /// Seconds of a processor for each GiB.
    pub fn per_gib(&self, cpu: f64) -> Option<f64> {
        self.per_byte(cpu * f64::from(1 << 30))
    }

    fn per_byte(&self, what: f64) -> Option<f64> {
        (self.bytes > 0).then(|| what / self.bytes as f64)
    }

    /// Bytes that the server sent for each that arrived.
    pub fn sent_per_byte(&self) -> Option<f64> {
        let link = self.link.as_ref()?;
        self.per_byte(link.a_to_b.offered_bytes as f64)
    }
}

/// Serves, fetches, and compares what arrived.
pub fn run(peer: Peer, task: &Task, folder: &Path, seed: u64) -> Result<Run, Fault> {
    let link = task.link.map(|shape| Link::new(&shape, seed)).transpose()?;
    let here = Room::empty()?;
    let (a, b) = link.as_ref().map_or((&here, &here), |link| (&link.a, &link.b));
    let host = if link.is_some() { link::A } else { "127.0.0.1" };

    let server = Server::start(a, peer, &task.source, folder, "meeting", host)?;
    let log = server.meeting.with_extension("client-log");
    let mut before = Duration::ZERO;
    if peer == Peer::HaversackAgain {
        let command = peer.command(Role::Fetch, Path::new("/dev/null"), &server.meeting, host)?;
        if !Process::start(b, &command, &log)?.wait(task.limit)?.is_fine() {
            return Err(format!("the first download failed: {}", last_words(&log)).into());
        }
        before = server.process.cpu()?;
    }
    let command = peer.command(Role::Fetch, &task.target, &server.meeting, host)?;
    let client = Process::start(b, &command, &log)?.wait(task.limit)?;
    let mut server = server.process.stop()?;
    server.cpu = server.cpu.saturating_sub(before);
    let link = link.map(Link::close);

    let is_void = task.target == Path::new("/dev/null");
    let is_whole = client.is_fine() && (is_void || is_same(&task.source, &task.target)?);
    let said = Said::of(&client);
    let bytes = match said.received {
        _ if is_whole => size_of(&task.source)?,
        Some(received) if task.source.is_file() => received,
        _ => size_of(&task.target).unwrap_or(0),
    };
    Ok(Run {
        peer,
        is_whole,
        bytes,
        took: client.took.as_secs_f64(),
        first: said.first.map(|at| at.as_secs_f64()),
        last: said.last.map(|at| at.as_secs_f64()),
        settled: said.settled.map(|time| time.as_secs_f64()),
        synced: said.synced.map(|time| time.as_secs_f64()),
        server: Cost::from(&server),
        client: Cost::from(&client),
        link,
        complaint: (client.status.is_some() && !is_whole).then(|| last_words(&log)),
    })
}

fn is_same(source: &Path, target: &Path) -> std::io::Result<bool> {
    if source.is_dir() {
        content::same_folder(source, target)
    } else {
        content::same(source, target)
    }
}

/// The bytes of a file, or of a folder's files.
fn size_of(path: &Path) -> std::io::Result<u64> {
    if path.is_file() {
        return Ok(fs::metadata(path)?.len());
    }
    fs::read_dir(path)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}

fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    text.lines().last().unwrap_or("it said nothing").to_owned()
}
