//! `cargo xtask test`: everything that has to hold before a change lands.

use std::process::Command;
use std::time::Instant;

use argh::FromArgs;

use crate::shell::{Outcome, cargo, run};
use crate::{apart, footprint, mcu, sim, targets, window};

/// run everything that CI runs
#[derive(FromArgs)]
#[argh(subcommand, name = "test")]
pub(crate) struct Test {
    /// seeded worlds to simulate (default 2000)
    #[argh(option, default = "2000")]
    worlds: u64,
}

impl Test {
    pub(crate) fn run(&self) -> Outcome {
        step("formatting", || {
            run(&mut cargo(&["fmt", "--all", "--check"]))?;
            apart::format()
        })?;
        step("lints", || {
            run(workspace("clippy").args(["--all-targets", "--", "-D", "warnings"]))?;
            run(core("clippy", "defmt,log").args(["--", "-D", "warnings"]))?;
            apart::lint()
        })?;
        step("documentation", || {
            let mut doc = workspace("doc");
            doc.args(["--no-deps", "--document-private-items"]);
            run(doc.env("RUSTDOCFLAGS", "-D warnings"))
        })?;
        step("programs", || {
            run(&mut cargo(&["build", "--package", "server", "--package", "client-cli"]))
        })?;
        step("tests", || {
            run(&mut workspace("test"))?;
            run(core("test", "log").args(["--test", "notes"]))?;
            apart::test()
        })?;
        step("the window", window::check)?;
        step("simulated worlds", || sim::Sim::ci(self.worlds).run())?;
        step("the core on small processors", || footprint::Footprint::ci().run())?;
        step("the firmware on emulated boards", || mcu::Mcu::ci().run())?;
        step("static programs", || targets::Targets::ci().run())
    }
}

/// A command for everything that builds without GTK.
fn workspace(verb: &str) -> Command {
    cargo(&[verb, "--workspace", "--exclude", window::PACKAGE])
}

/// A command for the core with some of its optional features.
fn core(verb: &str, features: &str) -> Command {
    cargo(&[verb, "--package", "proto-core", "--features", features])
}

#[expect(clippy::disallowed_methods, reason = "a developer's tool tells how long its steps took")]
fn step(name: &str, work: impl FnOnce() -> Outcome) -> Outcome {
    eprintln!("== {name}");
    let start = Instant::now();
    work()?;
    eprintln!("== {name}: passed in {:.0} s", start.elapsed().as_secs_f32());
    Ok(())
}
