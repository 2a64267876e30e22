//! The file that arrives, before it has its name.

use std::fs::{File, TryLockError};
use std::io::{self, IoSlice, IoSliceMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proto_core::limits::MAX_FILE_NAME_LEN;
use proto_core::text::{FileName, PARTIAL_SUFFIX};

use super::place::cut;
use super::{Folder, Trouble, positioned, which};

/// `<name>.haversack-part`, locked against every other transfer of this machine.
#[derive(Debug)]
pub(super) struct Part {
    folder: Arc<Folder>,
    name: String,
    file: File,
    is_unwanted: AtomicBool,
}

impl Part {
    /// Opens the file that will be called `name`; makes it when it is missing.
    ///
    /// # Errors
    /// `Busy` when another transfer has it; `NotPermitted` when what lies there is not a plain
    /// file of one name.
    pub(super) fn open(folder: &Arc<Folder>, name: &FileName) -> Result<Self, Trouble> {
        let name = part_name(name);
        for _ in 0..ATTEMPTS {
            let file = match folder.create_new(&name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => folder.edit(&name),
                other => other.map_err(Trouble::from),
            };
            let file = match file {
                Err(Trouble::NotFound) => continue,
                other => other?,
            };
            lock(&file)?;
            // Whoever had the lock before may have given the file its name meanwhile.
            match folder.edit(&name) {
                Ok(now) if which::identity(&file)? == which::identity(&now)? => {
                    return Ok(Self::new(folder, name, file));
                }
                Ok(_) | Err(Trouble::NotFound) => {}
                Err(why) => return Err(why),
            }
        }
        Err(Trouble::Busy)
    }

    /// One whose bytes lie somewhere else, where a disk is to fail.
    #[cfg(all(test, target_os = "linux"))]
    pub(super) fn over(folder: &Arc<Folder>, name: &FileName, file: File) -> Self {
        Self::new(folder, part_name(name), file)
    }

    fn new(folder: &Arc<Folder>, name: String, file: File) -> Self {
        Self { folder: Arc::clone(folder), name, file, is_unwanted: AtomicBool::new(false) }
    }

    /// Writes pieces from `offset` on.
    pub(super) fn write_at(&self, offset: u64, pieces: &mut [IoSlice<'_>]) -> Result<(), Trouble> {
        Ok(positioned::write_at(&self.file, pieces, offset)?)
    }

    /// Fills `buffer` from `offset` on.
    pub(super) fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Trouble> {
        let wanted = buffer.len() as u64;
        let read = positioned::read_at(&self.file, &mut [IoSliceMut::new(buffer)], offset)?;
        if read == wanted { Ok(()) } else { Err(Trouble::Changed) }
    }

    /// Lets others have the file, once it has its name: where locks bind everybody, nobody could
    /// read it. What cannot be unlocked now is when it is closed.
    pub(super) fn release(&self) {
        let _ = self.file.unlock();
    }

    /// Lets the disk begin with what is written from `offset` on, without waiting for it: a hint.
    /// A length of 0 is all the rest.
    pub(super) fn write_back(&self, offset: u64, len: u64) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            // What is dirty is not dropped by this, but begun to be written.
            let (len, advice) = (std::num::NonZeroU64::new(len), rustix::fs::Advice::DontNeed);
            let _ = rustix::fs::fadvise(&self.file, offset, len, advice);
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let _ = (offset, len);
    }

    /// Its user does not want it any more, whoever has it in hand.
    pub(super) fn disown(&self) {
        self.is_unwanted.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_unwanted(&self) -> bool {
        self.is_unwanted.load(Ordering::SeqCst)
    }

    /// Removes the file.
    pub(super) fn discard(&self) -> Result<(), Trouble> {
        Ok(self.folder.remove(&self.name)?)
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(super) fn folder(&self) -> &Arc<Folder> {
        &self.folder
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// The name with the suffix of partial files; a name too long for it is cut and told apart by a
/// hash.
pub(super) fn part_name(name: &FileName) -> String {
    let name = name.as_str();
    if name.len() + PARTIAL_SUFFIX.len() <= MAX_FILE_NAME_LEN {
        return format!("{name}{PARTIAL_SUFFIX}");
    }
    let hash = blake3::hash(name.as_bytes()).to_hex();
    let room = MAX_FILE_NAME_LEN - PARTIAL_SUFFIX.len() - 1 - 16;
    format!("{}~{}{PARTIAL_SUFFIX}", cut(name, room), &hash[..16])
}

fn lock(file: &File) -> Result<(), Trouble> {
    // A second name would have its content replaced.
    if which::names(file)? != 1 {
        return Err(Trouble::NotPermitted);
    }
    file.try_lock().map_err(|why| match why {
        TryLockError::WouldBlock => Trouble::Busy,
        TryLockError::Error(error) => error.into(),
    })
}

/// Attempts to open a file that others keep renaming.
const ATTEMPTS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_transfer_writes_a_file() {
        let (_root, folder) = folder();
        let first = Part::open(&folder, &name("a")).unwrap();
        assert!(matches!(Part::open(&folder, &name("a")), Err(Trouble::Busy)));
        drop(first);
        assert!(Part::open(&folder, &name("a")).is_ok());
    }

    #[test]
    fn what_is_on_its_way_to_the_disk_reads_as_it_was_written() {
        let (_root, folder) = folder();
        let part = Part::open(&folder, &name("a")).unwrap();
        part.write_at(0, &mut [IoSlice::new(&[7; 9_000])]).unwrap();
        part.write_back(4_096, 4_096);
        part.write_back(0, 0);

        let mut bytes = [0; 9_000];
        part.read_exact_at(0, &mut bytes).unwrap();
        assert_eq!(bytes, [7; 9_000]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_the_file_is_refused() {
        let (root, folder) = folder();
        let victim = root.path().join("authorized_keys");
        std::fs::write(&victim, "keys").unwrap();
        std::os::unix::fs::symlink(&victim, root.path().join("a.haversack-part")).unwrap();
        std::fs::hard_link(&victim, root.path().join("b.haversack-part")).unwrap();

        assert!(Part::open(&folder, &name("a")).is_err());
        assert!(matches!(Part::open(&folder, &name("b")), Err(Trouble::NotPermitted)));
        assert_eq!(std::fs::read_to_string(victim).unwrap(), "keys");
    }

    #[test]
    fn names_too_long_for_the_suffix_stay_apart() {
        let (a, b) = (format!("{}a", "x".repeat(254)), format!("{}b", "x".repeat(254)));
        let (a, b) = (part_name(&name(&a)), part_name(&name(&b)));
        assert_ne!(a, b);
        assert!(a.len() <= MAX_FILE_NAME_LEN && a.ends_with(PARTIAL_SUFFIX));
    }

    fn name(text: &str) -> FileName {
        FileName::parse(text).unwrap()
    }

    fn folder() -> (tempfile::TempDir, Arc<Folder>) {
        let root = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::open(root.path()).unwrap());
        (root, folder)
    }
}
