//! Tables out of line, in memory that the system gives when it is used first.

use std::fmt::Debug;
use std::ops::{Deref, DerefMut};

use proto_core::shelf::{Shelf, Shelves};

/// Shelves on the heap.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heap;

impl Shelves for Heap {
    type Shelf<T: Clone + Debug, const N: usize> = OnHeap<T, N>;
}

/// At most `N` things on the heap, where they stay.
#[derive(Clone, Debug)]
pub(crate) struct OnHeap<T, const N: usize>(Vec<T>);

impl<T, const N: usize> Deref for OnHeap<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const N: usize> DerefMut for OnHeap<T, N> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T: Clone + Debug, const N: usize> Shelf<T> for OnHeap<T, N> {
    fn new() -> Self {
        Self(Vec::with_capacity(N))
    }

    fn push(&mut self, thing: T) {
        assert!(self.0.len() < N, "a shelf has room for what its owner admits");
        self.0.push(thing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_a_shelf_stays_where_it_is_until_the_shelf_is_full() {
        let mut shelf = OnHeap::<u64, 1000>::new();
        shelf.push(0);
        let first = &raw const shelf[0];
        (1..1000).for_each(|thing| shelf.push(thing));
        assert_eq!(&raw const shelf[0], first);
        assert_eq!(shelf[999], 999);
    }

    #[test]
    #[should_panic(expected = "has room for what its owner admits")]
    fn a_full_shelf_takes_nothing() {
        let mut shelf = OnHeap::<u8, 2>::new();
        (0..3).for_each(|thing| shelf.push(thing));
    }
}
