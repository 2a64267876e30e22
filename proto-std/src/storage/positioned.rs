//! Reading and writing at a position, many pieces a call.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};

/// Fills all of `pieces` from `offset` on, and says how many bytes there were: fewer only at the
/// end of the file.
#[cfg(unix)]
pub(super) fn read_at(file: &File, pieces: &mut [IoSliceMut<'_>], offset: u64) -> io::Result<u64> {
    let mut pieces = pieces;
    let mut read = 0;
    // Takes away what is empty: nothing read would look like the file's end.
    IoSliceMut::advance_slices(&mut pieces, 0);
    while !pieces.is_empty() {
        let most = pieces.len().min(MOST_PIECES);
        match rustix::io::preadv(file, &mut pieces[..most], offset + read) {
            Ok(0) => break,
            Ok(n) => {
                read += n as u64;
                IoSliceMut::advance_slices(&mut pieces, n);
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(read)
}

/// Writes all of `pieces` from `offset` on.
#[cfg(unix)]
pub(super) fn write_at(file: &File, pieces: &mut [IoSlice<'_>], offset: u64) -> io::Result<()> {
    let mut pieces = pieces;
    let mut offset = offset;
    // Takes away what is empty: nothing written would look like a failure.
    IoSlice::advance_slices(&mut pieces, 0);
    while !pieces.is_empty() {
        let most = pieces.len().min(MOST_PIECES);
        match rustix::io::pwritev(file, &pieces[..most], offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => {
                offset += n as u64;
                IoSlice::advance_slices(&mut pieces, n);
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(windows)]
pub(super) fn read_at(file: &File, pieces: &mut [IoSliceMut<'_>], offset: u64) -> io::Result<u64> {
    use std::os::windows::fs::FileExt;
    let mut read = 0;
    for piece in pieces {
        let mut rest = &mut piece[..];
        while !rest.is_empty() {
            match file.seek_read(rest, offset + read) {
                Ok(0) => return Ok(read),
                Ok(n) => {
                    read += n as u64;
                    rest = &mut rest[n..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(read)
}

#[cfg(windows)]
pub(super) fn write_at(file: &File, pieces: &mut [IoSlice<'_>], offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    let mut offset = offset;
    for piece in pieces {
        let mut rest = &piece[..];
        while !rest.is_empty() {
            match file.seek_write(rest, offset) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => {
                    offset += n as u64;
                    rest = &rest[n..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Most pieces that one call to the system takes (`IOV_MAX`).
#[cfg(unix)]
const MOST_PIECES: usize = 1024;
