//! A file's version: when the stamp is the same, so is the content.

use std::fs::Metadata;

use proto_core::ids::Stamp;

/// The version that a file is at: a mix of size, time of change and identity on its disk.
pub(super) fn of(metadata: &Metadata) -> Stamp {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&metadata.len().to_le_bytes());
    for part in facts(metadata) {
        hasher.update(&part.to_le_bytes());
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    Stamp(u64::from_le_bytes(first))
}

/// Which file it is, whatever is in it: device, number, and time of birth where that is known.
pub(super) fn identity(metadata: &Metadata) -> [u64; 3] {
    let since = metadata.created().ok();
    let since = since.and_then(|born| born.duration_since(std::time::UNIX_EPOCH).ok());
    let born = since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0);
    let [device, number] = place_of(metadata);
    [device, number, born]
}

#[cfg(unix)]
fn place_of(metadata: &Metadata) -> [u64; 2] {
    use std::os::unix::fs::MetadataExt;
    [metadata.dev(), metadata.ino()]
}

#[cfg(not(unix))]
fn place_of(_metadata: &Metadata) -> [u64; 2] {
    [0, 0]
}

#[cfg(unix)]
fn facts(metadata: &Metadata) -> [u64; 4] {
    use std::os::unix::fs::MetadataExt;
    [
        metadata.mtime().cast_unsigned(),
        metadata.mtime_nsec().cast_unsigned(),
        metadata.ino(),
        metadata.dev(),
    ]
}

#[cfg(not(unix))]
fn facts(metadata: &Metadata) -> [u64; 4] {
    let nanos = |time: std::io::Result<std::time::SystemTime>| {
        let since = time.ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
        since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0)
    };
    [nanos(metadata.modified()), nanos(metadata.created()), 0, 0]
}
