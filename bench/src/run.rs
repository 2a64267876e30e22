//! `bench run`: plays scenarios, and writes what came of them.

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use argh::FromArgs;

use crate::link::{Link, Shape};
use crate::report::{Document, describe_machine};
use crate::scenario::{ALL, Needs, Scenario, Told};
use crate::stage::Hall;
use crate::{Fault, peer};

/// Quiet scenarios that are played at once.
const AT_ONCE: usize = 4;
const RUNS: usize = 3;

/// play scenarios, all when none is named
#[derive(FromArgs)]
#[argh(subcommand, name = "run")]
pub struct Run {
    /// names, such as WAN; see docs/BENCHMARKS.md
    #[argh(positional)]
    scenarios: Vec<String>,

    /// runs of each measurement, interleaved (3; with --quick 1)
    #[argh(option)]
    runs: Option<usize>,

    /// small files and short times: to see that it works, not for figures
    #[argh(switch)]
    quick: bool,

    /// directory for files that are moved (the system's temporary one)
    #[argh(option)]
    stage: Option<PathBuf>,

    /// file for what was measured, as lines of JSON (bench.jsonl)
    #[argh(option, default = "PathBuf::from(\"bench.jsonl\")")]
    lines: PathBuf,

    /// write tables and pictures into the documents of this directory
    #[argh(option)]
    docs: Option<PathBuf>,
}

impl Run {
    pub fn run(&self) -> Result<(), Fault> {
        let mut scenarios = Vec::new();
        for name in &self.scenarios {
            scenarios.push(Scenario::find(name)?);
        }
        if scenarios.is_empty() {
            scenarios.extend(ALL);
        }
        if scenarios.iter().any(|scenario| scenario.needs != Needs::Loopback) {
            // Better told before anything is built.
            Link::new(&Shape::new(1, Duration::ZERO), 0)?.close();
        }
        let machine = describe_machine();
        peer::build()?;
        let parent = self.stage.clone().unwrap_or_else(std::env::temp_dir);
        let folder = tempfile::Builder::new().prefix("haversack-bench-").tempdir_in(parent)?;
        let hall = Hall {
            folder: folder.path().to_path_buf(),
            runs: self.runs.unwrap_or(if self.quick { 1 } else { RUNS }),
            is_quick: self.quick,
            lines: Mutex::new(File::create(&self.lines)?),
        };

        let is_quiet = |scenario: &&Scenario| scenario.needs == Needs::SlowLink;
        let (quiet, loud): (Vec<&Scenario>, Vec<&Scenario>) =
            scenarios.into_iter().partition(is_quiet);
        let docs = self.docs.clone().map(Docs::at);
        let mut failed = Vec::new();
        for scenario in loud {
            failed.extend(play(scenario, &hall, docs.as_ref()).err());
        }
        failed.extend(play_at_once(&quiet, &hall, docs.as_ref()));
        if let (Some(docs), true) = (docs, failed.is_empty()) {
            docs.tables.write("MACHINE", &machine)?;
        }
        if failed.is_empty() { Ok(()) } else { Err(join(&failed).into()) }
    }
}

/// Where tables and pictures go.
struct Docs {
    tables: Document,
    pictures: PathBuf,
}

impl Docs {
    fn at(folder: PathBuf) -> Self {
        Self {
            tables: Document::at(folder.join("BENCHMARKS.md")),
            pictures: folder.join("pictures"),
        }
    }
}

/// Plays what leaves room for others.
fn play_at_once(scenarios: &[&Scenario], hall: &Hall, docs: Option<&Docs>) -> Vec<Fault> {
    let waiting = Mutex::new(scenarios.iter());
    let next = || waiting.lock().expect("nobody panics with it").next();
    let play_some = || {
        let mut failed = Vec::new();
        while let Some(scenario) = next() {
            failed.extend(play(scenario, hall, docs).err());
        }
        failed
    };
    thread::scope(|scope| {
        let players: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(play_some)).collect();
        players.into_iter().flat_map(|player| player.join().expect("it does not panic")).collect()
    })
}

fn play(scenario: &Scenario, hall: &Hall, docs: Option<&Docs>) -> Result<(), Fault> {
    let Told { text, pictures } = scenario.play(hall)?;
    println!("## {}: {}\n\n{text}", scenario.name, scenario.about);
    let Some(docs) = docs else { return Ok(()) };
    docs.tables.write(scenario.name, &text)?;
    for picture in pictures {
        let path = docs.pictures.join(picture.name).with_extension("svg");
        fs::write(path, picture.svg)?;
    }
    Ok(())
}

fn join(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
