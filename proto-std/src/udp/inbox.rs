//! Datagrams as they came: many in a buffer, many buffers a call.

use std::io::IoSliceMut;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use quinn_udp::RecvMeta;

/// Buffers that one call fills.
#[derive(Debug)]
pub struct Inbox {
    bytes: Box<[u8]>,
    meta: [RecvMeta; BUFFERS],
    filled: usize,
}

/// One datagram of an inbox.
#[derive(Clone, Debug)]
pub struct Received {
    /// Where it lies in [`Inbox::bytes_mut`].
    pub range: Range<usize>,
    /// Who sent it.
    pub from: SocketAddr,
    /// The address of ours that it was sent to, where the system says so.
    pub to: Option<IpAddr>,
}

impl Inbox {
    /// An empty inbox of 1 MiB.
    pub fn new() -> Self {
        let bytes = vec![0; BUFFERS * BUFFER_LEN].into_boxed_slice();
        Self { bytes, meta: [RecvMeta::default(); BUFFERS], filled: 0 }
    }

    /// Fills it by `receive`, which says how many buffers it filled.
    pub(super) fn fill<E>(
        &mut self,
        receive: impl FnOnce(&mut [IoSliceMut<'_>], &mut [RecvMeta]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        self.filled = 0;
        let mut buffers = self.bytes.chunks_mut(BUFFER_LEN);
        let mut slices: [IoSliceMut<'_>; BUFFERS] =
            std::array::from_fn(|_| IoSliceMut::new(buffers.next().expect("one buffer each")));
        self.filled = receive(&mut slices, &mut self.meta)?;
        Ok(self.filled)
    }

    /// The datagrams that the last call brought. The list is a copy, so that the bytes may be
    /// opened in place meanwhile.
    pub fn datagrams(&self) -> impl Iterator<Item = Received> + use<> {
        let meta = self.meta;
        (0..self.filled).flat_map(move |buffer| {
            let RecvMeta { addr, len, stride, dst_ip, .. } = meta[buffer];
            let start = buffer * BUFFER_LEN;
            let stride = stride.max(1);
            (0..len.div_ceil(stride)).map(move |i| Received {
                range: start + i * stride..start + len.min((i + 1) * stride),
                from: addr,
                to: dst_ip,
            })
        })
    }

    /// Datagrams that the last call brought.
    pub fn count(&self) -> usize {
        self.meta[..self.filled].iter().map(|meta| meta.len.div_ceil(meta.stride.max(1))).sum()
    }

    /// Bytes of all of them.
    pub fn bytes_len(&self) -> usize {
        self.meta[..self.filled].iter().map(|meta| meta.len).sum()
    }

    /// Whether the last call filled every buffer, so that there may be more.
    pub fn is_full(&self) -> bool {
        self.filled == BUFFERS
    }

    /// All buffers, side by side.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// All buffers, side by side.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Default for Inbox {
    fn default() -> Self {
        Self::new()
    }
}

/// Buffers of an inbox: at most what one call to the system fills.
const BUFFERS: usize = if quinn_udp::BATCH_SIZE < 16 { quinn_udp::BATCH_SIZE } else { 16 };
/// The most that one buffer gets, coalesced or not.
const BUFFER_LEN: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows fills one buffer a call, and coalesces nothing unless it is told to.
    #[cfg(unix)]
    #[test]
    fn coalesced_datagrams_are_told_apart() {
        let mut inbox = Inbox::new();
        let filled: Result<usize, ()> = inbox.fill(|buffers, meta| {
            buffers[0][..5].copy_from_slice(b"aabbc");
            (meta[0].len, meta[0].stride) = (5, 2);
            buffers[1][..3].copy_from_slice(b"xyz");
            (meta[1].len, meta[1].stride) = (3, 3);
            (meta[2].len, meta[2].stride) = (0, 0);
            Ok(3)
        });

        assert_eq!(filled, Ok(3));
        let found: Vec<_> = inbox.datagrams().map(|d| &inbox.bytes()[d.range]).collect();
        assert_eq!(found, [&b"aa"[..], b"bb", b"c", b"xyz"]);
    }
}
