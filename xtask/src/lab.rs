//! `cargo xtask lab`: the acceptance grid of congestion control, as a table.

use argh::FromArgs;

use crate::shell::{Outcome, cargo, run};

/// measure congestion control at simulated bottlenecks; fails when a link misses its bound
#[derive(FromArgs)]
#[argh(subcommand, name = "lab")]
pub(crate) struct Lab {
    /// only a few links
    #[argh(switch)]
    quick: bool,

    /// only rows whose name contains this
    #[argh(option)]
    only: Option<String>,

    /// print only rows that miss what is asked of them
    #[argh(switch)]
    misses: bool,

    /// for comparison, with CUBIC in the place of ours
    #[argh(switch)]
    cubic: bool,

    /// instead, a file of 12 MiB over known links, for so many seeds
    #[argh(option)]
    files: Option<u64>,
}

impl Lab {
    pub(crate) fn run(&self) -> Outcome {
        let args = ["run", "--release", "--quiet", "--package", "proto-sim", "--bin", "lab", "--"];
        let mut command = cargo(&args);
        for (set, flag) in
            [(self.quick, "--quick"), (self.misses, "--misses"), (self.cubic, "--cubic")]
        {
            command.args(set.then_some(flag));
        }
        if let Some(only) = &self.only {
            command.args(["--only", only]);
        }
        if let Some(seeds) = self.files {
            command.args(["--files", &seeds.to_string()]);
        }
        run(&mut command)
    }
}
