//! The bottleneck that all flows of an experiment share, and what is measured there.

use proto_core::time::{Duration, Instant, micros};

use super::cell::{Cell, Place};
use crate::link::{Link, LinkConfig, Loss};
use crate::rng::{Chance, Rng};

/// The way of data, and the ways back. Marks are the numbers of flows.
pub(super) struct Road {
    /// Loss before the queue, the queue, the rate.
    neck: Link<usize>,
    /// Loss behind it, and the latency.
    way: Link<usize>,
    back: Link<usize>,
    cell: Cell,
    begun: Instant,
    /// When the last acknowledgement left.
    back_at: Instant,
    /// When the queue was last seen, and how long it was then.
    seen: (Instant, u64),
    gauge: Gauge,
}

/// What passed the bottleneck since it was last asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Gauge {
    /// Bytes of each flow that passed.
    pub(super) passed: [u64; 2],
    /// How long each datagram waited, in microseconds.
    waits: Vec<u32>,
    /// Datagrams that found the queue full.
    pub(super) drops: u64,
    /// For how many microseconds the queue was longer than it may be on the mean.
    pub(super) over: u64,
}

impl Road {
    pub(super) fn new(cell: &Cell, now: Instant) -> Self {
        let rng = Rng::new(cell.seed);
        let none = Loss::Random(Chance::NEVER);
        let (before, after) = match cell.place {
            Place::Before => (cell.loss, none),
            Place::After => (none, cell.loss),
        };
        let neck = LinkConfig {
            loss: before,
            rate: Some(cell.rates.first / 8),
            queue: cell.queue(),
            ..LinkConfig::clean(Duration::ZERO)
        };
        let way =
            LinkConfig { loss: after, jitter: cell.jitter, ..LinkConfig::clean(cell.rtt / 2) };
        // Sparse datagrams would hardly ever leave a burst: acknowledgements are lost one by one.
        let back =
            LinkConfig { loss: Loss::Random(cell.share_lost()), ..LinkConfig::clean(cell.rtt / 2) };
        Self {
            neck: Link::new(neck, rng.split("neck")),
            way: Link::new(way, rng.split("way")),
            back: Link::new(back, rng.split("back")),
            cell: cell.clone(),
            begun: now,
            back_at: Instant::ZERO,
            seen: (now, 0),
            gauge: Gauge::default(),
        }
    }

    pub(super) fn send_forth(&mut self, now: Instant, flow: usize, datagram: &[u8]) {
        let rate = self.cell.rates.at(now.since(self.begun));
        self.neck.set_rate(rate / 8);
        let wait = micros(self.neck.backlog(now));
        let before = self.neck.stats();
        self.neck.send(now, flow, datagram);
        let after = self.neck.stats();
        let dropped = after.queue_drops - before.queue_drops;
        self.gauge.drops += dropped;
        if dropped == 0 && after.lost == before.lost {
            self.gauge.waits.push(u32::try_from(wait).unwrap_or(u32::MAX));
        }
        let (seen_at, long) = self.seen;
        let too_long = long.saturating_sub(micros(self.cell.patience(rate)));
        self.gauge.over += too_long.min(micros(now.since(seen_at)));
        self.seen = (now, micros(self.neck.backlog(now)));
    }

    pub(super) fn send_back(&mut self, now: Instant, flow: usize, datagram: &[u8]) {
        let leaves = match micros(self.cell.bunch) {
            0 => now,
            bunch => Instant::from_micros(now.as_micros().next_multiple_of(bunch)),
        };
        let follows = self.back_at + APART;
        self.back_at = if self.cell.bunch.is_zero() { leaves } else { leaves.max(follows) };
        self.back.send(self.back_at, flow, datagram);
    }

    /// The next datagram that arrives at a sink.
    pub(super) fn poll_forth(&mut self, now: Instant) -> Option<(usize, Vec<u8>)> {
        while let Some(at) = self.neck.next_arrival().filter(|&at| at <= now) {
            let (flow, datagram) = self.neck.poll_arrival(at).expect("it is due");
            self.gauge.passed[flow] += datagram.len() as u64;
            self.way.send(at, flow, &datagram);
        }
        self.way.poll_arrival(now)
    }

    pub(super) fn poll_back(&mut self, now: Instant) -> Option<(usize, Vec<u8>)> {
        self.back.poll_arrival(now)
    }

    pub(super) fn next(&self) -> Option<Instant> {
        let ways = [self.neck.next_arrival(), self.way.next_arrival(), self.back.next_arrival()];
        ways.into_iter().flatten().min()
    }

    pub(super) fn take_gauge(&mut self) -> Gauge {
        core::mem::take(&mut self.gauge)
    }
}

/// How far apart the acknowledgements of a bunch are.
const APART: Duration = Duration::from_micros(70);

impl Gauge {
    /// Mean and 99th percentile of the waits.
    pub(super) fn waits(&mut self) -> (Duration, Duration) {
        self.waits.sort_unstable();
        let count = self.waits.len().max(1);
        let sum: u64 = self.waits.iter().map(|&wait| u64::from(wait)).sum();
        let p99 = self.waits.get(count * 99 / 100).or(self.waits.last()).copied().unwrap_or(0);
        (Duration::from_micros(sum / count as u64), Duration::from_micros(u64::from(p99)))
    }
}
