//! Fifty clients of one server at once, and two people who chat meanwhile.

mod chat;

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Told;
use crate::Fault;
use crate::content::{self, NAME};
use crate::link::Room;
use crate::peer::{Haversack, Peer};
use crate::process::Process;
use crate::report::{Middle, Table};
use crate::server::Server;
use crate::stage::Stage;
use chat::Chat;

const CLIENTS: usize = 50;
/// Bytes that each fetches.
const SIZE: u64 = 32 << 20;
/// Files that one client alone fetches, one after the other, to compare with.
const ALONE: usize = 8;
const LIMIT: Duration = Duration::from_secs(120);
/// Messages on a server that has nothing else to do.
const QUIET: Duration = Duration::from_secs(3);

/// One run.
#[derive(Serialize)]
struct Crowd {
    /// MB/s of one client after the other.
    alone: f64,
    /// MB/s of all together.
    together: f64,
    /// Jain's index of their rates: 1 when all are alike.
    fairness: f64,
    /// Milliseconds for 99 of 100 messages, while nothing else happened and meanwhile.
    chat: [f64; 2],
}

/// One client alone, then all, with the chat.
pub fn play(stage: &Stage<'_>) -> Result<Told, Fault> {
    let mut runs = Vec::new();
    for _ in 0..stage.runs {
        let run = one(stage)?;
        stage.say(&format!("{:.0} MB/s alone, {:.0} together", run.alone, run.together));
        stage.keep("haversack", &run)?;
        runs.push(run);
    }
    let mut table = Table::new(&[
        "clients",
        "one alone, MB/s",
        "all together, MB/s",
        "Jain's index",
        "chat p99 before, ms",
        "chat p99 meanwhile, ms",
    ]);
    let show = |digits: usize, of: fn(&Crowd) -> f64| {
        let all = Middle::of(runs.iter().map(of));
        all.map_or_else(|| "–".into(), |all| format!("{all:.digits$}"))
    };
    table.row(&[
        stage.count(CLIENTS).to_string(),
        show(0, |run| run.alone),
        show(0, |run| run.together),
        show(3, |run| run.fairness),
        show(1, |run| run.chat[0]),
        show(1, |run| run.chat[1]),
    ]);
    let mib = stage.size(SIZE) >> 20;
    Ok(format!("{mib} MiB for each, over loopback, into files.\n\n{table}").into())
}

fn one(stage: &Stage<'_>) -> Result<Crowd, Fault> {
    let folder = stage.room()?;
    let clients = stage.count(CLIENTS);
    let source = stage.source(stage.size(SIZE))?;
    content::warm_up(folder.path(), stage.size(SIZE) * clients as u64)?;
    let room = Room::empty()?;
    let server =
        Server::start(&room, Peer::Haversack, &source, folder.path(), "meeting", "127.0.0.1")?;
    let place = Place { folder: folder.path(), room: &room, meeting: &server.meeting };

    let chat = Chat::begin(&place)?;
    thread::sleep(QUIET);
    let began = Instant::now();
    for number in 0..ALONE {
        place.fetch(&format!("alone{number}"))?.wait(LIMIT)?;
    }
    let alone = rate(stage.size(SIZE) * ALONE as u64, began.elapsed());

    let busy = Instant::now();
    let crowd: Result<Vec<_>, Fault> =
        (0..clients).map(|number| place.fetch(&format!("guest{number}"))).collect();
    let mut rates = Vec::new();
    for client in crowd? {
        let client = client.wait(LIMIT)?;
        if !client.is_fine() {
            return Err("a client of the crowd did not end well".into());
        }
        rates.push(rate(stage.size(SIZE), client.took));
    }
    let together = rate(stage.size(SIZE) * clients as u64, busy.elapsed());
    let chat = chat.end(began, busy)?;
    server.process.stop()?;
    Ok(Crowd { alone, together, fairness: jain(&rates), chat })
}

/// Where a run takes place.
struct Place<'a> {
    folder: &'a Path,
    room: &'a Room,
    meeting: &'a Path,
}

impl Place<'_> {
    fn start(&self, verb: &str, name: &str, say: &[&str]) -> Result<Process, Fault> {
        let programs = Haversack { state: self.folder.join("people") };
        let command = programs.client(verb, name, self.meeting, say)?;
        Ok(Process::start(self.room, &command, &self.folder.join("log"))?)
    }

    fn fetch(&self, name: &str) -> Result<Process, Fault> {
        let target = self.folder.join(name).to_string_lossy().into_owned();
        self.start("get", name, &[NAME, "--overwrite", "-o", &target])
    }
}

/// MB/s.
fn rate(bytes: u64, time: Duration) -> f64 {
    bytes as f64 / time.as_secs_f64() / 1e6
}

fn jain(rates: &[f64]) -> f64 {
    let sum: f64 = rates.iter().sum();
    let squares: f64 = rates.iter().map(|rate| rate * rate).sum();
    sum * sum / (rates.len() as f64 * squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jains_index_is_one_for_equals_and_a_share_for_one_who_has_all() {
        assert!((jain(&[3.0; 50]) - 1.0).abs() < 1e-9);
        assert!((jain(&[1.0, 0.0, 0.0, 0.0]) - 0.25).abs() < 1e-9);
    }
}
