//! Questions on a terminal.

use crate::common::{Cli, Server, noise, read};
use crate::terminal::on_a_terminal;

/// A transfer that waits for permission asks for it.
#[test]
fn a_stopped_download_asks() {
    let server = Server::with(&["--confirm-at", "50%"]);
    let content = noise(1, 2 << 20);
    server.share("big.bin", &content);
    let cli = Cli::new();
    let Some(mut get) = on_a_terminal(&cli, &["get", &server.at(), "big.bin"]) else { return };
    get.out.wait_for(&["proceed with big.bin?"]);
    get.type_line("y");
    get.wait().expect(0).prints(&["[", "big.bin is complete"]);
    assert!(read(&cli.path("big.bin")) == content);
}

/// Row 37: the answer may also be to stop.
#[test]
fn a_stopped_download_is_stopped_for_good() {
    let server = Server::with(&["--confirm-at", "50%"]);
    server.share("big.bin", &noise(2, 2 << 20));
    let cli = Cli::new();
    let Some(mut get) = on_a_terminal(&cli, &["get", &server.at(), "big.bin"]) else { return };
    get.out.wait_for(&["proceed with big.bin?"]);
    get.type_line("c");
    get.wait().expect(7).prints(&["(it was cancelled). What had arrived is deleted."]);
    assert!(!cli.path("big.bin").exists());
    cli.run(&["transfers"]).expect(0).says(&["nothing to resume"]);
}
