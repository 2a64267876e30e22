//! Where the state of unfinished transfers is kept.

use std::io;
use std::path::Path;

/// The directory of sidecars, one for each file that is still arriving.
#[derive(Clone, Debug)]
pub struct Sidecars {}

impl Sidecars {
    /// Opens the directory, and makes it when it is missing.
    pub fn open(_path: &Path) -> io::Result<Self> {
        unimplemented!("follows")
    }
}
