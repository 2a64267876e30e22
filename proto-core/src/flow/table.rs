//! The transfers that are under way, at most so many.
//!
//! A transfer has two names: the driver's id, which is free as soon as the transfer is over, and
//! its number on the wire. Numbers rise and come around only after thousands of transfers, so
//! that whatever is late, be it a datagram, an acknowledgement or a word, never meets a successor
//! of the transfer that it is about. A driver whose ids rise sees no difference.

use super::entry::Entry;
use crate::ids::TransferId;
use crate::shelf::{Inline, Shelf as _, Shelves};

/// What a transfer is called on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number(pub(super) TransferId);

/// At most `TRANSFERS` transfers. One that is over stays until everybody was told, but is not
/// found by its names any more.
#[derive(Clone, Debug)]
pub(super) struct Table<const HOLES: usize, const TRANSFERS: usize, S: Shelves = Inline> {
    /// Beside the entries, because these are large and every datagram asks.
    names: [Option<(TransferId, Number)>; TRANSFERS],
    entries: S::Shelf<Option<Entry<HOLES>>, TRANSFERS>,
    last: Option<Number>,
    latest: usize,
}

// Invariants:
// - names[i] are those of entries[i], and None exactly when that is or is not on the shelf yet.
// - No two entries that are under way share a name.
impl<const HOLES: usize, const TRANSFERS: usize, S: Shelves> Table<HOLES, TRANSFERS, S> {
    /// No transfers.
    pub(super) fn new() -> Self {
        Self { names: [None; TRANSFERS], entries: S::Shelf::new(), last: None, latest: 0 }
    }

    /// Adds a transfer; false when one of its names is in use or there is no room.
    pub(super) fn insert(&mut self, entry: Entry<HOLES>) -> bool {
        let (id, number) = (entry.id, entry.number);
        let used = self.find(|name| name.0 == id || name.1 == number).is_some();
        let vacant = self.names.iter().position(Option::is_none).filter(|_| !used);
        let Some(at) = vacant else { return false };
        self.names[at] = Some((id, number));
        match self.entries.get_mut(at) {
            Some(vacant) => *vacant = Some(entry),
            None => self.entries.push(Some(entry)),
        }
        self.last = Some(number);
        self.latest = at;
        true
    }

    /// Whether there is no room.
    pub(super) fn is_full(&self) -> bool {
        self.names.iter().all(Option::is_some)
    }

    /// The number that a transfer will have: its id, if that was not used for long.
    pub(super) fn number_for(&self, id: TransferId) -> Number {
        let Some(Number(TransferId(last))) = self.last else { return Number(id) };
        let ahead = id.0.wrapping_sub(last);
        let mut number = if 0 < ahead && ahead < HALF { id.0 } else { last.wrapping_add(1) };
        while self.find(|name| name.1 == Number(TransferId(number))).is_some() {
            number = number.wrapping_add(1);
        }
        Number(TransferId(number))
    }

    /// A transfer that is under way, by the driver's id.
    pub(super) fn get(&self, id: TransferId) -> Option<&Entry<HOLES>> {
        self.find(|name| name.0 == id).and_then(|at| self.entries[at].as_ref())
    }

    /// A transfer that is under way, by the driver's id.
    pub(super) fn get_mut(&mut self, id: TransferId) -> Option<&mut Entry<HOLES>> {
        self.latest = self.find(|name| name.0 == id)?;
        self.entries[self.latest].as_mut()
    }

    /// A transfer that is under way, by its number on the wire.
    pub(super) fn numbered_mut(&mut self, number: Number) -> Option<&mut Entry<HOLES>> {
        self.latest = self.find(|name| name.1 == number)?;
        self.entries[self.latest].as_mut()
    }

    /// Whatever is in a slot, which may be over.
    pub(super) fn at(&self, at: usize) -> Option<&Entry<HOLES>> {
        self.names[at]?;
        self.entries[at].as_ref()
    }

    /// Whatever is in a slot, which may be over.
    pub(super) fn at_mut(&mut self, at: usize) -> Option<&mut Entry<HOLES>> {
        self.names[at]?;
        self.entries[at].as_mut()
    }

    /// Vacates a slot when its transfer is over and everybody was told.
    pub(super) fn vacate_told(&mut self, at: usize) {
        let told = |entry: &Entry<HOLES>| entry.end.is_some() && entry.is_quiet();
        if self.at(at).is_some_and(told) {
            self.names[at] = None;
            self.entries[at] = None;
        }
    }

    /// All transfers, those included that are over and not told.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry<HOLES>> {
        (0..TRANSFERS).filter_map(|at| self.at(at))
    }

    /// All transfers, those included that are over and not told.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry<HOLES>> {
        let occupied = self.names.iter().zip(&mut *self.entries).filter(|(name, _)| name.is_some());
        occupied.filter_map(|(_, entry)| entry.as_mut())
    }

    fn find(&self, is_named: impl Fn((TransferId, Number)) -> bool) -> Option<usize> {
        let is_it = |at: usize| {
            self.names[at].is_some_and(&is_named)
                && self.entries[at].as_ref().is_some_and(|entry| entry.end.is_none())
        };
        if is_it(self.latest) {
            return Some(self.latest);
        }
        (0..TRANSFERS).find(|&at| is_it(at))
    }
}

/// Numbers up to so far ahead of the last one count as new.
const HALF: u16 = 1 << 15;

#[cfg(test)]
mod tests {
    use super::super::Holds;
    use super::super::entry::Side;
    use super::super::sink::Sink;
    use super::*;
    use crate::text::FileName;
    use crate::wire::AbortReason;

    #[test]
    fn a_full_table_refuses_and_a_used_name_too() {
        let mut table = Table::<2, 2>::new();
        assert!(table.insert(entry(1, 1)));
        assert!(!table.insert(entry(1, 2)));
        assert!(!table.insert(entry(2, 1)));
        assert!(!table.is_full());
        assert!(table.insert(entry(2, 2)));
        assert!(table.is_full());
        assert!(!table.insert(entry(3, 3)));
    }

    #[test]
    fn an_id_is_free_at_the_end_and_its_slot_once_everybody_was_told() {
        let mut table = Table::<2, 2>::new();
        table.insert(entry(1, 1));
        table.get_mut(TransferId(1)).unwrap().on_abort(AbortReason::Busy, true);
        assert!(table.get(TransferId(1)).is_none());

        assert!(table.insert(entry(1, 2)));
        table.vacate_told(0);
        assert!(!table.insert(entry(2, 3)), "its end is still to be told");

        table.at_mut(0).unwrap().take_event();
        table.vacate_told(0);
        assert!(table.insert(entry(2, 3)));
    }

    #[test]
    fn an_id_that_rises_is_its_number_and_one_that_is_used_again_is_not() {
        let mut table = Table::<2, 2>::new();
        let number = |table: &Table<2, 2>, id| table.number_for(TransferId(id)).0.0;

        assert_eq!(number(&table, 7), 7);
        table.insert(entry(7, 7));
        assert_eq!(number(&table, 9), 9);
        assert_eq!(number(&table, 7), 8);
        assert_eq!(number(&table, 6), 8);
    }

    #[test]
    fn numbers_come_around_and_leave_out_those_in_use() {
        let mut table = Table::<2, 2>::new();
        table.insert(entry(5, 0));
        table.insert(entry(6, u16::MAX));

        assert_eq!(table.number_for(TransferId(u16::MAX)), Number(TransferId(1)));
    }

    fn entry(id: u16, number: u16) -> Entry<2> {
        let name = FileName::parse("file").unwrap();
        let number = Number(TransferId(number));
        Entry::new(TransferId(id), number, name, Side::Sink(Sink::get(None)), Holds::default())
    }
}
