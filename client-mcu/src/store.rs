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

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A store in memory, which can lose its power.
    pub(crate) struct Memory {
        /// How many more calls it does before that.
        pub(crate) works: usize,
        records: BTreeMap<u8, Vec<u8>>,
        file: Vec<u8>,
    }

    impl Default for Memory {
        fn default() -> Self {
            Self { works: usize::MAX, records: BTreeMap::new(), file: Vec::new() }
        }
    }

    impl Memory {
        fn work(&mut self) -> Result<(), &'static str> {
            self.works = self.works.checked_sub(1).ok_or("the power is gone")?;
            Ok(())
        }
    }

    impl Store for Memory {
        type Error = &'static str;

        fn load(&mut self, record: Record, out: &mut [u8]) -> Result<usize, Self::Error> {
            self.work()?;
            let bytes = self.records.get(&(record as u8)).map_or(&[][..], Vec::as_slice);
            out[..bytes.len()].copy_from_slice(bytes);
            Ok(bytes.len())
        }

        fn save(&mut self, record: Record, bytes: &[u8]) -> Result<(), Self::Error> {
            self.work()?;
            self.records.insert(record as u8, bytes.to_vec());
            Ok(())
        }

        fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Self::Error> {
            self.work()?;
            let start = usize::try_from(offset).unwrap();
            self.file.resize(self.file.len().max(start + bytes.len()), 0);
            self.file[start..][..bytes.len()].copy_from_slice(bytes);
            Ok(())
        }

        fn read_at(&mut self, offset: u64, out: &mut [u8]) -> Result<(), Self::Error> {
            self.work()?;
            let start = usize::try_from(offset).unwrap();
            let bytes = self.file.get(start..start + out.len()).ok_or("not so many bytes")?;
            out.copy_from_slice(bytes);
            Ok(())
        }

        fn clear(&mut self) -> Result<(), Self::Error> {
            self.work()?;
            self.file.clear();
            Ok(())
        }

        fn finish(&mut self, _: &FileName) -> Result<(), Self::Error> {
            self.work()?;
            self.file.clear();
            Ok(())
        }
    }
}
