//! Going on after a break.

use crate::common::{Cli, Server, fast, noise, read, way};

const SIZE: usize = 8 << 20;

fn slow_server(seed: u64) -> (Server, Vec<u8>) {
    let server = Server::with(&["--limit-rate", "2M"]);
    let content = noise(seed, SIZE);
    server.share("big.bin", &content);
    (server, content)
}

/// Ctrl-C saves the state and says how to go on: exit code 130.
#[cfg(unix)]
#[test]
fn ctrl_c_saves_the_state_and_resume_goes_on() {
    let (server, content) = slow_server(1);
    let cli = Cli::new();
    let mut get = cli.start(&["get", &server.at(), "big.bin"]);
    get.err.wait_for_count(&["R  big.bin"], 4);
    get.signal("INT");
    get.wait().expect(130).says(&["the state is saved", "haversack resume"]);
    assert!(!cli.path("big.bin").exists());

    cli.run(&["transfers"]).expect(0).prints(&["1  big.bin"]);
    let resumed = cli.run(&["resume", "1"]).expect(0).says(&["goes on after"]);
    assert!(!resumed.err.contains("]  1"), "it began anew:\n{}", resumed.err);
    assert!(read(&cli.path("big.bin")) == content);
}

/// Asking for the same file again is a resume, too.
#[cfg(unix)]
#[test]
fn asking_again_goes_on() {
    let (server, content) = slow_server(3);
    let cli = Cli::new();
    let mut get = cli.start(&["get", &server.at(), "big.bin"]);
    get.err.wait_for_count(&["R  big.bin"], 4);
    get.signal("INT");
    get.wait().expect(130);
    cli.run(&["get", &server.at(), "big.bin"]).expect(0).says(&["goes on after"]);
    assert!(read(&cli.path("big.bin")) == content);
    assert!(!cli.path("big (1).bin").exists());
}

/// A server that restarts is come back to, and the download goes on by itself.
#[test]
fn a_download_goes_on_when_the_server_comes_back() {
    let (server, content) = slow_server(4);
    let cli = Cli::new();
    let get = cli.start(&["get", &server.at(), "big.bin"]);
    get.err.wait_for_count(&["R  big.bin"], 3);
    let _server = server.restart(&[]);
    get.finish().expect(0);
    assert!(read(&cli.path("big.bin")) == content);
}

/// A file that changed in between is not patched together from two versions.
#[cfg(unix)]
#[test]
fn a_file_that_changed_in_between_starts_over() {
    let (server, _) = slow_server(5);
    let cli = Cli::new();
    let mut get = cli.start(&["get", &server.at(), "big.bin"]);
    get.err.wait_for_count(&["R  big.bin"], 4);
    get.signal("INT");
    get.wait().expect(130);
    let changed = noise(6, SIZE);
    server.share("big.bin", &changed);
    cli.run(&["resume"]).expect(0);
    assert!(read(&cli.path("big.bin")) == changed);
}

/// A server that has two addresses is resumed from at the one that was used last, and at any
/// other on demand.
#[cfg(unix)]
#[test]
fn a_server_is_looked_for_where_it_was_used_last() {
    let (server, content) = slow_server(7);
    let other = way(&server, fast());
    let cli = Cli::new();
    cli.run(&["ls", &server.at()]).expect(0);
    cli.run(&["users", &other.addr().to_string()]).expect(0);
    let mut get = cli.start(&["get", &server.at(), "big.bin"]);
    get.err.wait_for_count(&["R  big.bin"], 4);
    get.signal("INT");
    get.wait().expect(130);

    let gone = other.addr().to_string();
    drop(other);
    cli.run(&["transfers", "--json"]).expect(0).prints(&[&server.at()]);
    cli.run(&["resume", "--server", &gone]).expect(3).explains([
        &format!("cannot reach {gone}"),
        "connection refused",
        "--server ADDRESS",
    ]);

    cli.run(&["resume"]).expect(0).says(&["goes on after"]);
    assert!(read(&cli.path("big.bin")) == content);
}

/// What there is to resume is asked about in vain when there is nothing.
#[test]
fn nothing_to_resume_is_told() {
    let cli = Cli::new();
    cli.run(&["transfers"]).expect(0).says(&["nothing to resume"]);
    cli.run(&["resume"]).expect(5).says(&["nothing to resume"]);
    cli.run(&["transfers", "--json"]).expect(0).prints(&["{\"v\":1,\"t\":\"transfers\""]);
}
