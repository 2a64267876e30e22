//! What is to be done next.
//!
//! Words come first, so that an offer leaves before the bytes it announces; then what the path
//! wants for itself; then HAVE maps; then bytes of files, a batch from each source in turn.

use super::entry::{Entry, Side};
use super::table::Number;
use super::{DataPlace, Flow, FlowEvent, FlowOutput};
use crate::note::note;
use crate::path::{Carried, Packet, PacketKind, Path, PathEvent};
use crate::secure::Aead;
use crate::shelf::Shelves;
use crate::time::Instant;
use crate::wire::frame::Have;
use crate::wire::{AbortReason, Transfer};

/// Packets that one source sends before it is the next one's turn: few enough to be fair, and
/// enough to be read from a file at once.
const BATCH: u8 = 16;

/// Acknowledgements after which a HAVE map repeats what they said, for those that got lost.
const ACKS_PER_HAVE: u8 = 16;

/// What a source has to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// What was not sent yet, or is lost.
    Send,
    /// A time-out asks for a probe: what is on the way already.
    Probe,
    /// Nothing else is left: what is worth sending twice.
    Repeat,
}

/// Whose turn it is to send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Turn {
    at: usize,
    sent: u8,
}

impl<A: Aead, const WINDOW: usize, const HOLES: usize, const TRANSFERS: usize, S: Shelves>
    Flow<A, WINDOW, HOLES, TRANSFERS, S>
{
    /// Says what is to be done next.
    pub fn poll_output(&mut self, now: Instant) -> FlowOutput {
        if self.path.next_timeout().is_some_and(|at| at <= now) && self.woken_at != Some(now) {
            self.woken_at = Some(now);
            self.path.handle_timeout(now);
            self.settle(now);
        }
        loop {
            if let Some(output) = self.poll_words().or_else(|| self.poll_packets(now)) {
                return output;
            }
            let deadline = self.table.iter().filter_map(deadline).min();
            if deadline.is_some_and(|at| at <= now) {
                self.on_deadline(now);
                continue;
            }
            return match [self.path.next_timeout(), deadline].into_iter().flatten().min() {
                Some(at) => FlowOutput::Wait(at),
                None => FlowOutput::Idle,
            };
        }
    }

    /// Looks at every transfer's clock.
    fn on_deadline(&mut self, now: Instant) {
        for entry in self.table.iter_mut().filter(|entry| entry.end.is_none()) {
            entry.check_patience(now);
        }
        self.has_words = true;
        self.haves_due = true;
    }

    /// Says what is to be told, to the peer or the driver, and nothing that is to be sent: for whom
    /// cannot send now. `None` when there is nothing.
    pub fn poll_words(&mut self) -> Option<FlowOutput> {
        if let Some((id, why)) = self.refusals.pop_front() {
            return Some(FlowOutput::Message(Transfer::Abort { id, why }));
        }
        if self.has_words {
            for at in 0..TRANSFERS {
                let Some(entry) = self.table.at_mut(at) else { continue };
                if let Some(message) = entry.take_message() {
                    self.table.vacate_told(at);
                    return Some(FlowOutput::Message(message));
                }
                if let Some(event) = entry.take_event() {
                    self.count_end(at, &event);
                    self.table.vacate_told(at);
                    return Some(FlowOutput::Event(event));
                }
            }
            self.has_words = false;
        }
        self.poll_path_event()
    }

    fn poll_path_event(&mut self) -> Option<FlowOutput> {
        while let Some(event) = self.path.poll_event() {
            let event = match event {
                PathEvent::Proven { size } => {
                    note!("path: datagrams of {} bytes pass", size);
                    FlowEvent::PathProven { size: u16::try_from(size).unwrap_or(u16::MAX) }
                }
                PathEvent::Unanswered => {
                    note!("path: nobody answers");
                    FlowEvent::PathUnanswered
                }
                PathEvent::Broken(why) => {
                    note!("path: the peer broke the protocol");
                    for entry in self.table.iter_mut().filter(|entry| entry.end.is_none()) {
                        entry.end_early(AbortReason::Misbehaved);
                    }
                    self.has_words = true;
                    FlowEvent::PathBroken { why }
                }
                PathEvent::Moved { .. } => continue,
            };
            return Some(FlowOutput::Event(event));
        }
        None
    }

    fn poll_packets(&mut self, now: Instant) -> Option<FlowOutput> {
        let sender = self.next_sender();
        self.path.backlogged(sender.is_some());
        self.path.expecting(self.table.iter().any(Entry::awaits_data));
        if let Some(packet) = self.path.poll_packet(now) {
            self.count_ack(now, &packet);
            return Some(FlowOutput::Packet(packet));
        }
        while let Some(have) = self.next_have(now) {
            if let Some(packet) = self.path.send_have(now, have) {
                self.stats.haves_sent += 1;
                return Some(FlowOutput::Packet(packet));
            }
        }
        let (at, need) = sender.filter(|_| self.path.can_send(now))?;
        self.send(now, at, need)
    }

    /// The slot whose turn it is to send, and what it has to send.
    fn next_sender(&mut self) -> Option<(usize, Need)> {
        if self.turn.sent >= BATCH {
            self.turn = Turn { at: self.turn.at + 1, sent: 0 };
        }
        let slots = || (self.turn.at..TRANSFERS).chain(0..self.turn.at.min(TRANSFERS));
        let first = |has: &dyn Fn(&Entry<HOLES>) -> bool| {
            slots().find(|&at| self.table.at(at).is_some_and(has))
        };
        let path = &self.path;
        let found = if let Some(at) = first(&Entry::can_send) {
            Some((at, Need::Send))
        } else if self.path.wants_probe_data() {
            first(&Entry::can_probe).map(|at| (at, Need::Probe))
        } else if self.path.stats().packets_lost == 0 {
            None
        } else {
            first(&|entry| entry.repeatable(most(path, entry)).is_some())
                .map(|at| (at, Need::Repeat))
        };
        if let Some((at, _)) = found.filter(|&(at, _)| at != self.turn.at) {
            self.turn = Turn { at, sent: 0 };
        }
        found
    }

    fn send(&mut self, now: Instant, at: usize, need: Need) -> Option<FlowOutput> {
        let entry = self.table.at_mut(at)?;
        let most = most(&self.path, entry);
        let range = match need {
            Need::Send => entry.take(most),
            Need::Probe => entry.probe(most),
            Need::Repeat => entry.repeatable(most).inspect(|range| entry.on_repeated(*range)),
        }?;
        let len = u16::try_from(range.end - range.start).expect("a payload fits a datagram");
        let (id, Number(transfer), offset) = (entry.id, entry.number, range.start);
        self.stats.bytes_sent += u64::from(len);
        self.turn.sent += 1;
        let packet = self.path.send_data(now, Carried { transfer, offset, len });
        Some(FlowOutput::Data(packet, DataPlace { id, offset }))
    }

    /// The next HAVE map that is due.
    fn next_have(&mut self, now: Instant) -> Option<Have> {
        if !self.haves_due {
            return None;
        }
        for entry in self.table.iter_mut().filter(|entry| entry.end.is_none()) {
            let Side::Sink(sink) = &mut entry.side else { continue };
            if sink.have_deadline().is_some_and(|at| at <= now) {
                let Number(transfer) = entry.number;
                return Some(Have { transfer, ranges: sink.have(now) });
            }
        }
        self.haves_due = false;
        None
    }

    /// After each so many acknowledgements, HAVE maps are due.
    fn count_ack(&mut self, now: Instant, packet: &Packet) {
        if !matches!(packet.kind, PacketKind::Ack { .. }) {
            return;
        }
        self.acks_since_have += 1;
        if self.acks_since_have < ACKS_PER_HAVE {
            return;
        }
        self.acks_since_have = 0;
        self.haves_due = true;
        for entry in self.table.iter_mut() {
            if let Side::Sink(sink) = &mut entry.side {
                sink.hasten_have(now);
            }
        }
    }

    fn count_end(&mut self, at: usize, event: &FlowEvent) {
        match event {
            FlowEvent::Finished { id } => {
                note!("transfer {}: finished", id.0);
                self.stats.finished += 1;
            }
            FlowEvent::Ended { id, by_peer, .. } => {
                note!("transfer {}: ended early, by the peer: {}", id.0, *by_peer);
                self.stats.ended += 1;
            }
            _ => return,
        }
        if let Some(Side::Source(source)) = self.table.at(at).map(|entry| &entry.side) {
            self.stats.bytes_resent += source.resent();
        }
    }
}

/// When time changes something about a transfer.
fn deadline<const HOLES: usize>(entry: &Entry<HOLES>) -> Option<Instant> {
    let have = match &entry.side {
        Side::Sink(sink) => sink.have_deadline(),
        Side::Source(_) => None,
    };
    let patience = entry.patience.deadline();
    [have, patience].into_iter().flatten().min().filter(|_| entry.end.is_none())
}

/// Most bytes of a transfer in a datagram, now.
fn most<A: Aead, const WINDOW: usize, const HOLES: usize, S: Shelves>(
    path: &Path<A, WINDOW, S>,
    entry: &Entry<HOLES>,
) -> u64 {
    path.payload_len(entry.number.0, entry.size()) as u64
}
