//! A file while it arrives: written by the engine, kept by a thread of its own.
//!
//! The thread hashes what the file begins with while it grows (it is still in memory then), notes
//! how far it is often, syncs and remembers it every now and then, and at the end verifies the
//! whole and gives it its name.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;
use std::time::Duration;

use heapless::Vec as Few;
use proto_core::ids::{Digest, Stamp};
use proto_core::limits::{MAX_FILE_SIZE, MAX_HELD_RANGES};
use proto_core::text::FileName;
use proto_core::time::Instant;
use proto_core::wire::ByteRange;

use super::part::Part;
use super::place::place;
use super::prefix_hash::{GROUP, PrefixHash};
use super::{Exists, Sidecar, Sidecars, SinkFile, Trouble, boot, space};

/// What the keeper tells, on its own thread.
#[derive(Debug)]
pub enum Report {
    /// What was received is on disk and remembered, or could not be.
    Saved(Result<(), Trouble>),
    /// The file is verified and has its name, or is not what was sent.
    Finished(Result<Box<FileName>, Trouble>),
    /// The file is closed, and another transfer may open it.
    Closed,
}

/// What is worth remembering of a transfer.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// What of the file is written.
    pub ranges: Few<ByteRange, MAX_HELD_RANGES>,
    /// Whether its user holds it.
    pub held: bool,
    /// Whether its user agreed to go on past the server's stop point.
    pub confirmed: bool,
}

/// The engine's end of a file that arrives. Dropping it without `close` keeps what was saved last.
#[derive(Debug)]
pub struct Arriving {
    part: Arc<Part>,
    orders: Sender<Order>,
    size: Option<u64>,
    stamp: Stamp,
    ranges: Few<ByteRange, MAX_HELD_RANGES>,
    told: u64,
    unsaved: u64,
    saved_at: Instant,
    is_saving: bool,
    unnoted: u64,
    noted_at: Instant,
    is_noting: Arc<AtomicBool>,
    sidecars: Option<Sidecars>,
    save_as: FileName,
}

enum Order {
    Begin { size: u64, stamp: Stamp, anew: bool },
    Advance(u64),
    Note(Box<Snapshot>),
    Save(Box<Snapshot>),
    Finish(Digest),
    Close { snapshot: Box<Snapshot>, discard: bool },
}

impl SinkFile {
    /// Starts the keeper. `report` is called on its thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        self,
        now: Instant,
        report: impl Fn(Report) + Send + 'static,
    ) -> io::Result<Arriving> {
        let (orders, inbox) = channel();
        let part = Arc::new(self.part);
        let (stamp, ranges) = (self.memory.stamp, self.memory.ranges.clone());
        let size = self.resumes.then_some(self.memory.size);
        let (sidecars, save_as) = (self.sidecars.clone(), self.memory.save_as.clone());
        let is_noting = Arc::new(AtomicBool::new(false));
        let keeper = Keeper {
            is_noting: Arc::clone(&is_noting),
            part: Arc::clone(&part),
            exists: self.exists,
            sidecars: self.sidecars,
            contiguous: self.memory.hash.len(),
            memory: self.memory,
            digest: None,
            buffer: Vec::new(),
            report: Box::new(report),
        };
        thread::Builder::new()
            .name("keeper".into())
            .stack_size(256 << 10)
            .spawn(move || keeper.run(&inbox))?;
        let (told, unsaved, is_saving) = (0, 0, false);
        Ok(Arriving {
            part,
            orders,
            size,
            stamp,
            ranges,
            told,
            unsaved,
            saved_at: now,
            is_saving,
            unnoted: 0,
            noted_at: now,
            is_noting,
            sidecars,
            save_as,
        })
    }
}

impl Arriving {
    /// Takes what is now known of the file: what is here of another version is forgotten. Says
    /// what is here.
    ///
    /// # Errors
    /// When the disk has no room for it.
    pub fn begin(&mut self, size: u64, stamp: Stamp) -> Result<&[ByteRange], Trouble> {
        if size > MAX_FILE_SIZE {
            return Err(Trouble::TooLarge);
        }
        let file = self.part.file();
        let anew = self.size.is_some_and(|old| old != size || self.stamp != stamp);
        if anew {
            if let Some(sidecars) = &self.sidecars {
                sidecars.remove_durably(self.part.folder().path(), &self.save_as)?;
            }
            file.set_len(0)?;
            self.ranges.clear();
        }
        let missing = size.saturating_sub(space::taken(file)?);
        if space::available(file)?.is_some_and(|room| room < missing) {
            return Err(Trouble::NoSpace);
        }
        file.set_len(size)?;
        (self.size, self.stamp) = (Some(size), stamp);
        self.order(Order::Begin { size, stamp, anew });
        Ok(&self.ranges)
    }

    /// Writes pieces from `offset` on: what it returns well for may be acknowledged.
    ///
    /// # Errors
    /// When they could not be written whole, or lie beyond the end.
    pub fn write_at(&mut self, offset: u64, pieces: &mut [IoSlice<'_>]) -> Result<(), Trouble> {
        let len: u64 = pieces.iter().map(|piece| piece.len() as u64).sum();
        if self.size.is_some_and(|size| offset.saturating_add(len) > size) {
            return Err(Trouble::TooLarge);
        }
        self.part.write_at(offset, pieces)?;
        self.unsaved += len;
        self.unnoted += len;
        Ok(())
    }

    /// Lets the keeper hash what the file begins with.
    pub fn advance(&mut self, contiguous: u64) {
        if contiguous / GROUP > self.told / GROUP {
            self.told = contiguous;
            self.order(Order::Advance(contiguous));
        }
    }

    /// Whether it is time to note.
    pub fn wants_note(&self, now: Instant) -> bool {
        let is_due = self.unnoted >= NOTE_BYTES || now.since(self.noted_at) >= NOTE_AFTER;
        let is_new = self.unnoted > 0 && self.size.is_some() && self.sidecars.is_some();
        is_new && is_due && !self.is_saving && !self.is_noting.load(Ordering::Acquire)
    }

    /// Notes what is written, without a sync: for when the process is killed.
    pub fn note(&mut self, now: Instant, snapshot: Snapshot) {
        (self.unnoted, self.noted_at) = (0, now);
        self.is_noting.store(true, Ordering::Release);
        self.order(Order::Note(Box::new(snapshot)));
    }

    #[cfg(test)]
    pub(super) fn is_noted(&self) -> bool {
        !self.is_noting.load(Ordering::Acquire)
    }

    /// Whether it is time to save.
    pub fn wants_save(&self, now: Instant) -> bool {
        let since = now.since(self.saved_at);
        !self.is_saving
            && self.size.is_some()
            && self.unsaved > 0
            && (since >= SAVE_AFTER || (since >= SAVE_PAUSE && self.unsaved >= SAVE_BYTES))
    }

    /// Syncs what is written and remembers it; answered by a report.
    pub fn save(&mut self, now: Instant, snapshot: Snapshot) {
        (self.unsaved, self.saved_at, self.is_saving) = (0, now, true);
        self.order(Order::Save(Box::new(snapshot)));
    }

    /// Hears that a save is done.
    pub fn on_saved(&mut self) {
        self.is_saving = false;
    }

    /// Verifies the whole and gives it its name; answered by a report.
    pub fn finish(&mut self, digest: Digest) {
        self.order(Order::Finish(digest));
    }

    /// Saves a last time, or discards what arrived; answered by a report. A file that nothing
    /// arrived of is discarded.
    pub fn close(self, snapshot: Snapshot, discard: bool) {
        let Self { part, orders, .. } = self;
        drop(part);
        // A keeper that is gone has closed already.
        let _ = orders.send(Order::Close { snapshot: Box::new(snapshot), discard });
    }

    fn order(&self, order: Order) {
        // A keeper that is gone has reported why.
        let _ = self.orders.send(order);
    }
}

struct Keeper {
    is_noting: Arc<AtomicBool>,
    part: Arc<Part>,
    exists: Exists,
    sidecars: Option<Sidecars>,
    memory: Sidecar,
    contiguous: u64,
    digest: Option<Digest>,
    buffer: Vec<u8>,
    report: Box<dyn Fn(Report) + Send>,
}

impl Keeper {
    fn run(mut self, inbox: &Receiver<Order>) {
        loop {
            let order = if self.has_work() {
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
                        (self.report)(Report::Finished(finished.map(Box::new)));
                        break;
                    }
                }
                Some(Order::Begin { size, stamp, anew }) => self.begin(size, stamp, anew),
                Some(Order::Advance(contiguous)) => self.contiguous = contiguous,
                Some(Order::Note(snapshot)) => {
                    self.note(*snapshot);
                    self.is_noting.store(false, Ordering::Release);
                }
                Some(Order::Save(snapshot)) => {
                    let outcome = self.save(*snapshot);
                    (self.report)(Report::Saved(outcome));
                }
                Some(Order::Finish(digest)) => {
                    self.contiguous = self.memory.size;
                    self.digest = Some(digest);
                }
                Some(Order::Close { snapshot, discard }) => {
                    self.close(*snapshot, discard);
                    break;
                }
            }
        }
        let report = self.report;
        // Unlocked before anybody is told so.
        drop(self.part);
        report(Report::Closed);
    }

    fn has_work(&self) -> bool {
        let hashable = self.contiguous.min(PrefixHash::pushed_of(self.memory.size));
        self.memory.hash.len() + GROUP <= hashable || self.digest.is_some()
    }

    fn begin(&mut self, size: u64, stamp: Stamp, anew: bool) {
        if anew {
            self.memory.hash = PrefixHash::default();
            self.memory.ranges.clear();
            self.contiguous = 0;
        }
        (self.memory.size, self.memory.stamp) = (size, stamp);
    }

    /// Hashes one group more, or finishes when there is none left. `None` when there is more to
    /// do or to wait for.
    fn work(&mut self) -> Result<Option<FileName>, Trouble> {
        let from = self.memory.hash.len();
        if from < PrefixHash::pushed_of(self.memory.size) {
            let group = self.read(from, GROUP)?;
            self.memory.hash.push(&group);
            self.buffer = group;
            return Ok(None);
        }
        let Some(digest) = self.digest else { return Ok(None) };
        let rest = self.read(from, self.memory.size - from)?;
        if self.memory.hash.finish(&rest) != digest {
            self.forget();
            return Err(Trouble::WrongDigest);
        }
        self.part.file().sync_all()?;
        let save_as = &self.memory.save_as;
        let placed = place(self.part.folder(), self.part.name(), save_as, self.exists)?;
        self.forget();
        Ok(Some(placed))
    }

    fn read(&mut self, from: u64, len: u64) -> Result<Vec<u8>, Trouble> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(usize::try_from(len).expect("at most a group"), 0);
        self.part.read_exact_at(from, &mut buffer)?;
        Ok(buffer)
    }

    /// What is written outlives this process, not this run of the machine.
    fn note(&mut self, snapshot: Snapshot) {
        let (Some(sidecars), Some(boot)) = (&self.sidecars, boot::id()) else { return };
        if snapshot.ranges.is_empty() {
            return;
        }
        self.memory.ranges.clone_from(&snapshot.ranges);
        let Snapshot { ranges, held, confirmed } = snapshot;
        let note = Sidecar { ranges, held, confirmed, boot: Some(boot), ..self.memory.clone() };
        if let Err(why) = sidecars.note(&note) {
            log::debug!("{}: cannot be noted: {why}", self.part.name());
        }
    }

    /// Data first, then what is said about it: the sidecar never claims what is not on disk.
    fn save(&mut self, snapshot: Snapshot) -> Result<(), Trouble> {
        let Some(sidecars) = &self.sidecars else { return Ok(()) };
        self.part.file().sync_data()?;
        let Snapshot { ranges, held, confirmed } = snapshot;
        self.memory = Sidecar { ranges, held, confirmed, boot: None, ..self.memory.clone() };
        Ok(sidecars.store(&self.memory)?)
    }

    fn close(&mut self, mut snapshot: Snapshot, discard: bool) {
        // What is remembered is here, whatever the engine heard last.
        if snapshot.ranges.iter().map(len).sum::<u64>() < self.memory.done() {
            snapshot.ranges.clone_from(&self.memory.ranges);
        }
        if discard || snapshot.ranges.is_empty() || self.sidecars.is_none() {
            self.forget();
            if let Err(why) = self.part.discard() {
                log::warn!("{}: cannot be removed: {why}", self.part.name());
            }
        } else if let Err(why) = self.save(snapshot) {
            log::warn!("{}: cannot be remembered: {why}", self.part.name());
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

fn len(range: &ByteRange) -> u64 {
    range.end - range.start
}

/// Longest time between two notes of a file that grows.
const NOTE_AFTER: Duration = Duration::from_millis(100);
/// Bytes after which a note is due earlier.
const NOTE_BYTES: u64 = 2 << 20;
/// Longest time between two saves.
const SAVE_AFTER: Duration = Duration::from_secs(5);
/// Bytes after which a save is due earlier.
const SAVE_BYTES: u64 = 64 << 20;
/// Shortest time between two saves, so that a fast link is not spent on syncing.
const SAVE_PAUSE: Duration = Duration::from_secs(1);
