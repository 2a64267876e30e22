//! Uploads that nobody came back for.

use std::io;
use std::sync::Arc;

use proto_core::text::FileName;
use proto_core::time::Duration;

use super::part::{Part, part_name};
use super::sidecar::as_text;
use super::{Folder, Sidecar, Sidecars, Trouble, which};

/// Removes unfinished uploads into a folder that nothing came of for so long, and what is
/// remembered of them; says their names. What no sidecar tells of is not ours, and stays.
///
/// # Errors
/// When the sidecars cannot be listed. A file that cannot be removed stays.
pub fn sweep(
    folder: &Arc<Folder>,
    sidecars: &Sidecars,
    patience: Duration,
) -> io::Result<Vec<FileName>> {
    let here = as_text(folder.path());
    let mut swept = Vec::new();
    for sidecar in sidecars.list_with_lost()? {
        let is_ours = sidecar.upload && sidecar.folder == here;
        if !is_ours || sidecars.rested(&sidecar).is_none_or(|rested| rested < patience) {
            continue;
        }
        match remove(folder, sidecars, &sidecar) {
            Ok(true) => swept.push(sidecar.save_as),
            Ok(false) => {}
            Err(why) => log::warn!("an old upload cannot be removed: {why}"),
        }
    }
    Ok(swept)
}

/// Removes an upload; false when only its sidecar was left.
fn remove(folder: &Arc<Folder>, sidecars: &Sidecars, sidecar: &Sidecar) -> Result<bool, Trouble> {
    let is_it = |file: &std::fs::File| -> io::Result<bool> {
        Ok(which::identity(file)? == sidecar.identity)
    };
    let is_there = match folder.read(&part_name(&sidecar.save_as)) {
        Ok(file) => is_it(&file)?,
        Err(Trouble::NotFound) => false,
        Err(why) => return Err(why),
    };
    if !is_there {
        // Whatever has the name now, the sidecar is not about it.
        sidecars.remove(folder.path(), &sidecar.save_as)?;
        return Ok(false);
    }
    let part = Part::open(folder, &sidecar.save_as)?;
    if !is_it(part.file())? {
        return Err(Trouble::Changed);
    }
    sidecars.remove_durably(folder.path(), &sidecar.save_as)?;
    part.discard()?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::sidecar::tests::sidecar;
    use super::*;

    const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

    #[test]
    fn an_upload_that_rested_too_long_is_removed_and_its_neighbours_are_not() {
        let stage = Stage::new();
        stage.upload("old", |_| {});
        stage.upload("elsewhere", |sidecar| sidecar.folder = "/elsewhere".into());
        stage.upload("download", |sidecar| sidecar.upload = false);
        stage.upload("of another", |sidecar| sidecar.identity = [0; 3]);
        std::fs::write(stage.part("nobody knows"), "theirs").unwrap();
        stage.age(WEEK + Duration::from_secs(3600));
        stage.upload("young", |_| {});

        let swept = sweep(&stage.folder, &stage.sidecars, WEEK).unwrap();

        assert_eq!(swept, [name("old")]);
        assert!(!stage.part("old").exists());
        for kept in ["elsewhere", "download", "of another", "nobody knows", "young"] {
            assert!(stage.part(kept).exists(), "{kept}");
        }
        let here = stage.folder.path();
        assert_eq!(stage.sidecars.load(here, &name("old")), None);
        assert!(stage.sidecars.load(here, &name("young")).is_some());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_upload_that_was_only_noted_when_the_machine_failed_is_removed_too() {
        let stage = Stage::new();
        stage.upload("old", |_| {});
        let here = stage.folder.path();
        let sidecar = stage.sidecars.load(here, &name("old")).unwrap();
        stage.sidecars.remove(here, &name("old")).unwrap();
        stage
            .sidecars
            .notebook(&sidecar)
            .unwrap()
            .unwrap()
            .of_another_run()
            .write(&sidecar)
            .unwrap();
        stage.age(WEEK * 2);
        assert_eq!(stage.sidecars.load(here, &name("old")), None, "it is not to be resumed");

        assert_eq!(sweep(&stage.folder, &stage.sidecars, WEEK).unwrap(), [name("old")]);

        assert!(!stage.part("old").exists());
        assert_eq!(std::fs::read_dir(stage.root.path().join("state")).unwrap().count(), 0);
    }

    #[test]
    fn an_upload_that_is_under_way_is_left_alone() {
        let stage = Stage::new();
        stage.upload("busy", |_| {});
        stage.age(WEEK * 2);
        let writer = Part::open(&stage.folder, &name("busy")).unwrap();

        assert_eq!(sweep(&stage.folder, &stage.sidecars, WEEK).unwrap(), []);

        drop(writer);
        assert!(stage.part("busy").exists());
        assert!(stage.sidecars.load(stage.folder.path(), &name("busy")).is_some());
    }

    struct Stage {
        root: tempfile::TempDir,
        folder: Arc<Folder>,
        sidecars: Sidecars,
    }

    impl Stage {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let folder = Arc::new(Folder::create(&root.path().join("files")).unwrap());
            let sidecars = Sidecars::open(&root.path().join("state")).unwrap();
            Self { root, folder, sidecars }
        }

        fn upload(&self, save_as: &str, change: impl FnOnce(&mut Sidecar)) {
            std::fs::write(self.part(save_as), "half").unwrap();
            let file = std::fs::File::open(self.part(save_as)).unwrap();
            let mut sidecar = Sidecar {
                upload: true,
                folder: as_text(self.folder.path()),
                save_as: name(save_as),
                identity: which::identity(&file).unwrap(),
                ..sidecar()
            };
            change(&mut sidecar);
            self.sidecars.store(&sidecar).unwrap();
        }

        fn part(&self, name: &str) -> std::path::PathBuf {
            self.folder.path().join(format!("{name}.haversack-part"))
        }

        /// Makes everything that is remembered so much older.
        fn age(&self, by: Duration) {
            let state: &Path = &self.root.path().join("state");
            for entry in std::fs::read_dir(state).unwrap() {
                let file =
                    std::fs::File::options().write(true).open(entry.unwrap().path()).unwrap();
                let modified = file.metadata().unwrap().modified().unwrap();
                file.set_modified(modified - by).unwrap();
            }
        }
    }

    fn name(text: &str) -> FileName {
        FileName::parse(text).unwrap()
    }
}
