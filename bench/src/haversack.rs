//! Haversack's own programs, built in release and run as a user would.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::peer::Role;

/// Builds the server and the command-line client.
pub fn build() -> Result<(), Box<dyn Error>> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root()).args(["build", "--release", "-p", "server", "-p", "client-cli"]);
    if cargo.status()?.success() { Ok(()) } else { Err("haversack does not build".into()) }
}

/// The command that plays one role.
pub fn command(role: Role, file: &Path, meeting: &Path) -> io::Result<Command> {
    let state = meeting.with_extension("state");
    match role {
        Role::Serve => {
            let mut command = Command::new(root().join("target/release/haversack-server"));
            command.args(["--listen", "127.0.0.1:0", "--log-level", "error", "--files"]);
            command.arg(file.parent().unwrap_or(file));
            command.arg("--state").arg(state.join("server")).arg("--ready-file").arg(meeting);
            Ok(command)
        }
        Role::Fetch => {
            let ready = std::fs::read_to_string(meeting)?;
            let server = ready.split_whitespace().next().unwrap_or_default();
            let mut command = Command::new(root().join("target/release/haversack"));
            command.args(["get", server, "source.bin", "--quiet", "--yes", "--overwrite"]);
            command.arg("--name").arg("bench").arg("-o").arg(file);
            command.arg("--state").arg(state.join("client"));
            Ok(command)
        }
    }
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("bench lies in the repository").to_path_buf()
}
