//! Variable-length integers of RFC 9000 section 16: 1, 2, 4 or 8 bytes, up to 2^62 - 1.
//!
//! The shortest form is the only one that is accepted: each number has one spelling.

use super::BadFrame;

/// Largest number that can be written.
pub(super) const MAX: u64 = (1 << 62) - 1;

/// Bytes that a number takes.
pub(super) const fn len(value: u64) -> usize {
    match value {
        0..0x40 => 1,
        0x40..0x4000 => 2,
        0x4000..0x4000_0000 => 4,
        _ => 8,
    }
}

/// Writes a number at the front of `out` and returns how many bytes it took; `None` without room.
pub(super) fn put(value: u64, out: &mut [u8]) -> Option<usize> {
    debug_assert!(value <= MAX);
    let len = len(value);
    let prefix = u64::from(len.trailing_zeros()) << (len * 8 - 2);
    let bytes = (value | prefix).to_be_bytes();
    out.get_mut(..len)?.copy_from_slice(&bytes[8 - len..]);
    Some(len)
}

/// Reads a number from the front of `bytes`.
pub(super) fn get(bytes: &[u8]) -> Result<(u64, &[u8]), BadFrame> {
    let first = *bytes.first().ok_or(BadFrame::Short)?;
    let size = 1_usize << (first >> 6);
    let (head, rest) = bytes.split_at_checked(size).ok_or(BadFrame::Short)?;
    let value = head[1..].iter().fold(u64::from(first & 0x3F), |v, &b| v << 8 | u64::from(b));
    if len(value) == size { Ok((value, rest)) } else { Err(BadFrame::Overlong) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_9000_appendix_a_hold() {
        let examples: [(&[u8], u64); 4] = [
            (&[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c], 151_288_809_941_952_652),
            (&[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333),
            (&[0x7b, 0xbd], 15_293),
            (&[0x25], 37),
        ];
        for (bytes, value) in examples {
            let mut out = [0; 8];
            let len = put(value, &mut out).unwrap();
            assert_eq!(&out[..len], bytes);
            assert_eq!(get(bytes), Ok((value, &[][..])));
        }
    }

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(get(&[0x40, 0x25]), Err(BadFrame::Overlong));
    }

    #[test]
    fn the_borders_round_trip() {
        for value in [0, 63, 64, 16_383, 16_384, (1 << 30) - 1, 1 << 30, MAX] {
            let mut out = [0; 8];
            let len = put(value, &mut out).unwrap();
            assert_eq!(get(&out[..len]), Ok((value, &[][..])));
            assert_eq!(put(value, &mut out[..len - 1]), None);
            assert_eq!(get(&out[..len - 1]), Err(BadFrame::Short));
        }
    }
}
