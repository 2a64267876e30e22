//! A download has two holds, the user's and the server's, and flows only when neither is set.

use crate::common::{Cli, Running, Server, fast, noise, slow, way};

const SIZE: usize = 2 << 20;
const HALF: &str = "50%";

fn server(seed: u64, options: &[&str]) -> (Server, Vec<u8>) {
    let server = Server::with(options);
    let content = noise(seed, SIZE);
    server.share("big.bin", &content);
    (server, content)
}

#[track_caller]
fn expect_complete(home: &Cli, client: &Running, content: &[u8]) {
    client.out.wait_for(&["downloaded 100% out of file."]);
    assert!(std::fs::read(home.path("big.bin")).unwrap() == content);
}

/// Flowing, paused by you, by the server, by both: each is shown.
#[test]
fn each_of_the_four_states_is_shown() {
    let (server, content) = server(61, &["--confirm-at", HALF]);
    let link = way(&server, slow(256 << 10));
    let home = Cli::new();
    let mut leah = home.chat(&link.addr().to_string(), "leah");
    leah.type_line("/get big.bin");
    let flowing = leah.out.wait_for(&["R  big.bin", "/s", "left"]);
    assert!(!flowing.contains("PAUSED"), "{flowing}");
    leah.type_line("/pause");
    leah.out.wait_for(&["PAUSED by you: /proceed 1"]);
    link.configure(fast());
    leah.type_line("/proceed");
    leah.out.wait_for(&["PAUSED by the server: /proceed 1"]);
    leah.type_line("/pause");
    leah.out.wait_for(&["PAUSED by you and the server: /proceed 1"]);
    leah.type_line("/transfers");
    leah.out.wait_for(&["#1 R  big.bin", "PAUSED by you and the server"]);
    assert!(!home.path("big.bin").exists());

    leah.type_line("/proceed");

    expect_complete(&home, &leah, &content);
    leah.finish().expect(0);
}

/// Both holds may be set at the same point.
#[test]
fn user_and_server_stop_at_the_same_point() {
    let (server, content) = server(62, &["--confirm-at", HALF]);
    let home = Cli::new();
    let mut leah = home.chat(&server.at(), "leah");
    leah.type_line("/get big.bin --pause-at 50%");
    leah.out.wait_for(&["PAUSED by you and the server"]);
    assert!(!home.path("big.bin").exists());

    leah.type_line("/proceed");

    expect_complete(&home, &leah, &content);
}

/// Pause and proceed may be typed as often as one likes, in any state.
#[test]
fn pausing_and_proceeding_may_be_repeated() {
    let (server, content) = server(63, &["--confirm-at", HALF]);
    let link = way(&server, slow(128 << 10));
    let home = Cli::new();
    let mut leah = home.chat(&link.addr().to_string(), "leah");
    leah.type_line("/get big.bin");
    leah.out.wait_for(&["got a download connection"]);
    for times in 1..=3 {
        leah.type_line("/pause 1");
        leah.type_line("/pause 1");
        leah.out.wait_for_count(&["PAUSED by you: "], times);
        leah.type_line("/proceed 1");
        leah.out.wait_for_count(&["user leah confirm proceeding"], times);
    }
    link.configure(fast());
    leah.out.wait_for(&["PAUSED by the server"]);
    for _ in 0..3 {
        leah.type_line("/pause 1");
    }
    leah.out.wait_for(&["PAUSED by you and the server"]);
    for _ in 0..3 {
        leah.type_line("/proceed 1");
    }
    expect_complete(&home, &leah, &content);
}

/// A pause by hand ends with the client: `resume` goes on to the end.
#[test]
fn a_resume_ends_a_pause_by_hand() {
    let (server, content) = server(65, &[]);
    let link = way(&server, slow(256 << 10));
    let home = Cli::new();
    let mut leah = home.chat(&link.addr().to_string(), "leah");
    leah.type_line("/get big.bin");
    leah.out.wait_for(&["R  big.bin"]);
    leah.type_line("/pause");
    leah.out.wait_for(&["PAUSED by you"]);
    leah.kill();
    link.configure(fast());

    home.run(&["resume"]).expect(0).says(&["goes on after", "downloaded 100% out of file."]);
    assert!(std::fs::read(home.path("big.bin")).unwrap() == content);
}
