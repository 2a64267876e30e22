//! The stand-in for TCP: what is put in comes out later, whole and in order, until it is cut.

use proto_core::time::{Duration, Instant};

use crate::timeline::Timeline;

/// One direction of a control channel.
#[derive(Clone, Debug)]
pub struct Pipe<T> {
    latency: Duration,
    last_arrival: Instant,
    under_way: Timeline<T>,
    stalled_until: Instant,
    cut: bool,
}

impl<T> Pipe<T> {
    /// Makes an open pipe.
    pub fn new(latency: Duration) -> Self {
        Self {
            latency,
            last_arrival: Instant::ZERO,
            under_way: Timeline::new(),
            stalled_until: Instant::ZERO,
            cut: false,
        }
    }

    /// Puts a message in. It vanishes when the pipe is cut, as a write into a dead socket does.
    pub fn send(&mut self, now: Instant, message: T) {
        self.send_late(now, Duration::ZERO, message);
    }

    /// Puts a message in that a lost segment makes late, and with it all that follows.
    pub fn send_late(&mut self, now: Instant, late: Duration, message: T) {
        if self.cut {
            return;
        }
        self.last_arrival = self.last_arrival.max(now + self.latency + late);
        self.under_way.push(self.last_arrival, message);
    }

    /// Takes the next message that has arrived.
    pub fn poll_arrival(&mut self, now: Instant) -> Option<T> {
        if now < self.stalled_until { None } else { self.under_way.pop(now) }
    }

    /// Cuts the pipe: what is under way is lost.
    pub fn cut(&mut self) {
        self.cut = true;
        self.under_way.clear();
    }

    /// When the next message arrives; `None` when none is under way.
    pub fn next_arrival(&self) -> Option<Instant> {
        self.under_way.next().map(|at| at.max(self.stalled_until))
    }

    /// Stands still until then: what is under way and what follows is late, and keeps its order.
    pub fn stall(&mut self, until: Instant) {
        self.stalled_until = self.stalled_until.max(until);
    }

    /// Stands still no longer.
    pub fn resume(&mut self) {
        self.stalled_until = Instant::ZERO;
    }

    /// Loses what is under way.
    pub fn clear(&mut self) {
        self.under_way.clear();
    }

    /// How many messages are under way.
    pub fn len(&self) -> usize {
        self.under_way.len()
    }

    /// Whether no message is under way.
    pub fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Whether the pipe was cut.
    pub fn is_cut(&self) -> bool {
        self.cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_message_delays_those_behind_it() {
        let mut pipe = Pipe::new(Duration::from_millis(1));
        pipe.send_late(Instant::ZERO, Duration::from_millis(9), 'a');
        pipe.send(Instant::ZERO, 'b');

        assert_eq!(pipe.next_arrival(), Some(Instant::from_micros(10_000)));
        assert_eq!(pipe.poll_arrival(Instant::from_micros(10_000)), Some('a'));
        assert_eq!(pipe.poll_arrival(Instant::from_micros(10_000)), Some('b'));
    }

    #[test]
    fn a_cut_loses_what_is_under_way_and_what_follows() {
        let mut pipe = Pipe::new(Duration::ZERO);
        pipe.send(Instant::ZERO, 1);
        pipe.cut();
        pipe.send(Instant::ZERO, 2);

        assert_eq!(pipe.poll_arrival(Instant::from_micros(1)), None);
    }

    #[test]
    fn a_stalled_pipe_is_late_and_loses_nothing() {
        let mut pipe = Pipe::new(Duration::ZERO);
        pipe.send(Instant::ZERO, 1);
        pipe.stall(Instant::from_micros(5));

        assert_eq!(pipe.poll_arrival(Instant::from_micros(4)), None);
        assert_eq!(pipe.next_arrival(), Some(Instant::from_micros(5)));
        assert_eq!(pipe.poll_arrival(Instant::from_micros(5)), Some(1));
    }
}
