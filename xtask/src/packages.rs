//! What a machine must have besides Rust, and how Debian and its kin get it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{Failure, Outcome, output, run};

/// Where a program is.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.exists())
}

/// Makes sure that a program is there, which lies in that package.
pub(crate) fn need(program: &str, package: &str) -> Outcome {
    if find(program).is_some() { Ok(()) } else { install(program, &[package]) }
}

/// Installs packages, for what the first word says.
pub(crate) fn install(what: &str, packages: &[&str]) -> Outcome {
    let manual = || {
        let packages = packages.join(" ");
        Failure(format!("{what}: not all of it is installed. Try: apt-get install {packages}"))
    };
    if find("apt-get").is_none() {
        return Err(manual());
    }
    run(apt().args(["update", "--quiet"])).map_err(|_| manual())?;
    let mut install = apt();
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages);
    run(&mut install).map_err(|_| manual())
}

/// Whoever is not root may be let through by sudo, without being asked.
fn apt() -> Command {
    let is_root = output(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
    if !is_root {
        command.args(["--non-interactive", "apt-get"]);
    }
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Whether all these files are there.
pub(crate) fn exist(paths: &[&str]) -> bool {
    paths.iter().all(|path| Path::new(path).exists())
}
