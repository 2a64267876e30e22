//! How much room there is on a disk.

use std::fs::File;
use std::io;

/// Bytes that may still be written on the disk that `file` lies on; `None` where it cannot be
/// known.
#[cfg(unix)]
pub(super) fn available(file: &File) -> io::Result<Option<u64>> {
    let disk = rustix::fs::fstatvfs(file)?;
    Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize)))
}

#[cfg(not(unix))]
pub(super) fn available(_file: &File) -> io::Result<Option<u64>> {
    Ok(None)
}

/// Bytes that a file takes up on its disk: holes take none.
#[cfg(unix)]
pub(super) fn taken(file: &File) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt;
    Ok(file.metadata()?.blocks().saturating_mul(512))
}

#[cfg(not(unix))]
pub(super) fn taken(_file: &File) -> io::Result<u64> {
    Ok(0)
}
