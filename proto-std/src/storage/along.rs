//! Hashes a file along with its sending: what was read to be sent is still near the processor, and
//! need not be read again.
//!
//! It takes what comes in order from the file's start. Who comes in another order stays where he is,
//! and whoever follows him goes on without him.

use std::io::IoSliceMut;
use std::sync::{Mutex, MutexGuard, PoisonError};

use proto_core::ids::Digest;

use super::group_hash::GroupHash;
use super::prefix_hash::PrefixHash;

/// What the sender of one file has hashed.
#[derive(Debug, Default)]
pub(super) struct Along {
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    /// Somebody else hashes the file.
    #[default]
    Off,
    On(Box<Hashing>),
    Done(Digest),
}

// Invariant: `group` is the one that follows those of `hash`.
struct Hashing {
    size: u64,
    hash: PrefixHash,
    group: GroupHash,
    wake: Box<dyn FnOnce() + Send>,
}

impl Along {
    /// Lets the sender hash, who has read nothing yet. `wake` is called on his thread when it is done.
    pub(super) fn begin(&self, size: u64, wake: impl FnOnce() + Send + 'static) {
        let (hash, group) = (PrefixHash::default(), GroupHash::new(0));
        *self.lock() = State::On(Box::new(Hashing { size, hash, group, wake: Box::new(wake) }));
    }

    /// Takes what the sender read from `offset` on.
    pub(super) fn take(&self, offset: u64, pieces: &[IoSliceMut<'_>]) {
        let mut state = self.lock();
        let State::On(hashing) = &mut *state else { return };
        let mut at = offset;
        for piece in pieces {
            hashing.take(at, piece);
            at += piece.len() as u64;
        }
        if hashing.group.end() == hashing.size {
            let done = State::Done(hashing.hash.finish_with(hashing.group.hash().1));
            let State::On(hashing) = std::mem::replace(&mut *state, done) else { return };
            drop(state);
            (hashing.wake)();
        }
    }

    /// How far the sender is.
    pub(super) fn progress(&self) -> Progress {
        match &*self.lock() {
            State::Off => Progress::Off,
            State::On(hashing) => Progress::Hashed(hashing.group.end()),
            State::Done(digest) => Progress::Done(*digest),
        }
    }

    /// Takes over from the sender: what he has hashed.
    pub(super) fn end(&self) -> PrefixHash {
        match std::mem::take(&mut *self.lock()) {
            State::On(hashing) => hashing.hash,
            State::Off | State::Done(_) => PrefixHash::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far a sender is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// He hashes nothing.
    Off,
    /// So many bytes are hashed.
    Hashed(u64),
    /// All are.
    Done(Digest),
}

impl Hashing {
    /// Takes what of these bytes is next.
    fn take(&mut self, offset: u64, bytes: &[u8]) {
        let Some(before) = self.group.end().checked_sub(offset) else { return };
        let mut rest = usize::try_from(before).ok().and_then(|len| bytes.get(len..)).unwrap_or(&[]);
        while !rest.is_empty() {
            // Not before more comes: the last group is no inner node of the tree.
            if self.group.is_whole() {
                self.hash.push_value(self.group.next().1);
            }
            rest = self.group.take(rest);
        }
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::On(hashing) => write!(f, "{} of {} bytes", hashing.group.end(), hashing.size),
            Self::Done(digest) => write!(f, "{digest:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    const GROUP: usize = 1 << 20;

    #[test]
    fn what_is_sent_in_order_is_hashed_whatever_is_sent_again() {
        for size in [GROUP + 1, 2 * GROUP, 3 * GROUP + 70_000] {
            let content = content(size);
            let (along, done) = begun(size);
            let mut sent = 0;
            while sent < size {
                let end = size.min(sent + 65_000);
                take(&along, &content, sent.saturating_sub(1_000), end);
                take(&along, &content, sent / 2, sent);
                sent = end;
            }

            let digest = Digest(*blake3::hash(&content).as_bytes());
            assert_eq!(along.progress(), Progress::Done(digest), "{size} bytes");
            assert_eq!(done.try_iter().count(), 1);
        }
    }

    #[test]
    fn behind_a_gap_nothing_is_hashed_and_what_lies_before_it_is_taken_over() {
        let content = content(3 * GROUP);
        let (along, done) = begun(content.len());
        take(&along, &content, 0, GROUP + 500);
        take(&along, &content, GROUP + 501, 3 * GROUP);
        assert_eq!(along.progress(), Progress::Hashed(GROUP as u64 + 500));

        let hash = along.end();
        take(&along, &content, GROUP + 500, 3 * GROUP);

        assert_eq!(hash.len(), GROUP as u64);
        assert_eq!(along.progress(), Progress::Off);
        assert_eq!(done.try_iter().count(), 0);
    }

    fn begun(size: usize) -> (Along, std::sync::mpsc::Receiver<()>) {
        let along = Along::default();
        let (sender, done) = channel();
        along.begin(size as u64, move || sender.send(()).unwrap());
        (along, done)
    }

    fn take(along: &Along, content: &[u8], start: usize, end: usize) {
        let mut bytes = content[start..end].to_vec();
        let (a, b) = bytes.split_at_mut((end - start) / 3);
        along.take(start as u64, &[IoSliceMut::new(a), IoSliceMut::new(b)]);
    }

    fn content(size: usize) -> Vec<u8> {
        (0..=250).cycle().take(size).collect()
    }
}
