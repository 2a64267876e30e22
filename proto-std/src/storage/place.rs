//! Gives a finished file its name, and never takes one from another file unless it is told to.

use std::io;

use cap_std::fs::{Dir, OpenOptions};
use proto_core::limits::MAX_FILE_NAME_LEN;
use proto_core::text::FileName;

use super::{Folder, Trouble};

/// What to do when the final name is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exists {
    /// Leave the file that is there and fail.
    Fail,
    /// Replace it, at once and whole.
    Overwrite,
    /// Take the next free of `name (1).ext`, `name (2).ext`…
    #[default]
    NumberIt,
    /// Keep nothing: the content is verified, and that is all.
    Discard,
}

/// Renames `part` to `name`, or to what the policy makes of it; durably once the folder is synced.
/// Says the name it got.
pub(super) fn place(
    folder: &Folder,
    part: &str,
    name: &FileName,
    exists: Exists,
) -> Result<FileName, Trouble> {
    match exists {
        Exists::Discard => folder.remove(part)?,
        Exists::Overwrite => {
            refuse_special(folder.dir(), name)?;
            folder.dir().rename(part, folder.dir(), name.as_str())?;
        }
        Exists::Fail => rename_new(folder.dir(), part, name.as_str())?,
        Exists::NumberIt => return number(folder.dir(), part, name),
    }
    Ok(name.clone())
}

/// A device or a pipe is not a file that may be replaced by another.
fn refuse_special(dir: &Dir, name: &FileName) -> Result<(), Trouble> {
    match dir.symlink_metadata(name.as_str()) {
        Ok(there) if there.is_file() || there.is_symlink() => Ok(()),
        Ok(_) => Err(Trouble::Exists),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn number(dir: &Dir, part: &str, name: &FileName) -> Result<FileName, Trouble> {
    for count in 0..MOST_NUMBERS {
        let Some(name) = numbered(name, count) else { break };
        match rename_new(dir, part, name.as_str()) {
            Ok(()) => return Ok(name),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Trouble::Exists)
}

/// The name itself for 0; `stem (count).ext` else, shortened to fit.
fn numbered(name: &FileName, count: u32) -> Option<FileName> {
    if count == 0 {
        return Some(name.clone());
    }
    let text = name.as_str();
    let (stem, extension) = match name.extension() {
        Some(extension) => text.split_at(text.len() - extension.len() - 1),
        None => (text, ""),
    };
    let suffix = format!(" ({count}){extension}");
    let room = MAX_FILE_NAME_LEN.checked_sub(suffix.len())?;
    FileName::parse(&format!("{}{suffix}", cut(stem, room).trim_end())).ok()
}

/// The most whole characters that a text begins with and that fit `room` bytes.
pub(super) fn cut(text: &str, room: usize) -> &str {
    let end = (0..=room.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

/// Renames unless something has the new name, even a link that leads nowhere.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn rename_new(dir: &Dir, from: &str, to: &str) -> io::Result<()> {
    use rustix::fs::{RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(dir, from, dir, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => link_new(dir, from, to),
        other => Ok(other?),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn rename_new(dir: &Dir, from: &str, to: &str) -> io::Result<()> {
    link_new(dir, from, to)
}

/// The same in two steps, for disks that cannot do it in one: a crash between them leaves the
/// whole file under both names.
fn link_new(dir: &Dir, from: &str, to: &str) -> io::Result<()> {
    match dir.hard_link(from, dir, to) {
        Ok(()) => dir.remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Memory cards have no links.
        Err(_) => claim_new(dir, from, to),
    }
}

/// The same without links: the name is taken by an empty file first, which others may see for a
/// moment, and which a crash may leave.
fn claim_new(dir: &Dir, from: &str, to: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    drop(dir.open_with(to, options.write(true).create_new(true))?);
    dir.rename(from, dir, to).inspect_err(|_| drop(dir.remove_file(to)))
}

/// Numbers that are tried.
const MOST_NUMBERS: u32 = 10_000;

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn a_taken_name_is_numbered() {
        let (root, folder) = folder(&["a.tar.gz", "a.tar (1).gz", "part"]);
        let placed = place(&folder, "part", &name("a.tar.gz"), Exists::NumberIt).unwrap();
        assert_eq!(placed.as_str(), "a.tar (2).gz");
        assert_eq!(read(&root, "a.tar (2).gz"), "part");
        assert_eq!(read(&root, "a.tar.gz"), "a.tar.gz");
    }

    #[test]
    fn a_taken_name_fails_or_is_replaced_as_told() {
        let (root, folder) = folder(&["a", "part"]);
        assert!(matches!(place(&folder, "part", &name("a"), Exists::Fail), Err(Trouble::Exists)));
        assert_eq!(read(&root, "a"), "a");

        place(&folder, "part", &name("a"), Exists::Overwrite).unwrap();
        assert_eq!(read(&root, "a"), "part");
        assert!(!root.path().join("part").exists());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_replaced_by_one() {
        let (root, folder) = folder(&["part"]);
        let _device = std::os::unix::net::UnixListener::bind(root.path().join("a")).unwrap();

        let outcome = place(&folder, "part", &name("a"), Exists::Overwrite);

        assert!(matches!(outcome, Err(Trouble::Exists)), "{outcome:?}");
        assert_eq!(read(&root, "part"), "part");
    }

    #[test]
    fn no_other_way_of_renaming_replaces_a_file_either() {
        for rename in [rename_new, link_new, claim_new] {
            let (root, folder) = folder(&["a", "part"]);
            let kind = rename(folder.dir(), "part", "a").unwrap_err().kind();
            assert_eq!(kind, io::ErrorKind::AlreadyExists);
            assert_eq!(read(&root, "a"), "a");
            rename(folder.dir(), "part", "b").unwrap();
            assert_eq!(read(&root, "b"), "part");
            assert!(!root.path().join("part").exists());
        }
    }

    #[test]
    fn a_name_that_was_taken_in_vain_is_given_back() {
        let (root, folder) = folder(&[]);
        assert!(claim_new(folder.dir(), "part", "a").is_err());
        assert!(!root.path().join("a").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_takes_the_name_too() {
        let (root, folder) = folder(&["part"]);
        std::os::unix::fs::symlink("/nowhere", root.path().join("a")).unwrap();
        assert!(matches!(place(&folder, "part", &name("a"), Exists::Fail), Err(Trouble::Exists)));
        let placed = place(&folder, "part", &name("a"), Exists::NumberIt).unwrap();
        assert_eq!(placed.as_str(), "a (1)");
    }

    #[test]
    fn of_many_who_race_for_a_name_each_gets_its_own() {
        const RACERS: usize = 8;
        let parts: Vec<_> = (0..RACERS).map(|i| format!("part {i}")).collect();
        let (root, folder) = folder(&parts.iter().map(String::as_str).collect::<Vec<_>>());
        let start = Barrier::new(RACERS);

        std::thread::scope(|scope| {
            for part in &parts {
                scope.spawn(|| {
                    start.wait();
                    place(&folder, part, &name("a.txt"), Exists::NumberIt).unwrap();
                });
            }
        });

        let mut contents: Vec<_> =
            folder.list().unwrap().files.iter().map(|f| read(&root, f.name.as_str())).collect();
        contents.sort();
        assert_eq!(contents, parts);
    }

    #[test]
    fn numbers_fit_long_names() {
        let long = name(&"ש".repeat(127));
        let numbered = numbered(&long, 10).unwrap();
        assert!(numbered.as_str().ends_with("ש (10)"));
        assert!(numbered.as_str().len() <= MAX_FILE_NAME_LEN);
    }

    fn name(text: &str) -> FileName {
        FileName::parse(text).unwrap()
    }

    fn read(root: &tempfile::TempDir, name: &str) -> String {
        std::fs::read_to_string(root.path().join(name)).unwrap()
    }

    fn folder(files: &[&str]) -> (tempfile::TempDir, Folder) {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            std::fs::write(root.path().join(file), file).unwrap();
        }
        let folder = Folder::open(root.path()).unwrap();
        (root, folder)
    }
}
