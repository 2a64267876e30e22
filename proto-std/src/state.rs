//! The state directory: where it is, and how small files in it are written.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::entropy;

/// Where `program` keeps its state when nobody says otherwise: what the platform has for it, or
/// the current directory when even the home is unknown.
pub fn default_dir(program: &str) -> PathBuf {
    let base = if cfg!(windows) {
        variable("LOCALAPPDATA").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| Path::new(&home).join("Library/Application Support"))
    } else {
        variable("XDG_STATE_HOME")
            .map(PathBuf::from)
            .or_else(|| variable("HOME").map(|home| Path::new(&home).join(".local/state")))
    };
    base.unwrap_or_default().join(program)
}

/// What the environment says, if it says something.
pub fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Makes a directory that only its owner may enter, and its parents.
///
/// # Errors
/// As the system says.
pub fn make_private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Writes a file that only its owner may read, whole or not at all, over an older one.
///
/// # Errors
/// As the system says.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = write_temporary(path, content, true)?;
    fs::rename(&temporary, path).inspect_err(|_| drop(fs::remove_file(&temporary)))
}

/// Like [`write_private`], but a crash of the machine may lose it: for what is written often.
///
/// # Errors
/// As the system says.
pub(crate) fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = write_temporary(path, content, false)?;
    fs::rename(&temporary, path).inspect_err(|_| drop(fs::remove_file(&temporary)))
}

/// Like [`write_private`], but leaves an older file alone and says so with `AlreadyExists`.
///
/// # Errors
/// As the system says.
pub fn create_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = write_temporary(path, content, true)?;
    let linked = fs::hard_link(&temporary, path);
    drop(fs::remove_file(&temporary));
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            // Not every file system has links.
            create_new(path).and_then(|mut file| file.write_all(content))
        }
        outcome => outcome,
    }
}

/// Tightens a file that others may read, such as a key that was copied by hand.
///
/// # Errors
/// As the system says.
pub fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Opens a file for writing in place, and makes it when it is missing: only its owner may read it.
///
/// # Errors
/// As the system says.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a new file that only its owner may read.
fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a private file beside `path`, and syncs it if told so.
fn write_temporary(path: &Path, content: &[u8], sync: bool) -> io::Result<PathBuf> {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(format!(".{:016x}.tmp", entropy::number()));
    let temporary = path.with_file_name(name);
    let write = |mut file: File| {
        file.write_all(content)?;
        if sync { file.sync_all() } else { Ok(()) }
    };
    create_new(&temporary).and_then(write).inspect_err(|_| drop(fs::remove_file(&temporary)))?;
    Ok(temporary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_created_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        create_private(&path, b"one").unwrap();
        let again = create_private(&path, b"two").unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write_private(&path, b"three").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing temporary is left");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_written_is_nobody_elses_business() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");
        make_private_dir(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        let key = path.join("key");
        fs::write(&key, "secret").unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        make_private(&key).unwrap();
        assert_eq!(mode(&key), 0o600);
    }
}
