//! How a world went.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proto_core::time::Duration;

/// How a world went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Which world.
    pub seed: u64,
    /// The hash of all that happened.
    pub trace: u64,
    /// How long it lasted, on its own clock.
    pub simulated: Duration,
    /// Transfers that came true.
    pub transfers: u64,
    /// Datagrams that were sent.
    pub datagrams: u64,
    /// Messages that were stored.
    pub messages: u64,
    /// Messages that readers were told they had missed.
    pub missed: u64,
    /// What went wrong, if anything did.
    pub failure: Option<String>,
}

/// Runs a world, and says what went wrong, be it told or a panic.
pub fn verdict(run: impl FnOnce() -> Result<(), String>) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(())) => None,
        Ok(Err(failure)) => Some(failure),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map(String::as_str);
            let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
            Some(words.unwrap_or("panic without words").into())
        }
    }
}
