//! The transfers that are under way, at most so many.
//!
//! Ids lie beside the entries, because an entry is large and every datagram asks for one.

use super::entry::Entry;
use crate::ids::TransferId;

/// At most `TRANSFERS` transfers. One that is over stays until everybody was told, but is not
/// found by its id any more, so that the id is free at once.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table<const HOLES: usize, const TRANSFERS: usize> {
    ids: [Option<TransferId>; TRANSFERS],
    entries: [Option<Entry<HOLES>>; TRANSFERS],
    turn: u16,
    latest: usize,
}

// Invariants:
// - ids[i] is the id of entries[i], and None exactly when that is.
// - No two entries that are under way have the same id.
impl<const HOLES: usize, const TRANSFERS: usize> Table<HOLES, TRANSFERS> {
    /// No transfers.
    pub(super) const fn new() -> Self {
        Self { ids: [None; TRANSFERS], entries: [const { None }; TRANSFERS], turn: 0, latest: 0 }
    }

    /// Adds a transfer; false when its id is in use or there is no room.
    pub(super) fn insert(&mut self, mut entry: Entry<HOLES>) -> bool {
        let vacant = self.ids.iter().position(Option::is_none);
        let Some(at) = vacant.filter(|_| self.find(entry.id).is_none()) else { return false };
        self.turn = self.turn.wrapping_add(1);
        entry.turn = self.turn;
        self.ids[at] = Some(entry.id);
        self.entries[at] = Some(entry);
        self.latest = at;
        true
    }

    /// A transfer that is under way.
    pub(super) fn get(&self, id: TransferId) -> Option<&Entry<HOLES>> {
        self.find(id).and_then(|at| self.entries[at].as_ref())
    }

    /// A transfer that is under way.
    pub(super) fn get_mut(&mut self, id: TransferId) -> Option<&mut Entry<HOLES>> {
        self.latest = self.find(id)?;
        self.entries[self.latest].as_mut()
    }

    /// Whatever is in a slot, which may be over.
    pub(super) fn at(&self, at: usize) -> Option<&Entry<HOLES>> {
        self.ids[at]?;
        self.entries[at].as_ref()
    }

    /// Whatever is in a slot, which may be over.
    pub(super) fn at_mut(&mut self, at: usize) -> Option<&mut Entry<HOLES>> {
        self.ids[at]?;
        self.entries[at].as_mut()
    }

    /// Vacates a slot when its transfer is over and everybody was told.
    pub(super) fn vacate_told(&mut self, at: usize) {
        let told = |entry: &Entry<HOLES>| entry.end.is_some() && entry.is_quiet();
        if self.entries[at].as_ref().is_some_and(told) {
            self.ids[at] = None;
            self.entries[at] = None;
        }
    }

    /// All transfers, those included that are over and not told.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry<HOLES>> {
        (0..TRANSFERS)
            .filter(|&at| self.ids[at].is_some())
            .filter_map(|at| self.entries[at].as_ref())
    }

    /// All transfers, those included that are over and not told.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry<HOLES>> {
        let occupied = self.ids.iter().zip(&mut self.entries).filter(|(id, _)| id.is_some());
        occupied.filter_map(|(_, entry)| entry.as_mut())
    }

    fn find(&self, id: TransferId) -> Option<usize> {
        let is_it = |at: usize| {
            self.ids[at] == Some(id)
                && self.entries[at].as_ref().is_some_and(|entry| entry.end.is_none())
        };
        if is_it(self.latest) {
            return Some(self.latest);
        }
        (0..TRANSFERS).find(|&at| is_it(at))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Holds;
    use super::super::entry::Side;
    use super::super::sink::Sink;
    use super::*;
    use crate::text::FileName;
    use crate::wire::AbortReason;

    #[test]
    fn a_full_table_refuses_and_a_used_id_too() {
        let mut table = Table::<2, 2>::new();
        assert!(table.insert(entry(1)));
        assert!(!table.insert(entry(1)));
        assert!(table.insert(entry(2)));
        assert!(!table.insert(entry(3)));
    }

    #[test]
    fn an_id_is_free_at_the_end_and_its_slot_once_everybody_was_told() {
        let mut table = Table::<2, 2>::new();
        table.insert(entry(1));
        let first = table.get(TransferId(1)).unwrap().turn;
        table.get_mut(TransferId(1)).unwrap().on_abort(AbortReason::Busy, true);
        assert!(table.get(TransferId(1)).is_none());

        assert!(table.insert(entry(1)));
        assert_ne!(table.get(TransferId(1)).unwrap().turn, first);
        table.vacate_told(0);
        assert!(!table.insert(entry(2)), "its end is still to be told");

        table.at_mut(0).unwrap().take_event();
        table.vacate_told(0);
        assert!(table.insert(entry(2)));
    }

    fn entry(id: u16) -> Entry<2> {
        let name = FileName::parse("file").unwrap();
        Entry::new(TransferId(id), name, Side::Sink(Sink::get(None)), Holds::default())
    }
}
