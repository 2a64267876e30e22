//! An imperfect link in virtual time, made of a seed.

use std::vec::Vec;

use crate::time::{Duration, Instant};

/// What a link does to datagrams. Parts are in thousandths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weather {
    pub(super) delay: Duration,
    /// Up to so much more, drawn for each datagram: reorders them.
    pub(super) jitter: Duration,
    pub(super) lost: u64,
    pub(super) doubled: u64,
    pub(super) spoilt: u64,
    /// Bytes in a millisecond.
    pub(super) rate: u64,
    /// Longest datagram that passes.
    pub(super) longest: usize,
}

impl Weather {
    /// A clean link of 100 Mbit/s with a round trip of 20 ms.
    pub(super) const FAIR: Self = Self {
        delay: Duration::from_millis(10),
        jitter: Duration::ZERO,
        lost: 0,
        doubled: 0,
        spoilt: 0,
        rate: 12_500,
        longest: 1500,
    };
}

/// One direction of a link.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) weather: Weather,
    /// Nothing passes while it is on.
    pub(super) blackout: bool,
    pub(super) carried: u64,
    free_at: Instant,
    dice: Dice,
}

impl Link {
    pub(super) fn new(weather: Weather, seed: u64) -> Self {
        Self { weather, blackout: false, carried: 0, free_at: Instant::ZERO, dice: Dice(seed) }
    }

    /// Passes a datagram on: what arrives, and when.
    pub(super) fn pass(&mut self, now: Instant, datagram: &[u8]) -> Vec<(Instant, Vec<u8>)> {
        let weather = self.weather;
        let len = datagram.len() as u64;
        let start = self.free_at.max(now);
        let full = start.since(now) > QUEUE;
        let lost = self.dice.hits(weather.lost);
        if self.blackout || full || lost || datagram.len() > weather.longest {
            return Vec::new();
        }
        self.carried += 1;
        self.free_at = start + Duration::from_micros(len * 1000 / weather.rate);
        let copies = if self.dice.hits(weather.doubled) { 2 } else { 1 };
        (0..copies)
            .map(|_| {
                let jitter = self.dice.below(weather.jitter.as_micros() as u64 + 1);
                let mut bytes = datagram.to_vec();
                if self.dice.hits(weather.spoilt) {
                    let at = self.dice.below(len) as usize;
                    bytes[at] ^= 1 << self.dice.below(8);
                }
                (self.free_at + weather.delay + Duration::from_micros(jitter), bytes)
            })
            .collect()
    }
}

/// A tiny generator (splitmix64).
#[derive(Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.throw() % bound.max(1)
    }

    fn hits(&mut self, thousandths: u64) -> bool {
        self.below(1000) < thousandths
    }
}

/// What the link's queue holds at most.
const QUEUE: Duration = Duration::from_millis(50);
