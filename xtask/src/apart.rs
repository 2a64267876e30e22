//! What is a workspace of its own, so that `cargo --workspace` passes it by.

use std::path::PathBuf;
use std::process::Command;

use crate::shell::{Outcome, cargo, root, run};
use crate::{mcu, toolchain};

const BENCH: &str = "bench";
const FIRMWARE: &str = "client-mcu";
const FOOTPRINT: &str = "footprint";

/// Checks the formatting.
pub(crate) fn format() -> Outcome {
    for folder in [BENCH, FIRMWARE, FOOTPRINT] {
        run(cargo(&["fmt", "--check"]).current_dir(place(folder)))?;
    }
    Ok(())
}

/// Lints for the machines that each is for; the firmware's tests are for this one.
pub(crate) fn lint() -> Outcome {
    run(here("clippy", BENCH).args(["--all-targets", "--", "-D", "warnings"]))?;
    run(here("clippy", FIRMWARE).args(["--tests", "--", "-D", "warnings"]))?;
    for board in mcu::BOARDS {
        let args = ["--locked", "--no-default-features", "--features", board];
        toolchain::lint(mcu::TARGET, &place(FIRMWARE), &args)?;
    }
    toolchain::lint(mcu::TARGET, &place(FOOTPRINT), &["--locked"])
}

/// Tests of the firmware what needs no board.
pub(crate) fn test() -> Outcome {
    run(&mut here("test", FIRMWARE))
}

/// A command for this machine.
fn here(verb: &str, folder: &str) -> Command {
    let mut command = cargo(&[verb, "--locked", "--target-dir"]);
    command.arg(root().join("target/apart")).current_dir(place(folder));
    command
}

fn place(folder: &str) -> PathBuf {
    root().join(folder)
}
