//! What is remembered of the file that arrives: which it is, and which bytes are here.
//!
//! A note may know less than the store has, and never more: it goes before the bytes go, and comes
//! after they came. So a device may lose its power between any two calls.

use proto_core::text::FileName;
use proto_core::wire::{Held, decode, encode};
use serde::{Deserialize, Serialize};

use crate::store::{Record, Store};

/// Longest note: a name and the ranges that are here.
const MAX_LEN: usize = 1024;

#[derive(Serialize, Deserialize)]
struct Note {
    name: FileName,
    held: Held,
}

/// Which bytes of that file are here; `None` when there are none.
#[inline(never)]
pub(crate) fn held<S: Store>(store: &mut S, name: &FileName) -> Result<Option<Held>, S::Error> {
    let mut bytes = [0; MAX_LEN];
    let len = store.load(Record::Note, &mut bytes)?;
    let note = decode::<Note>(&bytes[..len]).ok().map(|(note, _)| note);
    Ok(note.filter(|note| note.name == *name).map(|note| note.held))
}

/// Notes which bytes are here.
#[inline(never)]
pub(crate) fn keep<S: Store>(store: &mut S, name: &FileName, held: Held) -> Result<(), S::Error> {
    let note = Note { name: name.clone(), held };
    let mut bytes = [0; MAX_LEN];
    let len = encode(&note, &mut bytes).expect("a note has room for every name and range");
    store.save(Record::Note, &bytes[..len])
}

/// Forgets which bytes are here.
pub(crate) fn forget<S: Store>(store: &mut S) -> Result<(), S::Error> {
    store.save(Record::Note, &[])
}

/// Makes room for a file of which nothing is here.
pub(crate) fn start_over<S: Store>(store: &mut S) -> Result<(), S::Error> {
    forget(store)?;
    store.clear()
}

/// Gives a verified file its name.
pub(crate) fn finish<S: Store>(store: &mut S, name: &FileName) -> Result<(), S::Error> {
    forget(store)?;
    store.finish(name)
}

#[cfg(test)]
mod tests {
    use proto_core::ids::Stamp;
    use proto_core::wire::ByteRange;

    use super::*;
    use crate::store::tests::Memory;

    #[test]
    fn a_note_tells_which_bytes_of_which_file_are_here() {
        let mut store = Memory::default();
        assert_eq!(held(&mut store, &name("a.bin")), Ok(None));

        keep(&mut store, &name("a.bin"), here(1000)).unwrap();

        assert_eq!(held(&mut store, &name("a.bin")), Ok(Some(here(1000))));
        assert_eq!(held(&mut store, &name("b.bin")), Ok(None));
    }

    #[test]
    fn a_power_cut_at_any_moment_leaves_no_note_of_bytes_that_are_gone() {
        for (works, finishes) in (0..3).flat_map(|works| [(works, false), (works, true)]) {
            let mut store = Memory::default();
            let name = name("a.bin");
            store.write_at(0, &[7; 1000]).unwrap();
            keep(&mut store, &name, here(1000)).unwrap();
            store.works = works;

            let _ = if finishes { finish(&mut store, &name) } else { start_over(&mut store) };

            store.works = usize::MAX;
            let noted = held(&mut store, &name).unwrap();
            let there = store.read_at(0, &mut [0; 1000]).is_ok();
            assert!(noted.is_none() || there, "after {works} calls: {noted:?}");
        }
    }

    fn name(name: &str) -> FileName {
        FileName::parse(name).unwrap()
    }

    fn here(len: u64) -> Held {
        let ranges = [ByteRange { start: 0, end: len }].into_iter().collect();
        Held { stamp: Stamp(1), ranges }
    }
}
