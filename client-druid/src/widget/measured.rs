//! Heights that were measured, by the rows' keys. It forgets: what no row has any more goes once
//! there is much of it.

use std::collections::{HashMap, HashSet};

/// Heights that may be kept beyond those of the rows that there are: of a conversation that was in
/// view before, for example.
const SPARE: usize = 4096;

/// The heights.
#[derive(Debug, Default)]
pub(crate) struct Measured(HashMap<u64, u32>);

impl Measured {
    pub(crate) fn get(&self, key: u64) -> Option<u32> {
        self.0.get(&key).copied()
    }

    pub(crate) fn set(&mut self, key: u64, height: u32) {
        self.0.insert(key, height);
    }

    /// Forgets all: the width is another one.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// These are the rows now: forgets others when there are too many.
    pub(crate) fn prune(&mut self, keys: &[u64]) {
        if self.0.len() > keys.len() + SPARE {
            let keys: HashSet<u64> = keys.iter().copied().collect();
            self.0.retain(|key, _| keys.contains(key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_come_and_go_leave_no_more_behind_than_there_is_room_for() {
        let mut measured = Measured::default();
        for key in 0..100_000_u64 {
            measured.set(key, 20);
            let rows = [key, key.saturating_sub(1)];
            measured.prune(&rows);
            assert!(measured.0.len() <= rows.len() + SPARE);
            assert_eq!(measured.get(key), Some(20));
        }
    }
}
