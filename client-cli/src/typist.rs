//! The terminal of somebody who types: keys come one by one while this lives.
//!
//! Ctrl-C stays a signal. Where the terminal cannot do this, lines are read as everywhere.

/// A terminal that gives keys. It is as before when this is dropped.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Typist {
    before: rustix::termios::Termios,
}

#[cfg(unix)]
impl Typist {
    /// Asks the terminal of standard input for keys; `None` when it gives none.
    pub(crate) fn sit_down() -> Option<Self> {
        use rustix::termios::{
            LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr,
        };
        let stdin = std::io::stdin();
        let before = tcgetattr(&stdin).ok()?;
        let mut keys = before.clone();
        keys.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::IEXTEN);
        keys.special_codes[SpecialCodeIndex::VMIN] = 1;
        keys.special_codes[SpecialCodeIndex::VTIME] = 0;
        // A suspended chat would leave the shell without echo.
        keys.special_codes[SpecialCodeIndex::VSUSP] = 0;
        tcsetattr(&stdin, OptionalActions::Now, &keys).ok()?;
        Some(Self { before })
    }

    /// Columns of the terminal.
    pub(crate) fn columns() -> usize {
        let size = rustix::termios::tcgetwinsize(std::io::stdout());
        size.ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0).unwrap_or(80)
    }
}

#[cfg(unix)]
impl Drop for Typist {
    fn drop(&mut self) {
        let now = rustix::termios::OptionalActions::Now;
        let _ = rustix::termios::tcsetattr(std::io::stdin(), now, &self.before);
    }
}

/// A terminal that gives keys: not here.
#[cfg(not(unix))]
#[derive(Debug)]
pub(crate) struct Typist;

#[cfg(not(unix))]
impl Typist {
    /// Lines are read instead.
    pub(crate) const fn sit_down() -> Option<Self> {
        None
    }

    /// Columns of the terminal.
    pub(crate) const fn columns() -> usize {
        80
    }
}
