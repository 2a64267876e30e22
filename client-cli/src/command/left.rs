//! What `get` leaves when it stops early, and how to go on with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proto_core::ids::TransferId;
use proto_core::text::FileName;
use proto_std::address::Fingerprint;
use proto_std::session::Command;
use proto_std::storage::Sidecar;

use super::{Setting, unfinished};
use crate::exit::Onward;

/// The downloads of a command that have not ended, each with its folder and its name there.
#[derive(Debug, Default)]
pub(super) struct Left {
    open: BTreeMap<TransferId, (PathBuf, FileName)>,
    ended: usize,
}

impl Left {
    pub(super) fn of(jobs: &[Command]) -> Self {
        let open = jobs.iter().filter_map(|job| {
            let Command::Get(get) = job else { return None };
            let name = get.save_as.as_ref().unwrap_or(&get.file);
            Some((get.id, (get.folder.clone(), name.clone())))
        });
        Self { open: open.collect(), ended: 0 }
    }

    pub(super) fn on_end(&mut self, id: TransferId) {
        self.ended += usize::from(self.open.remove(&id).is_some());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// How to go on: by resuming when all of them are remembered, else with the command `again`.
    /// From a server that was not reached, nothing came.
    pub(super) fn onward(
        &self,
        setting: &Setting,
        server: Option<Fingerprint>,
        again: Again,
    ) -> Onward {
        let is_one =
            |sidecar: &Sidecar| server == Some(Fingerprint(sidecar.peer)) && self.has(sidecar);
        let (remembered, resume) = unfinished::remembered(setting, is_one);
        let is_taken = |(folder, name): &(PathBuf, FileName)| folder.join(name.as_str()).exists();
        let again = match again {
            Again::SkipExisting if self.open.values().any(is_taken) => Again::WithTheRest,
            again => again,
        };
        self.choose(remembered, resume, again)
    }

    fn choose(&self, remembered: usize, resume: String, again: Again) -> Onward {
        if self.is_empty() || remembered + self.ended == 0 {
            return Onward::Nothing;
        }
        Onward::By(match again {
            Again::AsItIs => "the same command".to_owned(),
            Again::SkipExisting | Again::WithTheRest if remembered == self.open.len() => resume,
            Again::WithTheRest if remembered == 0 => "the same command for the rest".to_owned(),
            Again::WithTheRest => format!("{resume}, then the same command for the rest"),
            Again::SkipExisting => "the same command with --skip-existing".to_owned(),
        })
    }

    fn has(&self, sidecar: &Sidecar) -> bool {
        self.open.values().any(|(folder, name)| {
            *name == sidecar.save_as && is_same(folder, Path::new(&sidecar.folder))
        })
    }
}

/// How the same command is given again.
#[derive(Clone, Copy, Debug)]
pub(super) enum Again {
    /// It says already what becomes of files that exist.
    AsItIs,
    /// It would fetch those that are complete once more.
    SkipExisting,
    /// The same, and one that is not here has the name of something that is.
    WithTheRest,
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_resumed_and_what_had_not_begun_needs_the_command() {
        let open = |count: u16| (1..=count).map(|id| (TransferId(id), place())).collect();
        let how = |open, ended, remembered, again| {
            let left = Left { open, ended };
            left.choose(remembered, "haversack resume".to_owned(), again).to_string()
        };

        let resumed = how(open(1), 3, 1, Again::SkipExisting);
        assert!(resumed.ends_with("Go on with: haversack resume"), "{resumed}");
        for (ended, remembered) in [(0, 1), (1, 0), (1, 1)] {
            let given = how(open(2), ended, remembered, Again::SkipExisting);
            assert!(given.ends_with("the same command with --skip-existing"), "{given}");
            let given = how(open(2), ended, remembered, Again::AsItIs);
            assert!(given.ends_with("the same command"), "{given}");
        }

        let given = how(open(2), 0, 1, Again::WithTheRest);
        assert!(given.ends_with("haversack resume, then the same command for the rest"), "{given}");

        assert_eq!(how(open(2), 0, 0, Again::SkipExisting), "interrupted");
        assert_eq!(how(open(0), 2, 0, Again::SkipExisting), "interrupted");
    }

    fn place() -> (PathBuf, FileName) {
        (PathBuf::from("."), FileName::parse("notes.pdf").unwrap())
    }
}
