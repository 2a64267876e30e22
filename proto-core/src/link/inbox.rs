//! Bytes that arrived and are not yet used: room for one message of full length.

use core::ops::Range;

use super::LinkError;
use crate::limits::{MAX_RECORD_LEN, MAX_WIRE_RECORD_LEN, RECORD_HEADER_LEN, TAG_LEN};

/// A buffer between the stream's pieces and the messages in it.
// Invariant: start <= end <= bytes.len(); what waits is bytes[start..end].
pub(super) struct Inbox {
    bytes: [u8; MAX_WIRE_RECORD_LEN],
    start: usize,
    end: usize,
}

impl Inbox {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; MAX_WIRE_RECORD_LEN], start: 0, end: 0 }
    }

    /// Room for what arrives next. What waits is moved to the front before.
    pub(super) fn space(&mut self) -> &mut [u8] {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        &mut self.bytes[self.end..]
    }

    pub(super) fn received(&mut self, len: usize) {
        assert!(len <= self.bytes.len() - self.end, "no more arrives than there is room for");
        self.end += len;
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.start == self.end
    }

    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.bytes[range]
    }

    pub(super) fn bytes_mut(&mut self, range: Range<usize>) -> &mut [u8] {
        &mut self.bytes[range]
    }

    /// Takes a handshake message, which has one possible length. A stranger is recognised by
    /// its first byte that differs.
    pub(super) fn message<const LEN: usize>(&mut self) -> Result<Option<[u8; LEN]>, LinkError> {
        const { assert!(RECORD_HEADER_LEN + LEN <= MAX_WIRE_RECORD_LEN) };
        let waiting = &self.bytes[self.start..self.end];
        #[expect(clippy::cast_possible_truncation, reason = "it is shorter than a record")]
        let header = (LEN as u16).to_le_bytes();
        if waiting.iter().zip(&header).any(|(arrived, expected)| arrived != expected) {
            return Err(LinkError::NotHaversack);
        }
        let message = waiting.get(RECORD_HEADER_LEN..).and_then(|rest| rest.first_chunk().copied());
        if message.is_some() {
            self.start += RECORD_HEADER_LEN + LEN;
        }
        Ok(message)
    }

    /// A handshake message that [`Self::message`] would take.
    pub(super) fn peek<const LEN: usize>(&self) -> Option<&[u8; LEN]> {
        let (header, rest) = self.bytes[self.start..self.end].split_first_chunk()?;
        (usize::from(u16::from_le_bytes(*header)) == LEN).then(|| rest.first_chunk())?
    }

    /// Takes a sealed record: where it lies, without its length.
    pub(super) fn record(&mut self) -> Result<Option<Range<usize>>, LinkError> {
        let waiting = &self.bytes[self.start..self.end];
        let Some((header, rest)) = waiting.split_first_chunk::<RECORD_HEADER_LEN>() else {
            return Ok(None);
        };
        let len = usize::from(u16::from_le_bytes(*header));
        if len <= TAG_LEN {
            return Err(LinkError::TooShort);
        }
        if len > MAX_RECORD_LEN + TAG_LEN {
            return Err(LinkError::TooLong);
        }
        if rest.len() < len {
            return Ok(None);
        }
        let start = self.start + RECORD_HEADER_LEN;
        self.start = start + len;
        Ok(Some(start..start + len))
    }
}
