//! What time does: deadlines, and what happens when they pass.

use core::time::Duration;

use super::Path;
use super::timers::Timer;
use crate::limits::BASE_DATAGRAM_LEN;
use crate::note::note;
use crate::secure::{Aead, Role};
use crate::shelf::Shelves;
use crate::time::Instant;

impl<A: Aead, const WINDOW: usize, S: Shelves> Path<A, WINDOW, S> {
    /// When to call [`handle_timeout`](Self::handle_timeout); `None` while nothing is waited for.
    pub fn next_timeout(&self) -> Option<Instant> {
        let size = self.prober.size();
        let paced = Some(self.recovery.paced_until(size)).filter(|&at| {
            self.clock < at
                && self.demand.backlogged
                && self.may_send_data()
                && self.recovery.has_room(size)
                && !self.recovery.can_send(self.clock, size)
        });
        match (self.timers.next(), paced) {
            (Some(timer), Some(paced)) => Some(timer.min(paced)),
            (timer, paced) => timer.or(paced),
        }
    }

    /// Time has passed. Calls that come too early do nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.clock = now;
        if self.over {
            return;
        }
        self.notice_sleep(now);
        if self.timers.take_due(Timer::Loss, now).is_some() {
            self.recovery.on_loss_timer(now, &mut self.stats);
            self.look_for_black_hole(now);
        }
        let idle = !self.demand.backlogged;
        if self.timers.take_due(Timer::Probe, now).is_some() && !(idle && self.recovery.let_go(now))
        {
            note!(
                "path: no acknowledgement in time, {} packets away",
                self.recovery.packets_in_flight()
            );
            self.recovery.on_probe_timer(now, &mut self.stats);
            self.look_for_black_hole(now);
        }
        if self.timers.take_due(Timer::Revert, now).is_some() {
            let host = self.routes.revert();
            if let Some(host) = host {
                self.on_moved(now, host);
            }
        }
        if self.timers.take_due(Timer::Silence, now).is_some() {
            self.demand.silent_pings = self.demand.silent_pings.saturating_add(1);
            self.recovery.want_ping();
        }
        if self.timers.take_due(Timer::Challenge, now).is_some() {
            self.on_challenge_timer(now);
        }
        self.rearm(now);
    }

    /// If the machine slept, or its clock jumped: what is late now is not lost.
    pub(super) fn notice_sleep(&mut self, now: Instant) {
        if self.timers.next().is_some_and(|at| now.since(at) > SLEEP) {
            self.recovery.on_sleep(now);
            self.rearm(now);
            self.revalidate(now);
        }
    }

    /// Whether a peer that does not answer is worth asking for ever. Of two who wait, the client asks.
    pub(super) fn is_needed(&self) -> bool {
        self.demand.backlogged || (self.demand.expecting && self.role == Role::Client)
    }

    fn on_challenge_timer(&mut self, now: Instant) {
        let proven = self.is_proven();
        if self.prober.repeat() {
            self.timers.set(Timer::Challenge, Some(now + self.patience()));
            return;
        }
        if !self.prober.wants_more(proven) {
            return;
        }
        if self.prober.tries() == SILENT_ROUNDS {
            self.news.unanswered = true;
        }
        let needed = self.is_needed() || self.recovery.packets_in_flight() > 0;
        if self.prober.tries() < ROUNDS || needed {
            self.begin_round(now, self.prober.questions_address());
        }
    }

    pub(super) fn look_for_black_hole(&mut self, now: Instant) {
        if self.recovery.smells_black_hole() {
            self.recovery.abandon_longer(now, BASE_DATAGRAM_LEN);
            if self.prober.size() > BASE_DATAGRAM_LEN {
                note!("path: long datagrams vanish, back to {} bytes", BASE_DATAGRAM_LEN);
                self.stats.black_holes += 1;
                self.prober.fall(now);
                self.recovery.on_size(now, self.prober.size());
            }
        }
    }

    /// When a client that expects data should ask whether its server still knows where it is.
    /// While anything is on the way, the probe time-out does that.
    fn silence_at(&self) -> Option<Instant> {
        let waits = self.demand.expecting && self.role == Role::Client && self.is_proven();
        if !waits || self.recovery.packets_in_flight() > 0 || self.recovery.wants_ping() {
            return None;
        }
        let patience = (self.recovery.rtt().probe_timeout() * 3).max(MIN_SILENCE);
        let patience = patience * (1 << self.demand.silent_pings.min(MAX_DOUBLINGS));
        self.stats.last_heard.map(|at| at + patience.min(MAX_SILENCE))
    }

    /// Sets the timers that follow from the state.
    pub(super) fn rearm(&mut self, now: Instant) {
        if self.over {
            return;
        }
        let soon = now + Duration::from_micros(1);
        let later = |at: Option<Instant>| at.map(|at| at.max(soon));
        let route = self.routes.current();
        let can_probe = route.is_some_and(|route| route.can_send(SMALL));
        let can_ack = route.is_some_and(|route| route.can_send(SMALL + MAX_ACK));
        self.timers.set(Timer::Loss, later(self.recovery.loss_at()));
        let probe_at = self.recovery.probe_at().filter(|_| can_probe);
        self.timers.set(Timer::Probe, later(probe_at));
        let ack_at = self.acks.deadline().filter(|_| can_ack && !self.acks.is_due(now));
        self.timers.set(Timer::Ack, ack_at);
        self.timers.set(Timer::Silence, later(self.silence_at()));
    }
}

/// Silence after which a client that expects data asks for the first time…
const MIN_SILENCE: Duration = Duration::from_secs(1);
/// …and then less and less often…
const MAX_DOUBLINGS: u8 = 4;
/// …but often enough that address translators remember it.
const MAX_SILENCE: Duration = Duration::from_secs(15);
/// A timer that is so late means that the machine slept.
const SLEEP: Duration = Duration::from_secs(5);
/// Rounds of challenges after which the peer counts as unreachable: about 4 s, so that whoever
/// waits for a file hears why nothing comes before losing patience.
const SILENT_ROUNDS: u8 = 4;
/// Rounds of challenges after which more are sent only while there is something to send or to come.
const ROUNDS: u8 = 8;
const _: () = assert!(SILENT_ROUNDS <= ROUNDS);
/// A ping, sealed.
const SMALL: usize = 26;
/// An acknowledgement of the usual kind.
const MAX_ACK: usize = 100;
