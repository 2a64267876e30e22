//! Being asked to end: by Ctrl-C, or by whoever runs the server.

use std::io;

use proto_std::channel::{Receiver, Sender, bounded};

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
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let wait = move || {
        let mut before = false;
        for signal in &mut signals {
            tell(&mut before, &asked, 128 + signal);
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(wait).map(drop)
}

#[cfg(windows)]
fn start(asked: Sender<()>) -> io::Result<()> {
    let mut before = false;
    let press = move || tell(&mut before, &asked, 130);
    ctrlc::set_handler(press).map_err(io::Error::other)
}

fn tell(before: &mut bool, asked: &Sender<()>, code: i32) {
    if std::mem::replace(before, true) {
        std::process::exit(code);
    }
    let _ = asked.try_send(());
}
