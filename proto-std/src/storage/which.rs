//! Which file is open: a name may lead to another one meanwhile.

use std::fs::File;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

/// A file, whatever its name is and whatever is in it: its disk, its number there, and its time of
/// birth where numbers are given again.
pub(super) type Identity = [u64; 3];

/// Which file this is.
#[cfg(unix)]
pub(super) fn identity(file: &File) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = file.metadata()?;
    Ok([metadata.dev(), metadata.ino(), metadata.created().map_or(0, nanos)])
}

/// How many names it has.
#[cfg(unix)]
pub(super) fn names(file: &File) -> io::Result<u64> {
    Ok(std::os::unix::fs::MetadataExt::nlink(&file.metadata()?))
}

/// Which file this is. Its birth would tell nothing: whatever takes a name soon takes over the
/// birth of what had it before.
#[cfg(windows)]
pub(super) fn identity(file: &File) -> io::Result<Identity> {
    let found = winapi_util::file::information(file)?;
    Ok([found.volume_serial_number(), found.file_index(), 0])
}

/// How many names it has.
#[cfg(windows)]
pub(super) fn names(file: &File) -> io::Result<u64> {
    Ok(winapi_util::file::information(file)?.number_of_links())
}

/// A time as a number; those before 1970 are the greatest.
pub(super) fn nanos(time: SystemTime) -> u64 {
    let fit = |nanos| u64::try_from(nanos).unwrap_or(u64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => fit(since.as_nanos()),
        Err(before) => !fit(before.duration().as_nanos()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_itself_under_every_name_and_no_other() {
        let root = tempfile::tempdir().unwrap();
        let path = |name| root.path().join(name);
        std::fs::write(path("a"), "same").unwrap();
        std::fs::write(path("c"), "same").unwrap();
        std::fs::hard_link(path("a"), path("b")).unwrap();

        let [a, b, c] = ["a", "b", "c"].map(|name| File::open(path(name)).unwrap());

        assert_eq!(identity(&a).unwrap(), identity(&b).unwrap());
        assert_ne!(identity(&a).unwrap(), identity(&c).unwrap());
        assert_eq!((names(&a).unwrap(), names(&c).unwrap()), (2, 1));
    }

    #[test]
    fn a_file_stays_itself_while_it_is_written() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a");
        std::fs::write(&path, "short").unwrap();
        let before = identity(&File::open(&path).unwrap()).unwrap();

        std::fs::write(&path, "longer than before").unwrap();

        assert_eq!(identity(&File::open(&path).unwrap()).unwrap(), before);
    }
}
