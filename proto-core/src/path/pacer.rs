//! A token bucket that spreads a window over its round trip.
//!
//! It refills at 5/4 of the window per round trip (twice it while the window doubles), and what a
//! tick of the driver's timer lets through leaves at once, so that timers of 1 ms suffice. Where a
//! controller says the rate, it holds more, for a program that is given the processor late: who
//! could not catch up would send less than was decided, and a controller that goes by what arrives
//! would take that for the link's rate. Below a round trip of 1 ms the acknowledgements themselves
//! are a finer clock: nothing is held back.

use core::time::Duration;

use crate::time::{Instant, micros};

/// Decides when the next packet may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pacer {
    /// Bytes per 1024 µs; `None` holds nothing back.
    rate: Option<u64>,
    /// Most bytes at once.
    capacity: u64,
    tokens: u64,
    /// What a wait is worth, in microseconds.
    tick: u64,
    /// When `tokens` was true.
    at: Instant,
}

impl Pacer {
    /// Starts without holding anything back.
    pub const fn new(now: Instant) -> Self {
        Self { rate: None, capacity: 0, tokens: 0, tick: TICK, at: now }
    }

    /// Spreads a window over a round trip. `size` is a datagram's, `starting` doubles the rate.
    pub fn set(&mut self, now: Instant, window: u64, rtt: Duration, size: usize, starting: bool) {
        let rtt = micros(rtt);
        if rtt < TICK {
            self.rate = None;
            return;
        }
        let quarters = if starting { 8 } else { 5 };
        let rate = window.saturating_mul(1024 * quarters) / (4 * rtt);
        self.retune(now, rate, TICK, 0, size, starting);
    }

    /// Sends so many bytes a second. On short ways bursts are shorter, for their queues are.
    pub fn set_rate(
        &mut self,
        now: Instant,
        bytes: u64,
        rtt: Duration,
        size: usize,
        starting: bool,
    ) {
        // 128/125 is 1024 µs to the millisecond.
        let rate = bytes.saturating_mul(128) / 125_000;
        let rtt = micros(rtt);
        let tick = (rtt / 8).clamp(SHORT_TICK, TICK);
        let late = if starting {
            LATE_BURST.min(worth(rate, TICK))
        } else {
            LATE_BURST.max(worth(rate, tick + rtt / LATE_SHARE)).min(worth(rate, LATEST))
        };
        self.retune(now, rate, tick, late, size, starting);
    }

    fn retune(
        &mut self,
        now: Instant,
        rate: u64,
        tick: u64,
        late: u64,
        size: usize,
        starting: bool,
    ) {
        let size = size as u64;
        let least = if starting { INITIAL_BURST.max(2 * size) } else { 2 * size };
        let usual = worth(rate, tick * 5 / 4).max(least);
        let tokens = if self.rate.is_some() { self.tokens_at(now) } else { usual };
        self.capacity = usual.max(late);
        (self.rate, self.tick) = (Some(rate.max(1)), tick);
        (self.tokens, self.at) = (tokens.min(self.capacity), now);
    }

    /// Whether a packet of this length may leave now.
    pub fn can_send(&self, now: Instant, len: usize) -> bool {
        self.rate.is_none() || self.tokens_at(now) >= self.need(len)
    }

    /// Nothing is on the way: what was not sent was not wanted, and is no debt (RFC 9002 section 7.7).
    pub fn on_idle(&mut self, now: Instant) {
        let Some(rate) = self.rate else { return };
        let most = LATE_BURST.min(worth(rate, TICK)).max(INITIAL_BURST);
        (self.tokens, self.at) = (self.tokens_at(now).min(most), now);
    }

    /// A packet leaves.
    pub fn on_sent(&mut self, now: Instant, len: usize) {
        if self.rate.is_some() {
            self.tokens = self.tokens_at(now).saturating_sub(len as u64);
            self.at = now;
        }
    }

    /// When it is worth waking up for packets of this length: a tick's worth later.
    pub fn ready_at(&self, len: usize) -> Instant {
        let Some(rate) = self.rate else { return self.at };
        let worth = ((rate * self.tick) >> 10).min(self.capacity).max(self.need(len));
        let missing = worth.saturating_sub(self.tokens);
        self.at + Duration::from_micros((missing << 10).div_ceil(rate))
    }

    fn need(&self, len: usize) -> u64 {
        (len as u64).min(self.capacity)
    }

    fn tokens_at(&self, now: Instant) -> u64 {
        let Some(rate) = self.rate else { return self.tokens };
        // After so long the bucket is full anyhow; and a clock that jumps cannot overflow it.
        let elapsed = micros(now.since(self.at)).min(1 << 24);
        (self.tokens + (rate.saturating_mul(elapsed) >> 10)).min(self.capacity)
    }
}

/// Bytes that leave in so many microseconds.
const fn worth(rate: u64, time: u64) -> u64 {
    rate.saturating_mul(time) >> 10
}

/// The driver's timer, in microseconds.
const TICK: u64 = 1000;
/// The shortest wait that is worth a burst of its own, in microseconds.
const SHORT_TICK: u64 = 125;
/// Most bytes at once while the window grows (RFC 9002 section 7.7).
const INITIAL_BURST: u64 = 14_720;

/// What a late program sends at once to catch up, at least: two thirds of a millisecond at 300
/// Mbit/s, which a queue of a millisecond bears…
const LATE_BURST: u64 = 25_000;
/// …or what a quarter of a round trip is worth, which a queue of that length bears, if that is more…
const LATE_SHARE: u64 = 4;
/// …and never more than so many microseconds are worth.
const LATEST: u64 = 8_000;

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(100);

    fn at(micros: u64) -> Instant {
        Instant::from_micros(micros)
    }

    /// Sends whenever the pacer lets it, waking when it says, and returns bytes in one second.
    fn sent_in_a_second(window: u64, size: usize) -> (u64, u64) {
        let mut pacer = Pacer::new(at(0));
        pacer.set(at(0), window, RTT, size, false);
        let (mut now, mut bytes, mut burst) = (at(0), 0, 0);
        while now < at(1_000_000) {
            let mut once = 0;
            while pacer.can_send(now, size) {
                pacer.on_sent(now, size);
                once += size as u64;
            }
            burst = burst.max(once);
            bytes += once;
            assert!(now < pacer.ready_at(size), "waiting must end in the future");
            now = pacer.ready_at(size);
        }
        (bytes, burst)
    }

    #[test]
    fn a_window_is_spread_over_four_fifths_of_a_round_trip() {
        for (window, size) in [(20_000, 1200), (1_000_000, 1452), (100_000_000, 8952)] {
            let (bytes, burst) = sent_in_a_second(window, size);
            let expected = window * 10 * 5 / 4;
            assert!(bytes.abs_diff(expected) <= expected / 50 + 4 * size as u64, "{bytes}");
            assert!(burst <= (expected / 750).max(2 * size as u64) + size as u64, "{burst}");
        }
    }

    #[test]
    fn short_round_trips_are_not_paced() {
        let mut pacer = Pacer::new(at(0));
        pacer.set(at(0), 1, Duration::from_micros(999), 65_507, false);
        assert!(pacer.can_send(at(0), 65_507));
    }

    #[test]
    fn on_a_short_way_a_late_program_catches_up_with_seventeen_packets() {
        let mut pacer = Pacer::new(at(0));
        let rtt = Duration::from_millis(1);
        pacer.set_rate(at(0), 37_500_000, rtt, 1452, false);
        let later = at(3_000);
        pacer.set_rate(later, 37_500_000, rtt, 1452, false);
        let mut sent = 0;
        while pacer.can_send(later, 1452) {
            pacer.on_sent(later, 1452);
            sent += 1;
        }
        assert_eq!(sent, 17);
    }

    #[test]
    fn a_program_that_is_always_late_sends_as_fast_as_one_that_is_not() {
        for (rate, rtt, late) in
            [(12_500_000, 10, 2_000), (2_500_000, 20, 4_000), (1_500_000, 1, 4_000)]
        {
            let mut pacer = Pacer::new(at(0));
            let (mut now, mut bytes) = (at(0), 0_u64);
            while now < at(1_000_000) {
                pacer.set_rate(now, rate, Duration::from_millis(rtt), 1200, false);
                while pacer.can_send(now, 1200) {
                    pacer.on_sent(now, 1200);
                    bytes += 1200;
                }
                now = pacer.ready_at(1200) + Duration::from_micros(late);
            }
            assert!(bytes.abs_diff(rate) <= rate / 50, "{bytes} of {rate}");
        }
    }

    #[test]
    fn after_a_pause_no_more_leaves_at_once_than_is_worth_eight_milliseconds() {
        // The first datagrams leave some time after the first round trip was measured.
        let cases = [(false, false, 300_000), (false, true, 25_000), (true, false, 14_720)];
        for (starting, idle, most) in cases {
            let mut pacer = Pacer::new(at(0));
            let rate = if starting { 3_840_000 } else { 37_500_000 };
            pacer.set_rate(at(0), rate, RTT, 1200, starting);
            let later = at(1_000_000);
            if idle {
                pacer.on_idle(later);
            }
            let mut bytes = 0;
            while pacer.can_send(later, 1200) {
                pacer.on_sent(later, 1200);
                bytes += 1200;
            }
            assert!((most - 3_600..=most).contains(&bytes), "{bytes} of {most}");
        }
    }

    #[test]
    fn idleness_saves_no_more_than_the_bucket_holds() {
        let mut pacer = Pacer::new(at(0));
        pacer.set(at(0), 20_000, RTT, 1200, false);
        let later = at(u64::MAX);
        let mut sent = 0;
        while pacer.can_send(later, 1200) {
            pacer.on_sent(later, 1200);
            sent += 1;
        }
        assert_eq!(sent, 2);
    }
}
