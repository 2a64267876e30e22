//! The room's memory: what was acknowledged survives, whatever happens to the process.
//!
//! ```text
//!   room --append--> queue --> [ store thread: one transaction for all that wait, synced ] --stored--> room
//! ```
//!
//! redb keeps two tables of opaque values; the protocol core knows what they mean. Commits are
//! grouped: while one is being synced the next gathers, so that a busy room pays one sync for
//! many messages.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::{fmt, thread};

use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};

const PEOPLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("people");
const MESSAGES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("messages");

/// Most records in one transaction.
const GROUP: usize = 1024;

/// One thing to remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A person, over what was known of them.
    Person {
        /// Their public key.
        key: [u8; 32],
        /// The rest.
        value: Vec<u8>,
    },
    /// A person who is forgotten.
    Forget {
        /// Their public key.
        key: [u8; 32],
    },
    /// A message, over the one that had this place in the ring.
    Message {
        /// The place.
        place: u64,
        /// The message.
        value: Vec<u8>,
    },
}

/// What was remembered, at start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Everybody, by key.
    pub people: Vec<Vec<u8>>,
    /// All messages, by place.
    pub messages: Vec<Vec<u8>>,
}

/// The database could not be used.
#[derive(Debug)]
pub struct StoreError(redb::Error);

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            redb::Error::DatabaseAlreadyOpen => {
                f.write_str("another haversack-server is using this state directory")
            }
            other => other.fmt(f),
        }
    }
}

impl std::error::Error for StoreError {}

impl<E: Into<redb::Error>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// The database file.
pub struct Store {
    database: Database,
}

impl Store {
    /// Opens the database, or makes one, and reads it all: it is small by design.
    ///
    /// # Errors
    /// When another process has it open, it is damaged, or the disk fails.
    pub fn open(path: &Path) -> Result<(Self, Memory), StoreError> {
        let database = Database::builder().set_cache_size(4 << 20).create(path)?;
        let begin = database.begin_write()?;
        begin.open_table(PEOPLE)?;
        begin.open_table(MESSAGES)?;
        begin.commit()?;

        let mut memory = Memory::default();
        let read = database.begin_read()?;
        for row in read.open_table(PEOPLE)?.iter()? {
            memory.people.push(row?.1.value().to_vec());
        }
        for row in read.open_table(MESSAGES)?.iter()? {
            memory.messages.push(row?.1.value().to_vec());
        }
        drop(read);
        Ok((Self { database }, memory))
    }

    /// Writes entries, all or none, and syncs.
    ///
    /// # Errors
    /// When the disk fails; nothing is written then.
    pub fn append(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let write = self.database.begin_write()?;
        {
            let mut people = write.open_table(PEOPLE)?;
            let mut messages = write.open_table(MESSAGES)?;
            for entry in entries {
                match entry {
                    Entry::Person { key, value } => {
                        people.insert(&key[..], &value[..])?;
                    }
                    Entry::Forget { key } => {
                        people.remove(&key[..])?;
                    }
                    Entry::Message { place, value } => {
                        messages.insert(*place, &value[..])?;
                    }
                }
            }
        }
        write.commit()?;
        Ok(())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// Entries on their way to the disk, each with a receipt `R`. The thread ends when all senders
/// are gone, after writing what they sent.
pub fn spawn<R: Send + 'static>(
    store: Store,
    mut settled: impl FnMut(Vec<R>, Result<(), StoreError>) + Send + 'static,
) -> std::io::Result<(Sender<(Entry, R)>, thread::JoinHandle<()>)> {
    let (sender, queue) = channel();
    let run = move || {
        while let Some((entries, receipts)) = next_group(&queue) {
            settled(receipts, store.append(&entries));
        }
    };
    let thread = thread::Builder::new().name("store".into()).spawn(run)?;
    Ok((sender, thread))
}

/// Waits for one entry and takes all that wait behind it.
fn next_group<R>(queue: &Receiver<(Entry, R)>) -> Option<(Vec<Entry>, Vec<R>)> {
    let first = queue.recv().ok()?;
    let rest = std::iter::from_fn(|| queue.try_recv().ok()).take(GROUP - 1);
    Some(std::iter::once(first).chain(rest).unzip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_is_there_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("room.redb");
        let (store, memory) = Store::open(&path).unwrap();
        assert_eq!(memory, Memory::default());
        let person = |value: u8| Entry::Person { key: [1; 32], value: vec![value] };
        let message = |place, value: u8| Entry::Message { place, value: vec![value] };
        store.append(&[person(1), message(0, 10), message(1, 11)]).unwrap();
        store.append(&[person(2), message(0, 12)]).unwrap();
        drop(store);

        let (_, memory) = Store::open(&path).unwrap();

        assert_eq!(memory.people, [[2]]);
        assert_eq!(memory.messages, [[12], [11]]);
    }

    #[test]
    fn two_servers_cannot_share_a_memory() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("room.redb");
        let (_held, _) = Store::open(&path).unwrap();
        let error = Store::open(&path).unwrap_err();
        assert!(error.to_string().contains("another haversack-server"), "{error}");
    }

    #[test]
    fn many_entries_share_a_commit_and_each_is_receipted() {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(&dir.path().join("room.redb")).unwrap();
        let (report, settled) = channel();
        let (queue, thread) = spawn(store, move |receipts: Vec<u64>, outcome| {
            outcome.unwrap();
            report.send(receipts).unwrap();
        })
        .unwrap();
        for place in 0..500 {
            queue.send((Entry::Message { place: place % 100, value: vec![0] }, place)).unwrap();
        }
        drop(queue);
        thread.join().unwrap();
        let commits: Vec<Vec<u64>> = settled.iter().collect();
        assert!(commits.len() < 250, "{} commits", commits.len());
        assert_eq!(commits.concat(), (0..500).collect::<Vec<_>>());
    }
}
