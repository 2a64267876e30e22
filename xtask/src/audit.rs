//! `cargo xtask audit`: licences, bans and sources of every dependency; advisories where their
//! database can be fetched.

use std::process::Command;

use argh::FromArgs;

use crate::shell::{Failure, Outcome, cargo, output, run};

/// check every dependency's licence, source and known advisories
#[derive(FromArgs)]
#[argh(subcommand, name = "audit")]
pub(crate) struct Audit {
    /// fail when the advisory database cannot be fetched, instead of saying so
    #[argh(switch)]
    require_advisories: bool,
}

impl Audit {
    pub(crate) fn run(&self) -> Outcome {
        if output(cargo(&["deny", "--version"]).stderr(std::process::Stdio::null())).is_none() {
            run(&mut cargo(&["install", "cargo-deny", "--locked"]))?;
        }
        run(&mut deny(&["check", "licenses", "bans", "sources"]))?;
        if fetch_advisories() {
            return run(&mut deny(&["check", "--disable-fetch", "advisories"]));
        }
        let unfetched = "the advisory database cannot be fetched: advisories were not checked";
        if self.require_advisories {
            return Err(Failure(unfetched.to_owned()));
        }
        eprintln!("xtask: {unfetched}");
        Ok(())
    }
}

fn deny(args: &[&str]) -> Command {
    let mut command = cargo(&["deny", "--workspace"]);
    command.args(args);
    command
}

fn fetch_advisories() -> bool {
    output(deny(&["fetch", "db"]).stderr(std::process::Stdio::null())).is_some()
}
