//! One direction of a link as pure arithmetic: when a packet that is offered now arrives, if ever.
//!
//! The queue drops what does not fit (drop-tail). What fits waits for the bottleneck, which sends
//! one byte after the other. A packet that is lost has taken its share of the link already.

use std::time::Duration;

use super::chance::{Chance, Losses};
use super::{MTU, Shape};

/// One direction's state. Times count from the link's beginning.
pub struct Lane {
    shape: Shape,
    chance: Chance,
    losses: Losses,
    /// When the bottleneck will have sent everything that was offered.
    free: Duration,
    /// When the last packet arrives that keeps its order.
    last: Duration,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The queue was full.
    Dropped,
    /// It waited in the queue, was sent, and got lost.
    Lost {
        /// In the queue.
        waited: Duration,
    },
    /// It arrives.
    Arrives {
        /// In the queue.
        waited: Duration,
        /// At the other end.
        due: Duration,
        /// Others overtake it.
        overtaken: bool,
        /// It arrives twice.
        twice: bool,
    },
}

impl Lane {
    /// An idle direction.
    pub fn new(shape: &Shape, seed: u64) -> Self {
        let (free, last) = (Duration::ZERO, Duration::ZERO);
        let (chance, losses) = (Chance::new(seed), Losses::new(shape.loss));
        Self { shape: *shape, chance, losses, free, last }
    }

    /// Decides about a packet of `len` bytes.
    pub fn offer(&mut self, now: Duration, len: usize) -> Fate {
        let len = len as u64;
        let waited = self.free.saturating_sub(now);
        // The packet that is being sent does not count: it has left the queue.
        let room = self.shape.time_of(self.shape.queue_bytes() + u64::from(MTU));
        if waited + self.shape.time_of(len) > room {
            return Fate::Dropped;
        }
        self.free = self.free.max(now) + self.shape.time_of(len);
        if self.losses.take(&mut self.chance) {
            return Fate::Lost { waited };
        }
        let mut due = self.free + self.shape.delay + self.chance.time(self.shape.jitter);
        let overtaken = self.chance.hits(self.shape.reordered);
        if overtaken {
            due += self.chance.time(self.shape.overtaking());
        } else {
            due = due.max(self.last);
            self.last = due;
        }
        Fate::Arrives { waited, due, overtaken, twice: self.chance.hits(self.shape.duplicates) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Loss, Queue};
    use super::*;

    const PACKET: usize = 1500;

    fn link() -> Shape {
        Shape::new(12, Duration::from_millis(5))
    }

    /// Offers packets so slowly that none waits, and counts those that a question holds for.
    fn share(shape: &Shape, is_counted: impl Fn(&Fate) -> bool) -> f64 {
        const PACKETS: u32 = 100_000;
        let mut lane = Lane::new(shape, 7);
        let fates = (0..PACKETS).map(|n| lane.offer(n * Duration::from_millis(50), PACKET));
        f64::from(u32::try_from(fates.filter(is_counted).count()).unwrap()) / f64::from(PACKETS)
    }

    #[test]
    fn packets_leave_one_behind_the_other() {
        let mut lane = Lane::new(&link(), 1);

        let fates = [(); 3].map(|()| lane.offer(Duration::from_secs(1), PACKET));

        // 1500 bytes take a millisecond at 12 Mbit/s.
        for (ms, fate) in (0..).zip(fates) {
            let Fate::Arrives { waited, due, .. } = fate else { panic!("{fate:?}") };
            assert_eq!(waited, Duration::from_millis(ms));
            assert_eq!(due, Duration::from_millis(1000 + 5 + 1 + ms));
        }
    }

    #[test]
    fn a_full_queue_drops_the_last_and_is_as_long_as_it_says() {
        let mut lane = Lane::new(&Shape { queue: Queue::Bdp(2.0), ..link() }, 1);
        let fates: Vec<_> = (0..100).map(|_| lane.offer(Duration::ZERO, PACKET)).collect();

        let dropped = fates.iter().position(|fate| *fate == Fate::Dropped);

        // Two products are 20 packets, behind the one that is being sent.
        assert_eq!(dropped, Some(21));
        assert!(fates[21..].iter().all(|fate| *fate == Fate::Dropped));
        let Fate::Arrives { waited, .. } = fates[20] else { panic!("{:?}", fates[20]) };
        assert_eq!(waited, Duration::from_millis(20));
    }

    #[test]
    fn faults_are_as_frequent_as_they_should_be() {
        let close = |found: f64, wanted: f64| (found - wanted).abs() < 0.05 * wanted;
        let is_lost = |fate: &Fate| matches!(fate, Fate::Lost { .. });
        assert!(close(share(&link().loss(0.05), is_lost), 0.05));
        // A burst begins behind 1 of 100 packets and has 4: 4 of 104 are lost.
        let bursts = Shape { loss: Loss::Bursts { begin: 0.01, end: 0.25 }, ..link() };
        assert!(close(share(&bursts, is_lost), 4.0 / 104.0));
        let twice = |fate: &Fate| matches!(fate, Fate::Arrives { twice: true, .. });
        assert!(close(share(&Shape { duplicates: 0.1, ..link() }, twice), 0.1));
        let late = |fate: &Fate| matches!(fate, Fate::Arrives { overtaken: true, .. });
        assert!(close(share(&Shape { reordered: 0.1, ..link() }, late), 0.1));
    }

    #[test]
    fn jitter_does_not_change_the_order() {
        let mut lane = Lane::new(&Shape { jitter: Duration::from_millis(4), ..link() }, 3);
        let arrivals: Vec<_> = (0..1000)
            .filter_map(|n| match lane.offer(n * Duration::from_millis(1), PACKET) {
                Fate::Arrives { due, .. } => Some(due),
                Fate::Dropped | Fate::Lost { .. } => None,
            })
            .collect();
        assert_eq!(arrivals.len(), 1000);
        assert!(arrivals.is_sorted());
    }
}
