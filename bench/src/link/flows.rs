//! Who got how much of a link, and when.

use std::collections::BTreeMap;
use std::time::Duration;

/// How finely time is told apart.
pub const SLOT: Duration = Duration::from_millis(100);

/// A conversation, by what only it has: its protocol and its sender's port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    /// As IP counts protocols: 6 is TCP, 17 is UDP.
    pub protocol: u8,
    /// The sender's.
    pub port: u16,
}

/// Bytes that arrived, by flow and slot.
#[derive(Clone, Debug, Default)]
pub struct Flows(BTreeMap<Flow, Vec<u64>>);

impl Flow {
    /// Reads an IPv4 packet of TCP or UDP.
    fn of(packet: &[u8]) -> Option<Self> {
        let header = usize::from(packet.first()? & 15) * 4;
        let protocol = *packet.get(9)?;
        let port = packet.get(header..header + 2)?.try_into().ok().map(u16::from_be_bytes)?;
        (packet[0] >> 4 == 4 && matches!(protocol, 6 | 17)).then_some(Self { protocol, port })
    }
}

impl Flows {
    /// Counts a packet that arrived.
    pub fn add(&mut self, at: Duration, packet: &[u8]) {
        let Some(flow) = Flow::of(packet) else { return };
        let slots = self.0.entry(flow).or_default();
        let slot = (at.as_millis() / SLOT.as_millis()) as usize;
        if slots.len() <= slot {
            slots.resize(slot + 1, 0);
        }
        slots[slot] += packet.len() as u64;
    }

    /// Bytes of one flow in each slot of a stretch of time.
    pub fn slots(&self, flow: Flow, from: Duration, until: Duration) -> Vec<u64> {
        let slot = |at: Duration| (at.as_millis() / SLOT.as_millis()) as usize;
        let slots = self.0.get(&flow).map_or(&[][..], Vec::as_slice);
        (slot(from)..slot(until)).map(|at| slots.get(at).copied().unwrap_or(0)).collect()
    }

    /// Bytes a second of all flows together, behind the first quarter of the time in which something
    /// came and before the last. `None` when that is too short to tell.
    pub fn amid(&self) -> Option<f64> {
        let len = self.0.values().map(Vec::len).max()?;
        let at = |slot: usize| self.0.values().filter_map(|slots| slots.get(slot)).sum::<u64>();
        let first = (0..len).find(|&slot| at(slot) > 0)?;
        let quarter = (len - first) / 4;
        if quarter < 2 {
            return None;
        }
        let middle = first + quarter..len - quarter;
        let time = SLOT.as_secs_f64() * middle.len() as f64;
        Some(middle.map(at).sum::<u64>() as f64 / time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(protocol: u8, port: u16) -> Vec<u8> {
        let mut packet = vec![0; 100];
        packet[0] = 0x45;
        packet[9] = protocol;
        packet[20..22].copy_from_slice(&port.to_be_bytes());
        packet
    }

    #[test]
    fn the_middle_is_neither_the_beginning_nor_the_end() {
        let mut flows = Flows::default();
        for slot in 5..25 {
            let packets = if (10..20).contains(&slot) { 10 } else { 1 };
            (0..packets).for_each(|n| flows.add(SLOT * slot, &packet(17, n)));
        }
        assert_eq!(flows.amid(), Some(10.0 * 100.0 / SLOT.as_secs_f64()));
        assert_eq!(Flows::default().amid(), None);
    }

    #[test]
    fn flows_are_told_apart_by_protocol_and_port() {
        let mut flows = Flows::default();
        for (ms, protocol, port) in [(0, 17, 7), (150, 17, 7), (150, 6, 7), (199, 17, 8)] {
            flows.add(Duration::from_millis(ms), &packet(protocol, port));
        }
        flows.add(SLOT, &[]);
        flows.add(SLOT, &packet(1, 7));

        let all = |protocol, port| flows.slots(Flow { protocol, port }, Duration::ZERO, SLOT * 3);
        assert_eq!(all(17, 7), [100, 100, 0]);
        assert_eq!(all(6, 7), [0, 100, 0]);
        assert_eq!(all(17, 8), [0, 100, 0]);
        assert_eq!(all(1, 7), [0, 0, 0]);
    }
}
