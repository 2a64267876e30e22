//! One transfer: its side, its holds, and what is to be said about it.

mod order;

use super::pending::Pending;
use super::sink::Sink;
use super::source::Source;
use super::table::Number;
use super::{Coverage, FlowEvent, Holds, Patience, Progress, State, Verdict};
use crate::ids::{Digest, Stamp, TransferId};
use crate::percent::Percent;
use crate::text::FileName;
use crate::time::Instant;
use crate::wire::{AbortReason, ByteRange, Transfer};

/// One transfer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry<const HOLES: usize> {
    pub(super) id: TransferId,
    pub(super) number: Number,
    pub(super) name: FileName,
    pub(super) side: Side<HOLES>,
    pub(super) holds: Holds,
    pub(super) confirmed: bool,
    /// Where this client will hold its download.
    pub(super) stop_at: Option<Percent>,
    pub(super) digest: Option<Digest>,
    pub(super) patience: Patience,
    pub(super) tells: Pending<Tell>,
    pub(super) news: Pending<News>,
    pub(super) end: Option<End>,
}

/// Which side of the transfer this is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Side<const HOLES: usize> {
    /// Has the file.
    Source(Source<HOLES>),
    /// Wants it.
    Sink(Sink<HOLES>),
}

/// How a transfer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Finished,
    Early { why: AbortReason, by_peer: bool },
}

/// What the peer is to be told, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tell {
    Get,
    Put,
    Offer,
    Accept,
    Digest,
    Hold,
    Confirm,
    Done,
    Abort,
}

/// What the driver is to be told, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    Wanted,
    Pushed,
    Offered,
    Started,
    Holds,
    Stalled,
    Proceeding,
    Received,
    Verify,
    End,
}

impl<const HOLES: usize> Entry<HOLES> {
    /// A transfer about which nothing is said yet.
    pub(super) fn new(
        id: TransferId,
        number: Number,
        name: FileName,
        side: Side<HOLES>,
        holds: Holds,
    ) -> Self {
        let mut news = Pending::new();
        if !holds.may_flow() {
            news.set(News::Holds);
        }
        Self {
            id,
            number,
            name,
            side,
            holds,
            confirmed: false,
            stop_at: None,
            digest: None,
            patience: Patience::default(),
            tells: Pending::new(),
            news,
            end: None,
        }
    }

    /// Draws the consequences of whatever just changed: the stop point, completion, patience.
    pub(super) fn reconsider(&mut self, now: Instant) {
        let moving = match &mut self.side {
            Side::Source(source) => {
                if self.holds.set_stop_point(source.is_at_stop_point()) {
                    self.tells.set(Tell::Hold);
                    self.news.set(News::Holds);
                }
                source.is_moving()
            }
            Side::Sink(sink) => {
                if sink.has_part(self.stop_at) {
                    self.stop_at = None;
                    if !sink.is_complete() && self.holds.set_mine(true) {
                        self.tells.set(Tell::Hold);
                        self.news.set(News::Holds);
                    }
                }
                if sink.receive() {
                    self.news.set(News::Received);
                }
                if self.digest.is_some() && sink.verify() {
                    self.news.set(News::Verify);
                }
                sink.is_moving()
            }
        };
        self.patience.expect(now, moving && self.holds.may_flow());
    }

    /// Bytes arrived for the first time, here or there.
    pub(super) fn on_progress(&mut self, now: Instant) {
        if self.patience.on_progress(now) {
            self.news.unset(News::Stalled);
            self.news.set(News::Proceeding);
        }
    }

    /// Looks at the clock.
    pub(super) fn check_patience(&mut self, now: Instant) {
        match self.patience.check(now) {
            Some(Verdict::Stalled) => {
                self.news.unset(News::Proceeding);
                self.news.set(News::Stalled);
            }
            Some(Verdict::Hopeless) => self.end_early(AbortReason::Stalled),
            None => {}
        }
    }

    /// This side's user sets or clears its hold.
    pub(super) fn hold(&mut self, set: bool) {
        if self.holds.set_mine(set) {
            self.tells.set(Tell::Hold);
            self.news.set(News::Holds);
        }
    }

    /// The peer sets or clears its hold.
    pub(super) fn on_hold(&mut self, set: bool) {
        if let (Side::Source(source), false) = (&mut self.side, set) {
            source.go_past_client_stop();
        }
        if self.holds.set_theirs(set) {
            self.news.set(News::Holds);
        }
    }

    /// It is done. What the driver was not told yet, it is told first.
    pub(super) fn finish(&mut self) {
        self.end = Some(End::Finished);
        self.news.set(News::End);
    }

    /// This side ends it, and tells the peer.
    pub(super) fn end_early(&mut self, why: AbortReason) {
        self.on_abort(why, false);
        self.tells.set(Tell::Abort);
    }

    /// It ends early. Nothing else matters any more.
    pub(super) fn on_abort(&mut self, why: AbortReason, by_peer: bool) {
        self.end = Some(End::Early { why, by_peer });
        self.tells.clear();
        self.news.clear();
        self.news.set(News::End);
    }

    /// Takes the next message to the peer.
    pub(super) fn take_message(&mut self) -> Option<Transfer> {
        let tell = self.tells.take()?;
        if matches!(tell, Tell::Get | Tell::Put) {
            // They say whether it is held.
            self.tells.unset(Tell::Hold);
        }
        Some(self.message(tell))
    }

    /// Takes the next event for the driver.
    pub(super) fn take_event(&mut self) -> Option<FlowEvent> {
        self.news.take().map(|news| self.event(news))
    }

    /// How far it is.
    pub(super) fn progress(&self) -> Progress {
        let covered = self.covered();
        Progress {
            size: self.file().map(|(size, _)| size),
            done: covered.len(),
            contiguous: covered.contiguous(),
            state: self.state(),
        }
    }

    /// The bytes that the sink has, as far as is known here.
    pub(super) fn covered(&self) -> &Coverage<HOLES> {
        match &self.side {
            Side::Source(source) => source.acked(),
            Side::Sink(sink) => sink.stored(),
        }
    }

    /// Whether bytes should be arriving for it.
    pub(super) fn awaits_data(&self) -> bool {
        matches!(self.side, Side::Sink(_)) && self.patience.is_expecting()
    }

    /// Whether it has bytes to send.
    pub(super) fn can_send(&self) -> bool {
        self.sender().is_some_and(Source::has_more)
    }

    /// Whether bytes of it are on the way.
    pub(super) fn can_probe(&self) -> bool {
        self.sender().is_some_and(Source::is_moving)
    }

    /// Length of the file that is sent, once it is open.
    pub(super) fn size(&self) -> u64 {
        self.sender().and_then(Source::file).map_or(0, |(size, _)| size)
    }

    /// Takes the next bytes to send, at most `most`.
    pub(super) fn take(&mut self, most: u64) -> Option<ByteRange> {
        match &mut self.side {
            Side::Source(source) => source.take(most),
            Side::Sink(_) => None,
        }
    }

    /// Bytes that are on the way and worth sending twice, at most `most`.
    pub(super) fn probe(&self, most: u64) -> Option<ByteRange> {
        self.sender().and_then(|source| source.lowest_unacked(most))
    }

    /// Bytes that are on the way and worth sending twice because nothing else is left.
    pub(super) fn repeatable(&self, most: u64) -> Option<ByteRange> {
        self.sender().and_then(|source| source.repeatable(most))
    }

    /// These bytes are sent twice.
    pub(super) fn on_repeated(&mut self, range: ByteRange) {
        if let Side::Source(source) = &mut self.side {
            source.on_repeated(range);
        }
    }

    /// Whether nothing is to be said about it.
    pub(super) const fn is_quiet(&self) -> bool {
        self.tells.is_empty() && self.news.is_empty()
    }

    /// The source, while it may send.
    fn sender(&self) -> Option<&Source<HOLES>> {
        match &self.side {
            Side::Source(source) if self.end.is_none() && self.holds.may_flow() => Some(source),
            Side::Source(_) | Side::Sink(_) => None,
        }
    }

    fn state(&self) -> State {
        let (open, complete) = match &self.side {
            Side::Source(source) => (source.is_open(), source.is_complete()),
            Side::Sink(sink) => (sink.is_open(), sink.is_complete()),
        };
        match (self.holds.mine(), self.holds.theirs()) {
            _ if !open => State::Asked,
            _ if complete => State::Verifying,
            (false, false) => State::Flowing,
            (true, false) => State::HeldByMe,
            (false, true) => State::HeldByPeer,
            (true, true) => State::HeldByBoth,
        }
    }

    fn file(&self) -> Option<(u64, Stamp)> {
        match &self.side {
            Side::Source(source) => source.file(),
            Side::Sink(sink) => sink.file(),
        }
    }

    fn is_resumed(&self) -> bool {
        match &self.side {
            Side::Source(source) => source.is_resumed(),
            Side::Sink(sink) => sink.is_resumed(),
        }
    }

    fn message(&self, tell: Tell) -> Transfer {
        let Number(id) = self.number;
        let (size, stamp) = self.file().unwrap_or((0, Stamp(0)));
        match tell {
            Tell::Get => Transfer::Get {
                id,
                name: self.name.clone(),
                held: match &self.side {
                    Side::Source(_) => None,
                    Side::Sink(sink) => sink.held(),
                },
                hold: self.holds.mine(),
                confirmed: self.confirmed,
                stop_at: self.stop_at,
            },
            Tell::Put => {
                Transfer::Put { id, name: self.name.clone(), size, stamp, hold: self.holds.mine() }
            }
            Tell::Offer => Transfer::Offer { id, size, stamp, resumed: self.is_resumed() },
            Tell::Accept => Transfer::Accept { id, held: self.covered().largest() },
            Tell::Digest => Transfer::Digest { id, digest: self.digest.unwrap_or(Digest([0; 32])) },
            Tell::Hold => Transfer::Hold { id, set: self.holds.mine() },
            Tell::Confirm => Transfer::Confirm { id },
            Tell::Done => Transfer::Done { id },
            Tell::Abort => Transfer::Abort { id, why: self.reason() },
        }
    }

    fn event(&self, news: News) -> FlowEvent {
        let id = self.id;
        let (size, stamp) = self.file().unwrap_or((0, Stamp(0)));
        match news {
            News::Wanted => FlowEvent::Wanted {
                id,
                name: self.name.clone(),
                held_of: match &self.side {
                    Side::Source(source) => source.held_of(),
                    Side::Sink(_) => None,
                },
            },
            News::Pushed => FlowEvent::Pushed { id, name: self.name.clone(), size, stamp },
            News::Offered => FlowEvent::Offered { id, size, stamp, resumed: self.is_resumed() },
            News::Started => FlowEvent::Started { id },
            News::Holds => FlowEvent::Holds {
                id,
                mine: self.holds.mine(),
                theirs: self.holds.theirs(),
                at: self.covered().len(),
            },
            News::Stalled => FlowEvent::Stalled { id },
            News::Proceeding => FlowEvent::Proceeding { id },
            News::Received => FlowEvent::Received { id },
            News::Verify => {
                FlowEvent::Verify { id, digest: self.digest.unwrap_or(Digest([0; 32])) }
            }
            News::End => match self.end {
                Some(End::Early { why, by_peer }) => FlowEvent::Ended { id, why, by_peer },
                Some(End::Finished) | None => FlowEvent::Finished { id },
            },
        }
    }

    fn reason(&self) -> AbortReason {
        match self.end {
            Some(End::Early { why, .. }) => why,
            Some(End::Finished) | None => AbortReason::Cancelled,
        }
    }
}
