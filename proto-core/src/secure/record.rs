//! Control records: sealed and opened strictly in order, both ways.

use core::fmt;

use super::{Aead, ChaCha, Forged, Suite};
use crate::limits::{MAX_RECORD_LEN, MAX_WIRE_RECORD_LEN, RECORD_HEADER_LEN, TAG_LEN};

/// Room for one record: its text is written, then sealed, in place.
#[derive(Clone)]
pub struct RecordBuf([u8; MAX_WIRE_RECORD_LEN]);

impl RecordBuf {
    /// An empty buffer.
    pub const fn new() -> Self {
        Self([0; MAX_WIRE_RECORD_LEN])
    }

    /// Where the text goes: [`MAX_RECORD_LEN`] bytes.
    pub fn text(&mut self) -> &mut [u8] {
        &mut self.0[RECORD_HEADER_LEN..RECORD_HEADER_LEN + MAX_RECORD_LEN]
    }
}

impl Default for RecordBuf {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RecordBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordBuf(..)")
    }
}

/// Both directions of an open channel.
pub(crate) struct Records {
    ours: ChaCha,
    theirs: ChaCha,
    sealed: u64,
    opened: u64,
}

impl Records {
    pub(super) fn new(ours: &[u8; 32], theirs: &[u8; 32]) -> Self {
        let cipher = |key| ChaCha::new(Suite::ChaCha20Poly1305, key);
        Self { ours: cipher(ours), theirs: cipher(theirs), sealed: 0, opened: 0 }
    }

    /// How many records have been opened.
    pub(crate) const fn opened(&self) -> u64 {
        self.opened
    }

    /// Seals the first `len` bytes of the buffer's text; returns the record as it travels.
    pub(crate) fn seal<'r>(&mut self, record: &'r mut RecordBuf, len: usize) -> &'r [u8] {
        let whole = RECORD_HEADER_LEN + len + TAG_LEN;
        assert!(whole <= MAX_WIRE_RECORD_LEN, "a record carries 1 to {MAX_RECORD_LEN} bytes");
        self.seal_whole(&mut record.0[..whole]);
        &record.0[..whole]
    }

    /// Seals a record whose text lies between the room for its header and that for its tag.
    pub(crate) fn seal_whole(&mut self, record: &mut [u8]) {
        let len = record.len().saturating_sub(RECORD_HEADER_LEN + TAG_LEN);
        assert!(0 < len && len <= MAX_RECORD_LEN, "a record carries 1 to {MAX_RECORD_LEN} bytes");
        let (header, rest) = record.split_at_mut(RECORD_HEADER_LEN);
        let (text, tag) = rest.split_at_mut(len);
        #[expect(clippy::cast_possible_truncation, reason = "limits assert that it fits")]
        header.copy_from_slice(&((len + TAG_LEN) as u16).to_le_bytes());
        tag.copy_from_slice(&self.ours.seal(self.sealed, &[], text));
        self.sealed += 1;
    }

    /// Opens a record, without its length, in place; returns the length of its text.
    pub(crate) fn open(&mut self, sealed: &mut [u8]) -> Result<usize, Forged> {
        let (text, tag) = sealed.split_last_chunk_mut::<TAG_LEN>().ok_or(Forged)?;
        self.theirs.open(self.opened, &[], text, tag)?;
        self.opened += 1;
        Ok(text.len())
    }
}
