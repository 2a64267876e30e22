//! Starting, and finding each other.

use std::net::TcpListener;

use crate::common::{Cli, Server};

/// Row 1: the server is started from a terminal, before any client, and only then can one come.
#[test]
fn a_server_is_started_first_and_then_clients_can_connect() {
    let server = Server::start();
    let ran = Cli::new().run(&["users", &server.at()]).expect(0);
    assert_eq!(ran.out, "");

    let address = server.at();
    drop(server);
    Cli::new().run(&["users", &address]).expect(3).says(&["cannot reach", "connection refused"]);
}

/// Row 2: port 50000 on 127.0.0.1, unless told otherwise.
#[test]
fn the_well_known_port_and_host_are_the_default() {
    let Some(server) = Server::at_the_default() else {
        eprintln!("SKIPPED: somebody else is using port 50000 of this machine");
        return;
    };
    assert_eq!(server.at(), "127.0.0.1:50000");
    server.share("notes.txt", b"x");
    Cli::new().run(&["ls", "127.0.0.1"]).expect(0).prints(&["notes.txt"]);
}

/// Row 2: any address of the machine will do.
#[test]
fn a_server_listens_where_it_is_told() {
    let server = Server::listening("0.0.0.0:0");
    let port = server.address.port();
    Cli::new().run(&["users", &format!("127.0.0.1:{port}")]).expect(0);
}

/// Row 3: several clients at once, also on one machine: eight here.
#[test]
fn eight_clients_are_here_at_once() {
    let server = Server::start();
    let home = Cli::new();
    let mut clients: Vec<_> =
        (1..=8).map(|n| home.chat(&server.at(), &format!("client{n}"))).collect();

    let users = Cli::new().run(&["users", &server.at()]).expect(0).out;
    assert_eq!(users.lines().count(), 8, "{users}");
    for (n, client) in (1..).zip(&mut clients) {
        client.type_line(&format!("hello from {n}"));
    }

    for client in &clients {
        for n in 1..=8 {
            client.out.wait_for(&[&format!("client{n}: hello from {n}")]);
        }
    }
}

/// Row 4: what a client took is free again when it leaves.
#[test]
fn a_place_is_free_again_after_a_client_leaves() {
    let server = Server::with(&["--max-clients", "2"]);
    let first = Cli::new().chat(&server.at(), "first");
    let _second = Cli::new().chat(&server.at(), "second");
    Cli::new().run(&["users", &server.at(), "--timeout", "2"]).expect(4).explains([
        "cannot log in",
        "(the server is full)",
        "Try again later",
    ]);

    first.finish().expect(0);

    Cli::new().chat(&server.at(), "third").finish().expect(0);
}

/// Row 7: a client is told a server's address and a name.
#[test]
fn a_client_needs_an_address_and_a_name() {
    let server = Server::start();
    let cli = Cli::new();
    cli.run(&["chat", "--name", "leah"]).expect(2).says(&["no server is named"]);
    cli.run(&["chat", &server.at()]).expect(2).says(&["no name is given", "--name"]);
    cli.run(&["chat", &server.at(), "--name", "a\u{202e}b"]).expect(2).says(&["cannot be a name"]);

    cli.chat(&server.at(), "leah").finish().expect(0);
}

/// Row 7: address and name also come from the environment and from the configuration.
#[test]
fn address_and_name_are_remembered_where_they_are_written_down() {
    let server = Server::start();
    let cli = Cli::new();
    let mut command = cli.command(&["send", "hi"]);
    command.env("HAVERSACK_SERVER", server.at()).env("HAVERSACK_NAME", "leah");
    crate::common::Running::start(command).finish().expect(0);
    server.screen.wait_for(&["send to all", "leah"]);

    std::fs::create_dir_all(cli.path("config/haversack")).unwrap();
    let config = format!("server = \"{}\"\nname = 'dana'\n", server.at());
    cli.write("config/haversack/config.toml", config.as_bytes());
    cli.run(&["send", "hi"]).expect(0);
    server.screen.wait_for(&["send to all", "dana"]);
}

/// Row 8: a wrong address gives a message.
#[test]
fn a_wrong_address_is_told() {
    let cli = Cli::new();
    // A port that nobody is given by chance while this test runs.
    let free = "127.0.0.1:1";
    let what = format!("cannot reach {free}");
    let next = format!("Is haversack-server running there? Try: haversack doctor {free}");
    cli.write("mine.txt", b"x");
    let commands: [&[&str]; 6] = [
        &["chat", free, "--name", "leah"],
        &["send", free, "--name", "leah", "hi"],
        &["users", free],
        &["ls", free],
        &["get", free, "notes.pdf"],
        &["put", free, "mine.txt"],
    ];
    for command in commands {
        cli.run(command).expect(3).explains([&what, "(connection refused)", &next]);
    }
    cli.run(&["users", "no-such-host.invalid"]).expect(3).explains([
        "cannot find no-such-host.invalid",
        "(",
        "Check the spelling",
    ]);
    cli.run(&["users", "http://x"]).expect(2).says(&["not a server's address"]);
    cli.run(&["users", "127.0.0.1:99999"]).expect(2).says(&["a port is a number"]);
}

/// A server that takes the connection and says nothing is given up.
#[test]
fn a_server_that_says_nothing_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    Cli::new().run(&["users", &address, "--timeout", "1"]).expect(3).explains([
        &format!("cannot reach {address}"),
        "(no answer within 1 s)",
        "Is haversack-server running there?",
    ]);
}

/// First contact: the fingerprint is shown, and it is the server's.
#[test]
fn first_contact_shows_the_fingerprint_and_remembers_it() {
    let server = Server::start();
    let cli = Cli::new();
    let ran = cli.run(&["users", &server.at()]).expect(0);
    ran.says(&["first contact", &server.fingerprint]);
    let again = cli.run(&["users", &server.at()]).expect(0);
    assert!(!again.err.contains("first contact"), "{}", again.err);

    let print = Cli::new().run(&["fingerprint", &server.at()]).expect(0);
    assert_eq!(print.out.trim(), server.fingerprint);
}

/// A server whose key changed is refused until it is forgotten.
#[test]
fn a_server_with_another_key_is_refused_until_it_is_forgotten() {
    let server = Server::start();
    let cli = Cli::new();
    cli.run(&["users", &server.at()]).expect(0);

    let known = server.fingerprint.clone();
    let impostor = server.replace();
    let forget = format!("haversack forget-server {}", impostor.at());
    for command in [&["users", &impostor.at()][..], &["get", &impostor.at(), "notes.pdf"]] {
        cli.run(command).expect(3).explains([
            "is not the server it was",
            &format!("(its key is {} instead of {known})", impostor.fingerprint),
            &forget,
        ]);
    }

    cli.run(&["forget-server", &impostor.at()]).expect(0);
    cli.run(&["users", &impostor.at()]).expect(0).says(&["first contact"]);
}

/// An address with a fingerprint leaves nothing to first contact.
#[test]
fn an_address_with_a_fingerprint_is_believed_and_no_other_key() {
    let server = Server::start();
    let right = format!("haversack://{}#{}", server.at(), server.fingerprint);
    Cli::new().run(&["users", &right]).expect(0);

    let other = Server::start();
    let wrong = format!("haversack://{}#{}", server.at(), other.fingerprint);
    Cli::new().run(&["users", &wrong]).expect(3).explains([
        "is not the server it was",
        &format!("(its key is {} instead of {})", server.fingerprint, other.fingerprint),
        "forget-server",
    ]);
}

/// A wrong secret is refused, the right one opens.
#[test]
fn a_server_with_a_secret_lets_only_those_in_who_know_it() {
    let cli = Cli::new();
    let secret = Server::new_secret();
    cli.write("secret", secret.as_bytes());
    let path = cli.path("secret");
    let server = Server::with(&["--secret-file", path.to_str().unwrap()]);

    let refusal = ["does not let us in", "(the secret is wrong or missing)", "--secret-file"];
    Cli::new().run(&["users", &server.at(), "--timeout", "3"]).expect(4).explains(refusal);
    cli.write("wrong", Server::new_secret().as_bytes());
    for command in ["users", "ls"] {
        let args = [command, &server.at(), "--secret-file", "wrong", "--timeout", "3"];
        cli.run(&args).expect(4).explains(refusal);
    }

    cli.run(&["users", &server.at(), "--secret-file", "secret"]).expect(0);
    let mut command = cli.command(&["users", &server.at()]);
    command.env("HAVERSACK_SECRET", secret.trim());
    crate::common::Running::start(command).finish().expect(0);
}
