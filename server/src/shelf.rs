//! The list of shared files, and noticing when it changes.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use proto_core::time::Instant;
use proto_std::channel::{Receiver, Sender, bounded};
use proto_std::clock;
use proto_std::storage::{Entry, Folder};
use proto_std::task::{sleep, spawn_blocking};

/// How long the folder is left alone between two looks, at least.
const PERIOD: Duration = Duration::from_secs(2);
/// How many times as long as a look took: a folder of very many files takes 2 % of a processor…
const REST: u32 = 50;
/// …and what changed is told after so long at most, however slow the disk was.
const MOST: Duration = Duration::from_secs(30);
/// Lists younger than this are given out again: asking often costs nothing.
const FRESH: Duration = Duration::from_millis(100);

/// The shared folder's list.
#[derive(Debug)]
pub struct Shelf {
    folder: Arc<Folder>,
    seen: Mutex<Seen>,
    /// Rung when somebody comes.
    bell: (Sender<()>, Receiver<()>),
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
        Self { folder, seen: Mutex::new(seen), bell: bounded(1) }
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

    /// Somebody comes: the folder is looked at, if it was left alone meanwhile.
    pub fn on_arrival(&self) {
        // When the bell rings already, once is enough.
        let _ = self.bell.0.try_send(());
    }

    /// Looks at the folder again and again while somebody is there, and calls `changed` whenever it
    /// changed since the last look or list.
    pub async fn watch(&self, is_empty: impl Fn() -> bool, changed: impl Fn()) {
        loop {
            let begun = clock::now();
            // A folder that cannot be read now may be readable later; whoever asks is told.
            drop(self.list().await);
            let took = clock::now().since(begun);
            if self.take_changed() {
                changed();
            }
            sleep(rest_after(took)).await;
            if is_empty() {
                self.forget();
            }
            while is_empty() {
                let _ = self.bell.1.recv().await;
            }
        }
    }

    /// The next look is the first one: every login brings a list, and what changed before is no
    /// news to anybody.
    fn forget(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (seen.at, seen.changed) = (None, false);
    }

    fn take_changed(&self) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut seen.changed)
    }

    fn fresh(&self) -> Option<Arc<Vec<Entry>>> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let age = clock::now().since(seen.at?);
        (age < FRESH).then(|| Arc::clone(&seen.files))
    }
}

/// How long the folder is left alone after a look that took so long.
fn rest_after(look: Duration) -> Duration {
    look.saturating_mul(REST).clamp(PERIOD, MOST)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proto_std::race::race;
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

    #[test]
    fn a_folder_is_left_alone_until_somebody_comes() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(Arc::new(Folder::open(dir.path()).unwrap()));
        let (is_empty, told) = (Cell::new(true), Cell::new(0));
        let seen = || shelf.seen.lock().unwrap().files.len();
        let until = async |what: &dyn Fn() -> bool| {
            while !what() {
                sleep(Duration::from_millis(1)).await;
            }
        };
        let watch = shelf.watch(|| is_empty.get(), || told.set(told.get() + 1));

        let story = async {
            until(&|| shelf.seen.lock().unwrap().at.is_some()).await;
            std::fs::write(dir.path().join("a"), "1").unwrap();
            sleep(PERIOD + FRESH).await;
            assert_eq!(seen(), 0, "nobody is there");

            is_empty.set(false);
            shelf.on_arrival();
            until(&|| seen() == 1).await;
            std::fs::write(dir.path().join("a"), "in place").unwrap();
            until(&|| told.get() > 0).await;
            assert_eq!(told.get(), 1, "what was there before them is no news");
        };
        block_on(race(watch, story));
    }

    #[test]
    fn a_folder_that_takes_long_is_looked_at_less_often() {
        assert_eq!(rest_after(Duration::ZERO), PERIOD);
        assert_eq!(rest_after(Duration::from_millis(300)), Duration::from_secs(15));
        assert_eq!(rest_after(Duration::from_secs(10)), MOST);
    }
}
