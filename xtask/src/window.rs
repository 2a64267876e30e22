//! The desktop client is built and tested in a step of its own: it alone needs GTK, and everything
//! else must build where GTK is absent.

use std::process::Command;

use crate::packages::{find, install};
use crate::shell::{Outcome, cargo, output, run};

/// The desktop client's package.
pub(crate) const PACKAGE: &str = "client-druid";

/// What Debian calls the things that a window and its tests need.
const PACKAGES: [&str; 6] =
    ["libgtk-3-dev", "xvfb", "openbox", "xdotool", "imagemagick", "fonts-inter"];
/// Programs that the tests of the real window run, and those that take its pictures.
const PROGRAMS: [&str; 6] = ["Xvfb", "openbox", "xdotool", "import", "identify", "convert"];

/// Checks and tests the desktop client. Where GTK is missing and cannot be installed, that is told,
/// and is a failure only on a machine that tests every change.
pub(crate) fn check() -> Outcome {
    if let Err(why) = prepare() {
        if std::env::var_os("CI").is_some() {
            return Err(why);
        }
        eprintln!("xtask: {why}");
        eprintln!("xtask: the desktop client was neither built nor tested");
        return Ok(());
    }
    run(&mut cargo(&["clippy", "--package", PACKAGE, "--all-targets", "--", "-D", "warnings"]))?;
    let args = ["doc", "--package", PACKAGE, "--no-deps", "--document-private-items"];
    run(cargo(&args).env("RUSTDOCFLAGS", "-D warnings"))?;
    run(&mut cargo(&["test", "--package", PACKAGE]))
}

/// Sees to it that everything is there that a window needs.
pub(crate) fn prepare() -> Outcome {
    if is_ready() {
        return Ok(());
    }
    install("what a window needs", &PACKAGES)
}

fn is_ready() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let has_gtk = output(Command::new("pkg-config").args(["--exists", "gtk+-3.0"])).is_some();
    has_gtk && PROGRAMS.iter().all(|program| find(program).is_some())
}
