//! The last message that a user was shown, kept for the next time.

use std::path::{Path, PathBuf};

use proto_core::ids::Ordinal;
use proto_core::text::Name;
use proto_core::time::{Duration, Instant};

use crate::address::ServerAddr;
use crate::identity::file_stem;
use crate::state;

/// Least time between two writes: a busy room must not wear the disk out.
const PERIOD: Duration = Duration::from_secs(1);

/// A cursor's file.
#[derive(Debug)]
pub(super) struct CursorFile {
    path: PathBuf,
    saved: Option<Ordinal>,
    next: Instant,
}

impl CursorFile {
    /// Where the cursor of a name at a server is kept.
    pub(super) fn new(state_dir: &Path, name: &Name, server: &ServerAddr) -> Self {
        let server = blake3::hash(server.to_string().as_bytes()).to_hex();
        let file = format!("{}-{}", file_stem(name), &server[..16]);
        Self { path: state_dir.join("cursors").join(file), saved: None, next: Instant::ZERO }
    }

    /// What was saved. `None` when nothing was, or it cannot be read: then the room begins with
    /// what comes next.
    pub(super) fn load(&mut self) -> Option<Ordinal> {
        let text = std::fs::read_to_string(&self.path).ok()?;
        self.saved = text.trim().parse().ok().map(Ordinal);
        self.saved
    }

    /// Saves the cursor when it is time to.
    pub(super) fn save(&mut self, now: Instant, cursor: Option<Ordinal>) {
        if self.is_due(cursor) && now >= self.next {
            self.next = now + PERIOD;
            self.save_now(cursor);
        }
    }

    /// Saves the cursor if it moved.
    pub(super) fn save_now(&mut self, cursor: Option<Ordinal>) {
        let Some(ordinal) = cursor.filter(|_| self.is_due(cursor)) else { return };
        let made = self.path.parent().map_or(Ok(()), state::make_private_dir);
        let text = format!("{}\n", ordinal.0);
        match made.and_then(|()| state::replace_private(&self.path, text.as_bytes())) {
            Ok(()) => self.saved = cursor,
            // A message may be shown twice next time; that is no reason to stop.
            Err(error) => log::debug!("cannot save {}: {error}", self.path.display()),
        }
    }

    /// When to call [`Self::save`] again; `None` when nothing waits.
    pub(super) fn deadline(&self, cursor: Option<Ordinal>) -> Option<Instant> {
        self.is_due(cursor).then_some(self.next)
    }

    fn is_due(&self, cursor: Option<Ordinal>) -> bool {
        cursor.is_some() && cursor != self.saved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_written_at_most_once_a_second_and_never_lost_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let name = Name::parse("leah").unwrap();
        let server = "localhost".parse().unwrap();
        let open = || CursorFile::new(dir.path(), &name, &server);
        let mut file = open();
        assert_eq!(file.load(), None);
        let start = Instant::from_micros(1);
        file.save(start, Some(Ordinal(5)));
        assert_eq!(open().load(), Some(Ordinal(5)));
        file.save(start, Some(Ordinal(6)));
        assert_eq!(open().load(), Some(Ordinal(5)));
        assert_eq!(file.deadline(Some(Ordinal(6))), Some(start + PERIOD));
        file.save_now(Some(Ordinal(6)));
        assert_eq!(open().load(), Some(Ordinal(6)));
        assert_eq!(file.deadline(Some(Ordinal(6))), None);
    }
}
