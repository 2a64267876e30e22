//! Takes room on the disk ahead of what arrives: blocks that are there already are cheaper to write
//! into than ones that are found for each write.
//!
//! No more is taken than has come, so that whoever lies about a file's size gains nothing by it, and
//! what nothing came for is given back.

use std::fs::File;
use std::io;
use std::ops::Range;

use super::space;

/// What was taken for one file.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Where it ends.
    end: u64,
    /// The disk knows nothing of this, or has no more.
    is_refused: bool,
}

impl Room {
    /// Takes more for a file of `size` bytes, if what has `come` is near the end of it. Not to get
    /// any is no trouble: a write that finds no room says so.
    pub(super) fn grow(&mut self, file: &File, come: u64, size: u64) {
        let Some(wanted) = self.wanted(come, size) else { return };
        if !is_plenty(space::available(file).ok().flatten(), &wanted) {
            return;
        }
        // First: a disk that refuses may have given some of it.
        self.end = wanted.end;
        if let Err(why) = take(file, &wanted) {
            log::debug!("no room is taken ahead: {why}");
            self.is_refused = true;
        }
    }

    /// Gives back what was taken beyond `last`.
    pub(super) fn give_back(&self, file: &File, last: u64) {
        if last < self.end
            && let Err(why) = give(file, &(last..self.end))
        {
            log::debug!("room that was taken ahead is not given back: {why}");
        }
    }

    /// All of it has come: gives back what the disk took on its own behind the end, as XFS does for
    /// files that grow, and leaves to those for which room was ever taken.
    pub(super) fn end(&self, file: &File) {
        if self.end > 0
            && let Err(why) = cut(file)
        {
            log::debug!("room behind the end is not given back: {why}");
        }
    }

    fn wanted(&self, come: u64, size: u64) -> Option<Range<u64>> {
        let ahead = come.min(MOST);
        let start = come.max(self.end);
        let is_near = start < size.min(come + ahead / 2);
        (is_near && come >= LEAST && !self.is_refused).then(|| start..size.min(come + ahead))
    }
}

/// A disk that is nearly full is left to those who write.
fn is_plenty(available: Option<u64>, wanted: &Range<u64>) -> bool {
    available.is_some_and(|available| (wanted.end - wanted.start) <= available / SHARE)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn take(file: &File, range: &Range<u64>) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    Ok(fallocate(file, FallocateFlags::KEEP_SIZE, range.start, range.end - range.start)?)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn give(file: &File, range: &Range<u64>) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    let hole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    let punched = fallocate(file, hole, range.start, range.end - range.start);
    cut(file)?;
    Ok(punched?)
}

/// Behind its end, a file gives room back when it is cut, be it to the same length.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn cut(file: &File) -> io::Result<()> {
    file.set_len(file.metadata()?.len())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn take(_file: &File, _range: &Range<u64>) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn cut(_file: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn give(_file: &File, _range: &Range<u64>) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Most that is taken ahead: as much as a fast link brings in a twentieth of a second.
const MOST: u64 = 64 << 20;
/// A file that is smaller is written before it would be worth a call.
const LEAST: u64 = 4 << 20;
/// What is taken at once is at most this part of what the disk has.
const SHARE: u64 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_taken_than_has_come_nor_more_than_there_will_be() {
        let mut room = Room::default();
        assert_eq!(room.wanted(LEAST - 1, 1 << 40), None);
        assert_eq!(room.wanted(LEAST, 1 << 40), Some(LEAST..2 * LEAST));
        room.end = 2 * LEAST;
        assert_eq!(room.wanted(LEAST + 1, 1 << 40), None, "the end is far");
        assert_eq!(room.wanted(1 << 30, 1 << 40), Some(1 << 30..(1 << 30) + MOST));
        assert_eq!(room.wanted(1 << 30, (1 << 30) + 5), Some(1 << 30..(1 << 30) + 5));
        assert_eq!(room.wanted(1 << 30, 1 << 30), None);
    }

    #[test]
    fn a_disk_that_is_nearly_full_is_left_alone() {
        assert!(is_plenty(Some(SHARE * 5), &(7..12)));
        assert!(!is_plenty(Some(SHARE * 5 - 1), &(7..12)));
        assert!(!is_plenty(None, &(7..12)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_taken_is_given_back_behind_a_files_end_too_and_it_keeps_its_length() {
        const MIB: u64 = 1 << 20;
        for len in [9 * MIB, 100 * MIB] {
            let file = tempfile::tempfile().unwrap();
            file.set_len(len).unwrap();
            let mut room = Room::default();

            room.grow(&file, 8 * MIB, 100 * MIB);
            assert!(space::taken(&file).unwrap() >= 8 * MIB);
            room.give_back(&file, 9 * MIB);

            assert!(space::taken(&file).unwrap() < 2 * MIB);
            assert_eq!(file.metadata().unwrap().len(), len);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_that_refuses_is_not_asked_again() {
        // It lies on a disk with room, and is no file.
        let dir = tempfile::tempdir().unwrap();
        let mut room = Room::default();

        room.grow(&File::open(dir.path()).unwrap(), LEAST, 1 << 40);

        assert!(room.is_refused);
        assert_eq!(room.wanted(1 << 30, 1 << 40), None);
    }
}
