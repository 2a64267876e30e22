//! What every story has: a server, people, a file that cannot be guessed.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::actor::Actor;
use crate::shell::{Failure, Outcome, root};

/// A running server. It is killed when dropped.
pub(crate) struct Server {
    screen: Actor,
    pub(crate) address: SocketAddr,
    pub(crate) fingerprint: String,
}

impl Server {
    /// Starts a server on a free port; waits until it is ready.
    pub(crate) fn start(state: &Path, shared: &Path) -> Result<Self, Failure> {
        Self::start_as(program("haversack-server"), "127.0.0.1:0", state, shared)
    }

    /// The same with a program of another machine, where that listens.
    pub(crate) fn start_as(
        mut command: Command,
        listen: &str,
        state: &Path,
        shared: &Path,
    ) -> Result<Self, Failure> {
        let ready = state.with_extension("ready");
        let _ = fs::remove_file(&ready);
        command.args(["--listen", listen, "--files"]).arg(shared);
        command.arg("--state").arg(state).arg("--ready-file").arg(&ready);
        let screen = Actor::enter("server", 33, &mut command)?;
        for _ in 0..6000 {
            let written = fs::read_to_string(&ready).unwrap_or_default();
            let mut words = written.split_whitespace();
            if let (Some(address), Some(fingerprint)) = (words.next(), words.next()) {
                let address =
                    address.parse().map_err(|_| Failure(format!("odd address: {address}")))?;
                return Ok(Self { screen, address, fingerprint: fingerprint.to_owned() });
            }
            thread::sleep(Duration::from_millis(10));
        }
        Err(Failure("the server did not become ready".to_owned()))
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(self) -> Outcome {
        self.screen.interrupt()?;
        self.screen.leaves()
    }
}

/// Lets somebody enter the room, at home in a folder of their own.
pub(crate) fn join(
    name: &'static str,
    colour: u8,
    stage: &Path,
    server: SocketAddr,
) -> Result<Actor, Failure> {
    join_as(program("haversack"), name, colour, stage, server)
}

/// The same with a program of another machine.
pub(crate) fn join_as(
    mut command: Command,
    name: &'static str,
    colour: u8,
    stage: &Path,
    server: SocketAddr,
) -> Result<Actor, Failure> {
    let home = stage.join(name);
    fs::create_dir_all(&home)?;
    command.current_dir(&home).args(["chat", &server.to_string(), "--name", name]);
    command.arg("--state").arg(home.join("state"));
    Actor::enter(name, colour, &mut command)
}

/// Checks that two files are the same.
pub(crate) fn compare(source: &Path, target: &Path) -> Outcome {
    if fs::read(source)? == fs::read(target)? {
        return Ok(());
    }
    Err(Failure(format!("{} differs from what the server has", target.display())))
}

fn program(name: &str) -> Command {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    Command::new(target.join("debug").join(name))
}
