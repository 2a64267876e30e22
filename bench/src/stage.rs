//! What every scenario has: a folder, how often to run, how long it may take, and a place for what
//! was measured.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::Fault;
use crate::content;

/// How long a scenario may take.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// What is the same for all scenarios of a run.
pub struct Hall {
    /// Where files are made and moved.
    pub folder: PathBuf,
    /// How often each measurement is repeated.
    pub runs: usize,
    /// Whether everything is smaller and shorter, to see that it works.
    pub is_quick: bool,
    /// What was measured, as lines of JSON.
    pub lines: Mutex<File>,
}

/// Where one scenario is played.
pub struct Stage<'a> {
    hall: &'a Hall,
    scenario: &'static str,
    /// How often each measurement is repeated.
    pub runs: usize,
    began: Instant,
}

impl<'a> Stage<'a> {
    /// Begins a scenario.
    pub fn new(hall: &'a Hall, scenario: &'static str) -> Self {
        Self { hall, scenario, runs: hall.runs, began: Instant::now() }
    }

    /// A fresh folder for one run.
    pub fn room(&self) -> io::Result<tempfile::TempDir> {
        let prefix = format!("{}-", self.scenario);
        tempfile::Builder::new().prefix(&prefix).tempdir_in(&self.hall.folder)
    }

    /// A file of random bytes to be served.
    pub fn source(&self, len: u64) -> io::Result<PathBuf> {
        content::file(&self.hall.folder, len)
    }

    /// A folder of random files to be served.
    pub fn sources(&self, files: usize, len: u64) -> io::Result<PathBuf> {
        content::folder(&self.hall.folder, files, len)
    }

    /// A size, smaller when it has to be quick.
    pub const fn size(&self, len: u64) -> u64 {
        if self.hall.is_quick { len / 8 } else { len }
    }

    /// A time, shorter when it has to be quick.
    pub fn time(&self, time: Duration) -> Duration {
        if self.hall.is_quick { time / 4 } else { time }
    }

    /// How many, fewer when it has to be quick.
    pub const fn count(&self, count: usize) -> usize {
        if self.hall.is_quick { count.div_ceil(10) } else { count }
    }

    /// Tells how it goes.
    pub fn say(&self, what: &str) {
        eprintln!("{:>6.0} s  {}  {what}", self.began.elapsed().as_secs_f64(), self.scenario);
    }

    /// Keeps what was measured of somebody or somewhere.
    ///
    /// # Errors
    /// Also when the scenario takes longer than it may.
    pub fn keep<T: Serialize>(&self, what: &str, measured: &T) -> Result<(), Fault> {
        #[derive(Serialize)]
        struct Line<'a, T> {
            scenario: &'a str,
            what: &'a str,
            measured: &'a T,
        }
        let mut line = serde_json::to_vec(&Line { scenario: self.scenario, what, measured })?;
        line.push(b'\n');
        let mut lines = self.hall.lines.lock().map_err(|_| "another scenario has failed")?;
        lines.write_all(&line)?;
        let is_late = self.began.elapsed() > LIMIT;
        if is_late {
            Err(format!("not through after {} s", LIMIT.as_secs()).into())
        } else {
            Ok(())
        }
    }
}
