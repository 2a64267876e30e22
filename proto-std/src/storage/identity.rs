//! The state directory and the keys in it: one for each nickname.

use std::fs;
use std::io;
use std::path::Path;

use proto_core::text::Name;

use super::atomic::{read_small, sync_directory, write_new};
use crate::entropy;

/// Makes a state directory where it is missing, closed to everybody but its owner.
///
/// # Errors
/// When it cannot be made.
pub fn state_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// The secret key of a nickname, made at its first use. Two programs that begin at the same moment
/// get the same key.
///
/// # Errors
/// When the key cannot be read or written, or is not 32 bytes long, or when others may read it.
pub fn load_or_make_key(directory: &Path, name: &Name) -> io::Result<[u8; 32]> {
    let path = directory.join(file_name(name));
    if let Some(key) = load(&path)? {
        return Ok(key);
    }
    state_dir(directory)?;
    // Written aside first: whoever finds the key under its name finds it whole.
    let aside = directory.join(format!(".{:016x}.tmp", entropy::number()));
    write_new(&aside, &entropy::bytes::<32>())?;
    let linked = fs::hard_link(&aside, &path);
    fs::remove_file(&aside)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => sync_directory(directory)?,
    }
    load(&path)?.ok_or_else(|| io::ErrorKind::NotFound.into())
}

fn load(path: &Path) -> io::Result<Option<[u8; 32]>> {
    let Some(content) = read_small(path, 32)? else { return Ok(None) };
    owner_only(path)?;
    let key = <[u8; 32]>::try_from(content).map_err(|_| bad("the key file is not a key"))?;
    Ok(Some(key))
}

/// A name in any script as a file name that every system takes.
fn file_name(name: &Name) -> String {
    let folded = name.as_str().to_lowercase();
    let plain: String = folded.chars().filter(char::is_ascii_alphanumeric).collect();
    let hash = blake3::hash(folded.as_bytes()).to_hex();
    format!("{plain}-{}.key", &hash[..16])
}

#[cfg(unix)]
fn owner_only(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // Nothing for group and others: the lower six bits.
    let mode = fs::metadata(path)?.permissions().mode();
    if mode.trailing_zeros() >= 6 { Ok(()) } else { Err(bad("others may read the key file")) }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "other systems have modes")]
fn owner_only(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_keeps_its_own_key() {
        let root = tempfile::tempdir().unwrap();
        let (leah, other) = (Name::parse("Leah").unwrap(), Name::parse("לאה").unwrap());

        let key = load_or_make_key(root.path(), &leah).unwrap();

        assert_eq!(load_or_make_key(root.path(), &Name::parse("leah").unwrap()).unwrap(), key);
        assert_ne!(load_or_make_key(root.path(), &other).unwrap(), key);
    }

    #[test]
    fn programs_that_begin_together_share_the_key() {
        let root = tempfile::tempdir().unwrap();
        let name = Name::parse("leah").unwrap();
        let keys: Vec<_> = std::thread::scope(|scope| {
            let key = || load_or_make_key(root.path(), &name).unwrap();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(key)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let name = Name::parse("leah").unwrap();
        load_or_make_key(root.path(), &name).unwrap();
        let path = root.path().join(file_name(&name));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();

        assert!(load_or_make_key(root.path(), &name).is_err());
    }
}
