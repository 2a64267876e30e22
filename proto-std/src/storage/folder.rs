//! A folder, held by its handle: names are opened beneath it, and lead nowhere else.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use proto_core::ids::Stamp;
use proto_core::text::{FileName, PARTIAL_SUFFIX};

use super::part::part_name;
use super::spoken::spoken;
use super::{Trouble, plain, stamp};

/// A folder whose files are opened by bare names and never outside of it.
#[derive(Debug)]
pub struct Folder {
    dir: Dir,
    path: PathBuf,
}

/// What is in a folder.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The files, by name.
    pub files: Vec<Entry>,
    /// Files that are left out because their names cannot travel; folders, links, hidden and
    /// partial files are left out without being counted.
    pub refused: usize,
}

/// A file in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: FileName,
    /// Its bytes.
    pub size: u64,
    /// Its version.
    pub stamp: Stamp,
}

impl Folder {
    /// Opens a folder that exists.
    pub fn open(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        let dir = Dir::open_ambient_dir(&path, ambient_authority())?;
        Ok(Self { dir, path: spoken(path) })
    }

    /// Opens a folder, and makes it when it is missing.
    pub fn create(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        Self::open(path)
    }

    /// Where it was when it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lists the plain files in it.
    pub fn list(&self) -> io::Result<Listing> {
        let mut listing = Listing::default();
        for entry in self.dir.entries()? {
            let entry = entry?;
            let text = entry.file_name();
            let text = text.to_str();
            if text.is_some_and(|text| text.starts_with('.') || text.ends_with(PARTIAL_SUFFIX)) {
                continue;
            }
            if !entry.file_type().is_ok_and(|kind| kind.is_file()) {
                continue;
            }
            let Some(name) = text.and_then(|text| FileName::parse(text).ok()) else {
                listing.refused += 1;
                continue;
            };
            // A file that vanishes meanwhile is not there.
            if let Ok(file) = self.read(name.as_str()) {
                let (size, stamp) = (file.metadata()?.len(), stamp::of(&file)?);
                listing.files.push(Entry { name, size, stamp });
            }
        }
        listing.files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(listing)
    }

    /// Bytes of all plain files in it, hidden and unfinished ones included: those count with what
    /// they will have. What is there of the upload called `but` itself does not count.
    pub fn used(&self, but: &FileName) -> io::Result<u64> {
        let but = part_name(but);
        let mut used = 0_u64;
        for entry in self.dir.entries()? {
            let entry = entry?;
            // A file that vanishes meanwhile is not there.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_file() && entry.file_name() != *but {
                used = used.saturating_add(metadata.len());
            }
        }
        Ok(used)
    }

    /// True when something has this name, even a link that leads nowhere.
    pub fn has(&self, name: &FileName) -> bool {
        self.dir.symlink_metadata(name.as_str()).is_ok()
    }

    /// Opens a plain file to be read.
    pub(super) fn read(&self, name: &str) -> Result<File, Trouble> {
        plain::open(&self.dir, name, OpenOptions::new().read(true))
    }

    /// Opens a plain file to be read and written.
    pub(super) fn edit(&self, name: &str) -> Result<File, Trouble> {
        plain::open(&self.dir, name, OpenOptions::new().read(true).write(true))
    }

    /// Makes a file of a name that nothing has.
    pub(super) fn create_new(&self, name: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        Ok(self.dir.open_with(name, &options)?.into_std())
    }

    /// Removes a file.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        self.dir.remove_file(name)
    }

    /// The handle itself.
    pub(super) fn dir(&self) -> &Dir {
        &self.dir
    }

    /// Makes the folder's names durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        sync_dir(&self.dir)
    }
}

#[cfg(unix)]
fn sync_dir(dir: &Dir) -> io::Result<()> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let dir = rustix::fs::openat(dir, ".", flags, Mode::empty())?;
    Ok(rustix::fs::fsync(dir)?)
}

/// Windows writes names by its journal, and syncs no folder.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "other systems can fail")]
fn sync_dir(_dir: &Dir) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_plain_files_with_names_that_travel() {
        let (root, folder) = folder();
        for name in ["b.txt", "a.txt", ".hidden", "c.haversack-part", "a\u{202E}b", "שלום"] {
            std::fs::write(root.path().join(name), name).unwrap();
        }
        std::fs::create_dir(root.path().join("sub")).unwrap();

        let listing = folder.list().unwrap();

        let names: Vec<_> = listing.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a.txt", "b.txt", "שלום"]);
        assert_eq!(listing.files[0].size, 5);
        assert_eq!(listing.refused, 1);
    }

    #[test]
    fn what_is_unfinished_counts_as_used() {
        let (root, folder) = folder();
        let files = [("a", 1), (".b", 2), ("c.haversack-part", 4), ("d.haversack-part", 8)];
        for (name, size) in files {
            std::fs::write(root.path().join(name), vec![0; size]).unwrap();
        }
        assert_eq!(folder.used(&FileName::parse("c").unwrap()).unwrap(), 11);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_neither_listed_nor_followed() {
        let (root, folder) = folder();
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), "s").unwrap();
        std::fs::write(root.path().join("inside"), "i").unwrap();
        for (link, to) in [("out", outside.path().join("secret")), ("in", "inside".into())] {
            std::os::unix::fs::symlink(to, root.path().join(link)).unwrap();
        }

        assert_eq!(folder.list().unwrap().files.len(), 1);
        assert!(matches!(folder.read("out"), Err(Trouble::NotPermitted | Trouble::Failed(_))));
        assert!(matches!(folder.read("in"), Err(Trouble::NotPermitted | Trouble::Failed(_))));
        assert!(folder.has(&FileName::parse("out").unwrap()));
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_refused_without_waiting() {
        let (root, folder) = folder();
        let pipe = root.path().join("pipe");
        let mode = rustix::fs::Mode::from_bits_truncate(0o600);
        let kind = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, kind, mode, 0).unwrap();

        assert!(matches!(folder.read("pipe"), Err(Trouble::NotPermitted)));
    }

    /// Elsewhere a folder that is open cannot be moved at all.
    #[cfg(unix)]
    #[test]
    fn the_folder_stays_the_one_that_was_opened() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("files");
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("a"), "right").unwrap();
        let folder = Folder::open(&path).unwrap();

        std::fs::rename(&path, root.path().join("moved")).unwrap();
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("a"), "wrong one").unwrap();

        assert_eq!(folder.list().unwrap().files[0].size, 5);
    }

    fn folder() -> (tempfile::TempDir, Folder) {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        (root, folder)
    }
}
