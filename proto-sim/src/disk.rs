//! A disk of byte vectors that may be full, short of breath or broken, and that forgets at a
//! crash what was not synced.

use std::collections::BTreeMap;

use crate::rng::{Chance, Rng};

/// What a disk does wrong. The default does nothing wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskFaults {
    /// Bytes that all files together may have; `None` is without bound.
    pub capacity: Option<u64>,
    /// How many writes take only a part of their bytes.
    pub short: Chance,
    /// How many writes fail, once.
    pub failing: Chance,
    /// The byte of a file that no write touches without failing, each time.
    pub bad_byte: Option<u64>,
}

/// Why a write failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskError {
    /// No room is left.
    Full,
    /// The device failed.
    Failed,
    /// There is no such file.
    NotFound,
    /// The name is taken.
    Exists,
}

/// Files by name.
#[derive(Clone, Debug)]
pub struct Disk {
    files: BTreeMap<String, File>,
    faults: DiskFaults,
    rng: Rng,
}

#[derive(Clone, Debug, Default)]
struct File {
    seen: Vec<u8>,
    synced: Vec<u8>,
    unsynced: Vec<(usize, Vec<u8>)>,
}

impl Disk {
    /// Makes an empty disk.
    pub fn new(faults: DiskFaults, rng: Rng) -> Self {
        Self { files: BTreeMap::new(), faults, rng }
    }

    /// Puts a whole file there, synced; it replaces another of that name.
    pub fn put(&mut self, name: &str, content: Vec<u8>) {
        let file = File { seen: content.clone(), synced: content, unsynced: Vec::new() };
        self.files.insert(name.into(), file);
    }

    /// Writes at an offset, making the file if need be, and says how many bytes were taken: at
    /// least one of a write that is not empty.
    pub fn write(&mut self, name: &str, offset: u64, bytes: &[u8]) -> Result<usize, DiskError> {
        if self.rng.happens(self.faults.failing) {
            return Err(DiskError::Failed);
        }
        let mut len = bytes.len();
        if len > 1 && self.rng.happens(self.faults.short) {
            len = 1 + self.rng.index(len - 1);
        }
        let end = offset + len as u64;
        if self.faults.bad_byte.is_some_and(|bad| offset <= bad && bad < end) {
            return Err(DiskError::Failed);
        }
        let grows = end.saturating_sub(self.len(name).unwrap_or(0));
        if self.faults.capacity.is_some_and(|capacity| self.used() + grows > capacity) {
            return Err(DiskError::Full);
        }
        let start = usize::try_from(offset).expect("simulated files fit memory");
        let file = self.files.entry(name.into()).or_default();
        place(&mut file.seen, start, &bytes[..len]);
        file.unsynced.push((start, bytes[..len].to_vec()));
        Ok(len)
    }

    /// Fills a buffer from an offset. The file must have that many bytes.
    pub fn read(&self, name: &str, offset: u64, out: &mut [u8]) -> Result<(), DiskError> {
        let start = usize::try_from(offset).expect("simulated files fit memory");
        let seen = self.content(name).ok_or(DiskError::NotFound)?;
        let bytes = seen.get(start..start + out.len()).ok_or(DiskError::Failed)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    /// Makes what was written to a file survive a crash.
    pub fn sync(&mut self, name: &str) -> Result<(), DiskError> {
        let file = self.files.get_mut(name).ok_or(DiskError::NotFound)?;
        for (start, bytes) in file.unsynced.drain(..) {
            place(&mut file.synced, start, &bytes);
        }
        Ok(())
    }

    /// Gives a synced file another name, at once and durably, never over an existing file.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), DiskError> {
        if self.files.contains_key(to) {
            return Err(DiskError::Exists);
        }
        let file = self.files.remove(from).ok_or(DiskError::NotFound)?;
        self.files.insert(to.into(), file);
        Ok(())
    }

    /// Removes a file, if there is one.
    pub fn remove(&mut self, name: &str) {
        self.files.remove(name);
    }

    /// Loses power: of what was not synced, some writes survive and some do not, in no order.
    pub fn crash(&mut self) {
        for file in self.files.values_mut() {
            for (start, bytes) in file.unsynced.drain(..) {
                if self.rng.happens(Chance::percent(50)) {
                    place(&mut file.synced, start, &bytes);
                }
            }
            file.seen.clone_from(&file.synced);
        }
    }

    /// Mends the disk.
    pub fn heal(&mut self) {
        self.faults = DiskFaults::default();
    }

    /// A file's content as a reader sees it; `None` when there is no such file.
    pub fn content(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(|file| file.seen.as_slice())
    }

    /// What of a file would surely survive a crash; `None` when there is no such file.
    pub fn durable(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(|file| file.synced.as_slice())
    }

    /// A file's length; `None` when there is no such file.
    pub fn len(&self, name: &str) -> Option<u64> {
        self.content(name).map(|seen| seen.len() as u64)
    }

    fn used(&self) -> u64 {
        self.files.values().map(|file| file.seen.len() as u64).sum()
    }
}

fn place(content: &mut Vec<u8>, start: usize, bytes: &[u8]) {
    let end = start + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[start..end].copy_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut disk = disk(DiskFaults::default());
        assert_eq!(disk.write("f", 2, b"cd"), Ok(2));
        assert_eq!(disk.write("f", 0, b"ab"), Ok(2));

        let mut out = [0; 4];
        disk.read("f", 0, &mut out).unwrap();
        assert_eq!(&out, b"abcd");
        assert_eq!(disk.read("f", 1, &mut out), Err(DiskError::Failed));
    }

    #[test]
    fn a_crash_keeps_what_was_synced() {
        let mut disk = disk(DiskFaults::default());
        disk.write("f", 0, b"safe").unwrap();
        disk.sync("f").unwrap();
        for at in 0..64 {
            disk.write("f", 4 + at, b"?").unwrap();
        }
        disk.crash();

        let content = disk.content("f").unwrap();
        assert_eq!(&content[..4], b"safe");
        let kept: u64 = content[4..].iter().map(|&byte| u64::from(byte == b'?')).sum();
        assert!((10..54).contains(&kept), "{kept} of 64 unsynced writes survived");
    }

    #[test]
    fn a_full_disk_refuses_growth_and_takes_overwrites() {
        let mut disk = disk(DiskFaults { capacity: Some(4), ..DiskFaults::default() });
        disk.write("f", 0, b"abcd").unwrap();
        assert_eq!(disk.write("f", 4, b"e"), Err(DiskError::Full));
        assert_eq!(disk.write("f", 0, b"A"), Ok(1));
    }

    #[test]
    fn a_bad_byte_fails_each_write_that_touches_it() {
        let mut disk = disk(DiskFaults { bad_byte: Some(3), ..DiskFaults::default() });
        assert_eq!(disk.write("f", 0, b"abc"), Ok(3));
        assert_eq!(disk.write("f", 3, b"d"), Err(DiskError::Failed));
    }

    #[test]
    fn a_name_that_is_taken_is_not_replaced() {
        let mut disk = disk(DiskFaults::default());
        disk.put("f", b"old".to_vec());
        disk.write("f.part", 0, b"new").unwrap();
        assert_eq!(disk.rename("f.part", "f"), Err(DiskError::Exists));
        assert_eq!(disk.content("f"), Some(b"old".as_slice()));
    }

    fn disk(faults: DiskFaults) -> Disk {
        Disk::new(faults, Rng::new(7))
    }
}
