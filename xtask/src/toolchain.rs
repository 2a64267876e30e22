//! Compiling for machines without an operating system, and what that takes.
//!
//! `rustup target add` is the ordinary way. Where rustup can fetch nothing, Debian's compiler
//! builds `core` from its source package.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{Failure, Outcome, cargo, output, root, run};

const DEBIAN_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/core";
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// Runs `cargo build` for a target, in `folder`, with more arguments; returns the folder that what
/// was built is in, by profile.
pub(crate) fn build(target: &str, folder: &Path, args: &[&str]) -> Result<PathBuf, Failure> {
    let target_dir = root().join("target/bare");
    let mut command = if has_rustup_target(target) {
        cargo(&["build"])
    } else {
        if !has_debian_compiler() {
            install(target, &DEBIAN_PACKAGES)?;
        }
        debian_cargo(target)?
    };
    command.current_dir(folder).args(["--target", target]).args(args);
    // What is meant for this machine is not meant for that one.
    command.env_remove("RUSTFLAGS").env_remove("CARGO_TARGET_DIR");
    run(command.arg("--target-dir").arg(&target_dir))?;
    Ok(target_dir.join(target))
}

/// Makes sure that a program of Debian's is there.
pub(crate) fn need(program: &str, package: &str) -> Outcome {
    if finds(program).is_some() { Ok(()) } else { install(program, &[package]) }
}

fn debian_cargo(target: &str) -> Result<Command, Failure> {
    let mut command = Command::new("/usr/bin/cargo");
    command.args(["build", "-Zbuild-std=core"]);
    command.env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1");
    for variable in ["RUSTUP_TOOLCHAIN", "RUSTDOC", "CARGO"] {
        command.env_remove(variable);
    }
    // Debian's compiler brings no linker of its own.
    need("ld.lld", "lld")?;
    let variable = target.to_uppercase().replace(['-', '.'], "_");
    command.env(format!("CARGO_TARGET_{variable}_LINKER"), "ld.lld");
    Ok(command)
}

fn has_rustup_target(target: &str) -> bool {
    let targets = output(Command::new("rustup").args(["target", "list", "--installed"]));
    targets.is_some_and(|list| list.lines().any(|line| line == target))
}

fn has_debian_compiler() -> bool {
    let needed = [DEBIAN_SOURCE, "/usr/bin/cargo", "/usr/bin/rustc"];
    needed.iter().all(|path| Path::new(path).exists())
}

fn finds(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.exists())
}

fn install(what: &str, packages: &[&str]) -> Outcome {
    let manual = Failure(format!(
        "{what} is not installed. Try: apt-get install {} (a target of the compiler: \
         rustup target add {what})",
        packages.join(" ")
    ));
    if !Path::new("/usr/bin/apt-get").exists() {
        return Err(manual);
    }
    run(Command::new("apt-get").args(["update", "--quiet"])).map_err(|_| manual)?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    run(install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages))
}
