//! `cargo run -p proto-sim -- --seed N --runs K`: simulated worlds by seed.

use std::process::ExitCode;

use argh::FromArgs;
use proto_sim::cli;
use proto_sim::plan::Options;

/// Simulate worlds of clients, a server, their network and their disks.
#[derive(FromArgs)]
struct Args {
    /// first seed (default 1)
    #[argh(option, default = "1")]
    seed: u64,

    /// how many worlds, one seed each (default 1)
    #[argh(option, default = "1")]
    runs: u64,

    /// tell what happens in each world
    #[argh(switch, short = 'v')]
    verbose: bool,

    /// print each seed's trace: the same on every processor
    #[argh(switch)]
    hash: bool,

    /// worlds without any fault
    #[argh(switch)]
    calm: bool,

    /// longest of most files, in bytes (default 300000)
    #[argh(option, default = "300_000")]
    file_len: u64,
}

fn main() -> ExitCode {
    let args: Args = argh::from_env();
    let options = Options {
        told: args.verbose,
        hashed: args.hash,
        faults: !args.calm,
        file_len: args.file_len,
        ..Options::default()
    };
    cli::run(args.seed, args.runs, &options)
}
