//! Opens plain files, and nothing else: a link is not followed, a pipe is not waited for.

use std::fs::File;

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt as _};

use super::Trouble;

/// Opens a file that exists. What has the name is a plain file, or refused.
#[cfg(unix)]
pub(super) fn open(dir: &Dir, name: &str, options: &mut OpenOptions) -> Result<File, Trouble> {
    use rustix::fs::OFlags;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.custom_flags(flags.bits().cast_signed());
    let file = dir.open_with(name, options)?.into_std();
    if file.metadata()?.is_file() { Ok(file) } else { Err(Trouble::NotPermitted) }
}

/// Opens a file that exists. What has the name is a plain file, or refused.
#[cfg(windows)]
pub(super) fn open(dir: &Dir, name: &str, options: &mut OpenOptions) -> Result<File, Trouble> {
    use super::which;
    /// Opens a link itself. Not what is used: some disks keep plain files as reparse points, too.
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    let file = dir.open_with(name, options)?.into_std();
    let mut bare = OpenOptions::new();
    bare.read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    let bare = dir.open_with(name, &bare)?.into_std();
    // Another number is a link's own, or the name is another file's by now.
    let is_it = which::identity(&bare)? == which::identity(&file)?;
    if is_it && file.metadata()?.is_file() { Ok(file) } else { Err(Trouble::NotPermitted) }
}
