//! Scripts: pipes, JSON, exit codes.

use std::process::Stdio;

use crate::common::{Cli, Running, Server};

/// A script that fails says so with its exit code.
#[test]
fn a_scripted_chat_fails_with_the_first_error() {
    let server = Server::start();
    let args = ["chat", &server.at(), "--name", "leah"];
    Cli::new().run_with(&args, "/msg nobody hi\nhello\n").expect(5).prints(&["leah: hello"]);
}

/// `send` takes one message per line of its input, in order.
#[test]
fn send_reads_a_message_per_line() {
    let server = Server::start();
    let leah = Cli::new().chat(&server.at(), "leah");
    let lines: Vec<_> = (1..=120).map(|n| format!("line {n}.")).collect();
    let lines = lines.join("\n");
    Cli::new().run_with(&["send", &server.at(), "--name", "script"], lines).expect(0);
    leah.out.wait_for(&["script: line 120."]);
    let told = leah.out.all();
    let numbers: Vec<usize> = told
        .iter()
        .filter_map(|line| line.split_once("script: line ")?.1.strip_suffix('.')?.parse().ok())
        .collect();
    assert_eq!(numbers, (1..=120).collect::<Vec<_>>());
}

/// A reader that goes away ends the program quietly.
#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_quietly() {
    let server = Server::start();
    server.share_all((0..2000).map(|n| (format!("file number {n}.bin"), b"")));
    let cli = Cli::new();
    let mut command = cli.command(&["ls", &server.at()]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert!(!err.contains("panicked") && !err.contains("roken pipe"), "{err}");
}

/// Nothing is asked when nobody can answer.
#[test]
fn nothing_is_asked_without_a_terminal() {
    let server = Server::start();
    let cli = Cli::new();
    let mut command = cli.command(&["chat", &server.at(), "--no-input"]);
    command.stdin(Stdio::piped());
    Running::start(command).finish().expect(2);
}
