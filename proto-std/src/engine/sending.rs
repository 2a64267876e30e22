//! Sends: fills a batch, reads what belongs into it in one go, seals it where it lies.

use std::io::IoSliceMut;

use heapless::Vec as Few;
use proto_core::ids::TransferId;
use proto_core::time::{Duration, Instant};

use super::EngineEvent;
use super::flow::{DataPlace, FlowOutput, HostFlow, Packet, socket_address};
use super::job::JobFile;
use super::limit::Bucket;
use super::run::{Runner, Turn};
use super::session::Session;
use crate::storage::Trouble;
use crate::udp::Sent;

impl Runner {
    /// Lets a session fill one batch.
    pub(super) fn turn(&mut self, now: Instant, session: &mut Session) -> Turn {
        if session.is_parked() {
            return Turn::Done(Some(now + PARKED_FOR));
        }
        if let Some(until) = session.limit.as_mut().and_then(|limit| limit.wait(now)) {
            return Turn::Done(Some(until));
        }
        // A session that only chats has no flow, and must not get one by being looked at.
        let turn = match session.flow() {
            Some(_) => self.fill(now, session),
            None => Turn::Done(None),
        };
        self.flush(now, session);
        turn
    }

    /// Tells the ends of transfers, if these are in the way of one that begins. Nothing is sent: the
    /// batch may hold what the socket does not take, and a limit may be reached.
    pub(super) fn make_room(&mut self, now: Instant, slot: usize) {
        let Some(session) = &mut self.sessions[slot] else { return };
        while session.flow().is_some_and(HostFlow::is_full) {
            match session.flow_mut(now).poll_words() {
                Some(FlowOutput::Message(message)) => {
                    session.tell(EngineEvent::Message(Box::new(message)));
                }
                Some(FlowOutput::Event(event)) => session.on_event(now, &mut self.staff, event),
                _ => return,
            }
        }
    }

    fn fill(&mut self, now: Instant, session: &mut Session) -> Turn {
        if session.flow().is_none() {
            // It only chats.
            return Turn::Done(None);
        }
        if let Some((packet, data)) = session.left_over.take()
            && data.is_none_or(|place| session.is_sending(place.id))
            && self.place(now, session, packet, data)
        {
            return Turn::More;
        }
        let limits = [&self.limit, &session.limit].into_iter().flatten();
        let most = limits.map(Bucket::burst).min().unwrap_or(usize::MAX);
        // Bounded, so that a flow that talks to its driver alone starves nobody.
        for _ in 0..OUTPUTS {
            if self.batch.is_full() || self.batch.len() >= most || session.is_parked() {
                return Turn::More;
            }
            let output = session.flow_mut(now).poll_output(now);
            if !matches!(output, FlowOutput::Message(_) | FlowOutput::Event(_)) {
                // Words come first.
                session.on_quiet();
            }
            match output {
                FlowOutput::Data(packet, place) => {
                    if self.place(now, session, packet, Some(place)) {
                        return Turn::More;
                    }
                }
                FlowOutput::Packet(packet) => {
                    if self.place(now, session, packet, None) {
                        return Turn::More;
                    }
                }
                FlowOutput::Message(message) => {
                    session.tell(EngineEvent::Message(Box::new(message)));
                }
                FlowOutput::Event(event) => session.on_event(now, &mut self.staff, event),
                FlowOutput::Wait(until) => return Turn::Done(Some(until)),
                FlowOutput::Idle => return Turn::Done(None),
            }
        }
        Turn::More
    }

    /// Finds room for a packet. True when the socket is full: the packet is left over then.
    fn place(
        &mut self,
        now: Instant,
        session: &mut Session,
        packet: Packet,
        data: Option<DataPlace>,
    ) -> bool {
        let to = socket_address(packet.to, self.is_ipv6);
        let from = session.from;
        let range = self.batch.push(to, from, packet.len).or_else(|| {
            self.flush(now, session);
            self.batch.push(to, from, packet.len)
        });
        let Some(range) = range else {
            session.left_over = Some((packet, data));
            return true;
        };
        if data.is_some() {
            self.unsealed.push((packet, data, range));
        } else {
            // Its length is known when it is written.
            let room = &mut self.batch.bytes_mut()[range.clone()];
            let len = session.flow_mut(now).write(&packet, room);
            match len {
                // It has become pointless meanwhile.
                0 => self.batch.remove(&range),
                len => self.batch.shorten(&range, len),
            }
        }
        false
    }

    /// Reads, seals and sends what is in the batch; what the socket does not take stays there.
    fn flush(&mut self, now: Instant, session: &mut Session) {
        if self.batch.is_empty() || self.is_blocked {
            return;
        }
        let carries_data = !self.unsealed.is_empty();
        let mut unread = Vec::new();
        while let Err((id, why)) = self.read(session) {
            // What was to be sent of it is lost, and the transfer ends: no other's packets.
            self.unsealed.retain(|(_, place, range)| {
                let is_lost = place.is_some_and(|place| place.id == id);
                unread.extend(is_lost.then(|| range.clone()));
                !is_lost
            });
            session.fail(now, id, &why);
        }
        for (packet, _, range) in self.unsealed.drain(..) {
            session.flow_mut(now).write(&packet, &mut self.batch.bytes_mut()[range]);
        }
        unread.sort_unstable_by_key(|range| std::cmp::Reverse(range.start));
        for range in &unread {
            self.batch.remove(range);
        }
        for limit in [&mut self.limit, &mut session.limit].into_iter().flatten() {
            limit.take(now, self.batch.len());
        }
        self.rest.on_moved(self.batch.count(), self.batch.len());
        self.is_blocked = self.socket.send(&mut self.batch) == Sent::Blocked;
        // A probe may be too long; it is noticed only where data is of that size.
        if let Some(len) = self.socket.take_too_long()
            && carries_data
        {
            session.flow_mut(now).on_too_long(now, len);
        }
    }

    /// Reads the files' bytes to where they are sealed: what follows each other in one call.
    fn read(&mut self, session: &mut Session) -> Result<(), (TransferId, Trouble)> {
        let mut rest = self.batch.bytes_mut();
        let mut start = 0;
        let mut pieces: Few<IoSliceMut<'_>, MOST_PIECES> = Few::new();
        let mut run: Option<(TransferId, u64, u64)> = None;
        for (packet, place, range) in &self.unsealed {
            let Some(DataPlace { id, offset }) = *place else { continue };
            let payload = packet.payload_range();
            let (from, len) = (range.start + payload.start, payload.len());
            let (_, tail) = std::mem::take(&mut rest).split_at_mut(from - start);
            let (piece, tail) = tail.split_at_mut(len);
            (rest, start) = (tail, from + len);
            match &mut run {
                Some((last, _, end)) if (*last, *end) == (id, offset) && !pieces.is_full() => {
                    *end += len as u64;
                }
                _ => {
                    if let Some((last, first, _)) = run.take() {
                        read(session, last, first, &mut pieces)?;
                    }
                    run = Some((id, offset, offset + len as u64));
                }
            }
            let pushed = pieces.push(IoSliceMut::new(piece));
            assert!(pushed.is_ok(), "a full run was read before");
        }
        run.map_or(Ok(()), |(last, first, _)| read(session, last, first, &mut pieces))
    }
}

fn read(
    session: &mut Session,
    id: TransferId,
    offset: u64,
    pieces: &mut Few<IoSliceMut<'_>, MOST_PIECES>,
) -> Result<(), (TransferId, Trouble)> {
    let job = session.job(id);
    let Some(JobFile::Sending(source)) = job.map(|job| &mut job.file) else {
        return Err((id, Trouble::NotFound));
    };
    let outcome = source.read_at(offset, pieces).map_err(|why| (id, why));
    pieces.clear();
    outcome
}

/// Things that a flow says in one turn at most.
const OUTPUTS: usize = 256;
/// Pieces read in one call.
const MOST_PIECES: usize = 64;
/// Time after which a session whose driver did not listen is looked at again.
const PARKED_FOR: Duration = Duration::from_millis(10);
