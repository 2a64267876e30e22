//! Cube root of an integer.

/// The largest integer whose cube is at most `value`.
pub(super) fn cbrt(value: u64) -> u64 {
    // Bit by bit from the top: 22 steps, no division, exact (Hacker's Delight, section 11-2).
    let (mut rest, mut root) = (value, 0_u64);
    for shift in (0..=63).rev().step_by(3) {
        root *= 2;
        let step = 3 * root * (root + 1) + 1;
        if rest >> shift >= step {
            rest -= step << shift;
            root += 1;
        }
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cubes_and_their_neighbours_are_exact() {
        for root in [1, 2, 3, 10, 1000, 65_535, 1 << 20, 2_642_245] {
            let cube = root * root * root;
            assert_eq!(cbrt(cube), root);
            assert_eq!(cbrt(cube - 1), root - 1);
        }
        assert_eq!(cbrt(0), 0);
        assert_eq!(cbrt(u64::MAX), 2_642_245);
    }
}
