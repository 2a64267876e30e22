//! What is written of a file and not synced: for a process that is killed, not for a machine that
//! fails.
//!
//! A note is one write into a file that stays open, cheap enough to come before each
//! acknowledgement. Two places take turns, so that a note that is torn leaves the one before. Notes
//! count until the machine starts anew: after that, what was not synced may be lost.

use std::fs::File;
use std::io::{self, IoSlice};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::sidecar::{Sidecar, read_small, seal, unseal};
use super::{boot, positioned};
use crate::state;

/// A file's notebook, open for writing.
#[derive(Debug)]
pub(super) struct Notebook {
    file: File,
    boot: [u8; 16],
    turn: u64,
}

#[derive(Serialize, Deserialize)]
struct Note<S> {
    /// Which of two is newer.
    turn: u64,
    /// The run of the machine in which it counts.
    boot: [u8; 16],
    sidecar: S,
}

impl Notebook {
    /// Opens a notebook, and makes it when it is missing. `None` where the system does not tell
    /// its runs apart.
    pub(super) fn open(path: &Path) -> io::Result<Option<Self>> {
        let Some(boot) = boot::id() else { return Ok(None) };
        let file = state::open_private(path)?;
        let old = read_small(path)?.unwrap_or_default();
        let turn = places(&old).map(|note| note.turn).max().unwrap_or(0);
        Ok(Some(Self { file, boot, turn }))
    }

    /// As the machine had written it before it was started anew.
    #[cfg(all(test, target_os = "linux"))]
    pub(super) fn of_another_run(self) -> Self {
        Self { boot: [0; 16], ..self }
    }

    /// Notes what is written; false when it does not fit.
    pub(super) fn write(&mut self, sidecar: &Sidecar) -> io::Result<bool> {
        self.turn += 1;
        let bytes = seal(MAGIC, &Note { turn: self.turn, boot: self.boot, sidecar });
        let Ok(len) = u16::try_from(bytes.len()) else { return Ok(false) };
        if usize::from(len) + 2 > PLACE {
            return Ok(false);
        }
        let place = [&len.to_le_bytes()[..], &bytes].concat();
        let at = self.turn % 2 * PLACE as u64;
        positioned::write_at(&self.file, &mut [IoSlice::new(&place)], at)?;
        Ok(true)
    }
}

/// The newest note of a notebook, if it counts.
pub(super) fn last(bytes: &[u8]) -> Option<Sidecar> {
    let boot = boot::id()?;
    let newest = places(bytes).filter(|note| note.boot == boot).max_by_key(|note| note.turn)?;
    Some(newest.sidecar).filter(Sidecar::is_sound)
}

/// The newest note of a notebook, whichever run of the machine it is of: it tells of a file, but
/// not what of it is there.
pub(super) fn last_of_any_run(bytes: &[u8]) -> Option<Sidecar> {
    let newest = places(bytes).max_by_key(|note| note.turn)?;
    Some(newest.sidecar).filter(Sidecar::is_sound)
}

fn places(bytes: &[u8]) -> impl Iterator<Item = Note<Sidecar>> {
    bytes.chunks(PLACE).take(2).filter_map(|place| {
        let (len, bytes) = place.split_first_chunk()?;
        unseal(MAGIC, bytes.get(..u16::from_le_bytes(*len).into())?)
    })
}

/// Begins every note: the last byte is the version.
const MAGIC: &[u8] = b"HVNB\x01";
/// Bytes of each of the two places.
const PLACE: usize = 8 << 10;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::storage::sidecar::tests::sidecar;

    #[test]
    fn the_newest_note_counts_also_after_a_restart() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a.hvn");
        for confirmed in [false, true, false] {
            let note = Sidecar { confirmed, ..sidecar() };
            assert!(open(&path).write(&note).unwrap());
            assert_eq!(last(&std::fs::read(&path).unwrap()), Some(note));
        }
    }

    #[test]
    fn a_torn_note_leaves_the_one_before() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a.hvn");
        let mut notebook = open(&path);
        notebook.write(&sidecar()).unwrap();
        notebook.write(&Sidecar { confirmed: true, ..sidecar() }).unwrap();
        let whole = std::fs::read(&path).unwrap();
        // The second note is in the first place.
        let len = 2 + usize::from(u16::from_le_bytes([whole[0], whole[1]]));
        assert!(last(&whole).unwrap().confirmed);

        for at in 0..len {
            let mut torn = whole.clone();
            torn[at] ^= 1;
            assert_eq!(last(&torn), Some(sidecar()), "changed at {at}");
        }
    }

    #[test]
    fn a_note_of_an_earlier_run_of_the_machine_does_not_count() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a.hvn");
        let mut notebook = open(&path).of_another_run();
        notebook.write(&sidecar()).unwrap();
        assert_eq!(last(&std::fs::read(&path).unwrap()), None);
    }

    #[test]
    fn a_note_that_does_not_fit_is_not_written() {
        let root = tempfile::tempdir().unwrap();
        let long = Sidecar { folder: "d".repeat(PLACE), ..sidecar() };
        assert!(!open(&root.path().join("a.hvn")).write(&long).unwrap());
    }

    fn open(path: &Path) -> Notebook {
        Notebook::open(path).ok().flatten().expect("it opens, and Linux tells its runs apart")
    }
}
