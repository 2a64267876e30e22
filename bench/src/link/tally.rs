//! What one direction has seen, the emulator's own faults included.

use serde::Serialize;

use super::flows::Flows;
use super::histogram::{Histogram, Spread};

/// Counts of a direction while it runs.
pub struct Tally {
    /// Packets and bytes that were offered.
    pub offered: (u64, u64),
    /// Packets and bytes that arrived.
    pub arrived: (u64, u64),
    /// Packets that the link lost.
    pub lost: u64,
    /// Packets that the queue had no room for.
    pub dropped: u64,
    /// Packets that arrived twice.
    pub duplicated: u64,
    /// Packets that were overtaken.
    pub reordered: u64,
    /// In the queue.
    pub waited: Histogram,
    /// How late packets were handed over: the emulator's own error.
    pub lateness: Histogram,
    /// Who got what.
    pub flows: Flows,
}

/// What a direction has seen.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Direction {
    /// Packets that were offered to it.
    pub offered_packets: u64,
    /// Their bytes, with IP headers.
    pub offered_bytes: u64,
    /// Bytes that arrived.
    pub arrived_bytes: u64,
    /// Packets that the link lost.
    pub lost: u64,
    /// Packets that the queue had no room for.
    pub dropped: u64,
    /// Packets that arrived twice.
    pub duplicated: u64,
    /// Packets that were overtaken.
    pub reordered: u64,
    /// Packets that never reached the emulator, because it was too slow: a run with any is void.
    pub device_drops: u64,
    /// In the queue, ms.
    pub queue_ms: Spread,
    /// The emulator's own error, ms.
    pub lateness_ms: Spread,
}

impl Tally {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            offered: (0, 0),
            arrived: (0, 0),
            lost: 0,
            dropped: 0,
            duplicated: 0,
            reordered: 0,
            waited: Histogram::new(),
            lateness: Histogram::new(),
            flows: Flows::default(),
        }
    }

    /// Sums up.
    pub fn into_direction(self, device_drops: u64) -> Direction {
        Direction {
            offered_packets: self.offered.0,
            offered_bytes: self.offered.1,
            arrived_bytes: self.arrived.1,
            lost: self.lost,
            dropped: self.dropped,
            duplicated: self.duplicated,
            reordered: self.reordered,
            device_drops,
            queue_ms: self.waited.spread(),
            lateness_ms: self.lateness.spread(),
        }
    }
}
