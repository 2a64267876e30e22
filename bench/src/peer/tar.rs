//! A folder as people send it without a program of their own for it: `tar` over TCP.

use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::process::Command;

use super::{Play, tcp};
use crate::Fault;

/// Serves the folder until killed.
pub fn serve(play: &Play) -> Result<(), Fault> {
    for stream in tcp::listen(play, "cubic")?.incoming() {
        let mut tar = guarded();
        tar.arg("-C").arg(&play.file).args(["-cf", "-", "."]);
        done(tar.stdout(OwnedFd::from(stream?)))?;
    }
    Ok(())
}

/// Fetches it once.
pub fn fetch(play: &Play) -> Result<(), Fault> {
    std::fs::create_dir_all(&play.file)?;
    let mut tar = guarded();
    tar.arg("-C").arg(&play.file).args(["-xf", "-"]);
    done(tar.stdin(OwnedFd::from(TcpStream::connect(play.server()?)?)))
}

/// A `tar` that ends with this process.
fn guarded() -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", "tar"]);
    command
}

fn done(command: &mut Command) -> Result<(), Fault> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("tar: {status}").into()) }
}
