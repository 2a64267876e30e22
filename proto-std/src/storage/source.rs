//! A file that is sent.

use std::fs::File;
use std::io::IoSliceMut;
use std::path::Path;
use std::sync::Arc;

use proto_core::ids::Stamp;
use proto_core::limits::MAX_FILE_SIZE;
use proto_core::text::FileName;

use super::along::Along;
use super::{Folder, Trouble, positioned, stamp};

/// A file opened to be sent: its size and version are those of the moment of opening, and reading
/// it notices when they no longer are.
#[derive(Debug)]
pub struct SourceFile {
    file: Arc<File>,
    along: Arc<Along>,
    size: u64,
    stamp: Stamp,
    unchecked: u64,
}

impl SourceFile {
    /// Opens a file that the user named by its path; links are followed, because the user may.
    ///
    /// # Errors
    /// When it is not a plain file that may be read.
    pub fn open(path: &Path) -> Result<Self, Trouble> {
        if !path.metadata()?.is_file() {
            return Err(Trouble::NotPermitted);
        }
        Self::new(File::open(path)?)
    }

    /// Opens a file that somebody else named.
    ///
    /// # Errors
    /// When it is not a plain file in the folder that may be read.
    pub fn open_in(folder: &Folder, name: &FileName) -> Result<Self, Trouble> {
        Self::new(folder.read(name.as_str())?)
    }

    fn new(file: File) -> Result<Self, Trouble> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(Trouble::NotPermitted);
        }
        if metadata.len() > MAX_FILE_SIZE {
            return Err(Trouble::TooLarge);
        }
        read_ahead(&file);
        let (size, stamp) = (metadata.len(), stamp::of(&file)?);
        Ok(Self { file: Arc::new(file), along: Arc::default(), size, stamp, unchecked: 0 })
    }

    /// Fills all of `pieces` from `offset` on.
    ///
    /// # Errors
    /// When the file changed since it was opened, or cannot be read.
    pub fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> Result<(), Trouble> {
        let wanted: u64 = pieces.iter().map(|piece| piece.len() as u64).sum();
        if positioned::read_at(&self.file, pieces, offset)? < wanted {
            return Err(Trouble::Changed);
        }
        self.along.take(offset, pieces);
        self.unchecked += wanted;
        if self.unchecked >= CHECK_EVERY || offset + wanted >= self.size {
            self.check()?;
        }
        Ok(())
    }

    /// Looks whether the file is still what it was.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&mut self) -> Result<(), Trouble> {
        self.unchecked = 0;
        if stamp::of(&self.file)? == self.stamp { Ok(()) } else { Err(Trouble::Changed) }
    }

    /// Its bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its version.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    pub(super) fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// What is hashed of it while it is read.
    pub(super) fn along(&self) -> &Arc<Along> {
        &self.along
    }
}

/// Tells the system that the file will be read from its start to its end.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn read_ahead(file: &File) {
    // A hint that may be refused.
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::Sequential);
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn read_ahead(_file: &File) {}

/// Bytes read between two looks at the stamp.
const CHECK_EVERY: u64 = 16 << 20;

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn pieces_are_filled_in_order() {
        let (root, mut source) = source(b"0123456789");
        let (mut a, mut b) = ([0; 3], [0; 4]);

        source.read_at(2, &mut [IoSliceMut::new(&mut a), IoSliceMut::new(&mut b)]).unwrap();

        assert_eq!((&a, &b), (b"234", b"5678"));
        drop(root);
    }

    #[test]
    fn a_file_that_grew_shorter_has_changed() {
        let (root, mut source) = source(b"0123456789");
        std::fs::write(root.path().join("file"), b"01234").unwrap();

        let outcome = source.read_at(2, &mut [IoSliceMut::new(&mut [0; 8])]);

        assert!(matches!(outcome, Err(Trouble::Changed)));
    }

    #[test]
    fn a_file_edited_in_place_is_noticed_at_its_end() {
        let (root, mut source) = source(b"0123456789");
        let path = root.path().join("file");
        std::fs::write(&path, b"9876543210").unwrap();
        let later = epoch() + Duration::from_secs(3_000_000_000);
        File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();

        source.read_at(0, &mut [IoSliceMut::new(&mut [0; 5])]).unwrap();
        let outcome = source.read_at(5, &mut [IoSliceMut::new(&mut [0; 5])]);

        assert!(matches!(outcome, Err(Trouble::Changed)));
    }

    #[test]
    fn another_file_of_the_same_size_has_another_stamp() {
        let (first, source_1) = source(b"0123456789");
        let (second, source_2) = source(b"0123456789");
        assert_ne!(source_1.stamp(), source_2.stamp());
        drop((first, second));
    }

    fn epoch() -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn source(content: &[u8]) -> (tempfile::TempDir, SourceFile) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        std::fs::write(&path, content).unwrap();
        let source = SourceFile::open(&path).unwrap();
        (root, source)
    }
}
