//! Both holds of a transfer, when the client or the server is stopped and started again.

use crate::common::{Cli, Running, Server, noise, read, wait_until};

const SIZE: usize = 2 << 20;
/// The server asks for permission half way.
const CONFIRM: [&str; 2] = ["--confirm-at", "50%"];

const BY_YOU: &str = "PAUSED by you: /proceed 1";
const BY_THE_SERVER: &str = "PAUSED by the server: /proceed 1";
const BY_BOTH: &str = "PAUSED by you and the server: /proceed 1";

fn server(seed: u64, options: &[&str]) -> (Server, Vec<u8>) {
    let server = Server::with(options);
    let content = noise(seed, SIZE);
    server.share("big.bin", &content);
    (server, content)
}

/// Asks for the list of transfers until its only line says this.
#[track_caller]
fn expect_listed(client: &mut Running, state: &str) {
    wait_until(state, || {
        let is_listed = |line: &&String| line.contains("#1 R  big.bin");
        let before = client.out.all().iter().filter(is_listed).count();
        client.type_line("/transfers");
        let listed = client.out.wait_for_count(&["#1 R  big.bin"], before + 1);
        listed.last().is_some_and(|line| line.contains(state))
    });
}

#[track_caller]
fn expect_complete(home: &Cli, client: &Running, content: &[u8]) {
    client.out.wait_for(&["downloaded 100% out of file."]);
    assert!(read(&home.path("big.bin")) == content);
}

/// Both holds are set and the client is started again: the server still waits for its permission;
/// the user's own pause may be set again, and one word clears both.
#[test]
fn the_server_waits_across_a_restart_of_a_client_with_both_holds() {
    let (server, content) = server(91, &CONFIRM);
    let home = Cli::new();
    let mut leah = home.chat(&server.at(), "leah");
    leah.type_line("/get big.bin --pause-at 50%");
    leah.out.wait_for(&[BY_BOTH]);
    leah.finish().expect(0).says(&["unfinished transfers are kept", "haversack resume"]);
    home.run(&["transfers"]).expect(0).prints(&["1  big.bin  50%"]);

    let mut leah = home.chat(&server.at(), "leah");
    leah.type_line("/get big.bin");

    leah.out.wait_for(&["big.bin goes on after 1.0 MiB"]);
    leah.out.wait_for(&[BY_THE_SERVER]);
    leah.type_line("/pause");
    leah.out.wait_for(&[BY_BOTH]);
    assert!(!home.path("big.bin").exists());
    leah.type_line("/proceed");
    expect_complete(&home, &leah, &content);
    leah.finish().expect(0);
}

/// Asking again is no permission: whoever is not there to be asked gets no further, however often,
/// until `resume` says so.
#[test]
fn asking_again_is_no_permission_and_resume_is() {
    let (server, content) = server(92, &CONFIRM);
    let home = Cli::new();
    for _ in 0..3 {
        home.run(&["get", &server.at(), "big.bin"])
            .expect(7)
            .says(&[BY_THE_SERVER, "the transfer stays paused. Go on with: haversack resume"]);
        home.run(&["transfers"]).expect(0).prints(&["1  big.bin  50%"]);
        assert!(!home.path("big.bin").exists());
    }

    home.run(&["resume"]).expect(0);

    assert!(read(&home.path("big.bin")) == content);
}

/// Each hold, and both, are what they were when the server is started again, after a crash or with
/// a goodbye.
#[cfg(unix)]
#[test]
fn each_hold_survives_a_restart_of_the_server() {
    let cases: [(&[&str], &str, &str); 3] = [
        (&[], "/get big.bin --pause-at 50%", BY_YOU),
        (&CONFIRM, "/get big.bin", BY_THE_SERVER),
        (&CONFIRM, "/get big.bin --pause-at 50%", BY_BOTH),
    ];
    let restarts = [Server::restart, Server::restart_with_goodbyes];
    for ((options, get, state), restart) in cases.into_iter().flat_map(|c| restarts.map(|r| (c, r)))
    {
        let (server, content) = server(93, options);
        let home = Cli::new();
        let mut leah = home.chat(&server.at(), "leah");
        leah.type_line(get);
        leah.out.wait_for(&[state]);

        let server = restart(server, options);

        server.screen.wait_for(&["leah connected to the server"]);
        expect_listed(&mut leah, state);
        assert!(!home.path("big.bin").exists());
        leah.type_line("/proceed");
        expect_complete(&home, &leah, &content);
        leah.finish().expect(0);
    }
}

/// What was permitted once stays so: neither a client nor a server that is started again asks a
/// second time.
#[test]
fn a_permission_survives_a_restart_of_the_client_and_of_the_server() {
    let (server, content) = server(94, &CONFIRM);
    let home = Cli::new();
    let mut leah = home.chat(&server.at(), "leah");
    leah.type_line("/get big.bin --pause-at 75%");
    leah.out.wait_for(&[BY_THE_SERVER]);
    leah.type_line("/proceed");
    leah.out.wait_for(&[BY_YOU]);

    let server = server.restart(&CONFIRM);
    server.screen.wait_for(&["leah connected to the server"]);
    expect_listed(&mut leah, BY_YOU);
    leah.finish().expect(0);
    home.run(&["transfers"]).expect(0).prints(&["1  big.bin  75%"]);

    let ran = home.run(&["get", &server.at(), "big.bin"]).expect(0);
    assert!(!ran.err.contains("PAUSED"), "{}", ran.err);
    assert!(read(&home.path("big.bin")) == content);
}

/// Whoever asks again from where the stop point was is not stopped there a second time, but at the
/// next one.
#[test]
fn a_stop_point_stops_once() {
    let (server, content) = server(95, &[]);
    let home = Cli::new();
    let until = |percent: &str| home.run(&["get", &server.at(), "big.bin", "--pause-at", percent]);
    until("50%").expect(7).says(&[BY_YOU, "  50%  "]);
    until("75%").expect(7).says(&["big.bin goes on after 1.0 MiB", BY_YOU, "  75%  "]);
    assert!(!home.path("big.bin").exists());

    let ran = until("75%").expect(0);

    assert!(!ran.err.contains("PAUSED"), "{}", ran.err);
    assert!(read(&home.path("big.bin")) == content);
}
