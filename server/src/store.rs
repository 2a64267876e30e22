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

/// Entries after which a transaction takes no more bundles.
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
    /// A message.
    Message {
        /// Its place in the room's log.
        place: u64,
        /// The rest.
        value: Vec<u8>,
    },
    /// The message of this place falls out of the log.
    Fallen {
        /// The place.
        place: u64,
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
        #[cfg(target_os = "linux")]
        if let Err(error) = occupy(path) {
            log::warn!("{}: it has holes, and is synced more slowly: {error}", path.display());
        }

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
                    Entry::Message { place, value } => {
                        messages.insert(*place, &value[..])?;
                    }
                    Entry::Fallen { place } => {
                        messages.remove(*place)?;
                    }
                }
            }
        }
        write.commit()?;
        Ok(())
    }
}

/// Gives every byte of a file its place on the disk. Where a hole is filled, a sync waits for the file
/// system's journal, and with it for what everybody else is writing.
#[cfg(target_os = "linux")]
fn occupy(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::FileExt as _;
    let content = std::fs::read(path)?;
    let file = std::fs::File::options().write(true).open(path)?;
    file.write_all_at(&content, 0)?;
    file.sync_all()
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// Entries that become durable together, and the receipt for them.
pub type Bundle<R> = (Vec<Entry>, R);

/// Starts the thread that stores bundles and tells which are `settled`: the last receipt of each
/// commit, or of each failure. `settled` answers a failure with the receipt up to which everything
/// is void: what was sent before anybody knew is not stored. The thread ends when all senders are
/// gone, after storing what they sent.
///
/// # Errors
/// When the system has no thread to give.
pub fn spawn<R: Ord + Send + 'static>(
    store: Store,
    mut settled: impl FnMut(R, Result<(), StoreError>) -> Option<R> + Send + 'static,
) -> std::io::Result<(Sender<Bundle<R>>, thread::JoinHandle<()>)> {
    let (sender, queue) = channel();
    let run = move || {
        let mut void = None;
        while let Some((entries, receipt)) = next_group(&queue, void.as_ref()) {
            void = settled(receipt, store.append(&entries)).or(void);
        }
    };
    let thread = thread::Builder::new().name("store".into()).spawn(run)?;
    Ok((sender, thread))
}

/// Waits for one bundle and takes all that wait behind it, but none that is void.
fn next_group<R: Ord>(queue: &Receiver<Bundle<R>>, void: Option<&R>) -> Option<Bundle<R>> {
    let stands = |receipt: &R| void.is_none_or(|void| receipt > void);
    let (mut entries, mut last) = queue.iter().find(|(_, receipt)| stands(receipt))?;
    while entries.len() < GROUP
        && let Ok((more, receipt)) = queue.try_recv()
    {
        entries.extend(more);
        last = receipt;
    }
    Some((entries, last))
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

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_in_use_has_no_holes_and_keeps_what_is_in_it() {
        use std::os::unix::fs::MetadataExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("room.redb");
        for opened in 0..2 {
            let (store, memory) = Store::open(&path).unwrap();
            assert_eq!(memory.messages.len(), opened);
            let metadata = path.metadata().unwrap();
            assert!(metadata.blocks() * 512 >= metadata.len(), "{metadata:?}");
            store.append(&[Entry::Message { place: opened as u64, value: vec![1] }]).unwrap();
        }
    }

    #[test]
    fn many_bundles_share_a_commit_and_none_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("room.redb");
        let (store, _) = Store::open(&path).unwrap();
        let (report, settled) = channel();
        let (queue, thread) = spawn(store, move |receipt: u64, outcome| {
            outcome.unwrap();
            report.send(receipt).unwrap();
            None
        })
        .unwrap();
        for place in 0..500 {
            let mut entries = vec![Entry::Message { place, value: vec![0] }];
            entries.extend(place.checked_sub(100).map(|place| Entry::Fallen { place }));
            queue.send((entries, place)).unwrap();
        }
        drop(queue);
        thread.join().unwrap();

        let commits: Vec<u64> = settled.iter().collect();
        assert!(commits.len() < 250 && commits.is_sorted(), "{} commits", commits.len());
        assert_eq!(commits.last(), Some(&499));
        assert_eq!(Store::open(&path).unwrap().1.messages.len(), 100);
    }

    #[test]
    fn what_is_void_is_not_stored() {
        let (sender, queue) = channel();
        for receipt in 1..=5 {
            sender.send((vec![Entry::Fallen { place: receipt }], receipt)).unwrap();
        }
        drop(sender);

        let (entries, last) = next_group(&queue, Some(&3)).unwrap();

        assert_eq!((entries.len(), last), (2, 5));
        assert!(next_group(&queue, Some(&3)).is_none());
    }
}
