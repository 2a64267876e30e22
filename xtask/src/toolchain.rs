//! Compiling for other machines, and what that takes.
//!
//! `rustup target add` is the ordinary way, and is tried first. Where rustup can fetch nothing,
//! Debian's compiler builds the library from its source package, which no other compiler can.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use crate::packages::{exist, install, need};
use crate::shell::{Failure, Outcome, cargo, output, root, run_within};

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";
const DEBIAN_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/core";
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"];

/// How long rustup may take to fetch a target.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a build may take.
const BUILDING: Duration = Duration::from_secs(60 * 60);

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
    let command = if has(target) {
        cargo(&[verb])
    } else {
        // Debian's compiler brings no linker of its own.
        need("ld.lld", "lld")?;
        let mut command = debian_cargo(verb, target, "core,alloc")?;
        command.env(variable(target, "LINKER"), "ld.lld");
        command
    };
    finish(command, target, folder, args)
}

/// Lets a command do its work for a target, in `folder`, with more arguments.
pub(crate) fn finish(mut command: Command, target: &str, folder: &Path, args: &[&str]) -> Outcome {
    command.current_dir(folder).args(["--target", target, "--target-dir"]).arg(target_dir());
    // What is meant for this machine is not meant for that one.
    command.env_remove("RUSTFLAGS").env_remove("CARGO_TARGET_DIR");
    run_within(BUILDING, command.args(args))
}

/// Whether rustup has a target, or can fetch it.
pub(crate) fn has(target: &str) -> bool {
    has_target(target) || fetches(target)
}

/// What Cargo calls a setting of a target in the environment.
pub(crate) fn variable(target: &str, setting: &str) -> String {
    format!("CARGO_TARGET_{}_{setting}", target.to_uppercase().replace(['-', '.'], "_"))
}

pub(crate) fn target_dir() -> PathBuf {
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
    let fetched = run_within(PATIENCE, &mut command).is_ok() && has_target(target);
    if !fetched {
        eprintln!("xtask: rustup cannot add {target}: Debian's compiler builds for it instead");
        IS_IN_VAIN.get_or_init(|| ());
    }
    fetched
}

/// Debian's Cargo, which builds these libraries first.
pub(crate) fn debian_cargo(verb: &str, target: &str, libraries: &str) -> Result<Command, Failure> {
    if !exist(&[DEBIAN_SOURCE, DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_CLIPPY]) {
        let advice = |Failure(why)| Failure(format!("{why}, or: rustup target add {target}"));
        install("a compiler for other machines", &DEBIAN_PACKAGES).map_err(advice)?;
    }
    let mut command = Command::new(if verb == "clippy" { DEBIAN_CLIPPY } else { DEBIAN_CARGO });
    command.arg(verb);
    for variable in ["RUSTUP_TOOLCHAIN", "RUSTDOC"] {
        command.env_remove(variable);
    }
    command.env("CARGO", DEBIAN_CARGO).env("RUSTC", DEBIAN_RUSTC);
    command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_UNSTABLE_BUILD_STD", libraries);
    Ok(command)
}
