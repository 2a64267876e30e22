//! `cargo run -p proto-sim --bin lab`: the acceptance grid of congestion control.

use std::process::ExitCode;
use std::time::Duration;

use argh::FromArgs;
use proto_core::path::congestion::ControllerKind;
use proto_sim::lab::{self, grid};

/// Measure congestion control at a simulated bottleneck.
#[derive(FromArgs)]
struct Args {
    /// only a few links
    #[argh(switch)]
    quick: bool,

    /// only rows whose name contains this
    #[argh(option, default = "String::new()")]
    only: String,

    /// print only rows that miss what is asked of them
    #[argh(switch)]
    misses: bool,

    /// what chance is drawn from (default 1)
    #[argh(option, default = "1")]
    seed: u64,

    /// for comparison, with CUBIC in the place of ours
    #[argh(switch)]
    cubic: bool,

    /// instead, a file of 12 MiB over known links, for so many seeds
    #[argh(option)]
    files: Option<u64>,

    /// tell what the controllers think, every so many milliseconds; with --only
    #[argh(option)]
    told: Option<u64>,
}

fn main() -> ExitCode {
    let args: Args = argh::from_env();
    if let Some(seeds) = args.files {
        lab::files::run(seeds, &args.only);
        return ExitCode::SUCCESS;
    }
    let mut rows = grid::rows(args.quick);
    rows.retain(|row| row.name.contains(&args.only));
    for row in &mut rows {
        row.cell.seed = args.seed;
        if let Some(guest) = &mut row.cell.guest {
            // Without chance, only the moment makes a difference.
            guest.after += guest.after.signum() * i64::try_from(args.seed % 1000).unwrap_or(0) * 37;
        }
        if args.cubic {
            row.cell.controller = ControllerKind::Cubic;
        }
    }
    if let Some(millis) = args.told {
        for row in &rows {
            println!("{}", row.name);
            row.cell.run(Some(Duration::from_millis(millis)));
        }
    }
    lab::run(&rows, args.misses)
}
