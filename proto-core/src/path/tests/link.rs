//! A link with every fault that a link can have.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::vec::Vec;

use super::super::Address;
use crate::time::{Instant, micros};

/// A datagram under way.
#[derive(Clone)]
pub(super) struct Flight {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) datagram: Vec<u8>,
}

pub(super) struct Link {
    pub(super) latency: Duration,
    /// Most that a datagram is late, each by its own dice.
    pub(super) jitter: Duration,
    /// Per thousand.
    pub(super) loss: u64,
    pub(super) repeat: u64,
    pub(super) damage: u64,
    pub(super) mtu: usize,
    /// Nothing passes.
    pub(super) dark: bool,
    /// Nothing passes to this end.
    pub(super) deaf: Option<usize>,
    pub(super) drop_next: u32,
    /// Bytes per millisecond, and most bytes that queue.
    pub(super) rate: Option<(u64, u64)>,
    free_at: [Instant; 2],
    random: u64,
    count: u64,
    flights: BTreeMap<(Instant, u64), (usize, Flight)>,
    /// Everything that was ever sent, for replays, if somebody listens.
    pub(super) tape: Option<VecDeque<(usize, Flight)>>,
}

impl Link {
    pub(super) fn new(latency: Duration, seed: u64) -> Self {
        Self {
            latency,
            jitter: Duration::ZERO,
            loss: 0,
            repeat: 0,
            damage: 0,
            mtu: 1452,
            dark: false,
            deaf: None,
            drop_next: 0,
            rate: None,
            free_at: [Instant::ZERO; 2],
            random: seed,
            count: 0,
            flights: BTreeMap::new(),
            tape: None,
        }
    }

    pub(super) fn dice(&mut self) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
        self.random >> 33
    }

    pub(super) fn send(&mut self, now: Instant, end: usize, mut flight: Flight) {
        if let Some(tape) = &mut self.tape {
            tape.push_back((end, flight.clone()));
        }
        let dropped = core::mem::take(&mut self.drop_next);
        self.drop_next = dropped.saturating_sub(1);
        let lost = self.dice() % 1000 < self.loss || flight.datagram.len() > self.mtu;
        if lost || dropped > 0 || self.dark || self.deaf == Some(end) {
            return;
        }
        if self.dice() % 1000 < self.damage {
            let at = usize::try_from(self.dice()).unwrap() % flight.datagram.len();
            flight.datagram[at] ^= 1 << (self.dice() % 8);
        }
        let mut depart = now;
        if let Some((rate, queue)) = self.rate {
            let free = self.free_at[end].max(now);
            if micros(free.since(now)) * rate / 1000 > queue {
                return;
            }
            depart = free + Duration::from_micros(flight.datagram.len() as u64 * 1000 / rate);
            self.free_at[end] = depart;
        }
        let copies = 1 + u64::from(self.dice() % 1000 < self.repeat);
        for _ in 0..copies {
            let late = self.dice() % (micros(self.jitter) + 1);
            let at = depart + self.latency + Duration::from_micros(late);
            self.count += 1;
            self.flights.insert((at, self.count), (end, flight.clone()));
        }
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.flights.keys().next().map(|(at, _)| *at)
    }

    pub(super) fn arrive(&mut self, now: Instant) -> Option<(usize, Flight)> {
        let key = *self.flights.keys().next().filter(|(at, _)| *at <= now)?;
        self.flights.remove(&key)
    }
}
