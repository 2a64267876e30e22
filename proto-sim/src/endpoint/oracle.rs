//! What an end says it has, it has: every acknowledgement and every map that leaves is read, and
//! compared with the disk.
//!
//! The worlds' cipher hides nothing, so datagrams can be read on their way.

use proto_core::ids::TransferId;
use proto_core::limits::{CONNECTION_ID_LEN, PACKET_NUMBER_LEN, TAG_LEN};
use proto_core::path::{Packet, PacketKind};
use proto_core::secure::Header;
use proto_core::wire::ByteRange;
use proto_core::wire::frame::{Ack, Frame, Have};

use super::files::as_slice;
use super::{Endpoint, Host, Job, Side};

impl Endpoint {
    /// Remembers which packet brought which bytes. The packet was authentic.
    pub(super) fn note_received(&mut self, number: u64, id: TransferId, range: ByteRange) {
        if self.jobs.contains_key(&id) {
            self.brought.insert(number, (id, range));
        }
    }

    /// Reads what leaves.
    pub(super) fn check_claims(&mut self, host: &Host<'_>, datagram: &[u8]) {
        match Frame::decode(body(datagram)).expect("what is written can be read") {
            Frame::Ack(ack) => self.check_ack(host, &ack),
            Frame::Have(have) => self.check_have(host, &have),
            Frame::Data(_) | Frame::Ping { .. } | Frame::Challenge(_) | Frame::Response(_) => {}
        }
    }

    /// Only probes may exceed the window, and nothing the ring.
    pub(super) fn check_window(&self, packet: &Packet) {
        let flying = self.flow.flying();
        assert!(flying.packets <= flying.capacity, "what is on the way has its place: {flying:?}");
        if matches!(packet.kind, PacketKind::Data { urgent: false, .. }) {
            assert!(flying.bytes <= flying.window, "what is on the way fits: {flying:?}");
        }
    }

    fn check_ack(&mut self, host: &Host<'_>, ack: &Ack<'_>) {
        let claimed: Vec<u64> = ack
            .ranges
            .clone()
            .flat_map(|range| self.brought.range(range).map(|(&number, _)| number))
            .collect();
        for number in claimed {
            let (id, range) = self.brought[&number];
            let fate = self.jobs.get(&id).map(|job| is_stored(host, job, range));
            assert_ne!(
                fate,
                Some(Some(false)),
                "what is acknowledged is stored: {number} {range:?}"
            );
            if fate != Some(None) {
                self.brought.remove(&number);
            }
        }
    }

    fn check_have(&self, host: &Host<'_>, have: &Have) {
        let job = self.jobs.get(&have.transfer).expect("maps are about what is under way");
        for &range in &have.ranges {
            let stored = is_stored(host, job, range);
            assert_ne!(stored, Some(false), "what a map says is stored: {range:?} of {job:?}");
        }
    }
}

/// The number and the frame of an authentic datagram of whoever had come to `newest`.
pub(super) fn read(newest: u64, datagram: &[u8]) -> (u64, Option<Frame<'_>>) {
    let low: [u8; PACKET_NUMBER_LEN] =
        *datagram[CONNECTION_ID_LEN..].first_chunk().expect("a number follows the id");
    #[expect(clippy::cast_possible_truncation, reason = "the low bytes are what is compared")]
    let further = i16::from_le_bytes(low).wrapping_sub(newest as i16);
    (newest.wrapping_add_signed(further.into()), Frame::decode(body(datagram)).ok())
}

fn body(datagram: &[u8]) -> &[u8] {
    &datagram[Header::of(datagram[0]).size()..datagram.len() - TAG_LEN]
}

/// Whether these bytes are on the disk; `None` as long as nobody knows what they should be.
fn is_stored(host: &Host<'_>, job: &Job, range: ByteRange) -> Option<bool> {
    let Side::Sink(stamp) = job.side else {
        return Some(false);
    };
    let stamp = stamp?;
    let bytes = host.store.received(&job.local).get(as_slice(range));
    Some(bytes.is_some_and(|bytes| host.truth.matches(stamp, range.start, bytes)))
}
