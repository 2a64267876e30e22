//! What went through a proxy, byte for byte, as somebody who listens on the wire would have it.

use std::collections::BTreeMap;

/// A capture: every datagram that reached the proxy, and every stream, as far as there was room.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    datagrams: Vec<(Way, Vec<u8>)>,
    streams: BTreeMap<(u64, Way), Vec<u8>>,
    room: usize,
    overflowed: bool,
}

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From a client to the server.
    Up,
    /// From the server to a client.
    Down,
}

impl Capture {
    /// A capture that keeps that many bytes.
    pub(super) fn with_room(room: usize) -> Self {
        Self { room, ..Self::default() }
    }

    pub(super) fn datagram(&mut self, way: Way, bytes: &[u8]) {
        if self.takes(bytes.len()) {
            self.datagrams.push((way, bytes.to_vec()));
        }
    }

    pub(super) fn stream(&mut self, id: u64, way: Way, bytes: &[u8]) {
        if self.takes(bytes.len()) {
            self.streams.entry((id, way)).or_default().extend_from_slice(bytes);
        }
    }

    fn takes(&mut self, len: usize) -> bool {
        let left = self.room.checked_sub(len);
        self.overflowed |= left.is_none();
        self.room = left.unwrap_or(self.room);
        left.is_some()
    }

    /// Whether there was room for everything.
    pub fn is_complete(&self) -> bool {
        !self.overflowed
    }

    /// The datagrams of one way, in the order in which they reached the proxy.
    pub fn datagrams(&self, way: Way) -> impl Iterator<Item = &[u8]> {
        self.datagrams.iter().filter(move |(went, _)| *went == way).map(|(_, bytes)| &bytes[..])
    }

    /// The TCP streams of one way, each from its first byte to its last.
    pub fn streams(&self, way: Way) -> impl Iterator<Item = &[u8]> {
        self.streams.iter().filter(move |((_, went), _)| *went == way).map(|(_, bytes)| &bytes[..])
    }

    /// Everything: datagrams and streams of both ways.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let datagrams = self.datagrams.iter().map(|(_, bytes)| &bytes[..]);
        datagrams.chain(self.streams.values().map(|bytes| &bytes[..]))
    }
}
