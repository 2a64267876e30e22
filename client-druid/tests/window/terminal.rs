//! Somebody at a terminal: the command-line client, as a program of its own.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use crate::house::House;
use crate::screen::wait_for;

/// The client in the room, and what it has said so far.
pub(crate) struct Terminal {
    client: Child,
    said: PathBuf,
}

impl Terminal {
    /// Enters the room, and waits until the room is entered.
    pub(crate) fn open(house: &House, name: &str) -> Self {
        let home = house.home(name);
        fs::create_dir_all(&home).unwrap();
        let said = home.join("said");
        let mut command = Command::new(program());
        command.args(["chat", &house.uri, "--name", name]).current_dir(&home);
        command.env("HOME", &home).env("XDG_CONFIG_HOME", home.join("config"));
        command.env("HAVERSACK_STATE", home.join("state")).env_remove("HAVERSACK_SECRET");
        command.stdin(Stdio::piped()).stdout(fs::File::create(&said).unwrap());
        let terminal = Self { client: command.spawn().unwrap(), said };
        terminal.waits_for(&format!("haversack  {name}@"));
        terminal
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        let input = self.client.stdin.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
    }

    /// Waits until something is printed.
    #[track_caller]
    pub(crate) fn waits_for(&self, words: &str) {
        wait_for(words, || self.says(words).then_some(()));
    }

    pub(crate) fn says(&self, words: &str) -> bool {
        fs::read_to_string(&self.said).unwrap().contains(words)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.client.kill();
        let _ = self.client.wait();
    }
}

/// The client's program, built if need be: it belongs to another package, so cargo does not build
/// it for our tests.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let window = Path::new(env!("CARGO_BIN_EXE_haversack-gui"));
        let folder = window.parent().unwrap();
        let profile = match folder.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(profile) => profile,
        };
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "client-cli", "--profile", profile]);
        build.current_dir(env!("CARGO_MANIFEST_DIR"));
        // What cargo tells a test about its own package would look like a change to the build
        // scripts of others, and half of everything would be built anew.
        for (key, _) in std::env::vars_os() {
            let name = key.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                build.env_remove(key);
            }
        }
        assert!(build.status().unwrap().success(), "the client cannot be built");
        folder.join("haversack")
    })
}
