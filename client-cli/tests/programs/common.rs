//! Runs the real programs: a server on a free port, and clients with homes of their own.

mod cli;
mod lines;
mod server;
mod way;

#[cfg(unix)]
pub(crate) use cli::signal;
pub(crate) use cli::{Cli, Ran, Running, names_in};
pub(crate) use lines::Lines;
pub(crate) use proto_sim::rng::noise;
pub(crate) use server::Server;
pub(crate) use way::{fast, slow, way};

use std::path::Path;
use std::thread;
use std::time::Duration;

/// How long anything may take before a test fails: generous, because tests run beside each other.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(10);

/// Waits until something is so.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
        if is_so() {
            return;
        }
        thread::sleep(LOOK);
    }
    panic!("never happened: {what}");
}

/// Fails if a program panicked, whatever else it did: no input may make it do so.
fn expect_no_panic(who: &str, told: &Lines) {
    // One failure at a time: a test that fails already has a better one to tell.
    if !thread::panicking() {
        assert!(!told.has(&["panicked at"]), "{who} panicked:\n{}", told.all().join("\n"));
    }
}

/// The content of a file that a test wrote or waits for.
#[track_caller]
pub(crate) fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
