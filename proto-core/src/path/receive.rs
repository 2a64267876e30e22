//! What arrives.

use core::fmt;

use super::address::Source;
use super::send::Answer;
use super::timers::Timer;
use super::{Address, Path, Violation};
use crate::ids::{PacketNumber, TransferId};
use crate::limits::BASE_DATAGRAM_LEN;
use crate::secure::{Aead, OpenError, Role, peek_connection_id};
use crate::shelf::Shelves;
use crate::time::Instant;
use crate::wire::frame::{Ack, BadFrame, Data, Frame, Have, Response};

/// What a datagram brought.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "it lives for one call and is never stored")]
pub enum Incoming<'d> {
    /// Something for the path itself.
    Handled,
    /// Nothing: it was here before.
    Duplicate,
    /// Bytes of a file, perhaps not for the first time. Store them, then say so.
    Data {
        /// Of which transfer.
        transfer: TransferId,
        /// Where in the file they belong.
        offset: u64,
        /// The bytes: at least one.
        bytes: &'d [u8],
        /// For [`Path::stored`]. Dropping it means that the bytes were not taken.
        receipt: Receipt,
    },
    /// What the peer has stored.
    Have(Have),
}

/// Proof that a packet arrived; to be handed back when its bytes are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    number: u64,
    at: Instant,
    urgent: bool,
}

/// Why a datagram is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketError {
    /// It is for another connection.
    NotOurs,
    /// It could not be opened: anybody may have sent it.
    Unopened(OpenError),
    /// It is authentic nonsense; the path is over.
    Malformed(BadFrame),
    /// The path was over before it came.
    Over,
}

impl fmt::Display for PacketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs => f.write_str("the datagram is for another connection"),
            Self::Unopened(why) => why.fmt(f),
            Self::Malformed(why) => why.fmt(f),
            Self::Over => f.write_str("the path is over"),
        }
    }
}

impl core::error::Error for PacketError {}

impl<A: Aead, const WINDOW: usize, S: Shelves> Path<A, WINDOW, S> {
    /// Takes a datagram in, opening it in place.
    ///
    /// # Errors
    /// Says why it is dropped.
    pub fn handle_datagram<'d>(
        &mut self,
        now: Instant,
        from: Address,
        datagram: &'d mut [u8],
    ) -> Result<Incoming<'d>, PacketError> {
        self.clock = now;
        if self.over {
            return Err(PacketError::Over);
        }
        if peek_connection_id(datagram) != Some(self.local_cid) {
            self.stats.dropped_forged += 1;
            return Err(PacketError::NotOurs);
        }
        let len = datagram.len();
        let largest = self.seen.largest();
        let (PacketNumber(number), body) =
            match self.opener.open(largest.map(PacketNumber), datagram) {
                Ok(opened) => opened,
                Err(why) => {
                    self.stats.dropped_forged += 1;
                    return Err(PacketError::Unopened(why));
                }
            };
        if !self.seen.is_new(number) {
            self.stats.dropped_replayed += 1;
            return Ok(Incoming::Duplicate);
        }
        let frame = match Frame::decode(body) {
            Ok(frame) => frame,
            Err(bad) => {
                self.stats.dropped_malformed += 1;
                self.end(Violation::BadFrame(bad));
                return Err(PacketError::Malformed(bad));
            }
        };
        // Before it is taken for an answer that took so long.
        self.notice_sleep(now);
        self.seen.insert(number);
        self.stats.packets_received += 1;
        self.stats.bytes_received += len as u64;
        let heard = self.stats.last_heard.replace(now);
        if heard.is_none_or(|at| now.since(at) > self.recovery.rtt().probe_timeout()) {
            self.recovery.on_sign_of_life(now);
        }
        self.on_source(now, from, len, largest.is_none_or(|largest| largest < number));
        let incoming = self.on_frame(now, from, number, len, frame);
        self.rearm(now);
        Ok(incoming)
    }

    /// The bytes of that packet are stored: only now may it be acknowledged.
    pub fn stored(&mut self, now: Instant, receipt: Receipt) {
        self.clock = now;
        //= docs/PROTOCOL.md#packet-numbers-and-acknowledgements
        //# MUST NOT acknowledge a packet of DATA before its bytes are stored
        let Receipt { number, at, urgent } = receipt;
        self.acks.on_asking(now, number, at, urgent, self.recovery.rtt().smoothed());
        self.rearm(now);
    }

    fn on_frame<'d>(
        &mut self,
        now: Instant,
        from: Address,
        number: u64,
        len: usize,
        frame: Frame<'d>,
    ) -> Incoming<'d> {
        match frame {
            Frame::Data(Data { transfer, offset, bytes, urgent }) => {
                self.stats.data_received += 1;
                self.demand.silent_pings = 0;
                let receipt = Receipt { number, at: now, urgent };
                return Incoming::Data { transfer, offset, bytes, receipt };
            }
            Frame::Ping { urgent } => {
                self.acks.on_asking(now, number, now, urgent, self.recovery.rtt().smoothed());
                return Incoming::Handled;
            }
            Frame::Ack(ack) => self.on_ack(now, &ack),
            Frame::Challenge(challenge) => self.on_challenge(from, len, challenge.token),
            Frame::Response(response) => self.on_response(now, response),
            Frame::Have(have) => {
                self.acks.on_quiet(now, number);
                return Incoming::Have(have);
            }
        }
        self.acks.on_quiet(now, number);
        Incoming::Handled
    }

    fn on_ack(&mut self, now: Instant, ack: &Ack<'_>) {
        self.stats.acks_received += 1;
        match self.recovery.on_ack(now, ack, &mut self.stats) {
            Err(violation) => self.end(violation),
            Ok(progress) => {
                self.look_for_black_hole(now);
                if progress && self.is_proven() && self.prober.take_raise(now) {
                    self.begin_round(now, false);
                }
            }
        }
    }

    fn on_challenge(&mut self, from: Address, len: usize, token: u64) {
        // Longer ones may get through; they are not wanted.
        let len = u16::try_from(len.min(self.max_datagram)).unwrap_or(u16::MAX);
        let longest = match self.answer {
            Some(answer) if answer.token == token && answer.to == from => answer.longest.max(len),
            Some(_) | None => len,
        };
        // A token's first response is padded, so that the base size is proven both ways.
        let padded = self.answered != Some(token);
        if let Some(dropped) = self.answer.filter(|answer| answer.token != token) {
            debug_assert!(dropped.token != token);
            self.stats.challenges_dropped += 1;
        }
        self.answer = Some(Answer { to: from, token, longest, padded });
    }

    fn on_response(&mut self, now: Instant, response: Response) {
        let Some(answer) = self.prober.on_response(now, response.token, response.longest) else {
            self.stats.responses_stray += 1;
            return;
        };
        if let Some(rtt) = answer.rtt {
            self.recovery.on_rtt(now, rtt);
        }
        self.recovery.on_sign_of_life(now);
        let proven = self.is_proven();
        self.routes.prove();
        self.timers.set(Timer::Revert, None);
        if answer.grew {
            self.recovery.on_size(now, self.prober.size());
        }
        if answer.grew || !proven {
            self.news.proven = Some(self.prober.size());
        }
    }

    fn on_source(&mut self, now: Instant, from: Address, len: usize, newest: bool) {
        let patience = self.recovery.rtt().probe_timeout();
        match self.routes.on_datagram(now, from, len, newest, patience) {
            Source::Known => {
                let silent = self.timers.get(Timer::Challenge).is_none();
                if self.role == Role::Server && !self.is_proven() && silent {
                    self.begin_round(now, false);
                }
            }
            Source::First => self.begin_round(now, false),
            Source::Refused => self.stats.moves_refused += 1,
            Source::Moved { host, from: left } => {
                self.farewell = left;
                self.on_moved(now, host);
            }
        }
        let len = len.clamp(BASE_DATAGRAM_LEN, self.max_datagram);
        if self.role == Role::Server
            && self.prober.on_peer_len(len)
            && self.timers.get(Timer::Challenge).is_none()
        {
            self.begin_round(now, false);
        }
    }

    /// The current address is another now, by the peer's doing or because it did not answer.
    pub(super) fn on_moved(&mut self, now: Instant, host: bool) {
        self.stats.moves += 1;
        self.news.moved = self.remote();
        if host {
            self.recovery.reset(now);
            self.prober.reset();
        } else {
            self.prober.forget_round();
        }
        if !self.is_proven() || host {
            self.begin_round(now, !host);
        }
        let patience = self.recovery.rtt().probe_timeout() * 3;
        let deadline = self.routes.may_revert().then(|| now + patience);
        self.timers.set(Timer::Revert, deadline);
    }
}
