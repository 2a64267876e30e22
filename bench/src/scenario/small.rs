//! Many small files with one command, beside a `tar` stream.

use std::fs;
use std::time::Duration;

use super::Told;
use super::links::WAN;
use crate::Fault;
use crate::peer::Peer;
use crate::report::{Middle, Table, either};
use crate::stage::Stage;
use crate::transfer::{self, Task};

const FILES: usize = 10_000;
const LEN: u64 = 1000;
const LIMIT: Duration = Duration::from_secs(30);

/// On loopback and over WAN.
pub fn play(stage: &Stage<'_>) -> Result<Told, Fault> {
    let source = stage.sources(stage.count(FILES), LEN)?;
    let headings = ["<where", "<peer", "files", "s", "files/s", "CPU s, server + client"];
    let mut table = Table::new(&headings);
    // Removed at the end: ext4 makes files several times as slowly where many were removed a moment
    // before, and that is neither peer's fault.
    let mut rooms = Vec::new();
    for (place, link) in [("loopback", None), ("WAN", Some(WAN))] {
        for peer in [Peer::Haversack, Peer::Tar] {
            let mut runs = Vec::new();
            let mut files = Vec::new();
            // One run fills its time when it is slow: a second says nothing new.
            for seed in 1..=stage.runs.min(2) {
                let folder = stage.room()?;
                let target = folder.path().join("target");
                fs::create_dir(&target)?;
                let (source, limit) = (source.clone(), stage.time(LIMIT));
                let task = Task { link, source, target: target.clone(), limit };
                let run = transfer::run(peer, &task, folder.path(), seed as u64)?;
                let count = whole_files(&target)?;
                stage.say(&format!("{place} {peer}: {count} files in {:.2} s", run.took));
                files.push(count as f64);
                stage.keep(&format!("{peer} on {place}"), &run)?;
                runs.push(run);
                rooms.push(folder);
            }
            let took = Middle::of(runs.iter().map(|run| run.took));
            let rate = Middle::of(runs.iter().zip(&files).map(|(run, files)| files / run.took));
            let server = either(Middle::of(runs.iter().map(|run| run.server.cpu)), 2);
            let client = either(Middle::of(runs.iter().map(|run| run.client.cpu)), 2);
            table.row(&[
                place.into(),
                peer.to_string(),
                either(Middle::of(files), 0),
                took.map_or_else(|| "–".into(), |took| format!("{took:.2}")),
                either(rate, 0),
                format!("{server} + {client}"),
            ]);
        }
    }
    let limit = stage.time(LIMIT).as_secs();
    Ok(format!("{table}\nWho was not through after {limit} s was stopped.\n").into())
}

/// Files that have their names.
fn whole_files(folder: &std::path::Path) -> std::io::Result<usize> {
    let names = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    Ok(names.filter(|path| path.extension().is_some_and(|ending| ending == "bin")).count())
}
