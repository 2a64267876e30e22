//! A packet number from its low bytes.

use crate::ids::PacketNumber;
use crate::limits::PACKET_NUMBER_LEN;

/// How many packet numbers the low bytes tell apart.
const WINDOW: u64 = 1 << (8 * PACKET_NUMBER_LEN);

/// The low bytes of a packet number.
pub(super) fn encode(number: PacketNumber) -> [u8; PACKET_NUMBER_LEN] {
    let [low @ .., _, _, _, _, _] = number.0.to_le_bytes();
    low
}

/// The packet number with these low bytes that is nearest to the one expected: the largest seen,
/// and one more (RFC 9000 appendix A.3).
pub(super) fn decode(
    largest_seen: Option<PacketNumber>,
    low: [u8; PACKET_NUMBER_LEN],
) -> PacketNumber {
    let low = low.iter().rev().fold(0, |low, &byte| low << 8 | u64::from(byte));
    let expected = largest_seen.map_or(0, |largest| largest.0.saturating_add(1));
    let candidate = expected & !(WINDOW - 1) | low;
    let lower = candidate.checked_sub(WINDOW);
    let higher = candidate.checked_add(WINDOW);
    let distance = |number: &u64| number.abs_diff(expected);
    let nearest = [Some(candidate), higher, lower].into_iter().flatten().min_by_key(distance);
    PacketNumber(nearest.unwrap_or(candidate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_within_eight_million_of_the_expected_one_is_recovered() {
        let half = WINDOW / 2;
        for largest in [0, 1, half - 1, half, WINDOW - 2, WINDOW - 1, WINDOW, 77 * WINDOW + 5] {
            for away in [0, 1, 2, 1000, half - 2, half - 1] {
                for number in [(largest + 1) + away, (largest + 1).saturating_sub(away)] {
                    let seen = Some(PacketNumber(largest));
                    assert_eq!(decode(seen, encode(PacketNumber(number))), PacketNumber(number));
                }
            }
        }
    }

    #[test]
    fn the_first_packets_need_nothing_seen() {
        assert_eq!(decode(None, [0, 0, 0]), PacketNumber(0));
        assert_eq!(decode(None, [9, 0, 0]), PacketNumber(9));
    }

    #[test]
    fn the_end_of_all_numbers_does_not_overflow() {
        let last = Some(PacketNumber(u64::MAX));
        assert_eq!(decode(last, [0xFF; 3]), PacketNumber(u64::MAX));
        assert_eq!(decode(last, [0; 3]), PacketNumber(u64::MAX - (WINDOW - 1)));
    }
}
