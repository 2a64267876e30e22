//! Hashes the files that are sent, on a thread of its own, and remembers.
//!
//! Whose rest is the smallest goes first, and a larger one makes way for it half way. What nobody
//! wants any more is dropped. A second download of the same version has its digest at once.
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
    /// What it begins with.
    hash: PrefixHash,
    answer: Answer,
}

/// What became of a file in its turn.
enum Turn {
    Over(Result<Digest, Trouble>),
    /// Nobody wants to know any more.
    Unwanted,
    /// Somebody with a smaller file waits.
    MakesWay,
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
        let (hash, answer) = (PrefixHash::default(), Box::new(answer));
        let job = Job { file, along, size, stamp, hash, answer };
        let mut state = self.shared.lock();
        // A file may be hashed for long, and what is not wanted meanwhile must not stay open.
        state.waiting.retain(|job| !job.is_unwanted());
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
        while let Some(mut job) = self.next() {
            let known = self.lock().known(job.stamp);
            let turn = match known {
                Some(digest) => Turn::Over(Ok(digest)),
                None => self.hash(&mut job, &mut buffer),
            };
            job.along.end();
            let mut state = self.lock();
            state.is_busy = false;
            match turn {
                Turn::Over(result) => {
                    if let Ok(digest) = result {
                        state.remember(job.stamp, digest);
                    }
                    drop(state);
                    (job.answer)(result);
                }
                Turn::Unwanted => {}
                Turn::MakesWay => state.waiting.push(job),
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            state.waiting.retain(|job| !job.is_unwanted());
            let rests = state.waiting.iter().map(Job::rest).enumerate();
            if let Some((smallest, _)) = rests.min_by_key(|(_, rest)| *rest) {
                state.is_busy = true;
                return Some(state.waiting.swap_remove(smallest));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn hash(&self, job: &mut Job, buffer: &mut Vec<u8>) -> Turn {
        let digest = match self.follow(job) {
            Some(digest) => digest,
            None => match self.go_on(job, buffer) {
                Ok(digest) => digest,
                Err(turn) => return turn,
            },
        };
        Turn::Over(match stamp::of(&job.file) {
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
    fn go_on(&self, job: &mut Job, buffer: &mut Vec<u8>) -> Result<Digest, Turn> {
        let along = job.along.end();
        if along.len() > job.hash.len() {
            job.hash = along;
        }
        let failed = |why| Turn::Over(Err(why));
        while job.hash.len() < PrefixHash::pushed_of(job.size) {
            if let Some(turn) = self.interrupts(job) {
                return Err(turn);
            }
            let (file, hash) = (&job.file, &mut job.hash);
            hash.push_pieces(buffer, |at, piece| read_exact_at(file, at, piece)).map_err(failed)?;
        }
        buffer.resize(usize::try_from(job.rest()).expect("at most a group"), 0);
        read_exact_at(&job.file, job.hash.len(), buffer).map_err(failed)?;
        Ok(job.hash.finish(buffer))
    }

    /// Why a file is not hashed any further now, if it is not.
    fn interrupts(&self, job: &Job) -> Option<Turn> {
        let state = self.lock();
        if state.closed || job.is_unwanted() {
            return Some(Turn::Unwanted);
        }
        let is_smaller = |other: &Job| other.rest() < job.rest() && !other.is_unwanted();
        state.waiting.iter().any(is_smaller).then_some(Turn::MakesWay)
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
    /// Bytes that are not hashed yet.
    fn rest(&self) -> u64 {
        self.size - self.hash.len()
    }

    /// True when everybody else closed the file.
    fn is_unwanted(&self) -> bool {
        Arc::strong_count(&self.file) == 1
    }
}

fn read_exact_at(file: &File, offset: u64, buffer: &mut [u8]) -> Result<(), Trouble> {
    let wanted = buffer.len() as u64;
    let read = positioned::read_at(file, &mut [IoSliceMut::new(buffer)], offset)?;
    if read == wanted { Ok(()) } else { Err(Trouble::Changed) }
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
mod tests;
