//! Haversack beside its peers: the same file over the same link, in one run, interleaved.
//!
//! `cargo xtask bench` builds Haversack's programs and this one, and runs it. `link` is the
//! emulator, `peer` who is measured, `scenario` what they do, `report` what is told of it.

#![forbid(unsafe_code)]

mod content;
mod link;
mod peer;
mod process;
mod report;
mod run;
mod said;
mod scenario;
mod server;
mod sink;
mod stage;
mod transfer;

use std::process::ExitCode;

use argh::FromArgs;

/// What goes wrong, in words.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Haversack beside its peers.
#[derive(FromArgs)]
struct Args {
    #[argh(subcommand)]
    verb: Verb,
}

#[derive(FromArgs)]
#[argh(subcommand)]
enum Verb {
    Play(peer::Play),
    Run(run::Run),
}

fn main() -> ExitCode {
    let outcome = match argh::from_env::<Args>().verb {
        Verb::Play(play) => play.run(),
        Verb::Run(run) => run.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("bench: {fault}");
            ExitCode::FAILURE
        }
    }
}
