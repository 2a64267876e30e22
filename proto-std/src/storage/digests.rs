//! Hashes the files that are sent, on a thread of its own, and remembers.
//!
//! The smallest file that waits goes first. What nobody wants any more is dropped half way. A
//! second download of the same version has its digest at once.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSliceMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use proto_core::ids::{Digest, Stamp};

use super::{SourceFile, Trouble, positioned, stamp};
use crate::courtesy;

/// Called once when a digest is known; not called when the file was closed before.
type Answer = Box<dyn FnOnce(Result<Digest, Trouble>) + Send>;

/// The hashing thread and what it remembers. Ends when it is dropped.
#[derive(Debug)]
pub struct Digests {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    known: VecDeque<(Stamp, Digest)>,
    waiting: Vec<Job>,
    closed: bool,
}

struct Job {
    file: Arc<File>,
    size: u64,
    stamp: Stamp,
    answer: Answer,
}

impl Digests {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start() -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let worker = Arc::clone(&shared);
        courtesy::spawn(thread::Builder::new().name("digests".into()), move || worker.run())?;
        Ok(Self { shared })
    }

    /// The digest of a file that was hashed before.
    pub fn known(&self, stamp: Stamp) -> Option<Digest> {
        self.shared.lock().known(stamp)
    }

    /// Hashes a file and calls `answer` on the hashing thread.
    pub fn want(
        &self,
        source: &SourceFile,
        answer: impl FnOnce(Result<Digest, Trouble>) + Send + 'static,
    ) {
        let file = Arc::clone(source.file());
        let (size, stamp) = (source.size(), source.stamp());
        self.shared.lock().waiting.push(Job { file, size, stamp, answer: Box::new(answer) });
        self.shared.changed.notify_one();
    }
}

impl Drop for Digests {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn run(&self) {
        let mut buffer = vec![0; BUFFER_LEN];
        while let Some(job) = self.next() {
            let known = self.lock().known(job.stamp);
            let result = match known {
                Some(digest) => Ok(digest),
                None => match self.hash(&job, &mut buffer) {
                    Some(result) => result,
                    None => continue,
                },
            };
            if let Ok(digest) = result {
                self.lock().remember(job.stamp, digest);
            }
            (job.answer)(result);
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            state.waiting.retain(|job| !job.is_unwanted());
            let smallest = (0..state.waiting.len()).min_by_key(|&i| state.waiting[i].size);
            if let Some(smallest) = smallest {
                return Some(state.waiting.swap_remove(smallest));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// `None` when nobody wants to know any more.
    fn hash(&self, job: &Job, buffer: &mut [u8]) -> Option<Result<Digest, Trouble>> {
        let mut hasher = blake3::Hasher::new();
        let mut offset = 0;
        while offset < job.size {
            if job.is_unwanted() || self.lock().closed {
                return None;
            }
            let len = usize::try_from(job.size - offset).map_or(BUFFER_LEN, |n| n.min(BUFFER_LEN));
            let piece = &mut buffer[..len];
            match positioned::read_at(&job.file, &mut [IoSliceMut::new(piece)], offset) {
                Ok(read) if read == len as u64 => {}
                Ok(_) => return Some(Err(Trouble::Changed)),
                Err(error) => return Some(Err(error.into())),
            }
            hasher.update(piece);
            offset += len as u64;
        }
        let digest = Digest(*hasher.finalize().as_bytes());
        Some(match stamp::of(&job.file) {
            Ok(stamp) if stamp == job.stamp => Ok(digest),
            Ok(_) => Err(Trouble::Changed),
            Err(error) => Err(error.into()),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn known(&self, stamp: Stamp) -> Option<Digest> {
        self.known.iter().find(|(known, _)| *known == stamp).map(|(_, digest)| *digest)
    }

    fn remember(&mut self, stamp: Stamp, digest: Digest) {
        if self.known(stamp).is_none() {
            if self.known.len() == MOST_KNOWN {
                self.known.pop_front();
            }
            self.known.push_back((stamp, digest));
        }
    }
}

impl Job {
    /// True when everybody else closed the file.
    fn is_unwanted(&self) -> bool {
        Arc::strong_count(&self.file) == 1
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} known, {} waiting", self.known.len(), self.waiting.len())
    }
}

/// Bytes read and hashed at once.
const BUFFER_LEN: usize = 1 << 20;
/// Digests remembered.
const MOST_KNOWN: usize = 1024;

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_digest_is_computed_once_and_then_known() {
        let digests = Digests::start().unwrap();
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        let content: Vec<u8> = (0..=255).cycle().take(3_000_001).collect();
        std::fs::write(&path, &content).unwrap();
        let source = SourceFile::open(&path).unwrap();
        assert_eq!(digests.known(source.stamp()), None);

        let (sender, answers) = channel();
        digests.want(&source, move |answer| sender.send(answer).unwrap());
        let digest = answers.recv().unwrap().unwrap();

        assert_eq!(digest.0, *blake3::hash(&content).as_bytes());
        assert_eq!(digests.known(source.stamp()), Some(digest));
    }

    #[test]
    fn a_closed_file_is_not_hashed() {
        let digests = Digests::start().unwrap();
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let source = SourceFile::open(&path).unwrap();

        let (sender, answers) = channel();
        digests.want(&source, move |answer| sender.send(answer).unwrap());
        drop(source);

        let outcome = answers.recv_timeout(Duration::from_secs(20));
        assert!(outcome.is_err_and(|why| why == std::sync::mpsc::RecvTimeoutError::Disconnected));
    }
}
