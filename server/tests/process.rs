//! The server's program as scripts see it: ready file, signals, exit codes.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use proto_core::text::Name;
use proto_std::session::{self, Event, Purpose, SessionConfig};
use tempfile::TempDir;

const ANY: &str = "127.0.0.1:0";

struct Program {
    child: Child,
    dir: TempDir,
    address: String,
}

fn command(dir: &Path, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_haversack-server"));
    command
        .args(["--listen", listen])
        .args(["--files".as_ref(), dir.join("files").as_os_str()])
        .args(["--state".as_ref(), dir.join("state").as_os_str()])
        .args(["--ready-file".as_ref(), dir.join("ready").as_os_str()])
        .env_remove("HAVERSACK_SECRET")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let child = command(dir.path(), ANY).args(arguments).spawn().unwrap();
        let address = wait_until_ready(&dir.path().join("ready"));
        Self { child, dir, address }
    }

    fn session(
        &self,
        name: &str,
    ) -> (proto_std::channel::Sender<session::Command>, proto_std::channel::Receiver<Event>) {
        let name = Name::parse(name).unwrap();
        let state = self.dir.path().join("client");
        let server = self.address.parse().unwrap();
        session::start(SessionConfig::new(server, name, Purpose::Join, state))
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Waits for the end; gives the exit code and what was printed.
    fn end(&mut self) -> (Option<i32>, String) {
        let mut text = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        (self.child.wait().unwrap().code(), text)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn wait_until_ready(path: &PathBuf) -> String {
    for _ in 0..1000 {
        if let Ok(text) = std::fs::read_to_string(path) {
            let (address, fingerprint) = text.trim().split_once('\n').unwrap();
            return format!("haversack://{address}#{fingerprint}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the server is not ready after 10 s");
}

fn wait_for(events: &proto_std::channel::Receiver<Event>, wanted: &str) -> Event {
    loop {
        let event = events.recv_blocking().unwrap();
        if format!("{event:?}").starts_with(wanted) {
            return event;
        }
    }
}

#[test]
fn a_terminated_server_says_goodbye_and_exits_with_0() {
    let mut program = Program::start(&["--log-text"]);
    let (commands, events) = program.session("leah");
    wait_for(&events, "Online");

    program.signal("-TERM");

    let Event::Offline { why, .. } = wait_for(&events, "Offline") else { unreachable!() };
    assert!(why.to_string().contains("shutting down"), "{why}");
    let (code, text) = program.end();
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("leah connected to the server"), "{text}");
    assert!(text.contains("haversack chat haversack://127.0.0.1:"), "{text}");
    drop(commands);
}

#[test]
fn what_was_acknowledged_survives_a_killed_server() {
    let mut program = Program::start(&[]);
    let (commands, events) = program.session("leah");
    wait_for(&events, "Online");
    let to = proto_core::wire::Audience::All;
    let say =
        |token| session::Command::Say { token, to: to.clone(), text: format!("words {token}") };
    for token in 0..10 {
        commands.send_blocking(say(token)).unwrap();
    }
    for _ in 0..10 {
        wait_for(&events, "Delivered");
    }
    drop((commands, events));
    program.signal("-KILL");
    program.end();
    std::fs::remove_file(program.dir.path().join("ready")).unwrap();
    std::fs::remove_dir_all(program.dir.path().join("client/cursors")).ok();

    // A reader with an old cursor asks for everything since.
    program.child = command(program.dir.path(), ANY).spawn().unwrap();
    program.address = wait_until_ready(&program.dir.path().join("ready"));
    let stale = program.dir.path().join("client/cursors");
    std::fs::create_dir_all(&stale).unwrap();
    let (_commands, events) = with_cursor(&program, "leah", "0");

    for token in 0..10 {
        let Event::Said { text, .. } = wait_for(&events, "Said") else { unreachable!() };
        assert_eq!(text, format!("words {token}"));
    }
}

/// Joins as somebody who has read up to `cursor`.
fn with_cursor(
    program: &Program,
    name: &str,
    cursor: &str,
) -> (proto_std::channel::Sender<session::Command>, proto_std::channel::Receiver<Event>) {
    // The first login makes the cursor's file; then it is set back.
    let (commands, events) = program.session(name);
    wait_for(&events, "Online");
    commands.send_blocking(session::Command::Leave).unwrap();
    wait_for(&events, "Closed");
    for entry in std::fs::read_dir(program.dir.path().join("client/cursors")).unwrap() {
        std::fs::write(entry.unwrap().path(), cursor).unwrap();
    }
    program.session(name)
}

#[test]
fn a_mistake_on_the_command_line_exits_with_2() {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [&["--nonsense"][..], &["--confirm-at", "120%"], &["--quota", "1G"]] {
        let output = command(dir.path(), ANY).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    let help = command(dir.path(), ANY).arg("-h").output().unwrap();
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8(help.stdout).unwrap().contains("--allow-upload"));
}

#[test]
fn a_port_that_is_taken_exits_with_3_and_says_what_to_do() {
    let program = Program::start(&[]);
    let taken = program.address.trim_start_matches("haversack://").split('#').next().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let output = command(dir.path(), taken).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("--listen"), "{text}");
}

#[test]
fn events_can_be_read_by_programs_and_hold_no_words() {
    let mut program = Program::start(&["--log-format", "ndjson"]);
    let (commands, events) = program.session("leah");
    wait_for(&events, "Online");
    let to = proto_core::wire::Audience::All;
    commands
        .send_blocking(session::Command::Say { token: 1, to, text: "secret plan".into() })
        .unwrap();
    wait_for(&events, "Delivered");
    program.signal("-INT");
    let (code, text) = program.end();
    assert_eq!(code, Some(0));
    assert!(
        text.lines().all(|line| line.starts_with("{\"v\":1,") && line.ends_with('}')),
        "{text}"
    );
    assert!(text.contains("\"t\":\"joined\",\"name\":\"leah\""), "{text}");
    assert!(!text.contains("secret plan"), "{text}");
}
