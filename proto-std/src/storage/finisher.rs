//! Finishes small files in groups: compares, syncs and renames all that wait, then syncs their
//! folder once.
//!
//! ```text
//!   compare each -> let the disk begin with all -> sync each -> rename each -> sync the folder
//!        |                                              |             |
//!        +----- what fails ends, the others go on ------+-------------+
//! ```
//!
//! A sync takes as long for one file as for many: while one group is being synced the next gathers,
//! as messages do at a server. So many small files cost few syncs, and one alone waits for nobody.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SendError, Sender, channel};
use std::thread;

use proto_core::ids::Digest;
use proto_core::time::Duration;

use super::keeper::{Keeper, Placed};
use super::{Folder, Trouble};
use crate::{clock, courtesy};

/// The thread that finishes small files; it ends when all clones are gone and nothing waits.
#[derive(Clone, Debug)]
pub struct Finisher {
    whole: Sender<Whole>,
}

/// A file that is complete, and what it should be.
struct Whole {
    keeper: Keeper,
    digest: Digest,
}

/// A file that is on its way to its name.
struct Finishing {
    keeper: Keeper,
    last_byte: Option<u8>,
}

impl Finisher {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn start() -> io::Result<Self> {
        let (whole, inbox) = channel();
        let run = move || {
            while let Some(group) = next_group(&inbox) {
                finish(group);
            }
        };
        courtesy::spawn(thread::Builder::new().name("finisher".into()), run)?;
        Ok(Self { whole })
    }

    /// Finishes a file whose every byte is written; its keeper reports how that ends.
    pub(super) fn finish(&self, keeper: Keeper, digest: Digest) {
        if let Err(SendError(Whole { keeper, .. })) = self.whole.send(Whole { keeper, digest }) {
            keeper.end(Err(Trouble::Failed(io::Error::other("nobody finishes files any more"))));
        }
    }
}

/// Whatever waits, up to a bound; waits until something does.
fn next_group<T>(inbox: &Receiver<T>) -> Option<Vec<T>> {
    let first = inbox.recv().ok()?;
    Some(std::iter::once(first).chain(inbox.try_iter()).take(GROUP).collect())
}

fn finish(group: Vec<Whole>) {
    let mut files = Vec::with_capacity(group.len());
    for Whole { mut keeper, digest } in group {
        match keeper.compare(digest) {
            Ok(last_byte) => files.push(Finishing { keeper, last_byte }),
            Err(why) => keeper.end(Err(why)),
        }
    }
    let began = clock::now();
    if files.len() > 1 {
        for file in &files {
            file.keeper.part().write_back(0, 0);
        }
    }
    let synced = files.into_iter().filter_map(|file| match file.keeper.sync_whole() {
        Ok(()) => Some(file),
        Err(why) => {
            file.keeper.end(Err(why));
            None
        }
    });
    let placed: Vec<_> = synced.collect::<Vec<_>>().into_iter().filter_map(place).collect();
    let mut folders = Vec::new();
    for (keeper, mut placed) in placed {
        let outcome = sync_once(&mut folders, &keeper, Folder::sync);
        if outcome.is_ok() {
            keeper.settle();
        }
        placed.synced = clock::now().since(began);
        keeper.end(outcome.map(|()| placed));
    }
}

fn place(file: Finishing) -> Option<(Keeper, Placed)> {
    let Finishing { keeper, last_byte } = file;
    match keeper.place() {
        Ok(name) => Some((keeper, Placed { name, last_byte, synced: Duration::ZERO })),
        Err(why) => {
            keeper.end(Err(why));
            None
        }
    }
}

/// Syncs a file's folder unless it was synced for another one. If that failed, it failed for all: the
/// next sync may succeed without the names that were lost.
fn sync_once(
    synced: &mut Vec<(Arc<Folder>, bool)>,
    keeper: &Keeper,
    sync: impl FnOnce(&Folder) -> io::Result<()>,
) -> Result<(), Trouble> {
    let folder = keeper.part().folder();
    if !keeper.is_kept() {
        return Ok(());
    }
    match synced.iter().find(|(other, _)| Arc::ptr_eq(other, folder)) {
        Some((_, true)) => Ok(()),
        Some((_, false)) => Err(Trouble::Failed(io::Error::other("its folder cannot be synced"))),
        None => {
            let outcome = sync(folder);
            synced.push((Arc::clone(folder), outcome.is_ok()));
            Ok(outcome?)
        }
    }
}

/// Files that are finished together at most.
const GROUP: usize = 256;

#[cfg(test)]
mod tests {
    use proto_core::ids::{PublicKey, Stamp};
    use proto_core::text::FileName;
    use proto_core::time::Instant;

    use super::super::keeper::Report;
    use super::super::{Exists, SinkFile, SinkRequest, Snapshot};
    use super::*;

    #[test]
    fn whatever_waits_is_finished_together_up_to_a_bound() {
        let (sender, inbox) = channel();
        for number in 0..GROUP + 3 {
            sender.send(number).unwrap();
        }
        drop(sender);

        assert_eq!(next_group(&inbox).unwrap().len(), GROUP);
        assert_eq!(next_group(&inbox).unwrap(), [GROUP, GROUP + 1, GROUP + 2]);
        assert_eq!(next_group(&inbox), None);
    }

    #[test]
    fn of_a_group_each_file_ends_as_it_deserves() {
        let root = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::open(root.path()).unwrap());
        let (sender, reports) = channel();
        let whole = |name: &'static str, content: &'static str| {
            let (keeper, report) = (arrived(&folder, name), sender.clone());
            let told = Arc::new(move |told| report.send((name, told)).unwrap());
            Whole {
                keeper: keeper(told),
                digest: Digest(*blake3::hash(content.as_bytes()).as_bytes()),
            }
        };
        let group = vec![whole("good", "good"), whole("wrong", "other"), whole("taken", "taken")];
        std::fs::write(root.path().join("taken"), "mine").unwrap();

        finish(group);
        drop(sender);

        let ends = reports.iter().filter_map(|(name, report)| match report {
            Report::Finished(end) => Some((name, end.map(|placed| placed.last_byte))),
            _ => None,
        });
        let mut ends: Vec<_> = ends.collect();
        ends.sort_by_key(|(name, _)| *name);
        assert!(
            matches!(
                ends[..],
                [
                    ("good", Ok(Some(b'd'))),
                    ("taken", Err(Trouble::Exists)),
                    ("wrong", Err(Trouble::WrongDigest))
                ]
            ),
            "{ends:?}"
        );
        assert_eq!(std::fs::read(root.path().join("good")).unwrap(), b"good");
        assert_eq!(std::fs::read(root.path().join("taken")).unwrap(), b"mine");
        assert!(!root.path().join("wrong").exists());
    }

    #[test]
    fn a_folder_that_could_not_be_synced_is_not_durable_for_the_next_file_either() {
        let root = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::open(root.path()).unwrap());
        let [first, second] = ["a", "b"].map(|name| arrived(&folder, name)(Arc::new(drop)));
        let mut synced = Vec::new();

        let fails = |_: &Folder| Err(io::ErrorKind::InvalidData.into());
        assert!(sync_once(&mut synced, &first, fails).is_err());
        assert!(sync_once(&mut synced, &second, |_| Ok(())).is_err());
    }

    #[test]
    fn a_file_that_nobody_finishes_is_said_to_have_failed() {
        let root = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::open(root.path()).unwrap());
        let (told, reports) = channel();
        let (whole, inbox) = channel();
        drop(inbox);

        let keeper = arrived(&folder, "a")(Arc::new(move |report| told.send(report).unwrap()));
        Finisher { whole }.finish(keeper, Digest([0; 32]));

        assert!(matches!(reports.try_recv(), Ok(Report::Finished(Err(_)))));
        assert!(matches!(reports.try_recv(), Ok(Report::Closed)));
    }

    #[test]
    fn a_file_that_is_discarded_while_it_waits_gets_no_name() {
        let root = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::open(root.path()).unwrap());
        let (whole, inbox) = channel();
        let finisher = Finisher { whole };
        let mut arriving = sink(&folder, "a").start(Instant::ZERO, &finisher, drop);
        arriving.begin(1, Stamp(1)).unwrap();
        arriving.write_at(0, &mut [io::IoSlice::new(b"a")]).unwrap();
        arriving.finish(Digest(*blake3::hash(b"a").as_bytes()));

        arriving.close(Snapshot::default(), true);
        finish(next_group(&inbox).unwrap());

        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
    }

    /// A file whose content is its name.
    fn arrived(
        folder: &Arc<Folder>,
        name: &'static str,
    ) -> impl FnOnce(super::super::keeper::Hear) -> Keeper {
        let SinkFile { part, exists, memory, .. } = sink(folder, name);
        part.write_at(0, &mut [io::IoSlice::new(name.as_bytes())]).unwrap();
        move |report| {
            let mut keeper = Keeper::new(Arc::new(part), exists, None, memory, report);
            keeper.begin(name.len() as u64, Stamp(1), false);
            keeper
        }
    }

    fn sink(folder: &Arc<Folder>, name: &str) -> SinkFile {
        let request = SinkRequest {
            peer: PublicKey([1; 32]),
            upload: false,
            name: FileName::parse(name).unwrap(),
            folder: Arc::clone(folder),
            save_as: FileName::parse(name).unwrap(),
            exists: Exists::Fail,
            sidecars: None,
            confirmed: false,
        };
        SinkFile::open(request).unwrap()
    }
}
