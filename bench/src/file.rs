//! Files to move, and the length-prefixed stream that the simple peers speak.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

const CHUNK: usize = 256 << 10;

/// Writes `len` pseudo-random bytes.
pub fn random(path: &Path, len: u64) -> std::io::Result<()> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut file = File::create(path)?;
    let mut chunk = vec![0; CHUNK];
    let mut left = len;
    while left > 0 {
        for word in chunk.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes());
        }
        let now = usize::try_from(left.min(CHUNK as u64)).expect("a chunk's length");
        file.write_all(&chunk[..now])?;
        left -= now as u64;
    }
    Ok(())
}

/// Touches as much page cache as a run will need: a guest's first touch is slow.
pub fn warm_up(dir: &Path, len: u64) -> std::io::Result<()> {
    let path = dir.join("warm-up");
    let mut file = File::create(&path)?;
    let chunk = vec![0; CHUNK];
    for _ in 0..len.div_ceil(CHUNK as u64) * 5 / 4 {
        file.write_all(&chunk)?;
    }
    drop(file);
    std::fs::remove_file(path)
}

/// True when both files hold the same bytes.
pub fn same(one: &Path, other: &Path) -> std::io::Result<bool> {
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

/// Sends a file behind its length.
pub fn push(file: &Path, to: &mut impl Write) -> Result<(), Box<dyn Error>> {
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
pub fn pull(from: &mut impl Read, file: &Path) -> Result<(), Box<dyn Error>> {
    let mut len = [0; 8];
    from.read_exact(&mut len)?;
    let mut left = u64::from_le_bytes(len);
    let mut file = File::create(file)?;
    let mut chunk = vec![0; CHUNK];
    while left > 0 {
        let now = from.read(&mut chunk)?;
        if now == 0 {
            return Err("the connection ended early".into());
        }
        file.write_all(&chunk[..now])?;
        left -= now as u64;
    }
    Ok(())
}
