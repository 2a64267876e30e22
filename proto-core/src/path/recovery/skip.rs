//! Packet numbers left out on purpose: only a liar acknowledges them (RFC 9000 section 21.4).

/// The next number to leave out, and the last one left out.
#[derive(Clone, Debug)]
pub(super) struct Skip {
    at: u64,
    left_out: Option<u64>,
}

impl Skip {
    pub(super) const fn new(dice: u64) -> Self {
        Self { at: 16 + dice % 48, left_out: None }
    }

    /// The last number that was left out.
    pub(super) const fn number(&self) -> Option<u64> {
        self.left_out
    }

    pub(super) const fn is_due(&self, next: u64) -> bool {
        self.at <= next
    }

    /// Leaves `next` out, unless packets from before the last one are still on the way; plans the
    /// one after that half a window to two windows on.
    pub(super) fn leave_out(
        &mut self,
        next: u64,
        settled: u64,
        window: u64,
        dice: impl FnOnce() -> u64,
    ) -> bool {
        let window = window.max(MIN_WINDOW);
        if self.left_out.is_some_and(|number| settled < number) {
            self.at = next + window / 2;
            return false;
        }
        self.left_out = Some(next);
        self.at = next + window / 2 + dice() % (window * 3 / 2);
        true
    }
}

/// Packets between two that are left out are counted by a window of at least so many.
const MIN_WINDOW: u64 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_is_left_out_at_a_time() {
        let mut skip = Skip::new(0);
        assert!(!skip.is_due(15) && skip.is_due(16));
        assert!(skip.leave_out(16, 0, 100, || 20));
        assert_eq!((skip.number(), skip.at), (Some(16), 86));
        assert!(!skip.leave_out(86, 15, 100, || 0));
        assert_eq!((skip.number(), skip.at), (Some(16), 136));
        assert!(skip.leave_out(136, 17, 100, || 0));
        assert_eq!(skip.number(), Some(136));
    }
}
