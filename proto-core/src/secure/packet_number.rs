//! A packet number from its low bytes.

use crate::ids::PacketNumber;

/// The packet number with these low bytes, 4 at most, that is nearest to the one expected: the
/// largest seen, and one more (RFC 9000 appendix A.3).
pub(super) fn decode(largest_seen: Option<PacketNumber>, low: &[u8]) -> PacketNumber {
    let half = 1_u32 << (8 * low.len() - 1);
    let low = low.iter().rev().fold(0, |low, &byte| low << 8 | u32::from(byte));
    let expected = largest_seen.map_or(0, |largest| largest.0.saturating_add(1));
    // One of the numbers from `first` on, as many as there are low bytes, ends in these.
    let first = expected.saturating_sub(u64::from(half));
    #[expect(clippy::cast_possible_truncation, reason = "the low bytes are what is compared")]
    let further = low.wrapping_sub(first as u32) & (half - 1 + half);
    PacketNumber(first.wrapping_add(u64::from(further)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{LONG_PACKET_NUMBER_LEN, NEAR_PACKETS, PACKET_NUMBER_LEN, PACKETS_PER_KEY};

    #[test]
    fn a_number_less_than_half_of_what_its_bytes_tell_apart_away_is_recovered() {
        for len in [PACKET_NUMBER_LEN, LONG_PACKET_NUMBER_LEN] {
            let half = 1 << (8 * len - 1);
            let edges = [0, half - 1, half, 2 * half - 2, 2 * half - 1, 2 * half, 154 * half + 5];
            for largest in edges.into_iter().chain([PACKETS_PER_KEY - 1, 7 * PACKETS_PER_KEY]) {
                for away in [0, 1, 2, 1000, half - 2, half - 1] {
                    for number in [(largest + 1) + away, (largest + 1).saturating_sub(away)] {
                        assert_eq!(again(largest, number, len), number, "after {largest}");
                    }
                }
            }
        }
    }

    #[test]
    fn whatever_of_a_window_has_arrived_the_next_short_number_is_recovered() {
        for acked in [0, 1 << 15, (1 << 16) - 1, PACKETS_PER_KEY - NEAR_PACKETS / 2] {
            let newest = acked + NEAR_PACKETS;
            for largest in [acked, acked + 1, acked + NEAR_PACKETS / 2, newest - 1] {
                assert_eq!(again(largest, newest, PACKET_NUMBER_LEN), newest);
            }
        }
    }

    #[test]
    fn the_first_packets_need_nothing_seen() {
        assert_eq!(decode(None, &[0, 0]), PacketNumber(0));
        assert_eq!(decode(None, &[9, 0]), PacketNumber(9));
        assert_eq!(decode(None, &[9, 0, 1, 0]), PacketNumber(0x1_0009));
    }

    #[test]
    fn the_end_of_all_numbers_does_not_overflow() {
        let last = Some(PacketNumber(u64::MAX));
        assert_eq!(decode(last, &[0xFF; 2]), PacketNumber(u64::MAX));
        assert_eq!(decode(last, &[0xFF; 4]), PacketNumber(u64::MAX));
    }

    /// A number as it is understood from its low bytes.
    fn again(largest: u64, number: u64, len: usize) -> u64 {
        decode(Some(PacketNumber(largest)), &number.to_le_bytes()[..len]).0
    }
}
