//! How a run ends: done, failed, interrupted, or with nobody left to read it.

use std::io;
use std::process::ExitCode;

use proto_std::session::{Advice, Error, ErrorKind};

/// What a command comes to.
pub(crate) type Outcome<T = ()> = Result<T, Stop>;

/// Exit code of a wrong command line.
pub(crate) const USAGE: u8 = ErrorKind::Usage.exit_code();

/// Exit code after Ctrl-C, as shells have it: 128 + SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why a command stopped before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It failed, and somebody must be told.
    Failed(Error),
    /// It failed, and the error is shown already: only the code is left to give.
    Told(ErrorKind),
    /// The user pressed Ctrl-C; what can be resumed is saved.
    Interrupted,
    /// Whoever read our output went away: nobody is left to be told.
    PipeClosed,
}

impl Stop {
    /// The number that the shell sees.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Failed(error) => error.exit_code(),
            Self::Told(kind) => kind.exit_code(),
            Self::Interrupted => INTERRUPTED,
            Self::PipeClosed => 0,
        }
    }
}

impl From<&Stop> for ExitCode {
    fn from(stop: &Stop) -> Self {
        Self::from(stop.code())
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<io::Error> for Stop {
    /// For writes to standard output, the only I/O done with a bare `?`.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::PipeClosed;
        }
        Self::Failed(Error::disk("cannot write the output", &error))
    }
}

/// A mistake in what was typed, or in what the environment says.
pub(crate) fn usage(what: impl Into<String>, next: impl Into<Advice>) -> Error {
    Error::new(ErrorKind::Usage, what, "", next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_not_a_failure() {
        let stop = Stop::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(matches!(stop, Stop::PipeClosed));
        assert_eq!(stop.code(), 0);
    }

    #[test]
    fn the_codes_are_those_that_scripts_rely_on() {
        assert_eq!(Stop::Interrupted.code(), 130);
        assert_eq!(Stop::Failed(usage("x", "")).code(), 2);
        assert_eq!(Stop::Told(ErrorKind::Partial).code(), 7);
    }
}
