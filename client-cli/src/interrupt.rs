//! Ctrl-C: told the first time, and the end of the process the second time.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::INTERRUPTED;

/// Whether Ctrl-C was pressed, or somebody asked the process to end.
#[derive(Debug)]
pub(crate) struct Interrupt {
    pressed: Arc<AtomicBool>,
    second: Second,
}

/// What ends the process at the second time.
#[cfg(unix)]
type Second = Vec<signal_hook::SigId>;
/// Whether the second time ends the process.
#[cfg(windows)]
type Second = Arc<AtomicBool>;

impl Interrupt {
    /// Takes Ctrl-C over.
    pub(crate) fn watch() -> io::Result<Self> {
        let pressed = Arc::new(AtomicBool::new(false));
        let second = take_over(&pressed)?;
        Ok(Self { pressed, second })
    }

    /// Whether it was pressed.
    pub(crate) fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }

    /// Makes the next time count as the first one again.
    pub(crate) fn rearm(&self) {
        self.pressed.store(false, Ordering::Relaxed);
    }

    /// From now on it is only told: the terminal has to be restored first.
    #[cfg(unix)]
    pub(crate) fn only_tell(&mut self) {
        for id in self.second.drain(..) {
            signal_hook::low_level::unregister(id);
        }
    }

    /// From now on it is only told: the terminal has to be restored first.
    #[cfg(windows)]
    pub(crate) fn only_tell(&mut self) {
        self.second.store(false, Ordering::Relaxed);
    }
}

#[cfg(unix)]
fn take_over(pressed: &Arc<AtomicBool>) -> io::Result<Second> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;
    let mut second = Vec::new();
    for signal in [SIGINT, SIGTERM] {
        // The order matters: the second signal finds the flag set by the first.
        let (code, again) = (i32::from(INTERRUPTED), Arc::clone(pressed));
        second.push(flag::register_conditional_shutdown(signal, code, again)?);
        flag::register(signal, Arc::clone(pressed))?;
    }
    Ok(second)
}

#[cfg(windows)]
fn take_over(pressed: &Arc<AtomicBool>) -> io::Result<Second> {
    let (pressed, second) = (Arc::clone(pressed), Arc::new(AtomicBool::new(true)));
    let ends = Arc::clone(&second);
    let press = move || {
        if pressed.swap(true, Ordering::Relaxed) && ends.load(Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
    };
    ctrlc::set_handler(press).map_err(io::Error::other)?;
    Ok(second)
}
