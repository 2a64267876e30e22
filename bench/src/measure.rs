//! One run of one peer, and the table of all.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::file;
use crate::peer::{Peer, Role};

/// What a run cost.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    wall: Duration,
    cpu: Duration,
    len: u64,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} s, {:.0} MB/s", self.wall.as_secs_f64(), self.rate())
    }
}

impl Run {
    fn rate(&self) -> f64 {
        self.len as f64 / self.wall.as_secs_f64() / 1e6
    }

    fn cpu_per_gib(&self) -> f64 {
        self.cpu.as_secs_f64() / self.len as f64 * f64::from(1 << 30)
    }
}

/// Serves, fetches, compares the bytes and adds up what both ends cost.
pub fn one(peer: Peer, dir: &Path, source: &Path) -> Result<Run, Box<dyn Error>> {
    let (target, meeting) = (dir.join("target.bin"), dir.join("meeting"));
    for path in [&target, &meeting] {
        let _ = std::fs::remove_file(path);
    }
    let before = children_cpu()?;
    let mut serve = peer.command(Role::Serve, source, &meeting)?;
    let mut server = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    while std::fs::read_to_string(&meeting).unwrap_or_default().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
        if let Some(status) = server.try_wait()? {
            return Err(format!("{peer}'s server ended: {status}").into());
        }
    }
    let start = Instant::now();
    let status = peer.command(Role::Fetch, &target, &meeting)?.stdout(Stdio::null()).status()?;
    let wall = start.elapsed();
    kill(Pid::from_raw(i32::try_from(server.id())?), Signal::SIGTERM)?;
    server.wait()?;
    let cpu = children_cpu()?.saturating_sub(before);
    if !status.success() || !file::same(source, &target)? {
        return Err(format!("{peer} did not deliver the file ({status})").into());
    }
    Ok(Run { wall, cpu, len: std::fs::metadata(source)?.len() })
}

fn children_cpu() -> Result<Duration, Box<dyn Error>> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = [usage.user_time(), usage.system_time()]
        .map(|time| time.tv_sec() * 1_000_000 + time.tv_usec());
    Ok(Duration::from_micros(u64::try_from(micros.iter().sum::<i64>())?))
}

/// All runs, shown as medians.
pub struct Table {
    mib: u64,
    runs: BTreeMap<Peer, Vec<Run>>,
}

impl Table {
    /// Begins an empty table.
    pub fn new(mib: u64) -> Self {
        Self { mib, runs: BTreeMap::new() }
    }

    /// Adds a run.
    pub fn add(&mut self, peer: Peer, run: Run) {
        self.runs.entry(peer).or_default().push(run);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} MiB over loopback, into a file; medians (min-max)\n", self.mib)?;
        writeln!(f, "| peer | runs | wall s | MB/s | CPU s/GiB, both ends |")?;
        writeln!(f, "|---|--:|--:|--:|--:|")?;
        for (peer, runs) in &self.runs {
            let rates = sorted(runs.iter().map(Run::rate));
            writeln!(
                f,
                "| {peer} | {} | {:.2} | {:.0} ({:.0}-{:.0}) | {:.2} |",
                runs.len(),
                median(&sorted(runs.iter().map(|run| run.wall.as_secs_f64()))),
                median(&rates),
                rates.first().copied().unwrap_or_default(),
                rates.last().copied().unwrap_or_default(),
                median(&sorted(runs.iter().map(Run::cpu_per_gib))),
            )?;
        }
        Ok(())
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
