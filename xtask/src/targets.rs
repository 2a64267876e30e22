//! `cargo xtask targets`: the programs on other machines, against programs of this one.
//!
//! Each machine's programs are built small and run here, by an emulator where it takes one: its
//! client talks to a server of this machine and fetches a file, then the other way round. Where the
//! processor counts otherwise (32 bits, or the other end first), simulated worlds must also go as
//! they go here.

mod machine;
mod measure;
mod musl;
mod story;
mod wine;
mod worlds;

use std::fmt::Write as _;

use argh::FromArgs;

use crate::shell::{Failure, Outcome, cargo, run};
use machine::{MACHINES, Machine};
use measure::Measured;

/// server and client for other systems and processors, run by emulators against this one
#[derive(FromArgs)]
#[argh(subcommand, name = "targets")]
pub(crate) struct Targets {
    /// only this machine: musl, windows, armv7, aarch64 or s390x
    #[argh(option)]
    only: Option<String>,
}

impl Targets {
    /// The static programs: what every change must leave right.
    pub(crate) fn ci() -> Self {
        Self { only: Some("musl".to_owned()) }
    }

    pub(crate) fn run(&self) -> Outcome {
        let wanted =
            |machine: &&Machine| self.only.as_ref().is_none_or(|only| only == machine.name);
        let machines: Vec<&Machine> = MACHINES.iter().filter(wanted).collect();
        if machines.is_empty() {
            return Err(Failure("there is no such machine: see cargo xtask targets --help".into()));
        }
        run(&mut cargo(&["build", "--package", "server", "--package", "client-cli"]))?;
        let mut table = HEADING.to_owned();
        let mut failed = Vec::new();
        for machine in machines {
            let outcome = check(machine);
            let result = match &outcome {
                Ok(measured) => format!("{measured} | works"),
                Err(failure) => format!("| | | | {failure}"),
            };
            writeln!(table, "| {} {result} |", machine.target).expect("a string takes everything");
            failed.extend(outcome.err().map(|failure| format!("{}: {failure}", machine.name)));
        }
        println!("\n{table}");
        if failed.is_empty() { Ok(()) } else { Err(Failure(failed.join("; "))) }
    }
}

fn check(machine: &Machine) -> Result<Measured, Failure> {
    let built = machine.build()?;
    let mut measured = measure::measure(machine, &built)?;
    measured.resident = story::tell(machine, &built)?;
    if machine.counts_otherwise {
        worlds::compare(machine, &built)?;
    }
    machine.test()?;
    measured.judge()?;
    Ok(measured)
}

const HEADING: &str = "\
| target | client, bytes | server, bytes | resident in chat, KB | start, ms | result |
|---|---|---|---|---|---|
";
