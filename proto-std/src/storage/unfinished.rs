//! Downloads that were interrupted: what a client can go on with when it is started again.

use std::io;
use std::path::{Path, PathBuf};

use super::part::part_name;
use super::sidecar::{Sidecar, Sidecars};

/// Where clients have their sidecars, in their state directory.
const OF_CLIENTS: &str = "transfers";

/// The downloads that clients with this state left unfinished, in an order that stays the same. One
/// whose bytes are gone is nothing to go on with.
///
/// # Errors
/// When there may be some and they cannot be read.
pub fn unfinished(state_dir: &Path) -> io::Result<Vec<Sidecar>> {
    if !state_dir.join(OF_CLIENTS).try_exists()? {
        return Ok(Vec::new());
    }
    let mut found = Sidecars::of_client(state_dir)?.list()?;
    found.retain(|sidecar| !sidecar.upload && sidecar.part().exists());
    found.sort_by_key(Sidecar::target);
    Ok(found)
}

impl Sidecars {
    /// Opens the directory of a client that keeps its state there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn of_client(state_dir: &Path) -> io::Result<Self> {
        Self::open(&state_dir.join(OF_CLIENTS))
    }
}

impl Sidecar {
    /// Where it will be.
    pub fn target(&self) -> PathBuf {
        Path::new(&self.folder).join(self.save_as.as_str())
    }

    /// Where what has arrived of it is.
    fn part(&self) -> PathBuf {
        Path::new(&self.folder).join(part_name(&self.save_as))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proto_core::text::FileName;

    use super::*;
    use crate::storage::sidecar::tests::sidecar;

    #[test]
    fn what_is_unfinished_is_what_a_client_fetches_and_has_bytes_of_whatever_its_name() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().to_str().unwrap();
        assert_eq!(unfinished(root.path()).unwrap(), []);
        let sidecars = Sidecars::of_client(root.path()).unwrap();
        let remember = |name: &str, upload| {
            let save_as = FileName::parse(name).unwrap();
            let sidecar = Sidecar { folder: folder.into(), save_as, upload, ..sidecar() };
            sidecars.store(&sidecar).unwrap();
            sidecar
        };
        let (long, short) = (remember(&"n".repeat(255), false), remember("b", false));
        let (gone, theirs) = (remember("gone", false), remember("theirs", true));
        for sidecar in [&long, &short, &theirs] {
            fs::write(sidecar.part(), "some").unwrap();
        }
        assert!(!gone.part().exists());

        assert_eq!(unfinished(root.path()).unwrap(), [short, long]);
    }
}
