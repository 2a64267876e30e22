//! How large the programs are, how much memory a client takes, and how soon it speaks.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::machine::Machine;
use crate::actor::Actor;
use crate::shell::{Failure, Outcome};

/// A client for a constrained machine, stripped: bytes.
const MOST_BYTES: u64 = 2_000_000;
/// The same, idle in the chat: KB.
const MOST_RESIDENT: u64 = 5_000;
/// Starts that the fastest is taken of: the machine may have been busy otherwise.
const STARTS: usize = 5;

/// What a machine's programs take.
pub(super) struct Measured {
    client: u64,
    server: u64,
    start: Duration,
    /// KB of an idle client; `None` where an emulator's would be counted.
    pub(super) resident: Option<u64>,
}

/// Weighs the programs, and starts the client a few times.
pub(super) fn measure(machine: &Machine, built: &Path) -> Result<Measured, Failure> {
    let len = |program| Ok::<_, Failure>(fs::metadata(machine.file(built, program))?.len());
    let (client, server) = (len("haversack")?, len("haversack-server")?);
    let starts: Result<Vec<Duration>, Failure> =
        (0..STARTS).map(|_| start(machine, built)).collect();
    let start = starts?.into_iter().min().unwrap_or_default();
    Ok(Measured { client, server, start, resident: None })
}

/// The time from starting the client to its first word.
#[expect(clippy::disallowed_methods, reason = "a developer's tool measures")]
fn start(machine: &Machine, built: &Path) -> Result<Duration, Failure> {
    let begun = Instant::now();
    let client = Actor::enter("start", 36, machine.command(built, "haversack").arg("--version"))?;
    client.hears(&["haversack"])?;
    let took = begun.elapsed();
    client.leaves()?;
    Ok(took)
}

/// Kilobytes of memory that a process has at the moment.
pub(super) fn resident(process: u32) -> Result<u64, Failure> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| Failure("the process does not tell its memory".to_owned()))
}

impl Measured {
    /// Whether a constrained machine has room for it. How fast it starts depends on what else the
    /// machine does, and is only told.
    pub(super) fn judge(&self) -> Outcome {
        if self.client > MOST_BYTES {
            return Err(Failure(format!("the client has {} bytes, not {MOST_BYTES}", self.client)));
        }
        match self.resident {
            Some(resident) if resident > MOST_RESIDENT => {
                Err(Failure(format!("an idle client takes {resident} KB, not {MOST_RESIDENT}")))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resident = self.resident.map_or_else(|| "–".to_owned(), |kb| kb.to_string());
        let start = self.start.as_secs_f32() * 1000.0;
        write!(f, "| {} | {} | {resident} | {start:.1}", self.client, self.server)
    }
}
