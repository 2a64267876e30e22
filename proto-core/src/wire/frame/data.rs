//! DATA: bytes of a file, and where they belong.

use super::{BadFrame, DATA, TRANSFER, URGENT, take};
use crate::ids::TransferId;
use crate::limits::{
    DATA_HEADER_LEN, FAR_OFFSET, HIGH_TRANSFER, LONG_DATA_HEADER_LEN, MAX_FILE_SIZE,
};

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
        let kind = if urgent { DATA | URGENT } else { DATA };
        let ([low, high], offset_bytes) = (transfer.0.to_le_bytes(), offset.to_le_bytes());
        if is_long(transfer, offset) {
            body[..3].copy_from_slice(&[kind | TRANSFER, low, high]);
            body[3..LONG_DATA_HEADER_LEN].copy_from_slice(&offset_bytes[..6]);
        } else {
            body[0] = kind | low;
            body[1..DATA_HEADER_LEN].copy_from_slice(&offset_bytes[..4]);
        }
    }

    /// Bytes of what precedes the bytes of this offset.
    pub const fn header_len(transfer: TransferId, offset: u64) -> usize {
        if is_long(transfer, offset) { LONG_DATA_HEADER_LEN } else { DATA_HEADER_LEN }
    }

    pub(super) fn decode(kind: u8, rest: &'a [u8]) -> Result<Self, BadFrame> {
        let long = kind & TRANSFER == TRANSFER;
        let (transfer, offset, bytes) = if long {
            let ([t0, t1, o0, o1, o2, o3, o4, o5], bytes) = take::<8>(rest)?;
            let offset = u64::from_le_bytes([o0, o1, o2, o3, o4, o5, 0, 0]);
            (u16::from_le_bytes([t0, t1]), offset, bytes)
        } else {
            let (offset, bytes) = take::<4>(rest)?;
            (u16::from(kind & TRANSFER), u64::from(u32::from_le_bytes(offset)), bytes)
        };
        let transfer = TransferId(transfer);
        if long != is_long(transfer, offset) {
            return Err(BadFrame::Overlong);
        }
        if bytes.is_empty() || offset + bytes.len() as u64 > MAX_FILE_SIZE {
            return Err(BadFrame::Extent);
        }
        let urgent = kind & URGENT != 0;
        Ok(Self { transfer, offset, bytes, urgent })
    }
}

const _: () = assert!(HIGH_TRANSFER == TRANSFER as u16, "lower numbers fit the type's bits");

/// Whether one of the two needs more room than the short header has.
const fn is_long(transfer: TransferId, offset: u64) -> bool {
    transfer.0 >= HIGH_TRANSFER || offset >= FAR_OFFSET
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::super::Frame;
    use super::*;

    #[test]
    fn golden_bytes() {
        let cases: [(u16, u64, &[u8]); 5] = [
            (0, 0x0A0B_0C0D, &[0x80, 0x0D, 0x0C, 0x0B, 0x0A, b'h', b'i']),
            (62, FAR_OFFSET - 1, &[0xBE, 0xFF, 0xFF, 0xFF, 0xFF, b'h', b'i']),
            (63, 1, &[0xBF, 63, 0, 1, 0, 0, 0, 0, 0, b'h', b'i']),
            (5, FAR_OFFSET, &[0xBF, 5, 0, 0, 0, 0, 0, 1, 0, b'h', b'i']),
            (
                0x0102,
                0x0A0B_0C0D_0E0F,
                &[0xBF, 2, 1, 0x0F, 0x0E, 0x0D, 0x0C, 0x0B, 0x0A, b'h', b'i'],
            ),
        ];
        for (transfer, offset, golden) in cases {
            let transfer = TransferId(transfer);
            for (urgent, bit) in [(false, 0), (true, URGENT)] {
                let mut body = vec![0; Data::header_len(transfer, offset)];
                Data::encode_header(transfer, offset, urgent, &mut body);
                body.extend_from_slice(b"hi");
                assert_eq!((body[0], &body[1..]), (golden[0] | bit, &golden[1..]));
                let data = Data { transfer, offset, bytes: b"hi", urgent };
                assert_eq!(Frame::decode(&body), Ok(Frame::Data(data)));
            }
        }
    }

    #[test]
    fn a_long_header_that_need_not_be_is_refused() {
        let body = [0xBF, 62, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, b'h'];
        assert_eq!(Frame::decode(&body), Err(BadFrame::Overlong));
    }

    #[test]
    fn every_cut_is_refused() {
        for (transfer, offset) in [(1, 5), (1, FAR_OFFSET + 5), (70, 5), (70, FAR_OFFSET + 5)] {
            let transfer = TransferId(transfer);
            let mut body = vec![0; Data::header_len(transfer, offset) + 1];
            Data::encode_header(transfer, offset, true, &mut body);
            assert!(Frame::decode(&body).is_ok());
            for len in 0..body.len() {
                assert!(Frame::decode(&body[..len]).is_err(), "{len} bytes");
            }
        }
    }

    #[test]
    fn bytes_beyond_the_largest_file_are_refused() {
        let mut body = [0; LONG_DATA_HEADER_LEN + 2];
        Data::encode_header(TransferId(u16::MAX), MAX_FILE_SIZE - 1, false, &mut body);
        assert_eq!(Frame::decode(&body), Err(BadFrame::Extent));
    }
}
