//! Keeps a file while it arrives: on a thread of its own, from when there is something to do.
//!
//! It hashes what the file begins with while it grows (it is still in memory then) and sends it on
//! its way to the disk, syncs and remembers it every now and then, and at the end verifies the whole
//! and gives it its name. A small file has no thread: it rests until a finisher does the last part.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;

use proto_core::ids::{Digest, Stamp};
use proto_core::text::FileName;
use proto_core::time::Duration;
use proto_core::wire::ByteRange;

use super::arriving::Snapshot;
use super::intake::Hashed;
use super::part::Part;
use super::place::place;
use super::prefix_hash::{GROUP, PrefixHash};
use super::room::Room;
use super::{Exists, Sidecar, Sidecars, Trouble};
use crate::{clock, courtesy};

/// What the keeper tells, on its own thread.
#[derive(Debug)]
pub enum Report {
    /// What was received is on disk, and remembered or not.
    Saved(Result<(), Trouble>),
    /// The file is verified and has its name, or is not what was sent, or its disk fails.
    Finished(Result<Box<Placed>, Trouble>),
    /// The file is closed, and another transfer may open it.
    Closed,
}

/// A file that is verified, on disk, and has its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The name that it got.
    pub name: FileName,
    /// Its last byte; `None` when it is empty.
    pub last_byte: Option<u8>,
    /// How long the disk took to have it for good.
    pub synced: Duration,
}

/// Who hears a keeper's reports.
pub(super) type Hear = Arc<dyn Fn(Report) + Send + Sync>;

/// What the keeper is told.
pub(super) enum Order {
    Begin {
        size: u64,
        stamp: Stamp,
        anew: bool,
    },
    /// The file begins with so many bytes; groups that were hashed as they came need not be in it.
    Advance {
        contiguous: u64,
        hashed: Vec<Hashed>,
    },
    Save(Box<Snapshot>),
    Finish(Digest),
    Close {
        snapshot: Box<Snapshot>,
        discard: bool,
    },
}

pub(super) struct Keeper {
    part: Arc<Part>,
    exists: Exists,
    sidecars: Option<Sidecars>,
    /// What was found or saved last.
    memory: Sidecar,
    report: Hear,
    contiguous: u64,
    room: Room,
    digest: Option<Digest>,
    buffer: Vec<u8>,
    /// Values of groups that were hashed as they came, and lie beyond what is hashed.
    hashed: BTreeMap<u64, [u8; 32]>,
}

impl Keeper {
    /// Without a thread, until one is started.
    pub(super) fn new(
        part: Arc<Part>,
        exists: Exists,
        sidecars: Option<Sidecars>,
        memory: Sidecar,
        report: Hear,
    ) -> Self {
        let contiguous = memory.hash.len();
        Self {
            part,
            exists,
            sidecars,
            memory,
            report,
            contiguous,
            room: Room::default(),
            digest: None,
            buffer: Vec::new(),
            hashed: BTreeMap::new(),
        }
    }

    /// Starts its thread, on which reports are told then.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(self) -> io::Result<Sender<Order>> {
        let (orders, inbox) = channel();
        let thread = thread::Builder::new().name("keeper".into()).stack_size(256 << 10);
        courtesy::spawn(thread, move || self.run(&inbox))?;
        Ok(orders)
    }

    /// Whether all of it is read and hashed at its end, and nothing of it was yet.
    pub(super) fn is_small(&self) -> bool {
        self.memory.size <= GROUP
    }

    fn run(mut self, inbox: &Receiver<Order>) {
        loop {
            let order = if self.has_group() || self.digest.is_some() {
                match inbox.try_recv() {
                    Err(TryRecvError::Empty) => None,
                    Err(TryRecvError::Disconnected) => return,
                    Ok(order) => Some(order),
                }
            } else {
                let Ok(order) = inbox.recv() else { return };
                Some(order)
            };
            match order {
                None => {
                    if let Some(finished) = self.work().transpose() {
                        return self.end(finished);
                    }
                }
                Some(Order::Begin { size, stamp, anew }) => self.begin(size, stamp, anew),
                Some(Order::Advance { contiguous, hashed }) => self.advance(contiguous, hashed),
                Some(Order::Save(snapshot)) => {
                    if let Err(why) = self.sync(File::sync_data) {
                        return self.end(Err(why));
                    }
                    let outcome = self.remember(*snapshot);
                    (self.report)(Report::Saved(outcome));
                }
                Some(Order::Finish(digest)) => {
                    self.contiguous = self.memory.size;
                    self.digest = Some(digest);
                }
                Some(Order::Close { snapshot, discard }) => {
                    self.close(*snapshot, discard);
                    return self.let_go();
                }
            }
        }
    }

    /// Tells how it ended, and lets go of the file.
    pub(super) fn end(self, outcome: Result<Placed, Trouble>) {
        (self.report)(Report::Finished(outcome.map(Box::new)));
        self.let_go();
    }

    fn let_go(self) {
        let report = self.report;
        // Unlocked before anybody is told so.
        drop(self.part);
        report(Report::Closed);
    }

    pub(super) fn begin(&mut self, size: u64, stamp: Stamp, anew: bool) {
        if anew {
            self.memory.hash = PrefixHash::default();
            self.hashed.clear();
            self.memory.ranges.clear();
            self.contiguous = 0;
        }
        (self.memory.size, self.memory.stamp) = (size, stamp);
    }

    fn advance(&mut self, contiguous: u64, hashed: Vec<Hashed>) {
        self.contiguous = contiguous;
        self.hashed.extend(hashed);
        if self.is_kept() {
            self.room.grow(self.part.file(), contiguous, self.memory.size);
        }
    }

    /// Whether a group is there that is not hashed.
    fn has_group(&self) -> bool {
        let hashable = self.contiguous.min(PrefixHash::pushed_of(self.memory.size));
        self.memory.hash.len() + GROUP <= hashable
    }

    /// Hashes one group more, or finishes when there is none left. `None` when there is more to
    /// do or to wait for.
    fn work(&mut self) -> Result<Option<Placed>, Trouble> {
        if self.has_group() {
            let from = self.memory.hash.len();
            self.hash_more()?;
            if self.is_kept() {
                // What others sync meanwhile waits for all that the disk was given before.
                self.part.write_back(from, self.memory.hash.len() - from);
            }
            return Ok(None);
        }
        let Some(digest) = self.digest else { return Ok(None) };
        let last_byte = self.compare(digest)?;
        self.room.end(self.part.file());
        let began = clock::now();
        self.sync_whole()?;
        let name = self.place()?;
        if self.is_kept() {
            self.part.folder().sync()?;
        }
        self.settle();
        Ok(Some(Placed { name, last_byte, synced: clock::now().since(began) }))
    }

    /// Takes down the groups that were hashed as they came, or reads one that was not.
    fn hash_more(&mut self) -> Result<(), Trouble> {
        let from = self.memory.hash.len();
        while self.has_group()
            && let Some(value) = self.hashed.remove(&(self.memory.hash.len() / GROUP))
        {
            self.memory.hash.push_value(value);
        }
        if from == self.memory.hash.len() {
            let read = |at, piece: &mut [u8]| self.part.read_exact_at(at, piece);
            self.memory.hash.push_pieces(&mut self.buffer, read)?;
        }
        Ok(())
    }

    /// Compares the whole with its digest, once all groups but the last are hashed; gives its last
    /// byte.
    pub(super) fn compare(&mut self, digest: Digest) -> Result<Option<u8>, Trouble> {
        let from = self.memory.hash.len();
        let rest = self.read(from, self.memory.size - from)?;
        if self.memory.hash.finish(&rest) != digest {
            self.discard();
            return Err(Trouble::WrongDigest);
        }
        Ok(rest.last().copied())
    }

    /// Whether anything of it is left at its end.
    pub(super) fn is_kept(&self) -> bool {
        self.exists != Exists::Discard
    }

    /// Syncs what is kept.
    pub(super) fn sync_whole(&self) -> Result<(), Trouble> {
        if self.is_kept() { self.sync(File::sync_all) } else { Ok(()) }
    }

    /// Gives it its name, which is durable once the folder is synced.
    ///
    /// # Errors
    /// When it cannot, or when nobody wants it any more: nothing is left of it then.
    pub(super) fn place(&self) -> Result<FileName, Trouble> {
        if self.part.is_unwanted() {
            self.discard();
            return Err(Trouble::NotFound);
        }
        place(self.part.folder(), self.part.name(), &self.memory.save_as, self.exists)
    }

    /// Lets others have the file, and forgets that it was ever unfinished.
    pub(super) fn settle(&self) {
        self.part.release();
        self.forget();
    }

    /// The file itself.
    pub(super) fn part(&self) -> &Part {
        &self.part
    }

    fn read(&mut self, from: u64, len: u64) -> Result<Vec<u8>, Trouble> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(usize::try_from(len).expect("at most a group"), 0);
        self.part.read_exact_at(from, &mut buffer)?;
        Ok(buffer)
    }

    /// What a disk once failed to sync may be lost although it says well the next time: nothing
    /// that was noted since the last save counts.
    fn sync(&self, how: impl Fn(&File) -> io::Result<()>) -> Result<(), Trouble> {
        let outcome = how(self.part.file());
        if outcome.is_err()
            && let Err(why) = self.end_notes()
        {
            log::warn!("{}: its notes cannot be removed: {why}", self.part.name());
        }
        Ok(outcome?)
    }

    /// Call it when the data is synced: the sidecar never claims what is not on disk.
    fn remember(&mut self, snapshot: Snapshot) -> Result<(), Trouble> {
        let Some(sidecars) = &self.sidecars else { return Ok(()) };
        let Snapshot { ranges, held, confirmed } = snapshot;
        self.memory = Sidecar { ranges, held, confirmed, ..self.memory.clone() };
        Ok(sidecars.store(&self.memory)?)
    }

    fn close(&mut self, mut snapshot: Snapshot, discard: bool) {
        // What is remembered is here, whatever the engine heard last.
        let len = |range: &ByteRange| range.end - range.start;
        if snapshot.ranges.iter().map(len).sum::<u64>() < self.memory.done() {
            snapshot.ranges.clone_from(&self.memory.ranges);
        }
        if discard || snapshot.ranges.is_empty() || self.sidecars.is_none() {
            self.discard();
        } else if let Err(why) = self.keep(snapshot) {
            log::warn!("{}: cannot be remembered: {why}", self.part.name());
        }
    }

    fn keep(&mut self, snapshot: Snapshot) -> Result<(), Trouble> {
        self.sync(File::sync_data)?;
        let last = snapshot.ranges.last().map_or(0, |range| range.end);
        self.remember(snapshot)?;
        self.end_notes()?;
        // Last: nothing that is claimed lies there.
        self.room.give_back(self.part.file(), last);
        Ok(())
    }

    /// What is saved now is all there is to tell.
    fn end_notes(&self) -> Result<(), Trouble> {
        let Some(sidecars) = &self.sidecars else { return Ok(()) };
        Ok(sidecars.remove_notes(&self.memory)?)
    }

    fn discard(&self) {
        self.forget();
        if let Err(why) = self.part.discard() {
            log::warn!("{}: cannot be removed: {why}", self.part.name());
        }
    }

    fn forget(&self) {
        let Some(sidecars) = &self.sidecars else { return };
        let folder = self.part.folder().path();
        if let Err(why) = sidecars.remove(folder, &self.memory.save_as) {
            log::warn!("{}: its sidecar cannot be removed: {why}", self.part.name());
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::Duration;

    use super::super::sidecar::tests::sidecar;
    use super::super::{Folder, which};
    use super::*;

    #[test]
    fn what_a_disk_could_not_sync_is_not_claimed() {
        let root = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::open(root.path()).unwrap());
        let sidecars = Sidecars::open(&root.path().join("state")).unwrap();
        // It takes every byte, and cannot sync any.
        let null = File::options().read(true).write(true).open("/dev/null").unwrap();
        let identity = which::identity(&null).unwrap();
        let folder_text = folder.path().to_str().unwrap().to_owned();
        let synced = Sidecar { folder: folder_text, identity, ..sidecar() };
        sidecars.store(&synced).unwrap();
        let mut noted = synced.clone();
        noted.ranges[1].end += 5;
        sidecars.notebook(&noted).unwrap().unwrap().write(&noted).unwrap();
        let part = Arc::new(Part::over(&folder, &synced.save_as, null));
        let (sender, reports) = channel();
        let report = Arc::new(move |report| sender.send(report).unwrap_or(()));
        let mine = Some(sidecars.clone());
        let orders = Keeper::new(part, Exists::Fail, mine, synced.clone(), report).start().unwrap();

        let ranges = noted.ranges.clone();
        let snapshot = || Box::new(Snapshot { ranges: ranges.clone(), ..Snapshot::default() });
        orders.send(Order::Save(snapshot())).unwrap();
        // After a failure, the next sync may succeed without the bytes that were lost.
        let first = reports.recv_timeout(Duration::from_secs(60)).unwrap();
        let _ = orders.send(Order::Close { snapshot: snapshot(), discard: false });
        while reports.recv_timeout(Duration::from_secs(60)).is_ok() {}

        assert!(matches!(first, Report::Finished(Err(_))), "{first:?}");
        assert_eq!(sidecars.load(folder.path(), &synced.save_as), Some(synced));
    }
}
