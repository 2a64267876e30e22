//! A file that is sent.

use std::io;
use std::path::Path;

/// A file opened to be sent: its size and version are those of the moment of opening.
#[derive(Debug)]
pub struct SourceFile {}

impl SourceFile {
    /// Opens a file that the user named by its path.
    pub fn open(_path: &Path) -> io::Result<Self> {
        unimplemented!("follows")
    }
}
