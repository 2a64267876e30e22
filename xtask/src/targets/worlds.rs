//! Simulated worlds must go the same way whatever processor simulates them.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::machine::Machine;
use crate::shell::{Failure, Outcome, cargo, output_within, root, run};

/// As many as take an emulator a moment.
const SEEDS: [&str; 5] = ["--hash", "--seed", "1", "--runs", "20"];
/// How long an emulator may take for them.
const PATIENCE: Duration = Duration::from_secs(600);

/// Simulates the same seeds there and here, and compares what happened in each.
pub(super) fn compare(machine: &Machine, built: &Path) -> Outcome {
    println!("\n\x1b[1m* Worlds on {}, and here.\x1b[0m", machine.name);
    run(&mut cargo(&["build", "--release", "--package", "proto-sim"]))?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let here = traces(&mut Command::new(target.join("release/proto-sim")))?;
    let there = traces(&mut machine.command(built, "proto-sim"))?;
    for (here, there) in here.lines().zip(there.lines()) {
        println!("  {there}");
        if here != there {
            return Err(Failure(format!("worlds differ: there {there}, here {here}")));
        }
    }
    if here.lines().count() == there.lines().count() {
        return Ok(());
    }
    Err(Failure("there are more worlds on one machine than on the other".to_owned()))
}

fn traces(program: &mut Command) -> Result<String, Failure> {
    output_within(PATIENCE, program.args(SEEDS))
}
