//! Receives: opens datagrams where they lie, writes runs of chunks at once, then acknowledges.

use std::io::IoSlice;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use proto_core::ids::{ConnectionId, TransferId};
use proto_core::secure::peek_connection_id;
use proto_core::time::Instant;

use super::flow::{Arrival, Receipt, address};
use super::job::JobFile;
use super::run::Runner;
use super::session::Session;
use crate::clock;
use crate::storage::Trouble;

/// Bytes of a file that lie in the inbox, opened but not written.
pub(super) struct Chunk {
    slot: usize,
    id: TransferId,
    offset: u64,
    range: Range<usize>,
    receipt: Receipt,
}

impl Runner {
    /// Takes a few inboxes of datagrams.
    pub(super) fn receive(&mut self) {
        for _ in 0..ROUNDS {
            if !self.socket.receive(&mut self.inbox) {
                return;
            }
            let now = clock::now();
            self.rest.on_moved(self.inbox.count(), self.inbox.bytes_len());
            self.open_all(now);
            self.write_all(now);
            if !self.inbox.is_full() {
                return;
            }
        }
    }

    fn open_all(&mut self, now: Instant) {
        // Many datagrams in a row are for one session.
        let mut last: Option<(ConnectionId, usize)> = None;
        for datagram in self.inbox.datagrams() {
            let bytes = &mut self.inbox.bytes_mut()[datagram.range.clone()];
            let Some(cid) = peek_connection_id(bytes) else {
                self.on_stranger(&datagram);
                continue;
            };
            let slot = match last {
                Some((last, slot)) if last == cid => slot,
                _ => {
                    let Some(&slot) = self.by_cid.get(&cid) else {
                        let reserved = &self.staff.mailbox.shared.reserved;
                        reserved.keep(cid, datagram.from, datagram.to, bytes);
                        continue;
                    };
                    last = Some((cid, slot));
                    self.make_ready(slot);
                    slot
                }
            };
            let bytes = &mut self.inbox.bytes_mut()[datagram.range.clone()];
            let base = bytes.as_ptr().addr();
            let Some(session) = &mut self.sessions[slot] else { continue };
            if session.flow().is_none() {
                if !session.is_client() {
                    let reserved = &self.staff.mailbox.shared.reserved;
                    reserved.keep(cid, datagram.from, datagram.to, bytes);
                }
                continue;
            }
            let Some(arrival) = open(session, now, datagram.from, datagram.to, bytes) else {
                continue;
            };
            if let Arrival::Chunk { id, offset, bytes, receipt } = arrival {
                let start = datagram.range.start + (bytes.as_ptr().addr() - base);
                let range = start..start + bytes.len();
                self.chunks.push(Chunk { slot, id, offset, range, receipt });
            }
        }
    }

    /// Writes what follows each other in one go, and acknowledges what is written.
    fn write_all(&mut self, now: Instant) {
        if self.chunks.is_empty() {
            return;
        }
        let mut chunks = std::mem::take(&mut self.chunks);
        chunks.sort_unstable_by_key(|chunk| (chunk.slot, chunk.id, chunk.offset));
        let bytes = self.inbox.bytes();
        for arrived in chunks.chunk_by(|a, b| (a.slot, a.id) == (b.slot, b.id)) {
            if let Some(session) = &mut self.sessions[arrived[0].slot]
                && let Err(why) = session.write(now, bytes, arrived)
            {
                session.on_write_failed(now, arrived[0].id, &why);
            }
        }
        chunks.clear();
        self.chunks = chunks;
    }

    /// Datagrams that came before there was a flow.
    pub(super) fn take_early(&mut self, now: Instant, slot: usize) {
        let Some(session) = &mut self.sessions[slot] else { return };
        if session.flow().is_none() {
            return;
        }
        let reserved = &self.staff.mailbox.shared.reserved;
        for mut early in reserved.early(session.config.local_cid) {
            // Hellos only: a chunk that comes so early comes again.
            open(session, now, early.from, early.to, &mut early.bytes);
        }
    }
}

impl Session {
    /// Writes chunks of one file, those that follow each other in one go, and lets them be
    /// acknowledged.
    fn write(&mut self, now: Instant, bytes: &[u8], chunks: &[Chunk]) -> Result<(), Trouble> {
        let Some((flow, jobs)) = self.parts() else { return Ok(()) };
        let Some(job) = jobs.iter_mut().find(|job| job.id == chunks[0].id) else { return Ok(()) };
        let JobFile::Receiving(arriving) = &mut job.file else { return Ok(()) };
        let mut pieces = Vec::new();
        for run in chunks.chunk_by(|a, b| a.offset + a.range.len() as u64 == b.offset) {
            pieces.extend(run.iter().map(|chunk| IoSlice::new(&bytes[chunk.range.clone()])));
            arriving.write_at(run[0].offset, &mut pieces)?;
            pieces.clear();
            for chunk in run {
                flow.stored(now, chunk.receipt);
            }
        }
        job.keep(now, flow)
    }

    fn on_write_failed(&mut self, now: Instant, id: TransferId, why: &Trouble) {
        log::warn!("transfer {}: {why}", id.0);
        self.fail(now, id, why);
    }
}

fn open<'d>(
    session: &mut Session,
    now: Instant,
    from: SocketAddr,
    to: Option<IpAddr>,
    bytes: &'d mut [u8],
) -> Option<Arrival<'d>> {
    let is_server = !session.is_client();
    let flow = session.flow_mut(now);
    let before = flow.path_stats().packets_received;
    let outcome = flow.handle_datagram(now, address(from), bytes);
    // A server answers from where it was found. A client's own address may change, and a copy
    // proves nothing.
    if is_server && flow.path_stats().packets_received != before {
        session.from = to;
    }
    match outcome {
        Ok(arrival) => Some(arrival),
        Err(why) => {
            log::trace!("a datagram from {from} is dropped: {why:?}");
            None
        }
    }
}

/// Inboxes taken before something is sent.
const ROUNDS: usize = 4;
