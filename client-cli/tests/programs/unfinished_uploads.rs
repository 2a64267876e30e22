//! Uploads that are paused, break off, or go on after a restart.

use proto_sim::link::{LinkConfig, Loss};
use proto_sim::proxy::Proxy;
use proto_sim::rng::Chance;

use crate::common::{Cli, Running, Server, fast, names_in, noise, read, slow, wait_until, way};

const SIZE: usize = 4 << 20;
const RATE: u64 = 1 << 20;

/// A server that takes uploads, behind a link that takes seconds for each.
fn slow_way() -> (Server, Proxy) {
    let server = Server::with(&["--allow-upload"]);
    let link = way(&server, slow(RATE));
    (server, link)
}

/// Begins an upload from the chat, and pauses it when more than half of it has arrived. The link
/// carries nothing meanwhile, so that the pause comes in time.
#[track_caller]
fn put_and_pause(home: &Cli, link: &Proxy) -> Running {
    let mut leah = home.chat(&link.addr().to_string(), "leah");
    leah.type_line("/put mine.bin");
    leah.out.wait_for(&["S  mine.bin  [############"]);
    link.configure(LinkConfig { loss: Loss::Random(Chance::ALWAYS), ..fast() });
    leah.type_line("/pause 1");
    leah.out.wait_for(&["user leah uploaded", "% out of file. last byte is:"]);
    leah.out.wait_for(&["S  mine.bin", "PAUSED by you: /proceed 1"]);
    link.configure(slow(RATE));
    leah
}

/// A pause of an upload stays one when the server is started again; then the upload goes on.
#[test]
fn an_upload_is_paused_by_hand_across_a_restart_of_the_server() {
    let (server, link) = slow_way();
    let home = Cli::new();
    let content = noise(51, SIZE);
    home.write("mine.bin", &content);
    let mut leah = put_and_pause(&home, &link);

    let server = server.restart(&["--allow-upload"]);

    server.screen.wait_for(&["leah connected to the server"]);
    wait_until("the pause is listed", || {
        leah.type_line("/transfers");
        leah.out.has(&["#1 S  mine.bin", "PAUSED by you"])
    });
    assert!(!server.files().join("mine.bin").exists());
    leah.type_line("/proceed");
    leah.out.wait_for(&["uploaded 100% out of file."]);
    assert!(read(&server.files().join("mine.bin")) == content);
    let up = link.stats().up;
    assert!(up.bytes_sent < SIZE as u64 * 3 / 2, "it began anew: {up:?}");
    leah.finish().expect(0);
}

/// What was left paused goes on when the file is put again.
#[test]
fn an_upload_goes_on_after_a_restart_of_the_client() {
    let (server, link) = slow_way();
    let home = Cli::new();
    let content = noise(52, SIZE);
    home.write("mine.bin", &content);
    put_and_pause(&home, &link).finish().expect(0);
    assert!(!server.files().join("mine.bin").exists());

    home.run(&["put", &link.addr().to_string(), "mine.bin", "--name", "leah"])
        .expect(0)
        .says(&["mine.bin goes on after", "uploaded 100% out of file."]);

    assert!(read(&server.files().join("mine.bin")) == content);
    let up = link.stats().up;
    assert!(up.bytes_sent < SIZE as u64 * 3 / 2, "it began anew: {up:?}");
}

/// A file that changes while it is uploaded is noticed, and gets no name at the server.
#[test]
fn a_file_that_changes_while_it_is_uploaded_is_noticed() {
    let (server, link) = slow_way();
    let home = Cli::new();
    home.write("mine.bin", &noise(53, SIZE));
    let put = home.start(&["put", &link.addr().to_string(), "mine.bin"]);
    put.err.wait_for(&["S  mine.bin"]);
    let changed = noise(54, SIZE);
    home.write("mine.bin", &changed);

    put.finish().expect(7).explains([
        "cannot upload mine.bin",
        "(the file changed while it was sent",
        "Upload it again",
    ]);

    assert!(!names_in(&server.files()).contains(&"mine.bin".to_owned()));
    home.run(&["put", &server.at(), "mine.bin"]).expect(0);
    assert!(read(&server.files().join("mine.bin")) == changed);
}
