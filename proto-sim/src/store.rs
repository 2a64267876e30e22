//! What one host keeps on its disk: files, half-received files, and what is known about those.

use std::collections::BTreeMap;

use proto_core::ids::Stamp;
use proto_core::wire::{AbortReason, ByteRange};

use crate::disk::{Disk, DiskError};
use crate::truth::Truth;

/// A host's disk and what it remembers over a restart.
#[derive(Clone, Debug)]
pub struct Store {
    /// The bytes.
    pub disk: Disk,
    /// The version of each file that others may have.
    pub shared: BTreeMap<String, Stamp>,
    sidecars: BTreeMap<String, Sidecar>,
}

/// What is known about a half-received file. It names only bytes that were synced before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sidecar {
    /// Which version.
    pub stamp: Stamp,
    /// Which bytes are there.
    pub held: Vec<ByteRange>,
}

impl Store {
    /// Makes a store on an empty disk.
    pub fn new(disk: Disk) -> Self {
        Self { disk, shared: BTreeMap::new(), sidecars: BTreeMap::new() }
    }

    /// Puts a version of a file there, for others to have.
    pub fn share(&mut self, name: &str, stamp: Stamp, truth: &Truth) {
        self.disk.put(name, truth.content(stamp).to_vec());
        self.shared.insert(name.into(), stamp);
    }

    /// What is known about a half-received file.
    pub fn sidecar(&self, name: &str) -> Option<&Sidecar> {
        self.sidecars.get(name)
    }

    /// Syncs a half-received file, and then notes which of its bytes are there.
    pub fn checkpoint(&mut self, name: &str, sidecar: Sidecar) {
        if self.disk.sync(&part(name)).is_ok() {
            for range in &sidecar.held {
                let len = self.disk.len(&part(name)).unwrap_or(0);
                assert!(range.end <= len, "what is held was written: {range:?} of {len} bytes");
            }
            self.sidecars.insert(name.into(), sidecar);
        }
    }

    /// Writes bytes of a half-received file, all of them.
    pub fn write(&mut self, name: &str, offset: u64, bytes: &[u8]) -> Result<(), AbortReason> {
        let mut done = 0;
        while done < bytes.len() {
            let at = offset + done as u64;
            done += self.disk.write(&part(name), at, &bytes[done..]).map_err(reason)?;
        }
        Ok(())
    }

    /// The content of a half-received file; nothing when there is no such file.
    pub fn received(&self, name: &str) -> &[u8] {
        self.disk.content(&part(name)).unwrap_or_default()
    }

    /// Gives a file its name, once its content is verified.
    pub fn finish(&mut self, name: &str) -> Result<(), AbortReason> {
        if self.disk.content(&part(name)).is_none() {
            self.disk.put(&part(name), Vec::new());
        }
        self.disk.sync(&part(name)).map_err(reason)?;
        self.disk.rename(&part(name), name).map_err(reason)?;
        self.sidecars.remove(name);
        Ok(())
    }

    /// Throws a half-received file away.
    pub fn discard(&mut self, name: &str) {
        self.disk.remove(&part(name));
        self.sidecars.remove(name);
    }
}

fn part(name: &str) -> String {
    format!("{name}.part")
}

fn reason(error: DiskError) -> AbortReason {
    match error {
        DiskError::Full => AbortReason::NoSpace,
        DiskError::Failed | DiskError::NotFound => AbortReason::DiskFailed,
        DiskError::Exists => AbortReason::Exists,
    }
}
