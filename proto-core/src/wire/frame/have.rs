//! HAVE: which bytes of a file are stored.
//!
//! Repairs whatever acknowledgements got lost. It is itself neither acknowledged nor resent: the
//! next one says more.

use heapless::Vec;

use super::{BadFrame, HAVE, take, varint, zeros};
use crate::ids::TransferId;
use crate::limits::{MAX_FILE_SIZE, MAX_HAVE_RANGES};
use crate::wire::ByteRange;

/// Longest body of a HAVE.
pub const MAX_HAVE_LEN: usize = 1 + 2 + 1 + MAX_HAVE_RANGES * 16;

/// Which bytes of a file are stored; it says nothing about others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Have {
    /// Of which transfer.
    pub transfer: TransferId,
    /// The bytes: rising, apart, none of them empty.
    pub ranges: Vec<ByteRange, MAX_HAVE_RANGES>,
}

impl Have {
    /// Writes the map and returns its length; `None` without room.
    ///
    /// # Panics
    /// When the ranges do not rise or touch each other.
    pub fn encode(&self, body: &mut [u8]) -> Option<usize> {
        *body.first_mut()? = HAVE;
        body.get_mut(1..3)?.copy_from_slice(&self.transfer.0.to_le_bytes());
        *body.get_mut(3)? = u8::try_from(self.ranges.len()).expect("at most 32 ranges");
        let mut at = 4;
        let mut next = 0;
        for range in &self.ranges {
            assert!(next <= range.start && range.start < range.end, "ranges rise and stay apart");
            at += varint::put(range.start - next, body.get_mut(at..)?)?;
            at += varint::put(range.end - range.start - 1, body.get_mut(at..)?)?;
            next = range.end + 1;
        }
        Some(at)
    }

    /// Bytes that [`encode`](Self::encode) will write.
    pub fn encoded_len(&self) -> usize {
        let mut next = 0;
        let ranges = self.ranges.iter().map(|range| {
            let len = varint::len(range.start - next) + varint::len(range.end - range.start - 1);
            next = range.end + 1;
            len
        });
        4 + ranges.sum::<usize>()
    }

    pub(super) fn decode(rest: &[u8]) -> Result<Self, BadFrame> {
        let (transfer, rest) = take::<2>(rest)?;
        let ([count], mut rest) = take::<1>(rest)?;
        let mut ranges = Vec::new();
        let mut next = 0_u64;
        for _ in 0..count {
            let (gap, after) = varint::get(rest)?;
            let (span, after) = varint::get(after)?;
            let start = next.checked_add(gap).ok_or(BadFrame::Ranges)?;
            let end = start.checked_add(span).and_then(|last| last.checked_add(1));
            let end = end.filter(|&end| end <= MAX_FILE_SIZE).ok_or(BadFrame::Ranges)?;
            ranges.push(ByteRange { start, end }).map_err(|_| BadFrame::TooMany)?;
            (next, rest) = (end + 1, after);
        }
        zeros(rest)?;
        Ok(Self { transfer: TransferId(u16::from_le_bytes(transfer)), ranges })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Frame;
    use super::*;

    fn have(ranges: &[(u64, u64)]) -> Have {
        let ranges = ranges.iter().map(|&(start, end)| ByteRange { start, end }).collect();
        Have { transfer: TransferId(7), ranges }
    }

    #[test]
    fn golden_bytes() {
        let mut body = [0; 16];
        let map = have(&[(0, 1000), (1010, 1011)]);
        let len = map.encode(&mut body).unwrap();
        assert_eq!(&body[..len], &[3, 7, 0, 2, 0, 0x43, 0xE7, 9, 0]);
        assert_eq!(len, map.encoded_len());
        assert_eq!(Frame::decode(&body[..len]), Ok(Frame::Have(map)));
    }

    #[test]
    fn an_empty_map_is_a_map() {
        assert_eq!(Frame::decode(&[3, 7, 0, 0]), Ok(Frame::Have(have(&[]))));
    }

    #[test]
    fn too_many_ranges_and_ranges_beyond_any_file_are_refused() {
        let mut many = [0; 4 + 2 * 33];
        (many[0], many[3]) = (3, 33);
        assert_eq!(Frame::decode(&many), Err(BadFrame::TooMany));
        let beyond = [3, 7, 0, 1, 0, 0xC1, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(Frame::decode(&beyond), Err(BadFrame::Ranges));
    }

    #[test]
    fn the_longest_map_fits_its_bound() {
        let ranges: std::vec::Vec<_> =
            (0..32).map(|i| ((1 << 36) * (2 * i + 1), (1 << 36) * (2 * i + 2))).collect();
        let mut body = [0; MAX_HAVE_LEN];
        assert!(have(&ranges).encode(&mut body).is_some());
    }
}
