//! A client that is killed, at any moment of a download.

use std::time::Duration;

use proto_sim::link::LinkConfig;
use proto_sim::proxy::Proxy;

use crate::common::{Cli, Server, noise, read, wait_until};

const SIZE: u64 = 6 << 20;
const KILLS: u64 = 5;
/// Most bytes of a file in one datagram of the link, and what a datagram has beside them.
const MTU: usize = 1472;
const OVERHEAD: u64 = 40;
/// More than the link of these tests ever holds: it carries 4 MB/s and answers within 10 ms.
const WINDOW: u64 = 256 << 10;
const BLOCK: u64 = 64 << 10;

fn slow_link(server: &Server) -> Proxy {
    let config = LinkConfig { mtu: MTU, ..LinkConfig::clean(Duration::from_millis(2)) };
    Proxy::start(([127, 0, 0, 1], 0).into(), server.address, config, 7).unwrap()
}

/// Whenever the client is killed, the next one goes on, and at most a window and a block are sent
/// twice.
#[test]
fn a_client_that_is_killed_five_times_is_resumed_without_sending_much_twice() {
    let server = Server::with(&["--limit-rate", "4M"]);
    let content = noise(51, usize::try_from(SIZE).unwrap());
    server.share("big.bin", &content);
    let link = slow_link(&server);
    let address = link.addr().to_string();
    let sent = || link.stats().down.bytes_sent;
    let cli = Cli::new();
    let mut args = vec!["get", &address, "big.bin"];

    for seed in 1..=KILLS {
        let before = sent();
        let mut client = cli.start(&args);
        // Between nothing and an eighth of the file: five of them are never all of it.
        let at = before + drawn(seed) % (SIZE / 8);
        let has_begun = || cli.path("big.bin.haversack-part").exists();
        wait_until("the moment comes", || sent() >= at && has_begun());
        client.kill();
        assert!(!cli.path("big.bin").exists(), "it was killed too late");
        args = vec!["resume", "--all"];
    }
    cli.run(&args).expect(0).says(&["goes on after", "downloaded 100% out of file."]);

    assert!(read(&cli.path("big.bin")) == content);
    let down = link.stats().down;
    let twice = (down.bytes_sent - down.sent * OVERHEAD).saturating_sub(SIZE);
    assert!(twice <= KILLS * (WINDOW + BLOCK), "{twice} bytes were sent twice: {down:?}");
}

/// A client that is killed before a byte was written has still begun: the next one goes on.
#[test]
fn a_client_that_is_killed_at_once_has_begun() {
    let server = Server::with(&["--limit-rate", "1K"]);
    let content = noise(52, 3000);
    server.share("small.bin", &content);
    let cli = Cli::new();
    let mut client = cli.start(&["get", &server.at(), "small.bin"]);
    client.err.wait_for(&["got a download connection"]);
    client.kill();

    cli.run(&["transfers"]).expect(0).prints(&["small.bin"]);
    cli.run(&["resume", "--all"]).expect(0);

    assert!(read(&cli.path("small.bin")) == content);
}

/// Whoever is shown that a download stopped half-way goes on from there, killed or not.
#[test]
fn what_is_shown_as_paused_is_remembered() {
    let server = Server::start();
    let content = noise(53, usize::try_from(SIZE).unwrap());
    server.share("big.bin", &content);
    let cli = Cli::new();
    let mut leah = cli.chat(&server.at(), "leah");
    leah.type_line("/get big.bin --pause-at 50%");
    leah.out.wait_for(&["PAUSED"]);
    leah.kill();

    let listed = cli.run(&["transfers", "--json"]).expect(0).out;
    assert!(listed.contains(&format!("\"done\":{}", SIZE / 2)), "{listed}");
    cli.run(&["resume", "--all"]).expect(0).says(&["goes on after"]);

    assert!(read(&cli.path("big.bin")) == content);
}

fn drawn(seed: u64) -> u64 {
    u64::from_le_bytes(noise(seed, 8).try_into().unwrap())
}
