//! Where a device keeps what must survive a reset: the file that is arriving, and three records.

use core::fmt;

use proto_core::text::FileName;

/// A small record, saved whole or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// Who this device is: its private key.
    Key,
    /// The server's key, as it was when it was first met.
    Server,
    /// What of which file is here.
    Note,
}

/// A place for one file and the records. What a call has written is there after a reset.
pub(crate) trait Store {
    /// Why it could not.
    type Error: fmt::Display;

    /// Reads a record; returns its length, 0 when there is none.
    fn load(&mut self, record: Record, out: &mut [u8]) -> Result<usize, Self::Error>;
    /// Replaces a record.
    fn save(&mut self, record: Record, bytes: &[u8]) -> Result<(), Self::Error>;
    /// Writes bytes of the file at their place, in any order.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Self::Error>;
    /// Reads bytes of the file that were written.
    fn read_at(&mut self, offset: u64, out: &mut [u8]) -> Result<(), Self::Error>;
    /// Forgets the file's content.
    fn clear(&mut self) -> Result<(), Self::Error>;
    /// The file is whole and verified: it gets its name.
    fn finish(&mut self, name: &FileName) -> Result<(), Self::Error>;
}
