//! Compiling for machines without an operating system, and what that takes.
//!
//! `rustup target add` is the ordinary way, and is tried first. Where rustup can fetch nothing,
//! Debian's compiler builds `core` from its source package, which no other compiler can.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use crate::packages::{exist, install, need};
use crate::shell::{Failure, Outcome, cargo, output, root, run};

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";
const DEBIAN_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/core";
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"];

/// How long rustup may take to fetch a target.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs `cargo build` for a target, in `folder`, with more arguments; returns the folder that what
/// was built is in, by profile.
pub(crate) fn build(target: &str, folder: &Path, args: &[&str]) -> Result<PathBuf, Failure> {
    compile("build", target, folder, args)?;
    Ok(target_dir().join(target))
}

/// Runs `cargo clippy` for a target, in `folder`, with more arguments.
pub(crate) fn lint(target: &str, folder: &Path, args: &[&str]) -> Outcome {
    let args = [args, &["--", "-D", "warnings"]].concat();
    compile("clippy", target, folder, &args)
}

fn compile(verb: &str, target: &str, folder: &Path, args: &[&str]) -> Outcome {
    let mut command = if has_target(target) || fetches(target) {
        cargo(&[verb])
    } else {
        debian_cargo(verb, target)?
    };
    command.current_dir(folder).args(["--target", target, "--target-dir"]).arg(target_dir());
    // What is meant for this machine is not meant for that one.
    command.env_remove("RUSTFLAGS").env_remove("CARGO_TARGET_DIR");
    run(command.args(args))
}

fn target_dir() -> PathBuf {
    root().join("target/bare")
}

fn has_target(target: &str) -> bool {
    let targets = output(Command::new("rustup").args(["target", "list", "--installed"]));
    targets.is_some_and(|list| list.lines().any(|line| line == target))
}

/// Lets rustup fetch a target; whoever could not be reached once is not asked again.
fn fetches(target: &str) -> bool {
    static IS_IN_VAIN: OnceLock<()> = OnceLock::new();
    if IS_IN_VAIN.get().is_some() {
        return false;
    }
    let mut command = Command::new("rustup");
    command.args(["target", "add", target]).env("RUSTUP_MAX_RETRIES", "0");
    let fetched = ends_well(&mut command) && has_target(target);
    if !fetched {
        eprintln!("xtask: rustup cannot add {target}: Debian's compiler builds for it instead");
        IS_IN_VAIN.get_or_init(|| ());
    }
    fetched
}

/// Whether a command ends well while there is patience with it.
fn ends_well(command: &mut Command) -> bool {
    let Ok(mut child) = command.spawn() else { return false };
    for _ in 0..PATIENCE.as_secs() * 10 {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => thread::sleep(Duration::from_millis(100)),
            Err(_) => break,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

fn debian_cargo(verb: &str, target: &str) -> Result<Command, Failure> {
    if !exist(&[DEBIAN_SOURCE, DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_CLIPPY]) {
        let advice = |Failure(why)| Failure(format!("{why}, or: rustup target add {target}"));
        install("a compiler for small processors", &DEBIAN_PACKAGES).map_err(advice)?;
    }
    // It brings no linker of its own.
    need("ld.lld", "lld")?;
    let mut command = Command::new(if verb == "clippy" { DEBIAN_CLIPPY } else { DEBIAN_CARGO });
    command.arg(verb);
    for variable in ["RUSTUP_TOOLCHAIN", "RUSTDOC"] {
        command.env_remove(variable);
    }
    command.env("CARGO", DEBIAN_CARGO).env("RUSTC", DEBIAN_RUSTC);
    command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_UNSTABLE_BUILD_STD", "core,alloc");
    let variable = target.to_uppercase().replace(['-', '.'], "_");
    command.env(format!("CARGO_TARGET_{variable}_LINKER"), "ld.lld");
    Ok(command)
}
