//! Paths that are neither files nor folders: pipes, terminals, the null device.

use std::path::Path;

/// What is there besides files and folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    /// Whatever is written there is gone.
    Null,
    /// Bytes go there one after the other, and nothing can take its name.
    Stream,
}

#[cfg(unix)]
pub(crate) fn look(path: &Path) -> Option<Special> {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};

    let there = path.metadata().ok()?;
    if there.is_file() || there.is_dir() {
        return None;
    }
    let null = Path::new("/dev/null").metadata().ok();
    let is_null =
        there.file_type().is_char_device() && null.is_some_and(|null| null.rdev() == there.rdev());
    Some(if is_null { Special::Null } else { Special::Stream })
}

#[cfg(not(unix))]
pub(crate) fn look(path: &Path) -> Option<Special> {
    let name = path.file_name()?.to_str()?;
    let is_one_of = |devices: &[&str]| devices.iter().any(|it| name.eq_ignore_ascii_case(it));
    if is_one_of(&["nul"]) {
        return Some(Special::Null);
    }
    is_one_of(&["con", "conout$", "prn", "aux"]).then_some(Special::Stream)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn devices_are_told_from_files() {
        let here = tempfile::tempdir().unwrap();
        let file = here.path().join("null");
        std::fs::write(&file, "").unwrap();
        assert_eq!(look(&file), None);
        assert_eq!(look(here.path()), None);
        assert_eq!(look(&here.path().join("missing")), None);

        let link = here.path().join("link");
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        assert_eq!(look(Path::new("/dev/null")), Some(Special::Null));
        assert_eq!(look(&link), Some(Special::Null));
        assert_eq!(look(Path::new("/dev/zero")), Some(Special::Stream));
    }
}
