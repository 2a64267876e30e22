//! What is still to be said, as a set instead of a queue.
//!
//! Each thing is either due or not, and what exactly it says is read off the transfer's state
//! when it is taken. So nothing overflows, and a hold that was set and cleared again before
//! anybody listened is said once, as it is now.

use core::marker::PhantomData;

/// Things that have an order in which they are said.
pub(super) trait Ordered: Copy + 'static {
    /// All of them, in that order; at most 16.
    const ORDER: &'static [Self];

    /// Where one stands in it.
    fn place(self) -> u8;
}

/// Which things are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pending<T> {
    bits: u16,
    things: PhantomData<T>,
}

impl<T: Ordered> Pending<T> {
    /// Nothing is due.
    pub(super) const fn new() -> Self {
        Self { bits: 0, things: PhantomData }
    }

    /// One thing is due.
    pub(super) fn set(&mut self, thing: T) {
        self.bits |= 1 << thing.place();
    }

    /// One thing is not due any more.
    pub(super) fn unset(&mut self, thing: T) {
        self.bits &= !(1 << thing.place());
    }

    /// Nothing is due any more.
    pub(super) fn clear(&mut self) {
        self.bits = 0;
    }

    /// Takes the first that is due.
    pub(super) fn take(&mut self) -> Option<T> {
        let first = T::ORDER.iter().copied().find(|thing| self.bits & (1 << thing.place()) != 0)?;
        self.unset(first);
        Some(first)
    }

    /// Whether nothing is due.
    pub(super) const fn is_empty(self) -> bool {
        self.bits == 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::{News, Tell};
    use super::*;

    #[test]
    fn things_are_taken_in_their_order_and_once() {
        let mut pending = Pending::new();
        pending.set(Tell::Done);
        pending.set(Tell::Hold);
        pending.set(Tell::Hold);

        assert_eq!(pending.take(), Some(Tell::Hold));
        assert_eq!(pending.take(), Some(Tell::Done));
        assert_eq!(pending.take(), None);
    }

    #[test]
    fn every_thing_has_a_place_of_its_own() {
        let places = |order: &[u8]| order.iter().enumerate().all(|(at, &p)| usize::from(p) == at);

        assert!(places(&Tell::ORDER.iter().map(|t| t.place()).collect::<std::vec::Vec<_>>()));
        assert!(places(&News::ORDER.iter().map(|n| n.place()).collect::<std::vec::Vec<_>>()));
        assert!(Tell::ORDER.len() <= 16 && News::ORDER.len() <= 16);
    }
}
