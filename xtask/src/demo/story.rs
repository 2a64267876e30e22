//! What happens in the demonstration.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use proto_sim::link::{LinkConfig, Loss};
use proto_sim::proxy::Proxy;
use proto_sim::rng::{Chance, noise};

use crate::shell::{Failure, Outcome, root};
use crate::stage::{Server, compare, join};

/// Long enough to watch over this link, short enough for a demonstration.
const FILE_LEN: usize = 6 << 20;
const FILE_NAME: &str = "holiday.bin";

/// Tells the story; everything that it makes is gone when it returns.
pub(super) fn tell() -> Outcome {
    let stage = tempfile::tempdir()?;
    let shared = share_files(stage.path())?;

    say("A server, with a folder to share.");
    let server = Server::start(&stage.path().join("server"), &shared)?;
    say("Between it and everyone: a link that loses 5 % of all datagrams, doubles 1 %, lets 3 % \
         be overtaken, and takes 5 ms each way.");
    let link = impaired_link(server.address)?;

    say("Leah and Shlomo join, and talk.");
    let mut leah = join("leah", 35, stage.path(), link.addr())?;
    leah.hears(&["leah", "online"])?;
    let mut shlomo = join("shlomo", 36, stage.path(), link.addr())?;
    leah.hears(&["shlomo connected to the server"])?;
    leah.type_line("hi all")?;
    shlomo.hears(&["leah: hi all"])?;
    shlomo.type_line("/msg leah for you only")?;
    leah.hears(&["[private]", "for you only"])?;

    say("Leah looks at the files and fetches one; on the way she pauses, then proceeds.");
    leah.type_line("/files")?;
    leah.hears(&[FILE_NAME])?;
    let target = stage.path().join("leah").join(FILE_NAME);
    leah.type_line(&format!("/get {FILE_NAME} {}", target.display()))?;
    leah.hears(&["R  ", FILE_NAME, "%"])?;
    leah.type_line("/pause 1")?;
    leah.hears(&["PAUSED"])?;
    shlomo.type_line("chat goes on meanwhile")?;
    leah.hears(&["chat goes on meanwhile"])?;
    thread::sleep(Duration::from_millis(700));
    leah.type_line("/proceed 1")?;
    leah.hears(&["downloaded 100% out of file."])?;
    compare(&shared.join(FILE_NAME), &target)?;
    say("Every byte arrived: the hash was verified, and the files compare equal.");
    report(&link);

    say("They leave.");
    leah.type_line("/quit")?;
    shlomo.hears(&["leah has left the chat"])?;
    leah.leaves()?;
    shlomo.type_line("/quit")?;
    shlomo.leaves()?;
    drop(server);
    invite();
    Ok(())
}

fn say(line: &str) {
    println!("\n\x1b[1m* {line}\x1b[0m");
    thread::sleep(Duration::from_millis(700));
}

fn share_files(stage: &Path) -> Result<PathBuf, Failure> {
    let shared = stage.join("server_files");
    fs::create_dir(&shared)?;
    for entry in fs::read_dir(root().join("server_files"))? {
        let entry = entry?;
        fs::copy(entry.path(), shared.join(entry.file_name()))?;
    }
    fs::write(shared.join(FILE_NAME), noise(1, FILE_LEN))?;
    Ok(shared)
}

fn impaired_link(server: SocketAddr) -> Result<Proxy, Failure> {
    let config = LinkConfig {
        latency: Duration::from_millis(5),
        loss: Loss::Random(Chance::percent(5)),
        duplicate: Chance::percent(1),
        reorder: Chance::percent(3),
        reorder_by: Duration::from_millis(4),
        rate: Some(2 << 20),
        queue: 256 << 10,
        ..LinkConfig::default()
    };
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    Proxy::start(listen, server, config, 7).map_err(Failure::from)
}

fn report(link: &Proxy) {
    let down = link.stats().down;
    println!(
        "  The link was given {} datagrams towards the clients; {} were lost, {} arrived.",
        down.sent,
        down.lost + down.queue_drops,
        down.arrived
    );
}

fn invite() {
    say("Now you:");
    println!("    cargo run --release -p server                                    # one terminal");
    println!("    cargo run --release -p client-cli -- chat 127.0.0.1 --name leah  # others");
    println!("    cargo run --release -p client-cli -- --help");
}
