//! Files to move, and the length-prefixed stream that the simple peers speak.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::Fault;
use crate::sink::Sink;

/// What is read and written at once.
pub const CHUNK: usize = 256 << 10;
/// The file's name where it is served.
pub const NAME: &str = "source.bin";

/// A file of so many random bytes in a folder of its own; made once.
pub fn file(stage: &Path, len: u64) -> io::Result<PathBuf> {
    let folder = stage.join(format!("served-{len}"));
    let path = folder.join(NAME);
    if !path.exists() {
        fs::create_dir_all(&folder)?;
        // What another thread sees under the name is complete.
        let fresh = tempfile::NamedTempFile::new_in(stage)?;
        random(fresh.as_file(), len)?;
        fresh.persist(&path)?;
    }
    Ok(path)
}

/// A folder of so many random files; made once.
pub fn folder(stage: &Path, files: usize, len: u64) -> io::Result<PathBuf> {
    let folder = stage.join(format!("folder-{files}-{len}"));
    if !folder.exists() {
        let fresh = tempfile::tempdir_in(stage)?.keep();
        for number in 0..files {
            random(&File::create(fresh.join(format!("{number:05}.bin")))?, len)?;
        }
        fs::rename(fresh, &folder)?;
    }
    Ok(folder)
}

/// Writes `len` pseudo-random bytes.
fn random(mut file: &File, len: u64) -> io::Result<()> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64 ^ len;
    let mut chunk = vec![0; CHUNK];
    let mut left = len;
    while left > 0 {
        let now = usize::try_from(left.min(CHUNK as u64)).expect("a chunk's length");
        for word in chunk[..now.next_multiple_of(8)].chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes());
        }
        file.write_all(&chunk[..now])?;
        left -= now as u64;
    }
    Ok(())
}

/// Touches as much page cache as a run will need: a guest's first touch is slow.
pub fn warm_up(folder: &Path, len: u64) -> io::Result<()> {
    let mut file = tempfile::tempfile_in(folder)?;
    let chunk = vec![0; CHUNK];
    for _ in 0..len.div_ceil(CHUNK as u64) * 5 / 4 {
        file.write_all(&chunk)?;
    }
    Ok(())
}

/// True when both files hold the same bytes.
pub fn same(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut a, mut b) = (vec![0; CHUNK], vec![0; CHUNK]);
    loop {
        let len = one.read(&mut a)?;
        if len == 0 {
            return Ok(true);
        }
        other.read_exact(&mut b[..len])?;
        if a[..len] != b[..len] {
            return Ok(false);
        }
    }
}

/// True when both folders hold the same files.
pub fn same_folder(one: &Path, other: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(one)? {
        let other = other.join(entry?.file_name());
        let one = one.join(other.file_name().expect("it was joined"));
        if !other.exists() || !same(&one, &other)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Sends a file behind its length.
pub fn push(file: &Path, to: &mut impl Write) -> Result<(), Fault> {
    let mut file = File::open(file)?;
    to.write_all(&file.metadata()?.len().to_le_bytes())?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let len = file.read(&mut chunk)?;
        if len == 0 {
            return Ok(to.flush()?);
        }
        to.write_all(&chunk[..len])?;
    }
}

/// Receives what [`push`] sends.
pub fn pull(from: &mut impl Read, file: &Path) -> Result<(), Fault> {
    let mut len = [0; 8];
    from.read_exact(&mut len)?;
    let mut left = u64::from_le_bytes(len);
    let mut sink = Sink::create(file)?;
    let mut chunk = vec![0; CHUNK];
    while left > 0 {
        let now = from.read(&mut chunk)?;
        if now == 0 {
            return Err("the connection ended early".into());
        }
        sink.write_all(&chunk[..now])?;
        left -= now as u64;
    }
    Ok(())
}
