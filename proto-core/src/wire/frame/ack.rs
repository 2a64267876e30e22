//! ACK: which packets arrived, newest first.
//!
//! A packet that carried file bytes is named only once those bytes are stored.

use core::ops::RangeInclusive;
use core::time::Duration;

use super::{ACK, BadFrame, take, varint, zeros};
use crate::limits::MAX_ACK_RANGES;
use crate::time::micros;

/// Longest body of an acknowledgement.
pub const MAX_ACK_LEN: usize = 1 + 2 + 8 + 1 + 8 + (MAX_ACK_RANGES - 1) * 16;
/// Shortest body of an acknowledgement.
pub const MIN_ACK_LEN: usize = 1 + 2 + 1 + 1 + 1;

/// Unit of the delay on the wire, in microseconds.
const DELAY_UNIT: u64 = 8;

/// Which packets arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct Ack<'a> {
    /// How long the newest of them waited for this acknowledgement.
    pub delay: Duration,
    /// Packet numbers, newest range first. Checked: they fall, stay apart and stay above zero.
    pub ranges: AckRanges<'a>,
}

/// Ranges of packet numbers, falling.
#[derive(Clone, Debug, PartialEq)]
pub struct AckRanges<'a> {
    /// The end of the range before, or one more than the largest number in the frame.
    next: u64,
    left: u8,
    first: bool,
    rest: &'a [u8],
}

impl<'a> Ack<'a> {
    /// Writes an acknowledgement and returns its length.
    ///
    /// Takes as many of the ranges as fit and are allowed; they must fall and stay apart. Returns
    /// `None` when there are no ranges, or no room for one.
    pub fn encode(
        delay: Duration,
        ranges: impl IntoIterator<Item = RangeInclusive<u64>>,
        body: &mut [u8],
    ) -> Option<usize> {
        let mut ranges = ranges.into_iter();
        let first = ranges.next()?;
        let units = u16::try_from(micros(delay) / DELAY_UNIT).unwrap_or(u16::MAX);
        body.get_mut(1..3)?.copy_from_slice(&units.to_le_bytes());
        let mut at = 3;
        at += varint::put(*first.end(), body.get_mut(at..)?)?;
        let count_at = at;
        at += 1;
        at += varint::put(first.end() - first.start(), body.get_mut(at..)?)?;
        let mut lowest = *first.start();
        let mut count = 0;
        for range in ranges.take(MAX_ACK_RANGES - 1) {
            let (gap, span) = (lowest - range.end() - 2, range.end() - range.start());
            if at + varint::len(gap) + varint::len(span) > body.len() {
                break;
            }
            at += varint::put(gap, &mut body[at..])?;
            at += varint::put(span, &mut body[at..])?;
            lowest = *range.start();
            count += 1;
        }
        body[0] = ACK;
        body[count_at] = count;
        Some(at)
    }

    /// Bytes that [`encode`](Self::encode) writes, given room; `None` without ranges.
    pub fn encoded_len(ranges: impl IntoIterator<Item = RangeInclusive<u64>>) -> Option<usize> {
        let mut ranges = ranges.into_iter();
        let first = ranges.next()?;
        let mut len = 4 + varint::len(*first.end()) + varint::len(first.end() - first.start());
        let mut lowest = *first.start();
        for range in ranges.take(MAX_ACK_RANGES - 1) {
            len += varint::len(lowest - range.end() - 2) + varint::len(range.end() - range.start());
            lowest = *range.start();
        }
        Some(len)
    }

    pub(super) fn decode(rest: &'a [u8]) -> Result<Self, BadFrame> {
        let (delay, rest) = take::<2>(rest)?;
        let (largest, rest) = varint::get(rest)?;
        let ([count], rest) = take::<1>(rest)?;
        if usize::from(count) >= MAX_ACK_RANGES {
            return Err(BadFrame::TooMany);
        }
        let delay = Duration::from_micros(u64::from(u16::from_le_bytes(delay)) * DELAY_UNIT);
        let ranges = AckRanges { next: largest, left: count + 1, first: true, rest };
        let mut walk = ranges.clone();
        while walk.left > 0 {
            walk.step()?;
        }
        zeros(walk.rest)?;
        Ok(Self { delay, ranges })
    }

    /// The largest packet number that is acknowledged.
    pub const fn largest(&self) -> u64 {
        self.ranges.next
    }
}

impl AckRanges<'_> {
    fn step(&mut self) -> Result<RangeInclusive<u64>, BadFrame> {
        let mut end = self.next;
        if !self.first {
            let (gap, rest) = varint::get(self.rest)?;
            end =
                end.checked_sub(gap).and_then(|end| end.checked_sub(2)).ok_or(BadFrame::Ranges)?;
            self.rest = rest;
        }
        let (span, rest) = varint::get(self.rest)?;
        let start = end.checked_sub(span).ok_or(BadFrame::Ranges)?;
        (self.rest, self.first, self.next) = (rest, false, start);
        self.left -= 1;
        Ok(start..=end)
    }
}

impl Iterator for AckRanges<'_> {
    type Item = RangeInclusive<u64>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        Some(self.step().expect("decode walked every range"))
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::super::Frame;
    use super::*;
    use crate::limits::{BASE_DATAGRAM_LEN, LONG_DATAGRAM_HEADER_LEN, TAG_LEN};

    const _: () = assert!(LONG_DATAGRAM_HEADER_LEN + MAX_ACK_LEN + TAG_LEN <= BASE_DATAGRAM_LEN);

    #[test]
    fn golden_bytes() {
        let mut body = [0; 32];
        let ranges = [100..=110, 98..=98, 0..=1];
        let len = Ack::encode(Duration::from_micros(801), ranges.clone(), &mut body).unwrap();
        assert_eq!(Ack::encoded_len(ranges.clone()), Some(len));
        assert_eq!(&body[..len], &[2, 100, 0, 0x40, 110, 2, 10, 0, 0, 0x40, 95, 1]);
        let Ok(Frame::Ack(ack)) = Frame::decode(&body[..len]) else { panic!("an ack") };
        assert_eq!(ack.delay, Duration::from_micros(800));
        assert_eq!(ack.largest(), 110);
        assert_eq!(ack.ranges.collect::<Vec<_>>(), ranges);
    }

    #[test]
    fn ranges_below_zero_and_lying_counts_are_refused() {
        assert_eq!(Frame::decode(&[2, 0, 0, 3, 0, 4]), Err(BadFrame::Ranges));
        assert_eq!(Frame::decode(&[2, 0, 0, 3, 1, 0, 2, 0]), Err(BadFrame::Ranges));
        assert_eq!(Frame::decode(&[2, 0, 0, 3, 2, 0, 0, 0]), Err(BadFrame::Short));
        assert_eq!(Frame::decode(&[2, 0, 0, 3, 64, 0]), Err(BadFrame::TooMany));
    }

    #[test]
    fn without_room_the_oldest_ranges_are_left_out() {
        let mut body = [0; 8];
        let len = Ack::encode(Duration::ZERO, [20..=20, 10..=11, 1..=1], &mut body).unwrap();
        let Ok(Frame::Ack(ack)) = Frame::decode(&body[..len]) else { panic!("an ack") };
        assert_eq!(ack.ranges.collect::<Vec<_>>(), [20..=20, 10..=11]);
        assert_eq!(Ack::encode(Duration::ZERO, [1..=1], &mut body[..5]), None);
    }

    #[test]
    fn the_longest_acknowledgement_has_the_length_promised() {
        let mut body = [0; 2 * MAX_ACK_LEN];
        let far = (0..100).map(|i| {
            let end = varint::MAX - i * (1 << 33);
            end - (1 << 31)..=end
        });
        let len = Ack::encode(Duration::MAX, far, &mut body).unwrap();
        assert_eq!(len, MAX_ACK_LEN);
        assert!(Frame::decode(&body[..len]).is_ok());
    }
}
