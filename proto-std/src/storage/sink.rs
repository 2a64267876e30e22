//! Opens the place for a file that arrives, and finds what of it is there already.

use std::sync::Arc;

use heapless::Vec as Few;
use proto_core::ids::{PublicKey, Stamp};
use proto_core::text::FileName;
use proto_core::wire::Held;

use super::part::Part;
use super::prefix_hash::PrefixHash;
use super::sidecar::as_text;
use super::{Exists, Folder, Sidecar, Sidecars, Trouble, which};

/// A file that shall arrive.
#[derive(Clone, Debug)]
pub struct SinkRequest {
    /// Who sends it: what somebody else sent of the same name is worthless.
    pub peer: PublicKey,
    /// Whether a client puts it here (or else it was asked for).
    pub upload: bool,
    /// What the peer calls it.
    pub name: FileName,
    /// Where it shall be.
    pub folder: Arc<Folder>,
    /// What it shall be called.
    pub save_as: FileName,
    /// What to do when that name is taken.
    pub exists: Exists,
    /// Where unfinished files are remembered; `None` forgets them.
    pub sidecars: Option<Sidecars>,
    /// Whether the user already agreed to go on past the server's stop point.
    pub confirmed: bool,
}

/// A file that arrives: `<name>.haversack-part` until its content is verified. Nobody else of this
/// machine can open it meanwhile.
#[derive(Debug)]
pub struct SinkFile {
    pub(super) part: Part,
    pub(super) exists: Exists,
    pub(super) sidecars: Option<Sidecars>,
    pub(super) memory: Sidecar,
    pub(super) resumes: bool,
}

/// Removes what arrived of a file, and what is remembered of it, when no transfer writes it.
///
/// # Errors
/// `Busy` while a transfer has it.
pub fn discard(
    folder: &Arc<Folder>,
    save_as: &FileName,
    sidecars: Option<&Sidecars>,
) -> Result<(), Trouble> {
    let part = Part::open(folder, save_as)?;
    if let Some(sidecars) = sidecars {
        sidecars.remove_durably(folder.path(), save_as)?;
    }
    part.discard()
}

impl SinkFile {
    /// Opens the file, and looks what of it is here already.
    ///
    /// # Errors
    /// When the name is taken and may not be numbered, when another transfer writes the file, or
    /// when the folder cannot be written.
    pub fn open(request: SinkRequest) -> Result<Self, Trouble> {
        let SinkRequest { peer, upload, name, folder, save_as, exists, sidecars, confirmed } =
            request;
        if exists == Exists::Fail && folder.has(&save_as) {
            return Err(Trouble::Exists);
        }
        let mut part = Part::open(&folder, &save_as)?;
        // What is not kept is nothing that a later transfer could go on with.
        let sidecars = sidecars.filter(|_| exists != Exists::Discard);
        let found = sidecars
            .as_ref()
            .and_then(|sidecars| sidecars.load(folder.path(), &save_as))
            .filter(|old| old.peer == peer && old.upload == upload && old.name == name);
        let (len, mut identity) = (part.file().metadata()?.len(), which::identity(part.file())?);
        // Of another file, nothing that was remembered is true.
        let found = found.filter(|old| old.identity == identity);
        let found = found.filter(|old| old.ranges.last().is_some_and(|range| range.end <= len));
        let resumes = found.is_some();
        if !resumes {
            // First: what it claims must not be said of what comes next.
            if let Some(sidecars) = &sidecars {
                sidecars.remove_durably(folder.path(), &save_as)?;
            }
            // Others may remember something of this file. Of a new one they know nothing.
            if len > 0 {
                part.discard()?;
                // Elsewhere the old one stays open, so that the new one cannot have its number.
                #[cfg(windows)]
                drop(part);
                part = Part::open(&folder, &save_as)?;
                identity = which::identity(part.file())?;
            }
        }
        let mut memory = found.unwrap_or_else(|| Sidecar {
            peer,
            upload,
            name,
            folder: as_text(folder.path()),
            save_as,
            size: 0,
            stamp: Stamp(0),
            ranges: Few::new(),
            held: false,
            confirmed,
            hash: PrefixHash::default(),
            identity,
        });
        memory.confirmed |= confirmed;
        Ok(Self { part, exists, sidecars, memory, resumes })
    }

    /// What of it is here, and of which version; `None` when nothing is.
    pub fn held(&self) -> Option<Held> {
        let memory = &self.memory;
        self.resumes.then(|| Held { stamp: memory.stamp, ranges: memory.ranges.clone() })
    }

    /// Makes the file as long as it will be, so that it counts from now on. One that is longer is
    /// left alone. Returns its length in bytes.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn claim(&self, size: u64) -> Result<u64, Trouble> {
        let file = self.part.file();
        let len = file.metadata()?.len();
        if len < size {
            file.set_len(size)?;
        }
        Ok(len.max(size))
    }

    /// Gives it up: what was not there before is not there afterwards.
    pub fn abandon(self) {
        if !self.resumes
            && let Err(why) = self.part.discard()
        {
            log::warn!("{}: cannot be removed: {why}", self.part.name());
        }
    }

    /// Whether its user agreed to go on past the server's stop point, now or before.
    pub fn is_confirmed(&self) -> bool {
        self.memory.confirmed
    }
}
