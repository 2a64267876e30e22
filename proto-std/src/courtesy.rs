//! Threads that move much give way to those that somebody waits for.
//!
//! Where more threads want to run than there are processors, each waits for its turn, and a message
//! passes through half a dozen of them. Who moves a file waits as long without being noticed.

use std::io;
use std::sync::OnceLock;
use std::thread::{self, Builder, JoinHandle};

/// Starts a thread that gives way to all that do not.
///
/// # Errors
/// When the system gives none.
pub(crate) fn spawn(
    thread: Builder,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    thread.spawn(move || {
        give_way();
        run();
    })
}

/// Whether there are more processors than the two ends of a transfer need.
pub(crate) fn has_processors_to_spare() -> bool {
    static SPARE: OnceLock<bool> = OnceLock::new();
    *SPARE.get_or_init(|| thread::available_parallelism().map_or(true, |cores| cores.get() > 2))
}

/// Elsewhere the same call is about a whole process, and whoever chats in it would give way, too.
fn give_way() {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{getpriority_process, setpriority_process};
        // Whoever was started to give way even more stays so.
        let niceness = getpriority_process(None).map_or(NICENESS, |nice| nice.max(NICENESS));
        if let Err(error) = setpriority_process(None, niceness) {
            log::debug!("a thread that moves files keeps its priority: {error}");
        }
    }
}

/// A tenth of the processor's time that others get, when there is not enough for all.
#[cfg(any(target_os = "linux", target_os = "android"))]
const NICENESS: i32 = 10;
