//! One file on its way into the store, and what is remembered of it.

use blake3::Hasher;
use proto_core::flow::FlowEvent;
use proto_core::ids::{Digest, Stamp, TransferId};
use proto_core::text::FileName;
use proto_core::time::Instant;
use proto_core::wire::{AbortReason, Held};

use crate::board::Board;
use crate::fault::Fault;
use crate::machines::Files;
use crate::note;
use crate::profile::{NOTE_EVERY, SLICE_LEN};
use crate::store::Store;

/// The one transfer of a session.
pub(crate) const ID: TransferId = TransferId(1);

/// A file on its way.
pub(crate) struct Download {
    name: FileName,
    /// Bytes, and which version, once that is known.
    file: Option<(u64, Stamp)>,
    /// Bytes that were here when a note was written last.
    noted: u64,
    told_percent: u64,
    check: Option<Check>,
    /// Whether it was asked for with something here.
    resumes: bool,
    over: bool,
}

/// The content is compared with its digest, a slice at a time.
struct Check {
    digest: Digest,
    hasher: Hasher,
    at: u64,
}

impl Download {
    /// A file that is not here yet, as far as is known.
    pub(crate) const fn new(name: FileName) -> Self {
        Self {
            name,
            file: None,
            noted: 0,
            told_percent: 0,
            check: None,
            resumes: false,
            over: false,
        }
    }

    /// Its name.
    pub(crate) const fn name(&self) -> &FileName {
        &self.name
    }

    /// Whether it is whole, verified, and has its name.
    pub(crate) const fn is_over(&self) -> bool {
        self.over
    }

    /// Whether there is something to do that waits for nobody.
    pub(crate) const fn is_busy(&self) -> bool {
        self.check.is_some()
    }

    /// What of it is here, to be told when it is asked for. Without that, nothing is.
    pub(crate) fn held<B: Board>(&mut self, board: &mut B) -> Result<Option<Held>, Fault> {
        let held = note::held(board.store(), &self.name).map_err(Fault::store)?;
        self.resumes = held.is_some();
        if !self.resumes {
            note::start_over(board.store()).map_err(Fault::store)?;
        }
        Ok(held)
    }

    /// Hears what the flow says about it.
    pub(crate) fn on_event<B: Board>(
        &mut self,
        board: &mut B,
        now: Instant,
        flow: &mut Files,
        event: &FlowEvent,
    ) -> Result<(), Fault> {
        match *event {
            FlowEvent::Offered { size, stamp, resumed, .. } => {
                self.begin(board, now, flow, (size, stamp), resumed)?;
            }
            FlowEvent::Verify { digest, .. } => {
                self.check = Some(Check { digest, hasher: Hasher::new(), at: 0 });
            }
            FlowEvent::Holds { mine, theirs, at, .. } => {
                let who = match (mine, theirs) {
                    (true, true) => "held by both",
                    (true, false) => "paused",
                    (false, true) => "held by the server",
                    (false, false) => "proceeding",
                };
                board.tell(format_args!("{who} at byte {at}"));
                self.note(board, flow)?;
            }
            FlowEvent::Finished { .. } => {
                self.over = true;
                board.tell(format_args!("verified {}", self.name.as_str()));
            }
            FlowEvent::Ended { why, by_peer, .. } => {
                return Err(Fault::Transfer { why, by_server: by_peer });
            }
            FlowEvent::Stalled { .. } => board.tell(format_args!("nothing moves")),
            FlowEvent::Proceeding { .. } => board.tell(format_args!("it moves again")),
            // The first two are told by what follows them, the next two are for servers, and the
            // others not about a file.
            FlowEvent::Started { .. }
            | FlowEvent::Received { .. }
            | FlowEvent::Wanted { .. }
            | FlowEvent::Pushed { .. }
            | FlowEvent::PathProven { .. }
            | FlowEvent::PathUnanswered
            | FlowEvent::PathBroken { .. } => {}
        }
        Ok(())
    }

    #[inline(never)]
    fn begin<B: Board>(
        &mut self,
        board: &mut B,
        now: Instant,
        flow: &mut Files,
        file: (u64, Stamp),
        resumed: bool,
    ) -> Result<(), Fault> {
        if self.resumes && !resumed {
            board.tell(format_args!("the file has changed: it starts over"));
            note::start_over(board.store()).map_err(Fault::store)?;
        }
        self.file = Some(file);
        let held = note::held(board.store(), &self.name).map_err(Fault::store)?;
        let ranges = held.map(|held| held.ranges).unwrap_or_default();
        flow.prepared(now, ID, &ranges);
        let done = flow.progress(ID).map_or(0, |progress| progress.done);
        board.tell(format_args!(
            "fetching {}: {done} of {} bytes are here",
            self.name.as_str(),
            file.0
        ));
        self.note(board, flow)
    }

    /// After bytes were stored: tells how far it is, and notes it now and then.
    pub(crate) fn on_stored<B: Board>(&mut self, board: &mut B, flow: &Files) -> Result<(), Fault> {
        let (Some(progress), Some((size, _))) = (flow.progress(ID), self.file) else {
            return Ok(());
        };
        let percent = progress.done * 100 / size.max(1);
        if percent >= self.told_percent + 10 {
            self.told_percent = percent;
            board.tell(format_args!("R {} {percent}%", self.name.as_str()));
        }
        if progress.done >= self.noted + NOTE_EVERY { self.note(board, flow) } else { Ok(()) }
    }

    /// Notes what is here: it is written already.
    #[inline(never)]
    fn note<B: Board>(&mut self, board: &mut B, flow: &Files) -> Result<(), Fault> {
        let Some((_, stamp)) = self.file else { return Ok(()) };
        self.noted = flow.progress(ID).map_or(0, |progress| progress.done);
        let held = Held { stamp, ranges: flow.held(ID) };
        note::keep(board.store(), &self.name, held).map_err(Fault::store)
    }

    /// Hashes a slice of what is stored, and judges the whole at its end.
    pub(crate) fn check<B: Board>(
        &mut self,
        board: &mut B,
        now: Instant,
        flow: &mut Files,
    ) -> Result<(), Fault> {
        let (Some(check), Some((size, _))) = (&mut self.check, self.file) else { return Ok(()) };
        let mut slice = [0; SLICE_LEN];
        let len = usize::try_from(size - check.at).map_or(SLICE_LEN, |left| left.min(SLICE_LEN));
        board.store().read_at(check.at, &mut slice[..len]).map_err(Fault::store)?;
        check.hasher.update(&slice[..len]);
        check.at += len as u64;
        if check.at < size {
            return Ok(());
        }
        let right = *check.hasher.finalize().as_bytes() == check.digest.0;
        self.check = None;
        if right {
            note::finish(board.store(), &self.name).map_err(Fault::store)?;
            flow.verified(now, ID);
        } else {
            note::start_over(board.store()).map_err(Fault::store)?;
            flow.abort(now, ID, AbortReason::WrongDigest);
        }
        Ok(())
    }
}
