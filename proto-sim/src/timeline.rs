//! What will happen, in order of time; ties happen in the order in which they were added.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use proto_core::time::Instant;

/// A queue of things to come.
#[derive(Clone, Debug)]
pub struct Timeline<T> {
    heap: BinaryHeap<Reverse<Entry<T>>>,
    added: u64,
}

impl<T> Timeline<T> {
    /// Makes an empty queue.
    pub fn new() -> Self {
        Self { heap: BinaryHeap::new(), added: 0 }
    }

    /// Adds something that happens at `at`.
    pub fn push(&mut self, at: Instant, thing: T) {
        self.heap.push(Reverse(Entry { at, number: self.added, thing }));
        self.added += 1;
    }

    /// Takes the earliest thing that is due.
    pub fn pop(&mut self, now: Instant) -> Option<T> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry.thing)
    }

    /// When the earliest thing is due; `None` when nothing is to come.
    pub fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse(entry)| entry.at)
    }

    /// How many things are to come.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing is to come.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.heap.clear();
    }
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Clone, Debug)]
struct Entry<T> {
    at: Instant,
    number: u64,
    thing: T,
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T> Eq for Entry<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_happen_in_order_of_time_and_ties_in_order_of_adding() {
        let at = Instant::from_micros;
        let mut timeline = Timeline::new();
        for (time, name) in [(5, 'c'), (1, 'a'), (5, 'd'), (1, 'b')] {
            timeline.push(at(time), name);
        }
        assert_eq!(timeline.pop(at(0)), None);

        let order: String = std::iter::from_fn(|| timeline.pop(at(9))).collect();

        assert_eq!(order, "abcd");
        assert!(timeline.is_empty());
    }
}
