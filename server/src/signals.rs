//! Being asked to end: by Ctrl-C, or by whoever runs the server.

use std::io;
use std::thread;

use proto_std::channel::{Receiver, Sender, bounded};
use signal_hook::consts::{SIGINT, SIGTERM};

/// Tells once when the process is asked to end; a second time it ends at once.
///
/// # Errors
/// As the system says.
pub fn watch() -> io::Result<Receiver<()>> {
    let (asked, stop) = bounded(1);
    start(asked)?;
    Ok(stop)
}

#[cfg(unix)]
fn start(asked: Sender<()>) -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let wait = move || {
        let mut before = false;
        for signal in &mut signals {
            if before {
                std::process::exit(128 + signal);
            }
            before = true;
            let _ = asked.try_send(());
        }
    };
    thread::Builder::new().name("signals".into()).spawn(wait).map(drop)
}

/// Where a signal wakes nobody, somebody looks for it.
#[cfg(windows)]
fn start(asked: Sender<()>) -> io::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The order matters: the second signal finds the flag set by the first.
        let again = Arc::clone(&flag);
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, again)?;
        signal_hook::flag::register(signal, Arc::clone(&flag))?;
    }
    let look = move || {
        while !flag.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(100));
        }
        let _ = asked.try_send(());
    };
    thread::Builder::new().name("signals".into()).spawn(look).map(drop)
}
