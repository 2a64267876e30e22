//! `cargo xtask sim`: seeded worlds of clients, server, network and disks.

use argh::FromArgs;

use crate::shell::{Outcome, cargo, run};

/// simulate seeded worlds: loss, corruption, blackouts, crashes; every failure is a seed
#[derive(FromArgs)]
#[argh(subcommand, name = "sim")]
pub(crate) struct Sim {
    /// first seed (default 1)
    #[argh(option, default = "1")]
    seed: u64,

    /// how many worlds, one seed each (default 1)
    #[argh(option, default = "1")]
    runs: u64,

    /// tell what happens in each world
    #[argh(switch, short = 'v')]
    verbose: bool,
}

impl Sim {
    /// The worlds that every change must survive.
    pub(crate) fn ci(runs: u64) -> Self {
        Self { seed: 1, runs, verbose: false }
    }

    pub(crate) fn run(&self) -> Outcome {
        let (seed, runs) = (self.seed.to_string(), self.runs.to_string());
        let args = ["run", "--release", "--quiet", "--package", "proto-sim", "--"];
        let mut command = cargo(&args);
        command.args(["--seed", &seed, "--runs", &runs]);
        if self.verbose {
            command.arg("--verbose");
        }
        run(&mut command)
    }
}
