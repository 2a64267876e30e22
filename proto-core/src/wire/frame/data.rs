//! DATA: bytes of a file, and where they belong.

use super::{BadFrame, DATA, URGENT, take};
use crate::ids::TransferId;
use crate::limits::{DATA_HEADER_LEN, MAX_FILE_SIZE};

/// Bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data<'a> {
    /// Of which transfer.
    pub transfer: TransferId,
    /// Where in the file the first byte belongs.
    pub offset: u64,
    /// The bytes: at least one.
    pub bytes: &'a [u8],
    /// Whether an acknowledgement is wanted at once.
    pub urgent: bool,
}

impl<'a> Data<'a> {
    /// Writes what precedes the bytes, so that they can be read from the file into their place.
    ///
    /// # Panics
    /// When `offset` exceeds [`MAX_FILE_SIZE`], or `body` is shorter than the header.
    pub fn encode_header(transfer: TransferId, offset: u64, urgent: bool, body: &mut [u8]) {
        assert!(offset <= MAX_FILE_SIZE, "offsets have 48 bits");
        body[0] = if urgent { DATA | URGENT } else { DATA };
        body[1..3].copy_from_slice(&transfer.0.to_le_bytes());
        body[3..DATA_HEADER_LEN].copy_from_slice(&offset.to_le_bytes()[..6]);
    }

    pub(super) fn decode(rest: &'a [u8], urgent: bool) -> Result<Self, BadFrame> {
        let (transfer, rest) = take::<2>(rest)?;
        let (low, bytes) = take::<6>(rest)?;
        let offset = low.iter().rev().fold(0, |offset, &byte| offset << 8 | u64::from(byte));
        if bytes.is_empty() || offset + bytes.len() as u64 > MAX_FILE_SIZE {
            return Err(BadFrame::Extent);
        }
        Ok(Self { transfer: TransferId(u16::from_le_bytes(transfer)), offset, bytes, urgent })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Frame;
    use super::*;

    #[test]
    fn golden_bytes() {
        let mut body = [0; DATA_HEADER_LEN + 2];
        Data::encode_header(TransferId(0x0102), 0x0A0B_0C0D_0E0F, false, &mut body);
        body[DATA_HEADER_LEN..].copy_from_slice(b"hi");
        assert_eq!(body, [1, 2, 1, 0x0F, 0x0E, 0x0D, 0x0C, 0x0B, 0x0A, b'h', b'i']);
        let data = Data {
            transfer: TransferId(0x0102),
            offset: 0x0A0B_0C0D_0E0F,
            bytes: b"hi",
            urgent: false,
        };
        assert_eq!(Frame::decode(&body), Ok(Frame::Data(data)));
    }

    #[test]
    fn every_cut_is_refused() {
        let mut body = [0; DATA_HEADER_LEN + 1];
        Data::encode_header(TransferId(1), 5, true, &mut body);
        assert!(Frame::decode(&body).is_ok());
        for len in 0..body.len() {
            assert!(Frame::decode(&body[..len]).is_err(), "{len} bytes");
        }
    }

    #[test]
    fn bytes_beyond_the_largest_file_are_refused() {
        let mut body = [0; DATA_HEADER_LEN + 2];
        Data::encode_header(TransferId(1), MAX_FILE_SIZE - 1, false, &mut body);
        assert_eq!(Frame::decode(&body), Err(BadFrame::Extent));
    }
}
