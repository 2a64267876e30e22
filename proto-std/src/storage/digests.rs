//! Hashes the files that are sent, on a thread of its own, and remembers.
//!
//! The smallest file that waits goes first. What nobody wants any more is dropped half way. A
//! second download of the same version has its digest at once.
//!
//! Where there is no processor to spare, the sender of one large file hashes it as he goes, and this
//! thread only follows: the time that a second reading takes is missing at the first. It goes on by
//! itself when the sender is slow, or when somebody else waits.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSliceMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use proto_core::ids::{Digest, Stamp};

use super::along::{Along, Progress};
use super::prefix_hash::{GROUP, PrefixHash};
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
    /// How long a sender may take for a step; `None` where senders hash nothing.
    patience: Option<Duration>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    known: VecDeque<(Stamp, Digest)>,
    waiting: Vec<Job>,
    /// A file is being hashed.
    is_busy: bool,
    closed: bool,
}

struct Job {
    file: Arc<File>,
    along: Arc<Along>,
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
        Self::begin((!courtesy::has_processors_to_spare()).then_some(PATIENCE))
    }

    fn begin(patience: Option<Duration>) -> io::Result<Self> {
        let shared = Arc::new(Shared { patience, ..Shared::default() });
        let worker = Arc::clone(&shared);
        courtesy::spawn(thread::Builder::new().name("digests".into()), move || worker.run())?;
        Ok(Self { shared })
    }

    /// The digest of a file that was hashed before.
    pub fn known(&self, stamp: Stamp) -> Option<Digest> {
        self.shared.lock().known(stamp)
    }

    /// Hashes a file of which nothing was read, and calls `answer` on the hashing thread.
    pub fn want(
        &self,
        source: &SourceFile,
        answer: impl FnOnce(Result<Digest, Trouble>) + Send + 'static,
    ) {
        let (file, along) = (Arc::clone(source.file()), Arc::clone(source.along()));
        let (size, stamp) = (source.size(), source.stamp());
        let job = Job { file, along, size, stamp, answer: Box::new(answer) };
        let mut state = self.shared.lock();
        let is_alone = !state.is_busy && state.waiting.is_empty();
        if self.shared.patience.is_some() && is_alone && size > SMALL {
            let shared = Arc::downgrade(&self.shared);
            job.along.begin(size, move || shared.upgrade().iter().for_each(|shared| shared.wake()));
        }
        state.waiting.push(job);
        drop(state);
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
        let mut buffer = Vec::new();
        while let Some(job) = self.next() {
            let known = self.lock().known(job.stamp);
            let result = known.map(Ok).or_else(|| self.hash(&job, &mut buffer));
            job.along.end();
            let mut state = self.lock();
            state.is_busy = false;
            let Some(result) = result else { continue };
            if let Ok(digest) = result {
                state.remember(job.stamp, digest);
            }
            drop(state);
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
                state.is_busy = true;
                return Some(state.waiting.swap_remove(smallest));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// `None` when nobody wants to know any more.
    fn hash(&self, job: &Job, buffer: &mut Vec<u8>) -> Option<Result<Digest, Trouble>> {
        let digest = match self.follow(job) {
            Some(digest) => digest,
            None => match self.hash_from(job, job.along.end(), buffer)? {
                Ok(digest) => digest,
                Err(why) => return Some(Err(why)),
            },
        };
        Some(match stamp::of(&job.file) {
            Ok(stamp) if stamp == job.stamp => Ok(digest),
            Ok(_) => Err(Trouble::Changed),
            Err(error) => Err(error.into()),
        })
    }

    /// Waits for a sender who hashes, while he makes good progress. `None` when it is better to go on
    /// without him.
    fn follow(&self, job: &Job) -> Option<Digest> {
        let patience = self.patience.unwrap_or_default();
        let (mut state, mut enough) = (self.lock(), 0);
        loop {
            match job.along.progress() {
                Progress::Done(digest) => return Some(digest),
                Progress::Hashed(hashed) if hashed >= enough => enough = hashed + STEP,
                Progress::Hashed(_) | Progress::Off => return None,
            }
            if state.closed || job.is_unwanted() || !state.waiting.is_empty() {
                return None;
            }
            let waited = self.changed.wait_timeout(state, patience);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Goes on by itself after what is hashed already.
    fn hash_from(
        &self,
        job: &Job,
        mut hash: PrefixHash,
        buffer: &mut Vec<u8>,
    ) -> Option<Result<Digest, Trouble>> {
        while hash.len() < PrefixHash::pushed_of(job.size) {
            if job.is_unwanted() || self.lock().closed {
                return None;
            }
            if let Err(why) = hash.push_pieces(buffer, |at, piece| job.read_exact_at(at, piece)) {
                return Some(Err(why));
            }
        }
        buffer.resize(usize::try_from(job.size - hash.len()).expect("at most a group"), 0);
        Some(job.read_exact_at(hash.len(), buffer).map(|()| hash.finish(buffer)))
    }

    /// Lets the thread look again.
    fn wake(&self) {
        // It is not between its look and its wait.
        drop(self.lock());
        self.changed.notify_one();
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
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Trouble> {
        let wanted = buffer.len() as u64;
        let read = positioned::read_at(&self.file, &mut [IoSliceMut::new(buffer)], offset)?;
        if read == wanted { Ok(()) } else { Err(Trouble::Changed) }
    }

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

/// A file that is hashed before its sender is under way.
const SMALL: u64 = 4 * GROUP;
/// A sender is followed while he comes so far…
const STEP: u64 = 4 * GROUP;
/// …in this time. On a slower way the digest is better told early, so that it can get lost and come
/// again without anybody waiting for it at the end.
const PATIENCE: Duration = Duration::from_millis(500);
/// Digests remembered.
const MOST_KNOWN: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, channel};

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
    fn a_sender_who_hashes_is_followed_to_the_end() {
        let digests = Digests::begin(Some(FOREVER)).unwrap();
        let (_root, mut source, content) = large();
        let answers = want(&digests, &source);

        send(&mut source, 0..content.len() - 1);
        assert_eq!(source.along().progress(), Progress::Hashed(content.len() as u64 - 1));
        send(&mut source, content.len() - 1..content.len());

        let digest = answers.recv_timeout(LONG).unwrap().unwrap();
        assert_eq!(digest.0, *blake3::hash(&content).as_bytes());
    }

    #[test]
    fn a_sender_who_stops_is_not_waited_for() {
        let digests = Digests::begin(Some(Duration::from_millis(1))).unwrap();
        let (_root, mut source, content) = large();
        let answers = want(&digests, &source);
        send(&mut source, 0..3_000_000);

        let digest = answers.recv_timeout(LONG).unwrap().unwrap();
        assert_eq!(digest.0, *blake3::hash(&content).as_bytes());
        assert_eq!(source.along().progress(), Progress::Off);
    }

    #[test]
    fn a_sender_is_not_followed_while_somebody_else_waits() {
        let digests = Digests::begin(Some(FOREVER)).unwrap();
        let ((_first, mut a, content), (_second, b, _)) = (large(), large());

        let first = want(&digests, &a);
        // A good way, but not all.
        send(&mut a, 0..5_000_000);
        let answers = [first, want(&digests, &b)];

        for answer in answers {
            let digest = answer.recv_timeout(LONG).unwrap().unwrap();
            assert_eq!(digest.0, *blake3::hash(&content).as_bytes());
        }
    }

    #[test]
    fn where_there_are_processors_to_spare_a_sender_hashes_nothing() {
        let digests = Digests::begin(None).unwrap();
        let (_root, source, _) = large();
        let answers = want(&digests, &source);
        assert_eq!(source.along().progress(), Progress::Off);
        assert!(answers.recv_timeout(LONG).unwrap().is_ok());
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

    const FOREVER: Duration = Duration::from_secs(3_600);
    const LONG: Duration = Duration::from_secs(60);

    fn large() -> (tempfile::TempDir, SourceFile, Vec<u8>) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        let content: Vec<u8> = (0..=250).cycle().take(6_000_001).collect();
        std::fs::write(&path, &content).unwrap();
        (root, SourceFile::open(&path).unwrap(), content)
    }

    fn want(digests: &Digests, source: &SourceFile) -> Receiver<Result<Digest, Trouble>> {
        let (sender, answers) = channel();
        digests.want(source, move |answer| sender.send(answer).unwrap());
        answers
    }

    fn send(source: &mut SourceFile, range: std::ops::Range<usize>) {
        for start in range.clone().step_by(60_000) {
            let mut piece = vec![0; range.end.min(start + 60_000) - start];
            source.read_at(start as u64, &mut [IoSliceMut::new(&mut piece)]).unwrap();
        }
    }
}
