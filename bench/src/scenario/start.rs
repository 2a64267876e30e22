//! What is over before it has begun: a small file, from the command to its end.

mod session;

use std::collections::BTreeMap;
use std::time::Duration;

use super::Told;
use super::links::{EVERYBODY, WAN};
use crate::Fault;
use crate::peer::Peer;
use crate::report::{Middle, Table};
use crate::stage::Stage;
use crate::transfer::{self, Run, Task};

const SIZE: u64 = 100_000;
const LIMIT: Duration = Duration::from_secs(10);
/// It is soon done, and chance has much to say.
const RUNS_FOR_ONE: usize = 3;

/// 100 KB over WAN.
pub fn play(stage: &Stage<'_>) -> Result<Told, Fault> {
    let source = stage.source(SIZE)?;
    let mut runs: BTreeMap<Peer, Vec<Run>> = BTreeMap::new();
    for seed in 1..=stage.runs * RUNS_FOR_ONE {
        for &peer in EVERYBODY.iter().filter(|peer| peer.is_possible()) {
            let folder = stage.room()?;
            let (source, target) = (source.clone(), folder.path().join("target.bin"));
            let task = Task { link: Some(WAN), source, target, limit: LIMIT };
            let run = transfer::run(peer, &task, folder.path(), seed as u64)?;
            stage.say(&format!("{peer} {seed}: {:.3} s", run.took));
            stage.keep(&peer.to_string(), &run)?;
            runs.entry(peer).or_default().push(run);
        }
    }
    let mut rows: Vec<_> = runs
        .iter()
        .map(|(peer, runs)| {
            let first = Middle::of(runs.iter().filter_map(|run| run.first).map(|s| s * 1e3));
            (peer, first, Middle::of(runs.iter().map(|run| run.took * 1e3)))
        })
        .collect();
    rows.sort_by(|(.., one), (.., other)| {
        let [one, other] = [one, other].map(|took| took.map_or(f64::MAX, |took| took.median));
        one.total_cmp(&other)
    });
    let mut table = Table::new(&["<peer", "first byte, ms", "everything, ms", "round trips"]);
    for (peer, first, took) in rows {
        let show =
            |time: Option<Middle>| time.map_or_else(|| "–".into(), |time| format!("{time:.0}"));
        let trips = took.map_or(0.0, |took| took.median / 1e3 / WAN.round_trip().as_secs_f64());
        table.row(&[peer.to_string(), show(first), show(took), format!("{trips:.1}")]);
    }
    let session = in_a_session(stage)?;
    Ok(format!("{WAN}.\n\n{table}\nHaversack in a session that stands:\n\n{session}").into())
}

/// From the line that asks for a file.
fn in_a_session(stage: &Stage<'_>) -> Result<Table, Fault> {
    let mut found = Vec::new();
    for seed in 1..=stage.runs * RUNS_FOR_ONE {
        let one = session::fetch(stage, &WAN, seed as u64)?;
        stage.say(&format!("in a session {seed}: {:.0} ms", one.whole));
        stage.keep("haversack in a session", &one)?;
        found.push(one);
    }
    let mut table = Table::new(&["<until", "ms", "round trips"]);
    let mut row = |what: &str, of: &dyn Fn(&session::Found) -> Option<f64>| {
        let Some(time) = Middle::of(found.iter().filter_map(of)) else { return };
        let trips = time.median / 1e3 / WAN.round_trip().as_secs_f64();
        table.row(&[what.to_owned(), format!("{time:.0}"), format!("{trips:.1}")]);
    };
    row("the first byte", &|one| Some(one.first));
    row("the first byte of the next file", &|one| Some(one.next));
    row("100 KB are verified", &|one| Some(one.whole));
    row("a long file comes at nine tenths of the rate", &|one| one.full_rate);
    Ok(table)
}
