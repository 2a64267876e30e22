//! What `--limit-rate` asks for, and what comes.

use std::time::Duration;

use serde::Serialize;

use super::Told;
use crate::Fault;
use crate::content::NAME;
use crate::link::Room;
use crate::peer::{Haversack, Peer};
use crate::process::Process;
use crate::report::{Middle, Table};
use crate::said::Said;
use crate::server::Server;
use crate::stage::Stage;

/// Bytes a second, as they are asked for and as they are meant.
const RATES: [(&str, u64); 3] = [("1M", 1 << 20), ("8M", 8 << 20), ("64M", 64 << 20)];
/// How long each takes, when it is kept to.
const SECONDS: u64 = 4;
/// How far off a rate may be.
const TOLERANCE: f64 = 5.0;
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Serialize)]
struct Limited {
    asked: u64,
    /// Bytes a second between the first and the last.
    found: f64,
}

/// Downloads on loopback with several limits.
pub fn play(stage: &Stage<'_>) -> Result<Told, Fault> {
    let headings = ["<--limit-rate", "MB/s asked", "MB/s found", "off by, %", "<within 5 %"];
    let mut table = Table::new(&headings);
    for (text, asked) in RATES {
        let mut found = Vec::new();
        for _ in 0..stage.runs {
            let rate = one(stage, text, asked)?;
            stage.keep(text, &Limited { asked, found: rate })?;
            found.push(rate);
        }
        let Some(middle) = Middle::of(found.iter().map(|rate| rate / 1e6)) else { continue };
        let off = (middle.median * 1e6 / asked as f64 - 1.0) * 100.0;
        let verdict = if off.abs() <= TOLERANCE { "yes" } else { "no" };
        let asked = format!("{:.2}", asked as f64 / 1e6);
        let (middle, off) = (format!("{middle:.2}"), format!("{off:+.1}"));
        table.row(&[text.into(), asked, middle, off, verdict.into()]);
    }
    Ok(table.to_string().into())
}

fn one(stage: &Stage<'_>, text: &str, asked: u64) -> Result<f64, Fault> {
    let folder = stage.room()?;
    let size = asked * stage.size(SECONDS).max(1);
    let source = stage.source(size)?;
    let room = Room::empty()?;
    let server =
        Server::start(&room, Peer::Haversack, &source, folder.path(), "meeting", "127.0.0.1")?;
    let programs = Haversack { state: folder.path().join("state") };
    let options = [NAME, "--limit-rate", text];
    let mut command = programs.client("get", "limited", &server.meeting, &options)?;
    command.arg("-o").arg(folder.path().join("target.bin"));
    let client = Process::start(&room, &command, &folder.path().join("log"))?.wait(PATIENCE)?;
    server.process.stop()?;
    let said = Said::of(&client);
    let (Some(first), Some(last), true) = (said.first, said.last, client.is_fine()) else {
        return Err("a limited download did not end well".into());
    };
    Ok(size as f64 / (last - first).as_secs_f64())
}
