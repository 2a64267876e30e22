//! Which run of the machine this is: what was written but not synced outlives a process, not it.

use std::sync::OnceLock;

/// The id of this run of the machine; `None` where the system has none.
pub(super) fn id() -> Option<[u8; 16]> {
    static ID: OnceLock<Option<[u8; 16]>> = OnceLock::new();
    *ID.get_or_init(read)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn read() -> Option<[u8; 16]> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let hash = blake3::hash(text.trim().as_bytes());
    hash.as_bytes().first_chunk().copied()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn read() -> Option<[u8; 16]> {
    None
}
