//! On a terminal: prompts, bars, and an input that is emptied. Needs `script` of util-linux.

use std::process::Command;

use crate::common::{Cli, Running, Server};

/// The program with a terminal of its own; `None` says that it cannot be had here.
pub(crate) fn on_a_terminal(cli: &Cli, args: &[&str]) -> Option<Running> {
    if !Command::new("script").arg("--version").output().is_ok_and(|out| out.status.success()) {
        eprintln!("SKIPPED: there is no `script` here to make a terminal with");
        return None;
    }
    let program = env!("CARGO_BIN_EXE_haversack");
    let line = [&[program], args].concat().join(" ");
    let template = cli.command(&[]);
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"]);
    for (key, value) in template.get_envs() {
        match value {
            Some(value) => command.env(key, value),
            None => command.env_remove(key),
        };
    }
    command.env("TERM", "xterm").env_remove("NO_COLOR").current_dir(cli.path(""));
    command.stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    Some(Running::start(command))
}

/// Row 21: the input is emptied after a message is sent, and the message shown once.
#[test]
fn the_input_is_emptied_after_a_message_is_sent() {
    let server = Server::start();
    let cli = Cli::new();
    let Some(mut leah) = on_a_terminal(&cli, &["chat", &server.at(), "--name", "leah"]) else {
        return;
    };
    leah.out.wait_for(&["leah@", "online"]);
    leah.type_line("hi all");
    let line = leah.out.wait_for(&["leah", ": hi all"]);
    assert!(line.contains("\u{1b}[K"), "{line:?}");
    leah.type_line("/clear");
    leah.type_line("/quit");
    leah.wait().expect(0).prints(&["\u{1b}[2J"]);
}

/// What others say does not disturb what is being typed, and typing can be corrected and repeated.
#[test]
fn what_is_typed_survives_what_others_say() {
    let server = Server::start();
    let cli = Cli::new();
    let Some(mut leah) = on_a_terminal(&cli, &["chat", &server.at(), "--name", "leah"]) else {
        return;
    };
    leah.out.wait_for(&["leah@", "online"]);
    leah.type_keys("wor");
    Cli::new().run(&["send", &server.at(), "--name", "dana", "hello"]).expect(0);
    leah.out.wait_for(&["dana", ": hello"]);
    leah.type_keys("d\u{1b}[Dl\n");
    leah.out.wait_for(&["leah", ": world"]);
    leah.type_keys("\u{1b}[A!\n");
    leah.out.wait_for(&["leah", ": world!"]);
    leah.type_keys("/us\t\n");
    leah.out.wait_for(&["online (1): leah"]);
    leah.type_keys("\u{4}");
    leah.wait().expect(0);
}

/// A name is asked for where somebody can answer.
#[test]
fn a_name_is_asked_for() {
    let server = Server::start();
    let cli = Cli::new();
    let Some(mut leah) = on_a_terminal(&cli, &["chat", &server.at()]) else { return };
    leah.out.wait_for(&["Your name:"]);
    leah.type_line("leah");
    leah.out.wait_for(&["leah@", "online"]);
    leah.type_line("/quit");
    leah.wait().expect(0);
}
