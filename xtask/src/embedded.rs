//! The core must build where there is no operating system and no allocator.
//!
//! `rustup target add thumbv7em-none-eabi` is the ordinary way. Where rustup can fetch nothing,
//! Debian's compiler builds `core` from its source package.

use std::path::Path;
use std::process::Command;

use crate::shell::{Failure, Outcome, cargo, output, root, run};

const TARGET: &str = "thumbv7em-none-eabi";
const DEBIAN_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/core";
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// Builds proto-core for a Cortex-M4.
pub(crate) fn build() -> Outcome {
    if has_rustup_target() {
        return run(&mut cargo(&["build", "--package", "proto-core", "--target", TARGET]));
    }
    if !has_debian_compiler() {
        install_debian_compiler()?;
    }
    let target_dir = root().join("target/debian");
    let mut command = Command::new("/usr/bin/cargo");
    command
        .current_dir(root())
        .args(["build", "--package", "proto-core", "-Zbuild-std=core", "--target", TARGET])
        .arg("--target-dir")
        .arg(target_dir)
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1");
    for variable in ["RUSTFLAGS", "CARGO_TARGET_DIR", "RUSTUP_TOOLCHAIN", "RUSTDOC", "CARGO"] {
        command.env_remove(variable);
    }
    run(&mut command)
}

fn has_rustup_target() -> bool {
    let targets = output(Command::new("rustup").args(["target", "list", "--installed"]));
    targets.is_some_and(|list| list.lines().any(|line| line == TARGET))
}

fn has_debian_compiler() -> bool {
    let needed = [DEBIAN_SOURCE, "/usr/bin/cargo", "/usr/bin/rustc"];
    needed.iter().all(|path| Path::new(path).exists())
}

fn install_debian_compiler() -> Outcome {
    let manual = Failure(format!(
        "cannot build for {TARGET}: its core library is not installed. \
         Try: rustup target add {TARGET} (or, on Debian: apt-get install {})",
        DEBIAN_PACKAGES.join(" ")
    ));
    if !Path::new("/usr/bin/apt-get").exists() {
        return Err(manual);
    }
    run(Command::new("apt-get").args(["update", "--quiet"])).map_err(|_| manual)?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    run(install
        .args(["install", "--yes", "--quiet", "--no-install-recommends"])
        .args(DEBIAN_PACKAGES))
}
