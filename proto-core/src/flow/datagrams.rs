//! What arrives in datagrams, and what becomes of those that were sent.

use super::entry::{Entry, Side};
use super::sink::Judgement;
use super::table::Number;
use super::{Arrival, Flow, Receipt};
use crate::ids::TransferId;
use crate::path::{Address, Carried, Incoming, Packet, PacketError, Settled};
use crate::secure::Aead;
use crate::shelf::Shelves;
use crate::time::Instant;
use crate::wire::frame::Have;
use crate::wire::{AbortReason, ByteRange};

impl<A: Aead, const WINDOW: usize, const HOLES: usize, const TRANSFERS: usize, S: Shelves>
    Flow<A, WINDOW, HOLES, TRANSFERS, S>
{
    /// Takes a datagram.
    ///
    /// # Errors
    /// It is dropped: not authentic, or not what the protocol allows.
    pub fn handle_datagram<'d>(
        &mut self,
        now: Instant,
        from: Address,
        datagram: &'d mut [u8],
    ) -> Result<Arrival<'d>, PacketError> {
        let incoming = self.path.handle_datagram(now, from, datagram)?;
        let arrival = match incoming {
            Incoming::Handled | Incoming::Duplicate => Arrival::Handled,
            Incoming::Have(have) => {
                self.on_have(now, &have);
                Arrival::Handled
            }
            Incoming::Data { transfer, offset, bytes, receipt } => {
                let range = ByteRange { start: offset, end: offset + bytes.len() as u64 };
                let receipt = Receipt { number: Number(transfer), range, packet: receipt };
                match self.admit(now, receipt) {
                    Some(id) => Arrival::Chunk { id, offset, bytes, receipt },
                    None => Arrival::Handled,
                }
            }
        };
        self.settle(now);
        Ok(arrival)
    }

    /// The bytes of a chunk are written: only now are they acknowledged.
    pub fn stored(&mut self, now: Instant, receipt: Receipt) {
        let Some(entry) = self.table.numbered_mut(receipt.number) else {
            // The transfer is over, and nobody waits for these bytes.
            return self.path.stored(now, receipt.packet);
        };
        match &mut entry.side {
            Side::Sink(sink) => match sink.on_stored(receipt.range) {
                Ok(new) => {
                    self.path.stored(now, receipt.packet);
                    if new > 0 {
                        self.stats.bytes_stored += new;
                        entry.on_progress(now);
                        entry.reconsider(now);
                        self.has_words = true;
                    }
                }
                Err(_) => self.stats.chunks_refused += 1,
            },
            Side::Source(_) => self.path.stored(now, receipt.packet),
        }
    }

    /// Completes a packet in place and seals it; the payload of a data packet is there already.
    /// Returns the length of the datagram.
    pub fn write(&mut self, packet: &Packet, datagram: &mut [u8]) -> usize {
        self.path.write(packet, datagram)
    }

    /// The local system refused to send a datagram of this length: shorter ones from now on.
    pub fn on_too_long(&mut self, now: Instant, len: usize) {
        self.path.on_too_long(now, len);
        self.settle(now);
    }

    /// Asks the peer's address for proof again: after sleep, or a change of network.
    pub fn revalidate(&mut self, now: Instant) {
        self.path.revalidate(now);
        self.settle(now);
    }

    /// Hears from the path what became of packets.
    pub(super) fn settle(&mut self, now: Instant) {
        while let Some(settled) = self.path.poll_settled() {
            let (Settled::Acked(carried) | Settled::Lost(carried)) = settled;
            let Some(entry) = self.table.numbered_mut(Number(carried.transfer)) else {
                continue;
            };
            let Side::Source(source) = &mut entry.side else { continue };
            match settled {
                Settled::Acked(_) => {
                    let new = source.on_acked(range_of(carried));
                    self.stats.bytes_acked += new;
                    progressed(entry, now, new);
                    self.has_words |= !entry.is_quiet();
                }
                Settled::Lost(_) => source.on_lost(range_of(carried)),
            }
        }
    }

    /// Decides about bytes that arrived; says whose they are when they are to be written.
    fn admit(&mut self, now: Instant, receipt: Receipt) -> Option<TransferId> {
        let Some(entry) = self.table.numbered_mut(receipt.number) else {
            // Its transfer is over. That it arrived is true, and worth knowing for the path.
            self.stats.chunks_stray += 1;
            self.path.stored(now, receipt.packet);
            return None;
        };
        let Side::Sink(sink) = &mut entry.side else {
            self.stats.chunks_stray += 1;
            return None;
        };
        match sink.judge(receipt.range) {
            Judgement::Take => return Some(entry.id),
            Judgement::Duplicate => {
                self.stats.chunks_duplicate += 1;
                self.path.stored(now, receipt.packet);
            }
            Judgement::Refuse => self.stats.chunks_refused += 1,
            Judgement::Impossible => {
                self.stats.chunks_refused += 1;
                entry.end_early(AbortReason::Misbehaved);
                self.has_words = true;
            }
        }
        None
    }

    /// The sink says what it has.
    fn on_have(&mut self, now: Instant, have: &Have) {
        let Some(entry) = self.table.numbered_mut(Number(have.transfer)) else { return };
        let Side::Source(source) = &mut entry.side else { return };
        let new = have.ranges.iter().map(|&range| source.on_have(range)).sum();
        self.stats.bytes_acked += new;
        progressed(entry, now, new);
        self.has_words |= !entry.is_quiet();
    }
}

fn progressed<const HOLES: usize>(entry: &mut Entry<HOLES>, now: Instant, new: u64) {
    if new > 0 {
        entry.on_progress(now);
        entry.reconsider(now);
    }
}

fn range_of(carried: Carried) -> ByteRange {
    ByteRange { start: carried.offset, end: carried.offset + u64::from(carried.len) }
}
