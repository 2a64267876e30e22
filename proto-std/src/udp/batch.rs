//! Datagrams that leave together: to one address, of one size but for the last.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use proto_core::limits::MAX_DATAGRAM_LEN;

/// Datagrams side by side in one buffer, as segmentation offload wants them.
// Invariants:
// - `bytes[..len]` are the datagrams; all have `segment` bytes but the last, which may have fewer.
// - `sent` is a multiple of `segment`, and less than `len` or both are 0.
#[derive(Debug)]
pub struct Batch {
    bytes: Box<[u8]>,
    len: usize,
    sent: usize,
    segment: usize,
    to: SocketAddr,
    from: Option<IpAddr>,
    most: usize,
}

impl Batch {
    /// A batch of at most `most` datagrams, 64 KiB together.
    pub fn new(most: usize) -> Self {
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let bytes = vec![0; MAX_DATAGRAM_LEN].into_boxed_slice();
        Self { bytes, len: 0, sent: 0, segment: 0, to: nowhere, from: None, most: most.max(1) }
    }

    /// Room for one datagram more, as a range of [`bytes_mut`](Self::bytes_mut). `None` when it
    /// has to go into a batch of its own. `from` is the address of ours to send it from.
    ///
    /// # Panics
    /// When the datagram is empty or longer than a datagram can be.
    pub fn push(
        &mut self,
        to: SocketAddr,
        from: Option<IpAddr>,
        len: usize,
    ) -> Option<Range<usize>> {
        assert!((1..=MAX_DATAGRAM_LEN).contains(&len), "a datagram is neither empty nor endless");
        if self.is_empty() {
            (self.to, self.from, self.segment) = (to, from, len);
        }
        let is_open = self.len.is_multiple_of(self.segment) && self.sent == 0;
        let is_alike = (to, from) == (self.to, self.from) && len <= self.segment;
        let has_room = self.len + len <= self.bytes.len() && self.count() < self.most;
        if !(is_open && is_alike && has_room) {
            return None;
        }
        let range = self.len..self.len + len;
        self.len = range.end;
        Some(range)
    }

    /// True when another datagram of the same size would not fit.
    pub fn is_full(&self) -> bool {
        !self.is_empty()
            && (!self.len.is_multiple_of(self.segment)
                || self.len + self.segment > self.bytes.len()
                || self.count() >= self.most)
    }

    /// True when there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of all datagrams in it.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Datagrams in it.
    pub fn count(&self) -> usize {
        if self.is_empty() { 0 } else { self.len.div_ceil(self.segment) }
    }

    /// The whole buffer.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Cuts the datagram that was pushed last, which had `range`, to `len` bytes.
    ///
    /// # Panics
    /// When it was not the last, or grows, or nothing is left of it.
    pub fn shorten(&mut self, range: &Range<usize>, len: usize) {
        assert!(range.end == self.len && (1..=range.len()).contains(&len), "the last is cut");
        self.len = range.start + len;
        if range.start == 0 {
            self.segment = len;
        }
    }

    /// Takes a datagram out again that nothing was sent of; what follows moves up.
    ///
    /// # Panics
    /// When it is not one of these datagrams, or sending has begun.
    pub fn remove(&mut self, range: &Range<usize>) {
        assert!(self.sent == 0 && range.end <= self.len, "it is still here");
        self.bytes.copy_within(range.end..self.len, range.start);
        self.len -= range.len();
    }

    /// What is not sent yet.
    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.sent..self.len]
    }

    pub(super) fn segment(&self) -> usize {
        self.segment
    }

    pub(super) fn to(&self) -> SocketAddr {
        self.to
    }

    pub(super) fn from(&self) -> Option<IpAddr> {
        self.from
    }

    /// Bytes of the rest that are sent now: whole datagrams, or all.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.sent += bytes;
        assert!(
            self.sent <= self.len && (bytes.is_multiple_of(self.segment) || self.sent == self.len)
        );
        if self.sent == self.len {
            (self.sent, self.len) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_datagrams_share_a_batch_and_a_shorter_one_ends_it() {
        let mut batch = Batch::new(64);
        assert_eq!(batch.push(to(1), None, 100), Some(0..100));
        assert_eq!(batch.push(to(1), None, 100), Some(100..200));
        assert_eq!(batch.push(to(2), None, 100), None);
        assert_eq!(batch.push(to(1), None, 101), None);
        assert!(!batch.is_full());

        assert_eq!(batch.push(to(1), None, 50), Some(200..250));

        assert!(batch.is_full());
        assert_eq!(batch.push(to(1), None, 50), None);
        assert_eq!(batch.count(), 3);
    }

    #[test]
    fn a_batch_holds_64_kib_and_as_many_as_it_may() {
        let mut batch = Batch::new(4);
        (0..4).for_each(|_| assert!(batch.push(to(1), None, 10).is_some()));
        assert!(batch.is_full() && batch.push(to(1), None, 10).is_none());

        let mut batch = Batch::new(64);
        (0..45).for_each(|_| assert!(batch.push(to(1), None, 1452).is_some()));
        assert!(batch.is_full() && batch.push(to(1), None, 1452).is_none());
    }

    #[test]
    fn a_datagram_that_turns_out_shorter_ends_its_batch() {
        let mut batch = Batch::new(64);
        let first = batch.push(to(1), None, 100).unwrap();
        batch.shorten(&first, 60);
        assert_eq!(batch.push(to(1), None, 60), Some(60..120));
        let third = batch.push(to(1), None, 60).unwrap();
        batch.shorten(&third, 9);
        assert!(batch.is_full());
        assert_eq!(batch.rest().len(), 129);
    }

    #[test]
    fn a_datagram_that_became_pointless_leaves_the_others_as_they_are() {
        let mut batch = Batch::new(64);
        for (i, len) in [4, 4, 2].into_iter().enumerate() {
            let range = batch.push(to(1), None, len).unwrap();
            batch.bytes_mut()[range].fill(u8::try_from(i).unwrap());
        }
        batch.remove(&(4..8));
        assert_eq!(batch.rest(), [0, 0, 0, 0, 2, 2]);
        batch.remove(&(4..6));
        batch.remove(&(0..4));
        assert!(batch.is_empty());
        assert_eq!(batch.push(to(2), None, 7), Some(0..7));
    }

    #[test]
    fn what_is_sent_in_parts_ends_empty() {
        let mut batch = Batch::new(64);
        (0..3).for_each(|_| assert!(batch.push(to(1), None, 10).is_some()));
        batch.advance(10);
        assert_eq!(batch.rest().len(), 20);
        assert_eq!(batch.push(to(1), None, 10), None);
        batch.advance(20);
        assert!(batch.is_empty());
        assert_eq!(batch.push(to(2), None, 7), Some(0..7));
    }

    fn to(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }
}
