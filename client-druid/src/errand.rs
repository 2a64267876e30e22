//! Errands: what asks the disk or the desktop, and so may take long or fail, is done beside the
//! window's thread. What came of it comes back to the desk as an `Answer`.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use druid::{EventCtx, SingleUse};
use proto_std::session::{Error, ErrorKind};

use crate::commands::ANSWER;
use crate::mailbox::Mailbox;

/// Errands under way at once: a desktop that answers none of them is asked no more.
const MOST: usize = 8;

/// What came of an errand.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It did what it was for.
    Done,
    /// It failed.
    Trouble(Error),
    /// The server's old key is forgotten.
    Forgotten,
    /// The folder that was typed for a download, or what is wrong with it.
    Folder { file: Arc<str>, typed: String, found: Result<PathBuf, String> },
    /// The file that was typed for an upload, or what is wrong with it.
    File { typed: String, found: Result<PathBuf, String> },
}

/// Whoever runs errands.
pub(crate) struct Errands {
    /// Each errand under way has one.
    pass: Arc<()>,
    /// Does them at once: a test has nobody to wait for.
    is_patient: bool,
}

impl Errands {
    /// Each on a thread of its own.
    pub(crate) fn on_threads() -> Self {
        Self { pass: Arc::default(), is_patient: false }
    }

    /// Where the asker is, who waits for it.
    #[cfg(test)]
    pub(crate) fn at_once() -> Self {
        Self { pass: Arc::default(), is_patient: true }
    }

    /// Runs an errand.
    pub(crate) fn run(
        &self,
        ctx: &mut EventCtx<'_, '_>,
        errand: impl FnOnce() -> Answer + Send + 'static,
    ) {
        if self.is_patient {
            return ctx.submit_command(ANSWER.with(SingleUse::new(errand())));
        }
        if let Err(trouble) = self.send_out(Mailbox::new(ctx.get_external_handle()), errand) {
            ctx.submit_command(ANSWER.with(SingleUse::new(Answer::Trouble(trouble))));
        }
    }

    fn send_out(
        &self,
        mailbox: Mailbox,
        errand: impl FnOnce() -> Answer + Send + 'static,
    ) -> Result<(), Error> {
        let pass = Arc::clone(&self.pass);
        if Arc::strong_count(&pass) > MOST + 1 {
            let why = "too much else is under way that nobody answers";
            return Err(Error::new(
                ErrorKind::Timeout,
                "cannot do that now",
                why,
                "Wait a little.",
            ));
        }
        let run = move || {
            // A window that is gone wants no answer.
            mailbox.send(ANSWER, SingleUse::new(errand()));
            drop(pass);
        };
        thread::Builder::new()
            .name("errand".into())
            .spawn(run)
            .map(drop)
            .map_err(|error| no_thread(&error))
    }
}

/// That the machine gives no thread.
pub(crate) fn no_thread(error: &std::io::Error) -> Error {
    let next = "Close other programs, and try again.";
    Error::new(ErrorKind::Other, "cannot start a thread", error.to_string(), next)
}
