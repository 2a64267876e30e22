//! A packet number from its low 32 bits.

use crate::ids::PacketNumber;

/// How many packet numbers the low bits tell apart.
const WINDOW: u64 = 1 << 32;

/// The packet number with these low bits that is nearest to the one expected: the largest seen,
/// and one more (RFC 9000 appendix A.3).
pub(super) fn decode(largest_seen: Option<PacketNumber>, low: u32) -> PacketNumber {
    let expected = largest_seen.map_or(0, |largest| largest.0.saturating_add(1));
    let candidate = expected & !(WINDOW - 1) | u64::from(low);
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
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what travels")]
    fn a_number_within_two_billion_of_the_expected_one_is_recovered() {
        let half = WINDOW / 2;
        for largest in [0, 1, half - 1, half, WINDOW - 2, WINDOW - 1, WINDOW, 77 * WINDOW + 5] {
            for away in [0, 1, 2, 1000, half - 2, half - 1] {
                for number in [(largest + 1) + away, (largest + 1).saturating_sub(away)] {
                    let seen = Some(PacketNumber(largest));
                    assert_eq!(decode(seen, number as u32), PacketNumber(number));
                }
            }
        }
    }

    #[test]
    fn the_first_packets_need_nothing_seen() {
        assert_eq!(decode(None, 0), PacketNumber(0));
        assert_eq!(decode(None, 9), PacketNumber(9));
    }

    #[test]
    fn the_end_of_all_numbers_does_not_overflow() {
        let last = Some(PacketNumber(u64::MAX));
        assert_eq!(decode(last, u32::MAX), PacketNumber(u64::MAX));
        assert_eq!(decode(last, 0), PacketNumber(u64::MAX - u64::from(u32::MAX)));
    }
}
