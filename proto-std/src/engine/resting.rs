//! Rests while much is moved, so that datagrams gather.
//!
//! A read that brings one datagram costs about as much as one that brings ten: a wake-up, and the
//! calls that follow it. A rest is a small part of the round trip, and ends where anything is due.

use proto_core::time::{Duration, Instant};

/// How busy the socket is, and whether that is worth a rest.
#[derive(Debug)]
pub(super) struct Rest {
    /// When the count began.
    since: Instant,
    /// Datagrams since then, both ways.
    count: u64,
    /// Whether there were many when they were counted last.
    is_busy: bool,
    /// Bytes in this turn.
    bytes: usize,
    /// The shortest round trip of the sessions that had a turn; `None` when none had.
    near: Option<Duration>,
}

impl Rest {
    /// Nothing was moved yet.
    pub(super) const fn new(now: Instant) -> Self {
        Self { since: now, count: 0, is_busy: false, bytes: 0, near: None }
    }

    /// Datagrams came or left.
    pub(super) const fn on_moved(&mut self, datagrams: usize, bytes: usize) {
        self.count += datagrams as u64;
        self.bytes += bytes;
    }

    /// A session with that round trip had its turn.
    pub(super) fn on_turn(&mut self, rtt: Duration) {
        self.near = Some(self.near.map_or(rtt, |near| near.min(rtt)));
    }

    /// How long to rest now, when nothing is due for `patience`; `None` when it is better to wait
    /// for the socket.
    pub(super) fn poll(&mut self, now: Instant, patience: Option<Duration>) -> Option<Duration> {
        let (near, bytes) = (self.near.take(), std::mem::take(&mut self.bytes));
        let elapsed = now.since(self.since);
        if elapsed >= PERIOD {
            self.is_busy = elapsed / u32::try_from(self.count).unwrap_or(u32::MAX).max(1) <= GAP;
            (self.since, self.count) = (now, 0);
        }
        let rest = (near? / ROUND_SHARE).min(LONGEST);
        if !self.is_busy || rest < SHORTEST || bytes >= ENOUGH {
            return None;
        }
        let rest = patience.map_or(rest, |patience| patience.min(rest));
        (!rest.is_zero()).then_some(rest)
    }
}

/// Datagrams are counted for so long.
const PERIOD: Duration = Duration::from_millis(8);
/// Average time between datagrams at which there are many of them.
const GAP: Duration = Duration::from_micros(333);
/// A rest is at most a quarter of the round trip…
const ROUND_SHARE: u32 = 4;
/// …far less than an acknowledgement may be put off…
const LONGEST: Duration = Duration::from_millis(1);
/// …and long enough to save something: the way through one machine is too short for it.
const SHORTEST: Duration = Duration::from_micros(100);

/// What brings so many bytes at once need not bring more.
const ENOUGH: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_moves_much_rests_for_a_quarter_of_the_round_trip() {
        let mut rest = busy();
        rest.on_turn(ms(40));
        rest.on_turn(us(1_200));
        assert_eq!(rest.poll(NOW, None), Some(us(300)));
        rest.on_turn(ms(40));
        assert_eq!(rest.poll(NOW, None), Some(LONGEST));
    }

    #[test]
    fn a_rest_ends_where_something_is_due() {
        let mut rest = busy();
        rest.on_turn(ms(40));
        assert_eq!(rest.poll(NOW, Some(us(150))), Some(us(150)));
        rest.on_turn(ms(40));
        assert_eq!(rest.poll(NOW, Some(Duration::ZERO)), None);
    }

    #[test]
    fn who_moves_little_waits_for_the_socket() {
        let mut rest = busy();
        rest.on_moved(20, 0);
        rest.on_turn(ms(40));
        assert_eq!(rest.poll(NOW + PERIOD, None), None);
    }

    #[test]
    fn nobody_rests_on_the_way_through_one_machine_or_when_nothing_was_done() {
        let mut rest = busy();
        rest.on_turn(us(80));
        assert_eq!(rest.poll(NOW, None), None);
        assert_eq!(rest.poll(NOW, None), None);
    }

    #[test]
    fn who_gets_enough_at_once_goes_on() {
        let mut rest = busy();
        rest.on_moved(2, ENOUGH);
        rest.on_turn(ms(40));
        assert_eq!(rest.poll(NOW, None), None);
        rest.on_turn(ms(40));
        assert_eq!(rest.poll(NOW, None), Some(LONGEST));
    }

    /// It has just counted 25 datagrams in 8 ms.
    fn busy() -> Rest {
        let mut rest = Rest::new(NOW - PERIOD);
        rest.on_moved(25, 0);
        assert_eq!(rest.poll(NOW, None), None);
        rest
    }

    const NOW: Instant = Instant::from_micros(1_000_000);

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    const fn us(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }
}
