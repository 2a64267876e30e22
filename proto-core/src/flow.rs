//! All transfers of a session, over one path.
//!
//! ```text
//!   control channel                                                       datagrams
//!  ---------------> handle_message             handle_datagram <----------------------
//!                         |                           |
//!                         v                           v
//!      driver's    +-------------+   bytes     +-------------+
//!      facts ----> |  transfers  | ----------> |    Path     |
//!                  |  (a table)  | <---------- |             |
//!                  +-------------+   settled   +-------------+
//!                         |                           |
//!  <--------------- Message, Event              Data, Packet ------------------------->
//! ```
//!
//! Both ends run this machine; the client begins every transfer, and each transfer has a *source*
//! and a *sink*. The path knows nothing of files: it carries bytes of transfers and says of each
//! packet whether it arrived. The transfers know nothing of packets.
//!
//! Read in this order: `coverage` and `backlog` are the books; `hold` and `patience`
//! the rules; `source` and `sink` the two sides; `entry` one transfer and `table` all of them;
//! `event` and `output` what the driver hears. `messages`, `datagrams` and `poll` are `Flow`'s
//! three doors.

mod backlog;
mod coverage;
mod datagrams;
mod entry;
mod event;
mod hold;
mod messages;
mod output;
mod patience;
mod pending;
mod poll;
mod range;
mod repeats;
mod sink;
mod source;
mod table;

use heapless::{Deque, Vec};

pub use crate::percent::Percent;
pub use backlog::Backlog;
pub use coverage::{Coverage, TooManyHoles};
pub use event::{Busy, FlowEvent, FlowStats, Misbehaviour, Progress, State};
pub use hold::Holds;
pub use output::{Arrival, DataPlace, FlowOutput, Receipt};
pub use patience::{ENDED_AFTER, Patience, STALLED_AFTER, Verdict};
pub use sink::HAVE_INTERVAL;
pub use source::EARLY_LEN;

use crate::ids::{Digest, Stamp, TransferId};
use crate::limits::{MAX_FILE_SIZE, MAX_HELD_RANGES};
use crate::path::{Address, Path, PathConfig, Stats};
use crate::secure::{Aead, Role};
use crate::shelf::{Inline, Shelves};
use crate::text::FileName;
use crate::time::Instant;
use crate::wire::{AbortReason, ByteRange, Held};
use entry::{Entry, News, Side, Tell};
use poll::Turn;
use sink::Sink;
use source::Source;
use table::Table;

/// All transfers of one session.
///
/// `WINDOW` bounds the packets on the way, `HOLES` the holes in what arrived of each file,
/// `TRANSFERS` the transfers under way. After every call that takes `&mut self`, call
/// [`poll_output`](Self::poll_output) until it returns `Wait` or `Idle`.
#[derive(Clone, Debug)]
pub struct Flow<
    A: Aead,
    const WINDOW: usize,
    const HOLES: usize,
    const TRANSFERS: usize,
    S: Shelves = Inline,
> {
    role: Role,
    confirm_at: Option<Percent>,
    path: Path<A, WINDOW, S>,
    table: Table<HOLES, TRANSFERS, S>,
    refusals: Deque<(TransferId, AbortReason), REFUSALS>,
    has_words: bool,
    turn: Turn,
    acks_since_have: u8,
    haves_due: bool,
    woken_at: Option<Instant>,
    stats: FlowStats,
}

/// How a flow is started.
#[derive(Clone, Debug)]
pub struct FlowConfig {
    /// The path under the transfers.
    pub path: PathConfig,
    /// A server's stop point: the part of each download after which its client must confirm.
    /// Default: none.
    pub confirm_at: Option<Percent>,
}

/// Transfers that can be refused for want of room before anybody listens.
const REFUSALS: usize = 8;

impl<A: Aead, const WINDOW: usize, const HOLES: usize, const TRANSFERS: usize, S: Shelves>
    Flow<A, WINDOW, HOLES, TRANSFERS, S>
{
    /// A session without transfers.
    pub fn new(config: FlowConfig, now: Instant) -> Self {
        Self {
            role: config.path.keys.role(),
            confirm_at: config.confirm_at,
            path: Path::new(config.path, now),
            table: Table::new(),
            refusals: Deque::new(),
            has_words: false,
            turn: Turn::default(),
            acks_since_have: 0,
            haves_due: false,
            woken_at: None,
            stats: FlowStats::default(),
        }
    }

    /// Begins to prove the path: a client knows where its server is; a server passes `None` and
    /// waits for the first datagram.
    pub fn open(&mut self, now: Instant, remote: Option<Address>) {
        self.path.open(now, remote);
    }

    /// Client: asks for a file.
    ///
    /// With `held` of `None`, bytes may arrive before [`FlowEvent::Offered`]: at most
    /// [`EARLY_LEN`] of them, and the driver must have a place for them.
    ///
    /// # Errors
    /// [`Busy`] when the id is in use, or as many transfers are under way as can be.
    ///
    /// # Panics
    /// On a server.
    pub fn get(
        &mut self,
        now: Instant,
        id: TransferId,
        name: &FileName,
        held: Option<&Held>,
        on_hold: bool,
        confirmed: bool,
    ) -> Result<(), Busy> {
        assert!(self.role == Role::Client, "a client begins every transfer");
        let sink = Side::Sink(Sink::get(held));
        let number = self.table.number_for(id);
        let mut entry = Entry::new(id, number, name.clone(), sink, Holds::new(on_hold, false));
        entry.confirmed = confirmed;
        entry.tells.set(Tell::Get);
        self.begin(now, entry)
    }

    /// Client: the download just begun is held there by this side, and not a byte beyond is sent. Call
    /// it before the next output is polled.
    pub fn stop_at(&mut self, now: Instant, id: TransferId, stop: Percent) {
        self.change(now, id, |entry| entry.stop_at = Some(stop));
    }

    /// Client: offers a file.
    ///
    /// # Errors
    /// [`Busy`] when the id is in use, or as many transfers are under way as can be.
    ///
    /// # Panics
    /// On a server.
    pub fn put(
        &mut self,
        now: Instant,
        id: TransferId,
        name: &FileName,
        size: u64,
        stamp: Stamp,
        on_hold: bool,
    ) -> Result<(), Busy> {
        assert!(self.role == Role::Client, "a client begins every transfer");
        let source = Side::Source(Source::put(size, stamp));
        let number = self.table.number_for(id);
        let mut entry = Entry::new(id, number, name.clone(), source, Holds::new(on_hold, false));
        if size > MAX_FILE_SIZE {
            entry.on_abort(AbortReason::TooLarge, false);
        } else {
            entry.tells.set(Tell::Put);
        }
        self.begin(now, entry)
    }

    /// Sets or clears this side's hold.
    pub fn hold(&mut self, now: Instant, id: TransferId, set: bool) {
        self.change(now, id, |entry| entry.hold(set));
    }

    /// Client: agrees to go on past the server's stop point, now or when it comes.
    pub fn confirm(&mut self, now: Instant, id: TransferId) {
        let client = self.role == Role::Client;
        self.change(now, id, |entry| {
            if client && matches!(entry.side, Side::Sink(_)) {
                entry.confirmed = true;
                entry.tells.set(Tell::Confirm);
            }
        });
    }

    /// Ends a transfer because its user wants that.
    pub fn cancel(&mut self, now: Instant, id: TransferId, why: AbortReason) {
        self.abort(now, id, why);
    }

    /// Server, source: the file is open. Answers [`FlowEvent::Wanted`].
    pub fn offer(&mut self, now: Instant, id: TransferId, size: u64, stamp: Stamp) {
        let stop = self.confirm_at;
        self.change(now, id, |entry| {
            let Side::Source(source) = &mut entry.side else { return };
            if size > MAX_FILE_SIZE {
                entry.end_early(AbortReason::TooLarge);
            } else if source.offer(size, stamp, stop) {
                entry.tells.set(Tell::Offer);
                if entry.digest.is_some() {
                    entry.tells.set(Tell::Digest);
                }
            }
        });
    }

    /// Source: the hash of the whole content is known.
    pub fn digest(&mut self, now: Instant, id: TransferId, digest: Digest) {
        self.change(now, id, |entry| {
            let Side::Source(source) = &entry.side else { return };
            if entry.digest.is_none() {
                entry.digest = Some(digest);
                if !source.is_wanted() {
                    entry.tells.set(Tell::Digest);
                }
            }
        });
    }

    /// Server, sink: the place for the file is open and has some of it. Answers
    /// [`FlowEvent::Pushed`].
    pub fn accept(&mut self, now: Instant, id: TransferId, held: &[ByteRange]) {
        self.prepared(now, id, held);
    }

    /// Client, sink: the place for the file is open and has some of it; what arrived early counts
    /// besides. Answers [`FlowEvent::Offered`].
    pub fn prepared(&mut self, now: Instant, id: TransferId, held: &[ByteRange]) {
        self.change(now, id, |entry| {
            let Side::Sink(sink) = &mut entry.side else { return };
            if sink.prepare(now, held) {
                if sink.is_resumed() && sink.has_part(entry.stop_at) {
                    // It was there before: it does not stop again.
                    entry.stop_at = None;
                }
                entry.tells.set(Tell::Accept);
                entry.news.set(News::Started);
            }
        });
    }

    /// Sink: the content is what the digest says, and has its name. Answers
    /// [`FlowEvent::Verify`].
    pub fn verified(&mut self, now: Instant, id: TransferId) {
        self.change(now, id, |entry| {
            if matches!(&entry.side, Side::Sink(sink) if sink.is_verifying()) {
                entry.tells.set(Tell::Done);
                entry.finish();
            }
        });
    }

    /// Ends a transfer because it cannot go on.
    pub fn abort(&mut self, now: Instant, id: TransferId, why: AbortReason) {
        self.change(now, id, |entry| entry.end_early(why));
    }

    /// How far a transfer is; `None` when it is not under way.
    pub fn progress(&self, id: TransferId) -> Option<Progress> {
        self.table.get(id).map(Entry::progress)
    }

    /// The largest ranges of a file that are stored here, for a later resume; none when the
    /// transfer is not under way or this is its source.
    pub fn held(&self, id: TransferId) -> Vec<ByteRange, MAX_HELD_RANGES> {
        match self.table.get(id).map(|entry| &entry.side) {
            Some(Side::Sink(sink)) => sink.stored().largest(),
            Some(Side::Source(_)) | None => Vec::new(),
        }
    }

    /// Whether any transfer is under way or its end is still to be told.
    pub fn is_busy(&self) -> bool {
        self.table.iter().next().is_some()
    }

    /// Whether no transfer can begin before another's end is told.
    pub fn is_full(&self) -> bool {
        self.table.is_full()
    }

    /// What happened so far.
    pub const fn stats(&self) -> &FlowStats {
        &self.stats
    }

    /// What happened on the path so far.
    pub fn path_stats(&self) -> &Stats {
        self.path.stats()
    }

    /// The path under the transfers.
    pub const fn path(&self) -> &Path<A, WINDOW, S> {
        &self.path
    }

    fn begin(&mut self, now: Instant, mut entry: Entry<HOLES>) -> Result<(), Busy> {
        if entry.end.is_none() {
            entry.reconsider(now);
        }
        self.has_words = true;
        if self.table.insert(entry) { Ok(()) } else { Err(Busy) }
    }

    /// Changes a transfer, if it is under way, and draws the consequences.
    fn change(&mut self, now: Instant, id: TransferId, change: impl FnOnce(&mut Entry<HOLES>)) {
        let Some(entry) = self.table.get_mut(id) else { return };
        change(entry);
        if entry.end.is_none() {
            entry.reconsider(now);
        }
        self.has_words = true;
    }
}

#[cfg(test)]
mod tests;
