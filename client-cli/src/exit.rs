//! How a run ends: done, failed, interrupted, or with nobody left to read it.

use std::process::ExitCode;
use std::{fmt, io};

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
    /// The user pressed Ctrl-C.
    Interrupted(Onward),
    /// Whoever read our output went away: nobody is left to be told.
    PipeClosed,
}

impl Stop {
    /// The number that the shell sees.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Failed(error) => error.exit_code(),
            Self::Told(kind) => kind.exit_code(),
            Self::Interrupted(_) => INTERRUPTED,
            Self::PipeClosed => 0,
        }
    }

    /// Says how to go on with what is kept.
    pub(crate) fn with(self, onward: Onward) -> Self {
        match (self, onward) {
            (Self::Interrupted(_), onward) => Self::Interrupted(onward),
            (Self::Failed(error), Onward::By(how)) => {
                let next = format!("What has arrived is kept: {how} goes on. {}", error.next);
                Self::Failed(Error { next: next.trim_end().into(), ..error })
            }
            (stop, Onward::Nothing | Onward::Lost | Onward::By(_)) => stop,
        }
    }
}

/// How to go on with transfers that have not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Onward {
    /// There is nothing to go on with.
    Nothing,
    /// Nothing is kept of what was under way.
    Lost,
    /// With this command.
    By(String),
}

impl fmt::Display for Onward {
    /// What is said after Ctrl-C.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("interrupted"),
            Self::Lost => f.write_str("interrupted; nothing of it is kept"),
            Self::By(how) => write!(f, "interrupted; the state is saved. Go on with: {how}"),
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
        assert_eq!(Stop::Interrupted(Onward::Nothing).code(), 130);
        assert_eq!(Stop::Failed(usage("x", "")).code(), 2);
        assert_eq!(Stop::Told(ErrorKind::Partial).code(), 7);
    }

    #[test]
    fn a_failure_says_how_to_go_on_with_what_is_kept() {
        let resume = || Onward::By("haversack resume".to_owned());
        let fail = |onward| match Stop::Failed(usage("lost", "Try again.")).with(onward) {
            Stop::Failed(error) => error.to_string(),
            stop => panic!("it failed no more: {stop:?}"),
        };

        let kept = "lost. What has arrived is kept: haversack resume goes on. Try again.";
        assert_eq!(fail(resume()), kept);
        assert_eq!(fail(Onward::Nothing), "lost. Try again.");
        assert!(matches!(Stop::PipeClosed.with(resume()), Stop::PipeClosed));
    }
}
