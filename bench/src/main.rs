//! Haversack beside its peers: the same file over loopback, in one run, interleaved.
//!
//! `cargo run --release --manifest-path bench/Cargo.toml` builds Haversack's programs, makes a file
//! of random bytes, lets every peer serve and fetch it several times, compares the bytes, and
//! prints a table of medians.

mod file;
mod haversack;
mod measure;
mod peer;
mod quic;
mod tcp;
mod tls;

use std::error::Error;
use std::path::PathBuf;

use argh::FromArgs;
use peer::{Peer, Role};

/// Measures Haversack beside TCP, TLS and QUIC over loopback.
#[derive(FromArgs)]
struct Args {
    /// size of the file in MiB (default 1024)
    #[argh(option, default = "1024")]
    mib: u64,

    /// runs of each peer, interleaved (default 3)
    #[argh(option, default = "3")]
    runs: usize,

    /// peers, comma separated (default haversack,tcp,tls,quinn)
    #[argh(option, default = "String::from(\"haversack,tcp,tls,quinn\")")]
    peers: String,

    /// directory for the files (default: the system's temporary one)
    #[argh(option)]
    dir: Option<PathBuf>,

    /// internal: play one role of one peer
    #[argh(option, hidden_help)]
    role: Option<Role>,

    /// internal: which peer plays it
    #[argh(option, hidden_help)]
    peer: Option<Peer>,

    /// internal: the file that is served or written
    #[argh(option, hidden_help)]
    file: Option<PathBuf>,

    /// internal: where the server wrote its address and certificate
    #[argh(option, hidden_help)]
    meeting: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Args = argh::from_env();
    match (args.role, args.peer, &args.file, &args.meeting) {
        (Some(role), Some(peer), Some(file), Some(meeting)) => peer.play(role, file, meeting),
        _ => compare(&args),
    }
}

fn compare(args: &Args) -> Result<(), Box<dyn Error>> {
    let peers = args.peers.split(',').map(str::parse).collect::<Result<Vec<Peer>, _>>()?;
    if peers.contains(&Peer::Haversack) {
        haversack::build()?;
    }
    let dir = match &args.dir {
        Some(parent) => tempfile::tempdir_in(parent)?,
        None => tempfile::tempdir()?,
    };
    let source = dir.path().join("source.bin");
    file::random(&source, args.mib << 20)?;
    let mut table = measure::Table::new(args.mib);
    for _ in 0..args.runs {
        for &peer in &peers {
            file::warm_up(dir.path(), args.mib << 20)?;
            let run = measure::one(peer, dir.path(), &source)?;
            eprintln!("{peer}: {run}");
            table.add(peer, run);
        }
    }
    println!("{table}");
    Ok(())
}
