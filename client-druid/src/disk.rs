//! What the disk says of paths that are typed, and how the desktop shows a folder. All of it may
//! take as long as a disk at the other end of a bad line does.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use proto_std::session::{Error, ErrorKind};

/// The program that shows folders.
pub(crate) const SHOWER: &str = if cfg!(target_os = "macos") {
    "open"
} else if cfg!(windows) {
    "explorer"
} else {
    "xdg-open"
};

/// The folder that is meant, absolute; or what is wrong with it.
pub(crate) fn folder(typed: &str) -> Result<PathBuf, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err("Choose a folder".to_owned());
    }
    let folder = std::path::absolute(typed).map_err(|error| error.to_string())?;
    if folder.is_dir() { Ok(folder) } else { Err("There is no such folder".to_owned()) }
}

/// The file that is meant, absolute; or what is wrong with it.
pub(crate) fn file(typed: &str) -> Result<PathBuf, String> {
    let typed = typed.trim().trim_start_matches("file://");
    if typed.is_empty() {
        return Err("Choose a file, or paste its path".to_owned());
    }
    match std::path::absolute(typed) {
        Ok(path) if path.is_file() => Ok(path),
        Ok(path) if path.is_dir() => Err("That is a folder; choose a file".to_owned()),
        Ok(_) | Err(_) => Err("There is no such file".to_owned()),
    }
}

/// Shows a folder with the desktop's own program.
///
/// # Errors
/// When there is no such program, or it says that it could not.
pub(crate) fn show(program: &str, folder: &Path) -> Result<(), Error> {
    let mut command = Command::new(program);
    command.arg(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let why = match command.status() {
        // Windows' own returns 1 whatever it did.
        Ok(status) if status.success() || cfg!(windows) => return Ok(()),
        Ok(status) => format!("{program} ended with {status}"),
        Err(error) => format!("cannot run {program}: {error}"),
    };
    let what = format!("cannot show {}", folder.display());
    Err(Error::new(ErrorKind::Other, what, why, "Open the folder with another program."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_folder_that_nothing_shows_is_told_with_its_path() {
        let folder = Path::new("/home/leah/Downloads");
        for (program, why) in [("/no/such/program", "cannot run"), ("false", "ended with")] {
            let error = show(program, folder).unwrap_err();
            assert!(error.what.contains("/home/leah/Downloads"), "{error}");
            assert!(error.why.contains(why) && !error.next.is_empty(), "{error}");
        }
        assert_eq!(show("true", folder), Ok(()));
    }
}
