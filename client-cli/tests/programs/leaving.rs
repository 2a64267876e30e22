//! Leaving, in all ways.

use crate::common::{Cli, Server, wait_until};

/// Rows 9 and 12: typing /quit leaves.
#[test]
fn quit_leaves_and_everyone_is_told() {
    let server = Server::start();
    let leah = Cli::new().chat(&server.at(), "leah");
    let mut shlomo = Cli::new().chat(&server.at(), "shlomo");

    shlomo.type_line("/quit");

    shlomo.wait().expect(0);
    leah.out.wait_for(&["*", "shlomo has left the chat"]);
    server.screen.wait_for(&["shlomo has left the chat"]);
}

/// Row 12: the end of the input leaves.
#[test]
fn the_end_of_the_input_leaves() {
    let server = Server::start();
    let leah = Cli::new().chat(&server.at(), "leah");
    Cli::new().chat(&server.at(), "shlomo").finish().expect(0);
    leah.out.wait_for(&["shlomo has left the chat"]);
}

/// Row 12: Ctrl-C and the termination signal leave, with exit code 130.
#[cfg(unix)]
#[test]
fn ctrl_c_leaves() {
    let server = Server::start();
    let leah = Cli::new().chat(&server.at(), "leah");
    for (name, signal) in [("shlomo", "INT"), ("dana", "TERM")] {
        let mut client = Cli::new().chat(&server.at(), name);
        client.signal(signal);
        client.wait().expect(130);
        leah.out.wait_for(&[&format!("{name} has left the chat")]);
    }
}

/// Row 11: everyone and the server are told who left.
#[test]
fn everyone_is_told_who_left() {
    let server = Server::start();
    let others: Vec<_> =
        ["a", "b", "c"].iter().map(|name| Cli::new().chat(&server.at(), name)).collect();
    Cli::new().chat(&server.at(), "shlomo").finish().expect(0);
    for other in &others {
        other.out.wait_for(&["*", "shlomo has left the chat"]);
    }
    server.screen.wait_for(&["shlomo has left the chat"]);
}

/// Row 13: leaving is an explicit message, and the server frees the entry at once.
#[test]
fn who_left_is_on_no_list() {
    let server = Server::start();
    let _leah = Cli::new().chat(&server.at(), "leah");
    Cli::new().chat(&server.at(), "shlomo").finish().expect(0);
    let users = Cli::new().run(&["users", &server.at()]).expect(0).out;
    assert_eq!(users, "leah\n");
}

/// Row 47: a client that is killed leaves no port stuck: server and clients start again at once.
#[test]
fn a_killed_client_and_a_killed_server_leave_no_port_stuck() {
    let server = Server::start();
    let cli = Cli::new();
    let mut killed = cli.chat(&server.at(), "leah");
    killed.kill();
    cli.chat(&server.at(), "leah").finish().expect(0);

    let _still_here = Cli::new().chat(&server.at(), "shlomo");
    let server = server.restart(&[]);

    cli.chat(&server.at(), "leah").finish().expect(0);
}

/// A client that is killed is noticed, because its connection is.
#[test]
fn a_killed_client_is_noticed() {
    let server = Server::start();
    let leah = Cli::new().chat(&server.at(), "leah");
    Cli::new().chat(&server.at(), "shlomo").kill();
    leah.out.wait_for(&["shlomo has left the chat"]);
}

/// A server that is told to stop says goodbye and exits with 0.
#[cfg(unix)]
#[test]
fn a_server_says_goodbye() {
    let mut server = Server::start();
    let leah = Cli::new().chat(&server.at(), "leah");
    crate::common::signal(server.id(), "TERM");
    assert_eq!(server.wait(), Some(0));
    leah.err.wait_for(&["trying again"]);
}

/// A client comes back by itself when the server does, and misses nothing.
#[test]
fn a_client_comes_back_when_the_server_does() {
    let server = Server::start();
    let mut leah = Cli::new().chat(&server.at(), "leah");
    let server = server.restart(&[]);
    leah.type_line("said while nobody listened");

    server.screen.wait_for(&["leah connected to the server"]);
    leah.out.wait_for(&["leah: said while nobody listened"]);
    wait_until("it is said once", || {
        let told = leah.out.all();
        told.iter().filter(|line| line.contains("said while nobody listened")).count() == 1
    });
}
