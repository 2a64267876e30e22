//! A file while it arrives, as the engine sees it: written here, and kept by its keeper.

use std::io::IoSlice;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use heapless::Vec as Few;
use proto_core::ids::{Digest, Stamp};
use proto_core::limits::{MAX_DATAGRAM_LEN, MAX_FILE_SIZE, MAX_HELD_RANGES};
use proto_core::time::{Duration, Instant};
use proto_core::wire::ByteRange;

use super::intake::Intake;
use super::keeper::{Hear, Keeper, Order, Report};
use super::notebook::Notebook;
use super::part::Part;
use super::prefix_hash::{GROUP, PrefixHash};
use super::{Exists, Finisher, Sidecar, Sidecars, SinkFile, Trouble, space};
use crate::courtesy;

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

/// Who keeps the file.
enum Keeping {
    /// Nobody yet: there is nothing to do.
    Resting(Box<Keeper>),
    /// A thread of its own.
    Running(Sender<Order>),
    /// Whoever finishes it, and hears nothing more.
    Finishing,
}

/// The engine's end of a file that arrives. Dropping it without `close` keeps what was saved last.
pub struct Arriving {
    part: Arc<Part>,
    keeping: Keeping,
    report: Hear,
    finisher: Finisher,
    /// The file's bytes, once they are known.
    size: Option<u64>,
    /// What was here at the start.
    ranges: Few<ByteRange, MAX_HELD_RANGES>,
    intake: Intake,
    /// As much of what the file begins with as the keeper knows of.
    told: u64,
    told_at: Instant,
    unsaved: u64,
    saved_at: Instant,
    is_saving: bool,
    unnoted: u64,
    noted_at: Instant,
    sidecars: Option<Sidecars>,
    /// What the next note begins with.
    memory: Sidecar,
    notes: Notes,
    /// Whether it is known which version it will be.
    has_begun: bool,
}

/// What is noted of a file for when its process is killed.
#[derive(Debug)]
enum Notes {
    /// A notebook is to be made.
    Wanted,
    /// It is not worth one, unless it is held.
    Spared,
    /// Every now and then.
    Open(Notebook),
    /// Nothing any more, or nothing that could be trusted.
    Ended,
}

impl SinkFile {
    /// Lets it arrive. `report` is called on other threads: the finisher's for a small file, its
    /// own for a larger one.
    pub fn start(
        self,
        now: Instant,
        finisher: &Finisher,
        report: impl Fn(Report) + Send + Sync + 'static,
    ) -> Arriving {
        // Each end has a thread that moves, on loopback.
        self.start_with(now, finisher, !courtesy::has_processors_to_spare(), report)
    }

    /// Starts it; whoever writes hashes, if he `hashes`, what comes in order.
    pub(super) fn start_with(
        self,
        now: Instant,
        finisher: &Finisher,
        hashes: bool,
        report: impl Fn(Report) + Send + Sync + 'static,
    ) -> Arriving {
        let part = Arc::new(self.part);
        let size = self.resumes.then_some(self.memory.size);
        let (ranges, told) = (self.memory.ranges.clone(), self.memory.hash.len());
        // Notes come often, and a hash is long.
        let memory = Sidecar { hash: PrefixHash::default(), ..self.memory.clone() };
        let sidecars = self.sidecars.clone();
        let is_kept = self.exists != Exists::Discard;
        let intake = Intake::new(Arc::clone(&part), told, is_kept, hashes);
        let (own, report): (_, Hear) = (Arc::clone(&part), Arc::new(report));
        let hear = Arc::clone(&report);
        let keeper = Keeper::new(own, self.exists, self.sidecars, self.memory, hear);
        Arriving {
            part,
            keeping: Keeping::Resting(Box::new(keeper)),
            report,
            finisher: finisher.clone(),
            size,
            ranges,
            intake,
            told,
            told_at: now,
            unsaved: 0,
            saved_at: now,
            is_saving: false,
            unnoted: 0,
            noted_at: now,
            sidecars,
            memory,
            notes: Notes::Wanted,
            has_begun: false,
        }
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
        let part = Arc::clone(&self.part);
        let file = part.file();
        let anew = self.size.is_some_and(|old| old != size || self.memory.stamp != stamp);
        if anew {
            if let Some(sidecars) = &self.sidecars {
                sidecars.remove_durably(self.part.folder().path(), &self.memory.save_as)?;
            }
            self.notes = Notes::Wanted;
            file.set_len(0)?;
            self.ranges.clear();
            self.told = 0;
        }
        self.intake.begin(size, anew);
        self.has_begun = true;
        self.order(Order::Begin { size, stamp, anew });
        let missing = size.saturating_sub(space::taken(file)?);
        if self.intake.is_kept() && space::available(file)?.is_some_and(|room| room < missing) {
            return Err(Trouble::NoSpace);
        }
        self.stretch(size)?;
        self.size = Some(size);
        (self.memory.size, self.memory.stamp) = (size, stamp);
        Ok(&self.ranges)
    }

    /// An upload counts with what it will have. What is read back while it comes grows as it comes:
    /// Linux reads ahead up to its end, and would fill memory with the zeros of a hole.
    fn stretch(&self, size: u64) -> Result<(), Trouble> {
        let file = self.part.file();
        let len = file.metadata()?.len();
        let grows = !self.memory.upload && size > GROUP && len < size;
        if grows && size < LONG {
            return Ok(());
        }
        // Whether the disk has files so long.
        file.set_len(size)?;
        if grows {
            file.set_len(len)?;
        }
        Ok(())
    }

    /// Writes pieces from `offset` on: what it returns well for may be acknowledged. What the file
    /// begins with stays as it is: a piece that overlaps it brings the same bytes, or lies.
    ///
    /// # Errors
    /// When they could not be written whole, or lie beyond the end.
    pub fn write_at(&mut self, offset: u64, pieces: &mut [IoSlice<'_>]) -> Result<(), Trouble> {
        let len: usize = pieces.iter().map(|piece| piece.len()).sum();
        if self.size.is_some_and(|size| offset.saturating_add(len as u64) > size) {
            return Err(Trouble::TooLarge);
        }
        self.intake.take(offset, len, pieces)?;
        self.unsaved += len as u64;
        self.unnoted += len as u64;
        Ok(())
    }

    /// Lets the keeper hash what the file begins with, once it is known that it may stay.
    ///
    /// # Errors
    /// When what it needs could not be written.
    pub fn advance(&mut self, now: Instant, contiguous: u64) -> Result<(), Trouble> {
        if !self.has_begun {
            return Ok(());
        }
        self.intake.advance(contiguous)?;
        // What was written may have been told before it counted.
        let more = (contiguous / GROUP).saturating_sub(self.told / GROUP);
        // To be told takes longer than to take down what is hashed already.
        let is_soon = !self.intake.is_read_back() && now.since(self.told_at) < TELL_PAUSE;
        if more >= if is_soon { TELL_GROUPS } else { 1 } {
            self.told_at = now;
            self.tell();
        }
        Ok(())
    }

    /// Tells the keeper what the file begins with.
    fn tell(&mut self) {
        self.told = self.intake.written();
        let hashed = self.intake.take_hashed();
        self.order(Order::Advance { contiguous: self.told, hashed });
    }

    /// Tells the keeper what is hashed, if it does not know.
    fn tell_hashed(&mut self) {
        if self.intake.has_hashed() {
            self.tell();
        }
    }

    /// Whether more may be acknowledged soon than a note tells.
    pub fn wants_note(&self, now: Instant) -> bool {
        self.unnoted >= NOTE_BYTES && now.since(self.noted_at) >= NOTE_PAUSE
    }

    /// Notes what is written, without a sync: for when the process is killed.
    pub fn note(&mut self, now: Instant, snapshot: &Snapshot) {
        (self.unnoted, self.noted_at) = (0, now);
        if self.size.is_none() {
            return;
        }
        match self.notes {
            Notes::Wanted => self.open_notebook(),
            Notes::Spared if snapshot.held => self.open_notebook(),
            Notes::Spared | Notes::Open(_) | Notes::Ended => {}
        }
        let Notes::Open(notebook) = &mut self.notes else { return };
        let memory = &mut self.memory;
        memory.ranges.clone_from(&snapshot.ranges);
        (memory.held, memory.confirmed) = (snapshot.held, snapshot.confirmed);
        match notebook.write(memory) {
            Ok(true) => {}
            Ok(false) => self.end_notes("it is too long"),
            Err(why) => self.end_notes(&why.to_string()),
        }
    }

    /// Does without notes, if it is a small download of which nothing was here, until somebody holds
    /// it: to make and remove a notebook takes longer than to fetch the file again.
    pub fn spare_notes(&mut self) {
        let is_small = self.size.is_some_and(|size| size <= NOTE_BYTES);
        if is_small && !self.memory.upload && self.ranges.is_empty() {
            self.notes = Notes::Spared;
        }
    }

    fn open_notebook(&mut self) {
        let Some(sidecars) = &self.sidecars else { return };
        match sidecars.notebook(&self.memory) {
            Ok(Some(notebook)) => self.notes = Notes::Open(notebook),
            Ok(None) => self.notes = Notes::Ended,
            Err(why) => self.end_notes(&why.to_string()),
        }
    }

    /// An old note must not outlive what is saved from now on.
    fn end_notes(&mut self, why: &str) {
        log::warn!("{}: what arrives is only remembered by saves: {why}", self.part.name());
        self.notes = Notes::Ended;
        if let Some(sidecars) = &self.sidecars
            && let Err(why) = sidecars.remove_notes(&self.memory)
        {
            log::warn!("{}: its notes cannot be removed: {why}", self.part.name());
        }
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
        self.tell_hashed();
        self.order(Order::Save(Box::new(snapshot)));
    }

    /// Hears that a save is done.
    pub fn on_saved(&mut self) {
        self.is_saving = false;
    }

    /// Verifies the whole and gives it its name; answered by a report.
    pub fn finish(&mut self, digest: Digest) {
        self.tell_hashed();
        self.order(Order::Finish(digest));
    }

    /// Saves a last time, or discards what arrived; answered by a report. A file that nothing
    /// arrived of is discarded.
    pub fn close(mut self, snapshot: Snapshot, discard: bool) {
        self.notes = Notes::Ended;
        self.tell_hashed();
        if discard {
            self.part.disown();
        }
        self.order(Order::Close { snapshot: Box::new(snapshot), discard });
    }

    fn order(&mut self, order: Order) {
        match (std::mem::replace(&mut self.keeping, Keeping::Finishing), order) {
            (Keeping::Resting(mut keeper), Order::Begin { size, stamp, anew }) => {
                keeper.begin(size, stamp, anew);
                self.keeping = Keeping::Resting(keeper);
            }
            (Keeping::Resting(keeper), Order::Finish(digest)) if keeper.is_small() => {
                self.finisher.finish(*keeper, digest);
            }
            (Keeping::Resting(keeper), order) => match keeper.start() {
                Ok(orders) => {
                    let _ = orders.send(order);
                    self.keeping = Keeping::Running(orders);
                }
                Err(why) => {
                    (self.report)(Report::Finished(Err(why.into())));
                    (self.report)(Report::Closed);
                }
            },
            (Keeping::Running(orders), order) => {
                // A keeper that is gone has reported why.
                let _ = orders.send(order);
                self.keeping = Keeping::Running(orders);
            }
            (Keeping::Finishing, _) => {}
        }
    }
}

impl std::fmt::Debug for Arriving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arriving").field("part", &self.part).finish_non_exhaustive()
    }
}

/// Shorter ones every disk has; and one that has no holes would fill it with zeros to tell.
const LONG: u64 = 4 << 30;
/// Bytes after which a note is due: of what is acknowledged, a killed process loses less.
const NOTE_BYTES: u64 = MAX_DATAGRAM_LEN as u64;
/// Shortest time between two notes, so that a fast link is not spent on them.
const NOTE_PAUSE: Duration = Duration::from_millis(5);
/// Shortest time between two words to the keeper about less than…
const TELL_PAUSE: Duration = Duration::from_millis(5);
/// …so many groups.
const TELL_GROUPS: u64 = 8;
/// Longest time between two saves.
const SAVE_AFTER: Duration = Duration::from_secs(5);
/// Bytes after which a save is due earlier.
const SAVE_BYTES: u64 = 64 << 20;
/// Shortest time between two saves, so that a fast link is not spent on syncing.
const SAVE_PAUSE: Duration = Duration::from_secs(1);
