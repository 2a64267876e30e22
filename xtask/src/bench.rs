//! `cargo xtask bench`: Haversack beside its peers, on loopback and over emulated links.

use argh::FromArgs;

use crate::shell::{Outcome, cargo, root, run};

/// play the scenarios of docs/BENCHMARKS.md, all when none is named, and write their tables there
#[derive(FromArgs)]
#[argh(subcommand, name = "bench")]
pub(crate) struct Bench {
    /// names, such as WAN; links need root
    #[argh(positional)]
    scenarios: Vec<String>,

    /// runs of each measurement (3)
    #[argh(option)]
    runs: Option<usize>,

    /// see that everything works, in a few minutes; nothing is written
    #[argh(switch)]
    quick: bool,
}

impl Bench {
    pub(crate) fn run(&self) -> Outcome {
        let mut bench = cargo(&["run", "--release", "--locked", "--manifest-path"]);
        bench.arg("bench/Cargo.toml").args(["--", "run"]).args(&self.scenarios);
        bench.arg("--lines").arg(root().join("bench/target/bench.jsonl"));
        if let Some(runs) = self.runs {
            bench.arg("--runs").arg(runs.to_string());
        }
        if self.quick {
            bench.arg("--quick");
        } else {
            bench.arg("--docs").arg(root().join("docs"));
        }
        run(&mut bench)
    }
}
