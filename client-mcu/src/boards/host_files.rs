//! A store in the folder of the host where the emulator was started.

use core::ffi::CStr;

use cortex_m_semihosting::syscall;
use heapless::String;
use proto_core::text::FileName;

use super::semihosting::{File, HostFailed, Mode, READ, WRITE, close, open, read, write};
use crate::store::{Record, Store};

const READ_WRITE: Mode = Mode(3);
/// To be read and written, with nothing in it.
const CREATE: Mode = Mode(7);

/// The store.
pub(crate) struct HostFiles {
    part: Option<File>,
}

// No file that is fetched can have these names: the core refuses all that end so.

/// The file that is arriving.
const PART: &CStr = c"file.haversack-part";
/// A record before it takes its name: whole, or not at all.
const NEW: &CStr = c"new.haversack-part";

impl HostFiles {
    pub(super) const fn new() -> Self {
        Self { part: None }
    }

    fn part(&mut self) -> Result<&File, HostFailed> {
        if self.part.is_none() {
            let there = open(PART, READ_WRITE);
            self.part = Some(there.or_else(|_| open(PART, CREATE))?);
        }
        self.part.as_ref().ok_or(HostFailed)
    }

    fn close_part(&mut self) {
        if let Some(part) = self.part.take() {
            close(part);
        }
    }
}

impl Store for HostFiles {
    type Error = HostFailed;

    fn load(&mut self, record: Record, out: &mut [u8]) -> Result<usize, HostFailed> {
        let Ok(file) = open(path(record), READ) else { return Ok(0) };
        let left = read(&file, out);
        close(file);
        Ok(out.len() - left?)
    }

    fn save(&mut self, record: Record, bytes: &[u8]) -> Result<(), HostFailed> {
        let file = open(NEW, WRITE)?;
        let written = write(&file, bytes);
        close(file);
        written.and_then(|()| rename(NEW, path(record)))
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), HostFailed> {
        let part = self.part()?;
        seek(part, offset)?;
        write(part, bytes)
    }

    fn read_at(&mut self, offset: u64, out: &mut [u8]) -> Result<(), HostFailed> {
        let part = self.part()?;
        seek(part, offset)?;
        if read(part, out)? == 0 { Ok(()) } else { Err(HostFailed) }
    }

    fn clear(&mut self) -> Result<(), HostFailed> {
        self.close_part();
        self.part = Some(open(PART, CREATE)?);
        Ok(())
    }

    fn finish(&mut self, name: &FileName) -> Result<(), HostFailed> {
        self.part()?;
        self.close_part();
        let mut path = String::<256>::new();
        path.push_str(name.as_str()).and_then(|()| path.push('\0')).map_err(|_| HostFailed)?;
        let path = CStr::from_bytes_with_nul(path.as_bytes()).map_err(|_| HostFailed)?;
        rename(PART, path)
    }
}

const fn path(record: Record) -> &'static CStr {
    match record {
        Record::Key => c"key.haversack-part",
        Record::Server => c"server.haversack-part",
        Record::Note => c"note.haversack-part",
    }
}

fn seek(File(handle): &File, offset: u64) -> Result<(), HostFailed> {
    let offset = usize::try_from(offset).map_err(|_| HostFailed)?;
    // SAFETY: numbers alone.
    if unsafe { syscall!(SEEK, *handle, offset) } == 0 { Ok(()) } else { Err(HostFailed) }
}

fn rename(from: &CStr, to: &CStr) -> Result<(), HostFailed> {
    let (from_len, to_len) = (from.to_bytes().len(), to.to_bytes().len());
    // SAFETY: addresses and lengths are those of the paths, and zeros follow.
    let done = unsafe { syscall!(RENAME, from.as_ptr(), from_len, to.as_ptr(), to_len) };
    if done == 0 { Ok(()) } else { Err(HostFailed) }
}
