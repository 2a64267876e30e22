//! DATA: bytes of a file, and where they belong.

use super::{BadFrame, DATA, FAR, URGENT, take};
use crate::ids::TransferId;
use crate::limits::{DATA_HEADER_LEN, FAR_DATA_HEADER_LEN, FAR_OFFSET, MAX_FILE_SIZE};

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
        let len = Self::header_len(offset);
        body[0] = if len > DATA_HEADER_LEN { DATA | FAR } else { DATA };
        body[0] |= if urgent { URGENT } else { 0 };
        body[1..3].copy_from_slice(&transfer.0.to_le_bytes());
        body[3..len].copy_from_slice(&offset.to_le_bytes()[..len - 3]);
    }

    /// Bytes of what precedes the bytes of this offset.
    pub const fn header_len(offset: u64) -> usize {
        if offset < FAR_OFFSET { DATA_HEADER_LEN } else { FAR_DATA_HEADER_LEN }
    }

    pub(super) fn decode(rest: &'a [u8], far: bool, urgent: bool) -> Result<Self, BadFrame> {
        let (transfer, rest) = take::<2>(rest)?;
        let (low, mut bytes) = take::<4>(rest)?;
        let mut offset = u64::from(u32::from_le_bytes(low));
        if far {
            let (high, rest) = take::<2>(bytes)?;
            offset |= u64::from(u16::from_le_bytes(high)) << 32;
            bytes = rest;
            if offset < FAR_OFFSET {
                return Err(BadFrame::Overlong);
            }
        }
        if bytes.is_empty() || offset + bytes.len() as u64 > MAX_FILE_SIZE {
            return Err(BadFrame::Extent);
        }
        Ok(Self { transfer: TransferId(u16::from_le_bytes(transfer)), offset, bytes, urgent })
    }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::super::Frame;
    use super::*;

    #[test]
    fn golden_bytes() {
        let cases: [(u64, &[u8]); 4] = [
            (0x0A0B_0C0D, &[1, 2, 1, 0x0D, 0x0C, 0x0B, 0x0A, b'h', b'i']),
            (FAR_OFFSET - 1, &[1, 2, 1, 0xFF, 0xFF, 0xFF, 0xFF, b'h', b'i']),
            (FAR_OFFSET, &[0x41, 2, 1, 0, 0, 0, 0, 1, 0, b'h', b'i']),
            (0x0A0B_0C0D_0E0F, &[0x41, 2, 1, 0x0F, 0x0E, 0x0D, 0x0C, 0x0B, 0x0A, b'h', b'i']),
        ];
        for (offset, golden) in cases {
            let mut body = vec![0; Data::header_len(offset)];
            Data::encode_header(TransferId(0x0102), offset, false, &mut body);
            body.extend_from_slice(b"hi");
            assert_eq!(body, golden);
            let data = Data { transfer: TransferId(0x0102), offset, bytes: b"hi", urgent: false };
            assert_eq!(Frame::decode(&body), Ok(Frame::Data(data)));
        }
    }

    #[test]
    fn a_near_offset_in_six_bytes_is_refused() {
        let body = [0x41, 2, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, b'h'];
        assert_eq!(Frame::decode(&body), Err(BadFrame::Overlong));
    }

    #[test]
    fn every_cut_is_refused() {
        for offset in [5, FAR_OFFSET + 5] {
            let mut body = vec![0; Data::header_len(offset) + 1];
            Data::encode_header(TransferId(1), offset, true, &mut body);
            assert!(Frame::decode(&body).is_ok());
            for len in 0..body.len() {
                assert!(Frame::decode(&body[..len]).is_err(), "{len} bytes");
            }
        }
    }

    #[test]
    fn bytes_beyond_the_largest_file_are_refused() {
        let mut body = [0; FAR_DATA_HEADER_LEN + 2];
        Data::encode_header(TransferId(1), MAX_FILE_SIZE - 1, false, &mut body);
        assert_eq!(Frame::decode(&body), Err(BadFrame::Extent));
    }
}
