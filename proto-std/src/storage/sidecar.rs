//! What is remembered about a file that is still arriving, outside of the folder it arrives in.
//!
//! A sidecar is only ever as new as what is on disk: the data is synced first. Beside it lies a
//! notebook for what is written and not synced yet. What cannot be read is no sidecar, and the file
//! starts over.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use heapless::Vec as Few;
use proto_core::ids::{PublicKey, Stamp};
use proto_core::limits::{MAX_FILE_SIZE, MAX_HELD_RANGES};
use proto_core::text::FileName;
use proto_core::wire::ByteRange;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::notebook::{self, Notebook};
use super::prefix_hash::PrefixHash;
use super::which::Identity;
use crate::{clock, state};

/// An unfinished file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sidecar {
    /// Who sends it.
    pub peer: PublicKey,
    /// Whether a client puts it here (or else it was asked for).
    pub upload: bool,
    /// What the peer calls it.
    pub name: FileName,
    /// The folder it arrives in.
    pub folder: String,
    /// What it will be called there.
    pub save_as: FileName,
    /// Its bytes.
    pub size: u64,
    /// Its version.
    pub stamp: Stamp,
    /// What of it is here.
    pub ranges: Few<ByteRange, MAX_HELD_RANGES>,
    /// Whether its user holds it.
    pub held: bool,
    /// Whether its user agreed to go on past the server's stop point.
    pub confirmed: bool,
    /// The hash of what it begins with.
    pub(super) hash: PrefixHash,
    /// Which file on disk it is about.
    pub(super) identity: Identity,
}

impl Sidecar {
    /// Bytes that are here.
    pub fn done(&self) -> u64 {
        self.ranges.iter().map(|range| range.end - range.start).sum()
    }

    fn encode(&self) -> Vec<u8> {
        seal(MAGIC, self)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        unseal(MAGIC, bytes).filter(Self::is_sound)
    }

    /// Whether both tell of the same version of the same file.
    fn is_of(&self, other: &Self) -> bool {
        (&self.peer, self.size, self.stamp, self.identity)
            == (&other.peer, other.size, other.stamp, other.identity)
    }

    pub(super) fn is_sound(&self) -> bool {
        let mut last = None;
        let rising = self.ranges.iter().all(|range| {
            let apart = last.is_none_or(|last| last < range.start);
            last = Some(range.end);
            apart && range.start < range.end && range.end <= self.size
        });
        let prefix = self.ranges.first().map_or(0, |r| if r.start == 0 { r.end } else { 0 });
        rising
            && self.size <= MAX_FILE_SIZE
            && self.hash.is_sound()
            && self.hash.len() <= prefix
            && self.hash.len() <= PrefixHash::pushed_of(self.size)
    }
}

/// The directory of sidecars, one for each file that is still arriving.
#[derive(Clone, Debug)]
pub struct Sidecars {
    directory: Arc<PathBuf>,
}

impl Sidecars {
    /// Opens the directory, and makes it when it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(path: &Path) -> io::Result<Self> {
        state::make_private_dir(path)?;
        Ok(Self { directory: Arc::new(path.to_path_buf()) })
    }

    /// All files that are still arriving, in no order that matters.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn list(&self) -> io::Result<Vec<Sidecar>> {
        self.each(newest)
    }

    /// The same, and those that only a note of an earlier run of the machine tells of: what arrived
    /// of them may be lost, but the files are ours.
    pub(super) fn list_with_lost(&self) -> io::Result<Vec<Sidecar>> {
        self.each(|path| {
            newest(path).or_else(|| read(&path.with_extension(NOTE), notebook::last_of_any_run))
        })
    }

    fn each(&self, look: impl Fn(&Path) -> Option<Sidecar>) -> io::Result<Vec<Sidecar>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&*self.directory)? {
            let path = entry?.path();
            let ends = |with: &str| path.extension().is_some_and(|extension| extension == with);
            if ends(EXTENSION) || (ends(NOTE) && !path.with_extension(EXTENSION).exists()) {
                found.extend(look(&path.with_extension(EXTENSION)));
            }
        }
        Ok(found)
    }

    /// The sidecar of a file; `None` when there is none that can be read.
    pub fn load(&self, folder: &Path, save_as: &FileName) -> Option<Sidecar> {
        let sidecar = newest(&self.path(folder, save_as))?;
        let is_it = sidecar.folder == as_text(folder) && sidecar.save_as == *save_as;
        is_it.then_some(sidecar)
    }

    /// Writes a sidecar in place of the one before.
    pub(super) fn store(&self, sidecar: &Sidecar) -> io::Result<()> {
        let path = self.path(Path::new(&sidecar.folder), &sidecar.save_as);
        state::write_private(&path, &sidecar.encode())
    }

    /// Opens the notebook of a file; `None` where no notebook can be trusted.
    pub(super) fn notebook(&self, sidecar: &Sidecar) -> io::Result<Option<Notebook>> {
        let path = self.path(Path::new(&sidecar.folder), &sidecar.save_as);
        Notebook::open(&path.with_extension(NOTE))
    }

    /// Removes the notebook of a file: what its sidecar tells is all.
    pub(super) fn remove_notes(&self, sidecar: &Sidecar) -> io::Result<()> {
        let path = self.path(Path::new(&sidecar.folder), &sidecar.save_as);
        remove(&path.with_extension(NOTE)).map(drop)
    }

    /// How long nothing was remembered of a file; `None` when that cannot be told.
    pub(super) fn rested(&self, sidecar: &Sidecar) -> Option<Duration> {
        let path = self.path(Path::new(&sidecar.folder), &sidecar.save_as);
        let modified = |path: &Path| fs::metadata(path).ok()?.modified().ok();
        let last = [modified(&path), modified(&path.with_extension(NOTE))].into_iter().max()??;
        let last = last.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some(Duration::from_millis(clock::wall().0).saturating_sub(last))
    }

    /// Forgets a file.
    pub(super) fn remove(&self, folder: &Path, save_as: &FileName) -> io::Result<()> {
        self.take_away(folder, save_as).map(drop)
    }

    /// Forgets a file for good, even if the machine fails next: its content may be changed then.
    pub(super) fn remove_durably(&self, folder: &Path, save_as: &FileName) -> io::Result<()> {
        if self.take_away(folder, save_as)? && cfg!(unix) {
            File::open(&*self.directory)?.sync_all()?;
        }
        Ok(())
    }

    fn take_away(&self, folder: &Path, save_as: &FileName) -> io::Result<bool> {
        let path = self.path(folder, save_as);
        let noted = remove(&path.with_extension(NOTE))?;
        Ok(remove(&path)? || noted)
    }

    fn path(&self, folder: &Path, save_as: &FileName) -> PathBuf {
        let mut hasher = blake3::Hasher::new();
        hasher.update(as_text(folder).as_bytes()).update(&[0]).update(save_as.as_str().as_bytes());
        self.directory.join(format!("{}.{EXTENSION}", &hasher.finalize().to_hex()[..32]))
    }
}

/// A folder's path as it is kept; bytes that are no UTF-8 lose their difference, and the name's
/// check decides then.
pub(super) fn as_text(folder: &Path) -> String {
    folder.to_string_lossy().into_owned()
}

/// Removes a file; says whether there was one.
fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// What the notebook tells when it counts, or else the sidecar.
fn newest(path: &Path) -> Option<Sidecar> {
    let sidecar = read(path, Sidecar::decode);
    let Some(mut noted) = read(&path.with_extension(NOTE), notebook::last) else { return sidecar };
    // A notebook has no hash: what was hashed before the last save need not be hashed again.
    if let Some(sidecar) = sidecar.filter(|sidecar| sidecar.is_of(&noted)) {
        let without = std::mem::replace(&mut noted.hash, sidecar.hash);
        if !noted.is_sound() {
            noted.hash = without;
        }
    }
    Some(noted)
}

fn read(path: &Path, decode: impl Fn(&[u8]) -> Option<Sidecar>) -> Option<Sidecar> {
    let bytes = read_small(path).unwrap_or_else(|error| {
        log::warn!("{}: {error}; its file starts over", path.display());
        None
    })?;
    let sidecar = decode(&bytes);
    if sidecar.is_none() {
        log::debug!("{} tells nothing that counts", path.display());
    }
    sidecar
}

/// Reads a file of at most `MAX_LEN` bytes; `None` when there is none.
pub(super) fn read_small(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut content = Vec::new();
    file.take(MAX_LEN + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MAX_LEN {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(Some(content))
}

/// Bytes that can be told from torn or changed ones.
pub(super) fn seal(magic: &[u8], value: &impl Serialize) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    bytes.extend(postcard::to_stdvec(value).expect("it holds nothing that cannot be written"));
    let check = blake3::hash(&bytes);
    bytes.extend(check.as_bytes());
    bytes
}

/// What was sealed; `None` when the bytes are others.
pub(super) fn unseal<T: DeserializeOwned>(magic: &[u8], bytes: &[u8]) -> Option<T> {
    let (bytes, check) = bytes.split_last_chunk::<32>()?;
    if blake3::hash(bytes) != *check {
        return None;
    }
    let (value, rest) = postcard::take_from_bytes(bytes.strip_prefix(magic)?).ok()?;
    rest.is_empty().then_some(value)
}

/// Begins every sidecar: the last byte is the version.
const MAGIC: &[u8] = b"HVSC\x03";
/// Ends the name of every sidecar.
const EXTENSION: &str = "hvs";
/// Ends the name of every notebook.
const NOTE: &str = "hvn";
/// Longest sidecar that is read.
const MAX_LEN: u64 = 64 << 10;

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    #[test]
    fn a_sidecar_comes_back_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let sidecars = Sidecars::open(&root.path().join("state")).unwrap();
        let sidecar = sidecar();

        sidecars.store(&sidecar).unwrap();

        assert_eq!(sidecars.load("/in".as_ref(), &sidecar.save_as), Some(sidecar.clone()));
        assert_eq!(sidecars.list().unwrap(), std::slice::from_ref(&sidecar));
        sidecars.remove("/in".as_ref(), &sidecar.save_as).unwrap();
        assert_eq!(sidecars.load("/in".as_ref(), &sidecar.save_as), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_note_is_newer_than_its_sidecar_and_takes_over_its_hash() {
        let root = tempfile::tempdir().unwrap();
        let sidecars = Sidecars::open(root.path()).unwrap();
        let mut synced = sidecar();
        synced.ranges = Few::from_slice(&[ByteRange { start: 0, end: 1 << 20 }]).unwrap();
        synced.hash.push_value([7; 32]);
        let mut noted = Sidecar { hash: PrefixHash::default(), ..synced.clone() };
        noted.ranges[0].end += 40;
        let load = || sidecars.load("/in".as_ref(), &synced.save_as);

        let mut notebook = sidecars.notebook(&noted).unwrap().unwrap();
        assert!(notebook.write(&noted).unwrap());
        assert_eq!(load().unwrap(), noted);
        assert_eq!(sidecars.list().unwrap(), std::slice::from_ref(&noted));
        sidecars.store(&synced).unwrap();
        assert_eq!(load().unwrap(), Sidecar { hash: synced.hash.clone(), ..noted.clone() });
        // The same name, but another version: the hash is not of it.
        assert!(notebook.write(&Sidecar { stamp: Stamp(5), ..noted.clone() }).unwrap());
        assert_eq!(load().unwrap().hash, PrefixHash::default());

        sidecars.remove_notes(&synced).unwrap();
        assert_eq!(load().unwrap(), synced);
        sidecars.remove_durably("/in".as_ref(), &synced.save_as).unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_torn_or_changed_sidecar_is_none() {
        let bytes = sidecar().encode();
        assert!(Sidecar::decode(&bytes).is_some());
        for len in 0..bytes.len() {
            assert_eq!(Sidecar::decode(&bytes[..len]), None);
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            assert_eq!(Sidecar::decode(&changed), None);
        }
    }

    #[test]
    fn a_sidecar_that_claims_nonsense_is_none() {
        let nonsense: [fn(&mut Sidecar); 5] = [
            |s| s.ranges[0].end = s.size + 1,
            |s| s.ranges[1].start = 5,
            |s| s.ranges[0] = ByteRange { start: 7, end: 7 },
            |s| s.size = u64::MAX,
            |s| s.hash.push_value([7; 32]),
        ];
        for claim in nonsense {
            let mut sidecar = sidecar();
            claim(&mut sidecar);
            assert_eq!(Sidecar::decode(&sidecar.encode()), None);
        }
    }

    pub(in crate::storage) fn sidecar() -> Sidecar {
        let ranges = [ByteRange { start: 0, end: 10 }, ByteRange { start: 20, end: 30 }];
        Sidecar {
            peer: PublicKey([7; 32]),
            upload: false,
            name: FileName::parse("a").unwrap(),
            folder: "/in".into(),
            save_as: FileName::parse("b").unwrap(),
            size: 3 << 20,
            stamp: Stamp(4),
            ranges: Few::from_slice(&ranges).unwrap(),
            held: true,
            confirmed: false,
            hash: PrefixHash::default(),
            identity: [1, 2, 3],
        }
    }
}
