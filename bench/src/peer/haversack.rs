//! Haversack's own programs, built in release and run as a user would.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Fault;
use crate::content::NAME;

/// How the programs are run, with their state where nothing else is.
pub struct Haversack {
    /// The folder of keys and memories.
    pub state: PathBuf,
}

/// Builds the server and the command-line client.
pub fn build() -> Result<(), Fault> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(["build", "--release", "-p", "server", "-p", "client-cli"]);
    // What cargo says to programs that it runs would make some crates build anew.
    let noise = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_TARGET_DIR"];
    for (name, _) in std::env::vars_os() {
        if noise.iter().any(|noise| name.to_string_lossy().starts_with(noise)) {
            cargo.env_remove(name);
        }
    }
    if cargo.status()?.success() { Ok(()) } else { Err("haversack does not build".into()) }
}

impl Haversack {
    /// The server of a folder.
    pub fn serve(&self, folder: &Path, meeting: &Path, host: &str) -> Command {
        let mut command = program("haversack-server");
        command.args(["--log-level", "error", "--max-per-address", "1000", "--files"]);
        command.arg(folder).arg("--listen").arg(format!("{host}:0"));
        command.arg("--state").arg(self.state.join("server")).arg("--ready-file").arg(meeting);
        command
    }

    /// A client's command for the server that was met: `say` comes behind the server's address.
    pub fn client(
        &self,
        verb: &str,
        name: &str,
        meeting: &Path,
        say: &[&str],
    ) -> io::Result<Command> {
        // As the server prints it for people: with its key.
        let ready = std::fs::read_to_string(meeting)?;
        let server = format!("haversack://{}", ready.trim().replace('\n', "#"));
        let mut command = program("haversack");
        command.arg(verb).arg(server).args(say).args(["--json", "--yes", "--name", name]);
        command.arg("--state").arg(self.state.join(name));
        Ok(command)
    }

    /// Fetches the served file, or everything into a folder that is there.
    pub fn fetch(&self, meeting: &Path, target: &Path) -> io::Result<Command> {
        let what = if target.is_dir() { "*" } else { NAME };
        let mut command = self.client("get", "bench", meeting, &[what, "--overwrite"])?;
        command.arg("-o").arg(target);
        Ok(command)
    }
}

fn program(name: &str) -> Command {
    Command::new(root().join("target/release").join(name))
}

/// The repository's root.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("bench lies in the repository").to_path_buf()
}
