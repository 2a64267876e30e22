//! Messages: to all, to one, to nobody.

use crate::common::{Cli, Server};

/// Rows 15 and 19: what is typed is said to all, and shown as `<name>: <message>`.
#[test]
fn what_is_typed_is_said_to_all() {
    let server = Server::start();
    let mut leah = Cli::new().chat(&server.at(), "leah");
    let shlomo = Cli::new().chat(&server.at(), "shlomo");
    let dana = Cli::new().chat(&server.at(), "dana");

    leah.type_line("hi all");

    for client in [&leah, &shlomo, &dana] {
        let line = client.out.wait_for(&["leah: hi all"]);
        let (time, message) = line.split_once("  ").unwrap();
        assert!(time.len() == 5 && time.as_bytes()[2] == b':', "{line}");
        assert_eq!(message, "leah: hi all");
    }
}

/// Row 15: `All` is the default recipient, and can be named.
#[test]
fn all_is_the_default_recipient() {
    let server = Server::start();
    let leah = Cli::new().chat(&server.at(), "leah");
    let sender = Cli::new();
    sender.run(&["send", &server.at(), "--name", "dana", "one"]).expect(0);
    sender.run(&["send", &server.at(), "--name", "dana", "--to", "All", "two"]).expect(0);
    leah.out.wait_for(&["dana: one"]);
    leah.out.wait_for(&["dana: two"]);
    assert!(!leah.out.has(&["[private]"]));
}

/// Rows 6 and 16: a private message reaches the one it is for, and nobody else.
#[test]
fn a_private_message_reaches_one_only() {
    let server = Server::start();
    let mut leah = Cli::new().chat(&server.at(), "leah");
    let mut shlomo = Cli::new().chat(&server.at(), "shlomo");
    let dana = Cli::new().chat(&server.at(), "dana");

    leah.type_line("/msg shlomo for you only");
    shlomo.out.wait_for(&["[private]", "leah: for you only"]);
    leah.out.wait_for(&["[private to shlomo]", "leah: for you only"]);
    shlomo.type_line("/reply and for you");
    leah.out.wait_for(&["[private]", "shlomo: and for you"]);

    leah.type_line("for all");
    dana.out.wait_for(&["leah: for all"]);
    assert!(!dana.out.has(&["for you"]));
}

/// Row 6: each name leads to its own connection, however many there are.
#[test]
fn names_lead_to_their_own_connections() {
    let server = Server::start();
    let home = Cli::new();
    let clients: Vec<_> = (0..6).map(|n| home.chat(&server.at(), &format!("c{n}"))).collect();
    let sender = Cli::new();
    for n in 0..6 {
        let to = format!("c{n}");
        let text = format!("number {n}");
        sender.run(&["send", &server.at(), "--name", "leah", "--to", &to, &text]).expect(0);
    }
    for (n, client) in clients.iter().enumerate() {
        client.out.wait_for(&["[private]", &format!("leah: number {n}")]);
        let others = client.out.all();
        let count = others.iter().filter(|line| line.contains("number")).count();
        assert_eq!(count, 1, "{others:?}");
    }
}

/// Row 18: an unknown recipient is told to whoever wrote.
#[test]
fn an_unknown_recipient_is_told() {
    let server = Server::start();
    Cli::new()
        .run(&["send", &server.at(), "--name", "leah", "--to", "nobody", "hi"])
        .expect(5)
        .explains([
            "cannot deliver the message to nobody",
            "(the user does not exist, or is not online)",
            "See who is there: haversack users",
        ]);

    let mut leah = Cli::new().chat(&server.at(), "leah2");
    leah.type_line("/msg nobody hi");
    leah.err.wait_for(&["nobody", "does not exist"]);
    leah.type_line("the chat goes on");
    leah.out.wait_for(&["leah2: the chat goes on"]);
}

/// Row 20: the server logs `send to <name> - <message>`.
#[test]
fn the_server_logs_messages_in_its_words() {
    let server = Server::with(&["--log-text"]);
    let _shlomo = Cli::new().chat(&server.at(), "shlomo");
    let sender = Cli::new();
    sender.run(&["send", &server.at(), "--name", "leah", "--to", "shlomo", "hi you"]).expect(0);
    server.screen.wait_for(&["send to shlomo - hi you"]);
    sender.run(&["send", &server.at(), "--name", "leah", "hi all"]).expect(0);
    server.screen.wait_for(&["send to all - hi all"]);
}

/// Row 23: clearing is the client's own affair.
#[test]
fn clear_does_not_involve_the_server() {
    let server = Server::start();
    let mut leah = Cli::new().chat(&server.at(), "leah");
    let shlomo = Cli::new().chat(&server.at(), "shlomo");
    leah.out.wait_for(&["shlomo connected"]);
    server.screen.wait_for(&["shlomo connected"]);
    let before = server.screen.all().len();
    leah.type_line("/clear");
    leah.type_line("after");
    shlomo.out.wait_for(&["leah: after"]);
    server.screen.wait_for(&["send to all"]);
    assert_eq!(server.screen.all().len(), before + 1, "{:?}", server.screen.all());
}

/// Row 24: at most 100 messages are kept for a client; what is missed is counted.
#[test]
fn a_hundred_messages_are_kept_and_what_is_missed_is_counted() {
    let server = Server::start();
    let home = Cli::new();
    let mut leah = home.chat(&server.at(), "leah");
    leah.type_line("I was here");
    leah.out.wait_for(&["leah: I was here"]);
    leah.type_line("/quit");
    leah.wait().expect(0);
    let lines: Vec<_> = (1..=150).map(|n| format!("number {n}.")).collect();
    let lines = lines.join("\n");
    Cli::new().run_with(&["send", &server.at(), "--name", "shlomo"], lines).expect(0);

    let leah = home.chat(&server.at(), "leah");

    leah.out.wait_for(&["shlomo: number 150."]);
    leah.out.wait_for(&["you missed 50 messages"]);
    leah.out.wait_for(&["shlomo: number 51."]);
    assert!(!leah.out.has(&["number 50."]));
    let shown = leah.out.all();
    let numbers: Vec<usize> = shown
        .iter()
        .filter_map(|line| line.split_once("number ")?.1.strip_suffix('.')?.parse().ok())
        .collect();
    assert_eq!(numbers, (51..=150).collect::<Vec<_>>());
}

/// `//x` says `/x`, and unknown commands are explained.
#[test]
fn a_double_slash_says_a_slash() {
    let server = Server::start();
    let mut leah = Cli::new().chat(&server.at(), "leah");
    leah.type_line("//x");
    leah.out.wait_for(&["leah: /x"]);
    leah.type_line("/frobnicate");
    leah.err.wait_for(&["unknown command '/frobnicate'", "/help"]);
    leah.type_line("/help");
    leah.out.wait_for(&["/msg USER TEXT"]);
}

/// What would drive a terminal is refused or shown, never obeyed.
#[test]
fn a_message_cannot_drive_the_terminal() {
    let server = Server::start();
    let leah = Cli::new().chat(&server.at(), "leah");
    Cli::new()
        .run(&["send", &server.at(), "--name", "eve", "a\u{1b}[2Jb"])
        .expect(2)
        .says(&["control characters"]);
    let sneaky = "x\n12:00  *  root connected to the server";
    Cli::new().run(&["send", &server.at(), "--name", "mallory", sneaky]).expect(0);
    leah.out.wait_for(&["mallory: x"]);
    let line = leah.out.wait_for(&["root connected"]);
    assert!(line.starts_with("       "), "{line}");
}

/// A text that is too long is refused before it is sent.
#[test]
fn a_text_that_is_too_long_is_refused() {
    let server = Server::start();
    let long = "x".repeat(2049);
    Cli::new()
        .run(&["send", &server.at(), "--name", "leah", &long])
        .expect(2)
        .says(&["at most 2048 bytes"]);
    let fits = "x".repeat(2048);
    Cli::new().run(&["send", &server.at(), "--name", "dana", &fits]).expect(0);
}

/// Every script is welcome, in names and in texts.
#[test]
fn every_script_is_welcome() {
    let server = Server::start();
    let leah = Cli::new().chat(&server.at(), "לאה");
    for (name, text) in [("شلومو", "مرحبا"), ("Дана", "привет"), ("莉亚", "你好"), ("zoë", "👋🏽")]
    {
        Cli::new().run(&["send", &server.at(), "--name", name, text]).expect(0);
        leah.out.wait_for(&[&format!("{name}: {text}")]);
    }
}
