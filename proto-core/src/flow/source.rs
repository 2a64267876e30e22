//! The side that has the file.
//!
//! ```text
//!   upload    Asked --Accept---------------------------> Open --Done--> over
//!   download  Wanted --the file is open--> Offered --Accept--> Open --Done--> over
//! ```
//!
//! In `Offered` the first [`EARLY_LEN`] bytes of a fresh download may leave already: with the
//! offer, before the sink has answered it. Every byte of the file is acknowledged, in the
//! backlog, or on its way.

use super::range::between;
use super::repeats::Repeats;
use super::{Backlog, Coverage, Misbehaviour, Percent};
use crate::ids::Stamp;
use crate::wire::ByteRange;

/// Bytes of a fresh download that may travel before the sink accepted it.
pub const EARLY_LEN: u64 = 1 << 20;

/// What is to be sent of a file, and what has arrived.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Source<const HOLES: usize> {
    phase: Phase,
    size: Option<u64>,
    stamp: Option<Stamp>,
    held_of: Option<Stamp>,
    confirmed: bool,
    /// Where the client will hold.
    stop_at: Option<Percent>,
    client_stop: Option<u64>,
    stop: Option<u64>,
    backlog: Backlog<HOLES>,
    acked: Coverage<HOLES>,
    repeats: Repeats,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The upload is offered; the sink has not answered.
    Asked,
    /// The download is asked for; the file is being opened.
    Wanted,
    /// The download is offered; the sink has not answered.
    Offered,
    /// The sink takes everything.
    Open,
}

impl<const HOLES: usize> Source<HOLES> {
    /// An upload.
    pub(super) fn put(size: u64, stamp: Stamp) -> Self {
        let mut source = Self::wanted(None, true, None);
        source.phase = Phase::Asked;
        source.begin(size, stamp);
        source
    }

    /// A download of which the sink has a part of version `held_of`, or nothing.
    pub(super) fn wanted(
        held_of: Option<Stamp>,
        confirmed: bool,
        stop_at: Option<Percent>,
    ) -> Self {
        Self {
            phase: Phase::Wanted,
            size: None,
            stamp: None,
            held_of,
            confirmed,
            stop_at,
            client_stop: None,
            stop: None,
            backlog: Backlog::new(),
            acked: Coverage::new(),
            repeats: Repeats::new(),
        }
    }

    /// The file is open; true when that was awaited.
    pub(super) fn offer(&mut self, size: u64, stamp: Stamp, stop: Option<Percent>) -> bool {
        if self.phase != Phase::Wanted {
            return false;
        }
        self.phase = Phase::Offered;
        let part = |percent: Percent| percent.of(size);
        self.stop = stop.filter(|_| !self.confirmed).and_then(part);
        self.client_stop = self.stop_at.and_then(part);
        self.begin(size, stamp);
        true
    }

    /// The sink accepts, and has some of it.
    pub(super) fn on_accept(&mut self, held: &[ByteRange]) -> Result<(), Misbehaviour> {
        if !matches!(self.phase, Phase::Asked | Phase::Offered) {
            return Err(Misbehaviour::OutOfTurn);
        }
        let size = self.size.unwrap_or(0);
        if held.iter().any(|range| range.start >= range.end || range.end > size) {
            return Err(Misbehaviour::BeyondTheEnd);
        }
        self.phase = Phase::Open;
        for &range in held {
            self.on_have(range);
        }
        let resumed_at = self.acked.contiguous();
        if self.is_resumed() && self.client_stop.is_some_and(|stop| resumed_at >= stop) {
            self.client_stop = None;
        }
        Ok(())
    }

    /// The sink has it all.
    pub(super) fn on_done(&self) -> Result<(), Misbehaviour> {
        match self.phase {
            Phase::Open => Ok(()),
            Phase::Asked | Phase::Wanted | Phase::Offered => Err(Misbehaviour::OutOfTurn),
        }
    }

    /// The client agrees to go on past the stop point.
    pub(super) fn confirm(&mut self) {
        self.confirmed = true;
        self.stop = None;
    }

    /// The client, which held at its own stop point or before, goes on.
    pub(super) fn go_past_client_stop(&mut self) {
        self.client_stop = None;
    }

    /// A packet's bytes are acknowledged; says how many were news. What does not fit the books
    /// is sent once more.
    pub(super) fn on_acked(&mut self, range: ByteRange) -> u64 {
        let Ok(new) = self.acked.insert(range) else {
            self.backlog.add(range);
            return 0;
        };
        self.backlog.remove(range);
        new
    }

    /// The sink says that it has these bytes; says how many were news.
    pub(super) fn on_have(&mut self, range: ByteRange) -> u64 {
        let Some(range) = between(range.start, range.end.min(self.size.unwrap_or(0))) else {
            return 0;
        };
        self.acked.insert(range).inspect(|_| self.backlog.remove(range)).unwrap_or(0)
    }

    /// A packet's bytes are lost: what of them nobody has is sent again.
    pub(super) fn on_lost(&mut self, range: ByteRange) {
        for hole in self.acked.missing_of(range) {
            self.backlog.add(hole);
        }
    }

    /// Takes what to send next, at most `most` bytes.
    pub(super) fn take(&mut self, most: u64) -> Option<ByteRange> {
        self.backlog.take(most, self.limit())
    }

    /// Whether there is something to send.
    pub(super) fn has_more(&self) -> bool {
        self.backlog.has_below(self.limit())
    }

    /// The lowest bytes that are sent and not acknowledged: worth sending twice when there was
    /// no sign of them for long.
    pub(super) fn lowest_unacked(&self, most: u64) -> Option<ByteRange> {
        let hole = self.acked.first_hole(self.limit())?;
        between(hole.start, hole.end.min(hole.start.saturating_add(most)))
    }

    /// The next bytes that are worth sending twice, when nothing else of the file is left to send.
    pub(super) fn repeatable(&self, most: u64) -> Option<ByteRange> {
        let size = self.size.filter(|&size| self.limit() == size)?;
        self.repeats.next(&self.acked, size, most)
    }

    /// These bytes are sent twice.
    pub(super) fn on_repeated(&mut self, range: ByteRange) {
        self.repeats.on_sent(range, self.size.unwrap_or(0));
    }

    /// Whether everything below the stop point has arrived, and the client must confirm.
    pub(super) fn is_at_stop_point(&self) -> bool {
        self.stop.is_some_and(|stop| self.acked.contiguous() >= stop)
    }

    /// Whether anything is still to arrive before somebody else has to act.
    pub(super) fn is_moving(&self) -> bool {
        self.acked.contiguous() < self.limit()
    }

    /// Whether all of it has arrived.
    pub(super) fn is_complete(&self) -> bool {
        self.size.is_some_and(|size| self.acked.contiguous() >= size)
    }

    /// Whether the sink takes everything.
    pub(super) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Whether nobody has offered the file yet.
    pub(super) fn is_wanted(&self) -> bool {
        self.phase == Phase::Wanted
    }

    /// Whether what the sink has is of the version that is sent.
    pub(super) fn is_resumed(&self) -> bool {
        self.held_of.is_some() && self.held_of == self.stamp
    }

    /// The version of what the sink has.
    pub(super) const fn held_of(&self) -> Option<Stamp> {
        self.held_of
    }

    /// The file's length and version, once it is open.
    pub(super) fn file(&self) -> Option<(u64, Stamp)> {
        self.size.zip(self.stamp)
    }

    /// What has arrived.
    pub(super) const fn acked(&self) -> &Coverage<HOLES> {
        &self.acked
    }

    /// Bytes sent once more than needed, for want of room in the backlog.
    pub(super) const fn resent(&self) -> u64 {
        self.backlog.resent()
    }

    fn begin(&mut self, size: u64, stamp: Stamp) {
        self.size = Some(size);
        self.stamp = Some(stamp);
        self.backlog.add(ByteRange { start: 0, end: size });
    }

    /// Bytes at and above it may not leave now.
    fn limit(&self) -> u64 {
        let accepted = match self.phase {
            Phase::Offered if self.held_of.is_none() => EARLY_LEN,
            Phase::Asked | Phase::Wanted | Phase::Offered => 0,
            Phase::Open => u64::MAX,
        };
        let stops = [self.stop, self.client_stop, self.size.or(Some(0))];
        stops.into_iter().flatten().fold(accepted, u64::min)
    }
}

#[cfg(test)]
mod tests;
