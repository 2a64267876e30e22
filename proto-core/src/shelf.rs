//! Where a machine keeps its largest tables: within itself, or somewhere else.
//!
//! A machine that fits a device is one value. With a desktop's capacities the same value has
//! megabytes, of which most sessions use little; moving it, or building it on a stack, touches all
//! of it. A host keeps such tables out of line, in memory that costs nothing until it is used.

use core::fmt::Debug;
use core::ops::DerefMut;

/// A table of bounded length that fills from the front.
pub trait Shelf<T>: DerefMut<Target = [T]> + Clone + Debug {
    /// An empty one. All the room that it will ever have is taken now.
    fn new() -> Self;

    /// Adds a thing behind the last one.
    ///
    /// # Panics
    /// When it is full.
    fn push(&mut self, thing: T);
}

/// A kind of shelf.
pub trait Shelves: Clone + Debug {
    /// The shelf of this kind for at most `N` things.
    type Shelf<T: Clone + Debug, const N: usize>: Shelf<T>;
}

/// Shelves within the machine.
#[derive(Clone, Copy, Debug)]
pub struct Inline;

impl Shelves for Inline {
    type Shelf<T: Clone + Debug, const N: usize> = heapless::Vec<T, N>;
}

impl<T: Clone + Debug, const N: usize> Shelf<T> for heapless::Vec<T, N> {
    fn new() -> Self {
        Self::new()
    }

    fn push(&mut self, thing: T) {
        assert!(self.push(thing).is_ok(), "a shelf has room for what its owner admits");
    }
}
