//! A file's version: when the stamp is the same, so is the content.

use std::fs::File;
use std::io;

use proto_core::ids::Stamp;

use super::which;

/// The version that a file is at: a mix of size, time of change and identity on its disk.
pub(super) fn of(file: &File) -> io::Result<Stamp> {
    let metadata = file.metadata()?;
    let changed = which::nanos(metadata.modified()?);
    let [device, number, _] = which::identity(file)?;
    let mut hasher = blake3::Hasher::new();
    for part in [metadata.len(), changed, number, device] {
        hasher.update(&part.to_le_bytes());
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    Ok(Stamp(u64::from_le_bytes(first)))
}
