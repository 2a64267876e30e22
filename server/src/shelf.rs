//! The list of shared files, and noticing when it changes.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use proto_core::time::Instant;
use proto_std::clock;
use proto_std::storage::{Entry, Folder};
use proto_std::task::{sleep, spawn_blocking};

/// How often the folder is looked at.
const PERIOD: Duration = Duration::from_secs(2);
/// Lists younger than this are given out again: asking often costs nothing.
const FRESH: Duration = Duration::from_millis(100);

/// The shared folder's list.
#[derive(Debug)]
pub struct Shelf {
    folder: Arc<Folder>,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    files: Arc<Vec<Entry>>,
    at: Option<Instant>,
    /// Whether the list has changed since the last call of `watch` told so.
    changed: bool,
    /// How many files had names that cannot travel.
    refused: usize,
}

impl Shelf {
    /// A shelf for a folder that has not been looked at.
    pub fn new(folder: Arc<Folder>) -> Self {
        let seen = Seen { files: Arc::default(), at: None, changed: false, refused: 0 };
        Self { folder, seen: Mutex::new(seen) }
    }

    /// The files as they are now.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn list(&self) -> io::Result<Arc<Vec<Entry>>> {
        if let Some(files) = self.fresh() {
            return Ok(files);
        }
        let folder = Arc::clone(&self.folder);
        let listing = spawn_blocking(move || folder.list()).await?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen.files != listing.files {
            seen.changed |= seen.at.is_some();
            seen.files = Arc::new(listing.files);
        }
        seen.refused = listing.refused;
        seen.at = Some(clock::now());
        Ok(Arc::clone(&seen.files))
    }

    /// How many files are left out because their names cannot travel.
    pub fn refused(&self) -> usize {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).refused
    }

    /// Looks at the folder again and again, and calls `changed` whenever it changed.
    pub async fn watch(&self, changed: impl Fn()) {
        loop {
            sleep(PERIOD).await;
            // A folder that cannot be read now may be readable later; whoever asks is told.
            drop(self.list().await);
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if std::mem::take(&mut seen.changed) {
                drop(seen);
                changed();
            }
        }
    }

    fn fresh(&self) -> Option<Arc<Vec<Entry>>> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let age = clock::now().since(seen.at?);
        (age < FRESH).then(|| Arc::clone(&seen.files))
    }
}

#[cfg(test)]
mod tests {
    use proto_std::task::block_on;

    use super::*;

    #[test]
    fn a_new_file_is_listed_and_noticed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a"), "1").unwrap();
        let shelf = Shelf::new(Arc::new(Folder::open(dir.path()).unwrap()));
        assert_eq!(block_on(shelf.list()).unwrap().len(), 1);
        assert!(!shelf.seen.lock().unwrap().changed, "the first look is no change");

        std::fs::write(dir.path().join("b"), "2").unwrap();
        shelf.seen.lock().unwrap().at = Some(Instant::ZERO);
        let far = clock::now() + Duration::from_secs(1);
        while block_on(shelf.list()).unwrap().len() < 2 && clock::now() < far {}

        assert_eq!(block_on(shelf.list()).unwrap().len(), 2);
        assert!(shelf.seen.lock().unwrap().changed);
    }
}
