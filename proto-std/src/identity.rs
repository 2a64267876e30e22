//! Long-lived keys: who a user, or a server, is.
//!
//! A client has one key per nickname, so that several people, or several windows of one person
//! under different names, share a machine without ado.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use proto_core::text::{Name, base32};

use crate::{entropy, state};

/// Reads the private key in `path`, or makes one there. Safe against another process that does
/// the same at the same time.
///
/// # Errors
/// When the file cannot be read or written, or holds something else.
pub fn load_or_create(path: &Path) -> io::Result<[u8; 32]> {
    if let Some(dir) = path.parent() {
        state::make_private_dir(dir)?;
    }
    match load(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        outcome => return outcome,
    }
    let text = format!("{}\n", base32::encode(&entropy::bytes()));
    match state::create_private(path, text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => load(path),
    }
}

/// Where the key of a nickname is kept.
pub fn path_of(state_dir: &Path, name: &Name) -> PathBuf {
    state_dir.join("keys").join(format!("{}.key", file_stem(name)))
}

/// A nickname as a file name that every system takes: itself when it is plain, or else a hash.
pub(crate) fn file_stem(name: &Name) -> String {
    let folded = name.as_str().to_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if folded.chars().all(plain) && !folded.starts_with('-') {
        // The prefix keeps plain names apart from hashes and from Windows' device names.
        format!("name-{folded}")
    } else {
        format!("hash-{}", &blake3::hash(folded.as_bytes()).to_hex()[..32])
    }
}

fn load(path: &Path) -> io::Result<[u8; 32]> {
    let text = fs::read_to_string(path)?;
    state::make_private(path)?;
    base32::decode(text.trim()).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{} holds no key", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let leah = path_of(dir.path(), &Name::parse("Leah").unwrap());
        let key = load_or_create(&leah).unwrap();
        assert_eq!(load_or_create(&leah).unwrap(), key);
        assert_eq!(path_of(dir.path(), &Name::parse("lEAH").unwrap()), leah);
        let dana = path_of(dir.path(), &Name::parse("dana").unwrap());
        assert_ne!(load_or_create(&dana).unwrap(), key);
    }

    #[test]
    fn every_name_has_a_harmless_file() {
        for name in ["..", "a/b", "CON", "לאה", "c:d", "a\\b"] {
            let stem = file_stem(&Name::parse(name).unwrap());
            assert!(stem.starts_with("name-") || stem.starts_with("hash-"), "{stem}");
            assert!(stem.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{stem}");
        }
    }

    #[test]
    fn a_damaged_key_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.key");
        fs::write(&path, "nonsense").unwrap();
        assert_eq!(load_or_create(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(fs::read(&path).unwrap(), b"nonsense");
    }
}
