//! The sending half: what is on the way, what became of it, and what may follow.
//!
//! Read in this order: `rtt`, `loss`, `in_flight`, `written_off`, `congestion`, `pacer` are the
//! parts; here they meet. Time-outs probe, they never shrink the window (RFC 9002 section 6.2).

mod judge;
mod patience;
mod skip;

use core::time::Duration;

use skip::Skip;

use super::Carried;
use super::congestion::{Controller, ControllerKind};
use super::in_flight::{Fate, InFlight, Rate, Sent};
use super::loss::Tolerance;
use super::pacer::Pacer;
use super::rtt::{MAX_ACK_DELAY, Rtt};
use super::stats::Stats;
use super::written_off::WrittenOff;
use crate::limits::{BASE_DATAGRAM_LEN, NEAR_PACKETS};
use crate::secure::Header;
use crate::shelf::{Inline, Shelves};
use crate::time::Instant;
use patience::Patience;

/// The sending half of a path.
#[derive(Clone, Debug)]
pub(super) struct Recovery<const WINDOW: usize, S: Shelves = Inline> {
    in_flight: InFlight<WINDOW, S>,
    rtt: Rtt,
    tolerance: Tolerance,
    written_off: WrittenOff,
    controller: Controller,
    kind: ControllerKind,
    pacer: Pacer,
    size: usize,
    next: u64,
    skip: Skip,
    largest_acked: Option<u64>,
    /// The first number of this route: older packets say nothing about it.
    route_from: u64,
    /// The first number whose round trip means anything: not one that lay through a sleep.
    timed_from: u64,
    /// When the oldest packet that may be lost is lost.
    loss_at: Option<Instant>,
    /// From when the probe time-out counts.
    quiet_since: Instant,
    timeouts: u32,
    /// The newest packet that a time-out gave up, and when it was sent.
    given_up: Option<(u64, Instant)>,
    patience: Patience,
    /// Packets that may be sent beyond the window.
    probes: u8,
    /// Times that large packets vanished and none arrived.
    suspicion: u8,
    /// Whether a small packet arrived since a large one did, or since that was held against them.
    small_arrived: bool,
    /// Whether a small packet is to be tried where large ones vanish.
    wants_ping: bool,
    /// When the newest packet that ever was acknowledged had been sent.
    acked_sent_at: Instant,
    delivered: u64,
    delivered_at: Instant,
    first_sent_at: Instant,
    /// Samples are limited by the application until so much is delivered.
    limited_until: u64,
}

impl<const WINDOW: usize, S: Shelves> Recovery<WINDOW, S> {
    pub(super) fn new(now: Instant, kind: ControllerKind, dice: u64) -> Self {
        let mut recovery = Self {
            in_flight: InFlight::new(),
            rtt: Rtt::new(),
            tolerance: Tolerance::new(),
            written_off: WrittenOff::new(),
            controller: Controller::new(kind, BASE_DATAGRAM_LEN),
            kind,
            pacer: Pacer::new(now),
            size: BASE_DATAGRAM_LEN,
            next: 0,
            skip: Skip::new(dice),
            largest_acked: None,
            route_from: 0,
            timed_from: 0,
            loss_at: None,
            quiet_since: now,
            timeouts: 0,
            given_up: None,
            patience: Patience::new(),
            probes: 0,
            suspicion: 0,
            small_arrived: false,
            wants_ping: false,
            acked_sent_at: now,
            delivered: 0,
            delivered_at: now,
            first_sent_at: now,
            limited_until: 0,
        };
        recovery.repace(now);
        recovery
    }

    /// The next packet's number. Now and then one is left out: who acknowledges it lies.
    pub(super) fn take_number(&mut self, dice: impl FnOnce() -> u64) -> u64 {
        if self.skip.is_due(self.next) {
            let window = self.controller.window() / self.size as u64;
            let settled = self.in_flight.oldest().unwrap_or(self.next);
            if self.skip.leave_out(self.next, settled, window, dice) {
                self.next += 1;
            }
        }
        self.next += 1;
        self.next - 1
    }

    /// How the next packet of data says its number. Whatever was lost, the peer has opened the
    /// largest that it acknowledged, or a later one.
    pub(super) const fn header(&self) -> Header {
        let opened = match self.largest_acked {
            Some(number) => number,
            None => 0,
        };
        if self.next - opened < NEAR_PACKETS { Header::Short } else { Header::Long }
    }

    /// A packet that asks for an acknowledgement leaves.
    pub(super) fn on_sent(
        &mut self,
        now: Instant,
        number: u64,
        carried: Option<Carried>,
        len: u16,
    ) {
        if self.in_flight.count() == 0 {
            (self.first_sent_at, self.delivered_at, self.quiet_since) = (now, now, now);
        }
        self.controller.on_sent(now, self.in_flight.bytes());
        if self.in_flight.count() == 0 {
            self.repace(now);
            self.pacer.on_idle(now);
        }
        let rate = Rate {
            delivered: self.delivered,
            delivered_at: self.delivered_at,
            first_sent_at: self.first_sent_at,
            app_limited: self.delivered < self.limited_until,
        };
        self.in_flight.push(Sent { number, at: now, len, carried, rate });
        self.pacer.on_sent(now, usize::from(len));
        self.quiet_since = self.quiet_since.max(now);
        self.probes = self.probes.saturating_sub(1);
        self.wants_ping &= carried.is_some();
    }

    /// There is no more data to send for now, though there would be room.
    pub(super) fn on_starved(&mut self) {
        if self.in_flight.bytes() < self.controller.window() {
            self.limited_until = self.delivered + self.in_flight.bytes();
        }
    }

    /// When to look again; `None` when nothing is on the way.
    pub(super) fn probe_at(&self) -> Option<Instant> {
        if self.in_flight.count() == 0 || self.loss_at.is_some() {
            return None;
        }
        let backoff = 1 << self.timeouts.min(MAX_BACKOFF);
        let timeout = self.rtt.probe_timeout() + self.patience.extra(self.quiet_since);
        let wait = (timeout * backoff).min(MAX_TIMEOUT);
        Some(self.quiet_since + wait)
    }

    pub(super) const fn loss_at(&self) -> Option<Instant> {
        self.loss_at
    }

    /// Nothing was acknowledged for too long: two packets are sent again, beyond the window.
    pub(super) fn on_probe_timer(&mut self, now: Instant, stats: &mut Stats) {
        stats.probe_timeouts += 1;
        self.timeouts += 1;
        let long = self.in_flight.has_longer(BASE_DATAGRAM_LEN, now - self.rtt.probe_timeout());
        self.quiet_since = now;
        //= docs/PROTOCOL.md#lost-packets
        //# the two oldest packets are given up without blame and two packets sent beyond the window
        self.probes = PROBES;
        for _ in 0..PROBES {
            let Some(sent) = self.in_flight.lose_oldest() else { break };
            self.written_off.add(now, sent.number, false);
            self.given_up = Some((sent.number, sent.at));
        }
        // Silence alone proves nothing: only a small packet that arrives does, so send one.
        let proof = long && core::mem::take(&mut self.small_arrived);
        if proof || (long && self.suspicion + 1 < BLACK_HOLE) {
            self.suspicion += 1;
        }
        self.wants_ping = 1 < self.suspicion;
    }

    /// Whether large packets vanish while there is no sign that any arrives.
    pub(super) const fn smells_black_hole(&self) -> bool {
        self.suspicion >= BLACK_HOLE
    }

    /// Nobody has answered for long and nobody has data to send: lets go of what is on the way.
    pub(super) fn let_go(&mut self, now: Instant) -> bool {
        let hopeless = self.timeouts >= HOPELESS;
        if hopeless {
            self.abandon_longer(now, 0);
            (self.probes, self.wants_ping) = (0, false);
            self.timeouts = 0;
        }
        hopeless
    }

    /// Packets longer than this vanish: gives all of them up, without blame.
    pub(super) fn abandon_longer(&mut self, now: Instant, len: usize) {
        self.suspicion = 0;
        let written_off = &mut self.written_off;
        self.in_flight.lose_longer(len, |sent| written_off.add(now, sent.number, false));
        self.probes = PROBES;
        self.timeouts = 0;
    }

    /// The machine slept: acknowledgements may be waiting outside.
    pub(super) fn on_sleep(&mut self, now: Instant) {
        (self.quiet_since, self.timed_from) = (now, self.next);
        if self.loss_at.is_some() {
            self.loss_at = Some(now + self.tolerance.delay(self.rtt.slower()));
        }
    }

    /// The peer is heard again: what was probed for ever more seldom is worth a probe soon.
    pub(super) fn on_sign_of_life(&mut self, now: Instant) {
        if self.timeouts > 0 {
            (self.timeouts, self.quiet_since) = (0, now);
        }
    }

    /// The peer is somewhere else now: nothing that was measured holds.
    pub(super) fn reset(&mut self, now: Instant) {
        self.rtt = Rtt::new();
        self.tolerance = Tolerance::new();
        self.controller = Controller::new(self.kind, BASE_DATAGRAM_LEN);
        self.pacer = Pacer::new(now);
        self.size = BASE_DATAGRAM_LEN;
        self.patience = Patience::new();
        (self.route_from, self.timed_from) = (self.next, self.next);
        (self.timeouts, self.quiet_since, self.suspicion) = (0, now, 0);
        self.repace(now);
    }

    pub(super) fn on_size(&mut self, now: Instant, size: usize) {
        self.size = size;
        self.controller.on_size(size);
        self.repace(now);
    }

    /// A challenge was answered: as good a sample as any, and often the first.
    pub(super) fn on_rtt(&mut self, now: Instant, sample: Duration) {
        self.rtt.on_sample(sample, Duration::ZERO);
        self.repace(now);
    }

    fn repace(&mut self, now: Instant) {
        let (window, starting) = (self.controller.window(), self.controller.is_starting());
        let rtt = if self.rtt.is_sampled() { self.rtt.smoothed() } else { ASSUMED_RTT };
        match self.controller.pacing_rate(rtt) {
            // What a queue bears goes by the empty way, not by our own queue on top of it.
            Some(rate) => {
                let rtt = if self.rtt.is_sampled() { self.rtt.min() } else { rtt };
                self.pacer.set_rate(now, rate, rtt, self.size, starting);
            }
            None => self.pacer.set(now, window, rtt, self.size, starting),
        }
    }

    /// Whether the window and the ring have room for a packet, whatever the pacer says.
    pub(super) fn has_room(&self, len: usize) -> bool {
        if self.in_flight.room() <= usize::from(PROBES) {
            return false;
        }
        self.probes > 0 || self.in_flight.bytes() + len as u64 <= self.controller.window()
    }

    pub(super) fn can_send(&self, now: Instant, len: usize) -> bool {
        self.has_room(len) && (self.probes > 0 || self.pacer.can_send(now, len))
    }

    /// A ping is wanted, whatever else is sent.
    pub(super) const fn want_ping(&mut self) {
        self.wants_ping = true;
    }

    /// Whether a ping is wanted, though there is data to send.
    pub(super) const fn wants_ping(&self) -> bool {
        self.wants_ping
    }

    /// Whether a ping would find a slot.
    pub(super) const fn can_ping(&self) -> bool {
        self.in_flight.room() > 0
    }

    pub(super) const fn wants_probe(&self) -> bool {
        self.probes > 0
    }

    pub(super) fn paced_until(&self, len: usize) -> Instant {
        self.pacer.ready_at(len)
    }

    pub(super) fn poll_settled(&mut self) -> Option<(Fate, Carried)> {
        self.in_flight.poll_told()
    }

    pub(super) const fn rtt(&self) -> &Rtt {
        &self.rtt
    }

    pub(super) const fn controller(&self) -> &Controller {
        &self.controller
    }

    pub(super) fn window(&self) -> u64 {
        self.controller.window()
    }

    pub(super) const fn in_flight(&self) -> u64 {
        self.in_flight.bytes()
    }

    pub(super) const fn packets_in_flight(&self) -> usize {
        self.in_flight.count()
    }
}

/// The round trip that the first packets are spread over, until one is measured.
const ASSUMED_RTT: Duration = Duration::from_millis(100);
/// Packets sent when a time-out fires.
const PROBES: u8 = 2;
/// Time-outs double at most so often…
const MAX_BACKOFF: u32 = 6;
/// …and never wait longer.
const MAX_TIMEOUT: Duration = Duration::from_secs(10);
/// Time-outs in a row, more than a minute, after which pings alone are not worth going on.
const HOPELESS: u32 = 12;
/// Times that large packets must vanish before they are blamed for it.
const BLACK_HOLE: u8 = 4;

const _: () = assert!(MAX_ACK_DELAY.as_millis() < MAX_TIMEOUT.as_millis());
