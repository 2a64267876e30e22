//! What leaves.

use core::time::Duration;

use super::packet::{Packet, PacketKind};
use super::timers::Timer;
use super::{Address, Carried, Path};
use crate::ids::PacketNumber;
use crate::limits::{BASE_DATAGRAM_LEN, LONG_DATAGRAM_HEADER_LEN, TAG_LEN};
use crate::secure::Aead;
use crate::shelf::Shelves;
use crate::time::Instant;
use crate::wire::frame::{Ack, Challenge, Data, Frame, Have, RESPONSE_LEN, Response};

/// The one response that waits to be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) to: Address,
    pub(super) token: u64,
    pub(super) longest: u16,
    pub(super) padded: bool,
}

impl<A: Aead, const WINDOW: usize, S: Shelves> Path<A, WINDOW, S> {
    /// Whether a data packet may leave now: window, pacer, address and ring allow it.
    pub fn can_send(&self, now: Instant) -> bool {
        self.may_send_data() && self.recovery.can_send(now, self.prober.size())
    }

    /// Whether a time-out wants data to be sent beyond the window.
    pub fn wants_probe_data(&self) -> bool {
        self.recovery.wants_probe() && self.may_send_data()
    }

    /// Takes a number for a data packet. Read the bytes into its
    /// [`payload_range`](Packet::payload_range), then [`write`](Self::write) it.
    ///
    /// # Panics
    /// Without [`can_send`](Self::can_send), or with nothing or too much to carry.
    pub fn send_data(&mut self, now: Instant, carried: Carried) -> Packet {
        self.clock = now;
        let header = self.recovery.header();
        let before = header.size() + Data::header_len(carried.transfer, carried.offset);
        let size = before + usize::from(carried.len) + TAG_LEN;
        assert!(carried.len > 0 && size <= self.prober.size(), "payload_len() bounds it");
        assert!(self.can_send(now), "can_send() is asked before");
        let to = self.remote().expect("can_send() has seen a route");
        let urgent = self.recovery.wants_probe();
        let packet = self.packet(to, size, PacketKind::Data { carried, urgent, header });
        self.stats.data_sent += 1;
        let len = u16::try_from(size).expect("payload_len() bounds it");
        self.recovery.on_sent(now, packet.pn.0, Some(carried), len);
        self.rearm(now);
        packet
    }

    /// Takes a map to send. It is not acknowledged, and not limited but by the caller.
    /// `None` while the peer's address may not be sent so much.
    pub fn send_have(&mut self, now: Instant, have: Have) -> Option<Packet> {
        self.clock = now;
        let len = ENVELOPE + have.encoded_len();
        let to = self.routes.current().filter(|route| route.can_send(len))?.to;
        if self.over {
            return None;
        }
        self.have = Some(have);
        Some(self.packet(to, len, PacketKind::Have))
    }

    /// The next packet of the path's own: responses, challenges, acknowledgements, pings.
    pub fn poll_packet(&mut self, now: Instant) -> Option<Packet> {
        self.clock = now;
        if self.over {
            return None;
        }
        if core::mem::take(&mut self.demand.stale) {
            self.rearm(now);
        }
        let silent = self.timers.get(Timer::Challenge).is_none();
        if self.is_needed() && silent && !self.is_proven() && self.routes.current().is_some() {
            self.begin_round(now, false);
        }
        let packet = self
            .poll_answer()
            .or_else(|| self.poll_farewell())
            .or_else(|| self.poll_ack(now))
            .or_else(|| self.poll_challenge(now))
            .or_else(|| self.poll_ping(now));
        if packet.is_some() {
            self.rearm(now);
        }
        packet
    }

    /// Writes a packet into `datagram`, whose file bytes, if any, are in place, seals it, and
    /// returns its length; 0 if it has become pointless.
    ///
    /// # Panics
    /// When `datagram` is shorter than the packet.
    pub fn write(&mut self, packet: &Packet, datagram: &mut [u8]) -> usize {
        let header = packet.header();
        let body = &mut datagram[header.size()..packet.len - TAG_LEN];
        let written = match packet.kind {
            PacketKind::Data { carried, urgent, .. } => {
                Data::encode_header(carried.transfer, carried.offset, urgent, body);
                Some(body.len())
            }
            PacketKind::Ack { delay } => Ack::encode(delay, self.acks.ranges(), body),
            PacketKind::Have => self.have.as_ref().and_then(|have| have.encode(body)),
            PacketKind::Challenge { token } => {
                Challenge { token }.encode(body);
                Some(body.len())
            }
            PacketKind::Response { token, longest } => {
                Response { token, longest }.encode(body);
                Some(body.len())
            }
            PacketKind::Ping => {
                Frame::encode_ping(true, body);
                Some(body.len())
            }
        };
        let Some(written) = written else { return 0 };
        let len = header.size() + written + TAG_LEN;
        let datagram = &mut datagram[..len];
        self.sealer.seal(self.remote_cid, packet.pn, header, datagram);
        len
    }

    /// The local system refused to send a datagram of this length: shorter ones from now on.
    /// Nothing needs to be done for a refused challenge.
    pub fn on_too_long(&mut self, now: Instant, len: usize) {
        let before = self.prober.size();
        self.prober.on_too_long(now, len);
        let size = self.prober.size();
        if size < before {
            self.recovery.abandon_longer(now, size);
            self.recovery.on_size(now, size);
            self.rearm(now);
        }
    }

    pub(super) fn may_send_data(&self) -> bool {
        let len = self.prober.size() + RESERVE;
        !self.over && self.routes.current().is_some_and(|route| route.can_send(len))
    }

    fn poll_answer(&mut self) -> Option<Packet> {
        let answer = self.answer?;
        let short = ENVELOPE + RESPONSE_LEN;
        let long = usize::from(answer.longest).clamp(short, BASE_DATAGRAM_LEN);
        let len = if answer.padded { long } else { short };
        let current = self.routes.current().filter(|route| route.to == answer.to);
        // Elsewhere it is shorter than what it answers, which is limit enough.
        let len = match current {
            Some(route) if !route.can_send(len) => {
                Some(short).filter(|&len| route.can_send(len))?
            }
            Some(_) | None => len.min(usize::from(answer.longest)),
        };
        (self.answer, self.answered) = (None, Some(answer.token));
        let kind = PacketKind::Response { token: answer.token, longest: answer.longest };
        Some(self.packet(answer.to, len.max(short), kind))
    }

    fn poll_farewell(&mut self) -> Option<Packet> {
        let to = self.farewell.take()?;
        let token = self.dice.throw();
        Some(self.packet(to, BASE_DATAGRAM_LEN, PacketKind::Challenge { token }))
    }

    fn poll_ack(&mut self, now: Instant) -> Option<Packet> {
        if !self.acks.is_due(now) {
            return None;
        }
        self.acks.forget(now, self.recovery.rtt().smoothed());
        let len = ENVELOPE + Ack::encoded_len(self.acks.ranges())?;
        let to = self.routes.current().filter(|route| route.can_send(len))?.to;
        let delay = self.acks.on_sent(now);
        self.stats.acks_sent += 1;
        Some(self.packet(to, len, PacketKind::Ack { delay }))
    }

    fn poll_challenge(&mut self, now: Instant) -> Option<Packet> {
        let route = self.routes.current()?;
        let proven = route.is_proven();
        let (token, wanted) = self.prober.next(proven)?;
        let short = ENVELOPE + Challenge::LEN;
        let to = route.to;
        let len = if route.can_send(wanted) {
            wanted
        } else if wanted == BASE_DATAGRAM_LEN && route.can_send(short) {
            short
        } else {
            return None;
        };
        self.prober.on_sent(now, wanted, len);
        Some(self.packet(to, len, PacketKind::Challenge { token }))
    }

    fn poll_ping(&mut self, now: Instant) -> Option<Packet> {
        // With data to send, that is the better probe.
        let instead =
            self.recovery.wants_probe() && !(self.demand.backlogged && self.can_send(now));
        if !(instead || self.recovery.wants_ping()) || !self.recovery.can_ping() {
            return None;
        }
        let len = ENVELOPE + 1;
        let to = self.routes.current().filter(|route| route.can_send(len))?.to;
        let packet = self.packet(to, len, PacketKind::Ping);
        self.recovery.on_sent(now, packet.pn.0, None, u16::try_from(len).unwrap_or(u16::MAX));
        Some(packet)
    }

    fn packet(&mut self, to: Address, len: usize, kind: PacketKind) -> Packet {
        let number = self.recovery.take_number(|| self.dice.throw());
        self.stats.packets_sent += 1;
        self.stats.bytes_sent += len as u64;
        if let Some(route) = self.routes.current_mut().filter(|route| route.to == to) {
            route.on_sent(len);
        }
        Packet { to, pn: PacketNumber(number), len, kind }
    }

    /// Begins a round of challenges.
    pub(super) fn begin_round(&mut self, now: Instant, address_only: bool) {
        let token = self.dice.throw();
        self.prober.begin(token, address_only);
        self.timers.set(Timer::Challenge, Some(now + COPY_GAP));
    }

    /// How long to wait for an answer to the second copies.
    pub(super) fn patience(&self) -> Duration {
        let wait = if self.recovery.rtt().is_sampled() {
            self.recovery.rtt().probe_timeout() + ROUND_GRACE
        } else {
            FIRST_ROUND
        };
        let backoff = 1 << u32::from(self.prober.tries().saturating_sub(1)).min(MAX_BACKOFF);
        (wait * backoff).min(MAX_ROUND)
    }
}

/// Bytes around a body that is no data.
const ENVELOPE: usize = LONG_DATAGRAM_HEADER_LEN + TAG_LEN;
/// What data leaves of an unproven address's budget for a response and acknowledgements.
const RESERVE: usize = BASE_DATAGRAM_LEN;
/// How long after the first copies the second ones follow: a server may learn of its client by
/// another way a moment after the first ones arrived.
const COPY_GAP: Duration = Duration::from_millis(15);
/// How long to wait for an answer while the round trip is unknown.
const FIRST_ROUND: Duration = Duration::from_millis(250);
/// What an answer may take beyond the time-out: large datagrams are slow.
const ROUND_GRACE: Duration = Duration::from_millis(50);
/// Longest wait between rounds.
const MAX_ROUND: Duration = Duration::from_secs(15);
/// Waits double at most so often.
const MAX_BACKOFF: u32 = 6;
