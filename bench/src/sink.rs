//! Where a peer puts what arrives.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// What a peer prints when its first byte of content is there.
pub const FIRST: &str = "first";

/// A file that says when it is no longer empty.
pub struct Sink {
    file: File,
    is_empty: bool,
}

impl Sink {
    /// An empty file, or `/dev/null`.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::create(path)?, is_empty: true })
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::replace(&mut self.is_empty, false) {
            println!("{FIRST}");
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
