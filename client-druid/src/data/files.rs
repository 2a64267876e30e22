//! The server's shared files, and what of them is looked for.

use std::sync::Arc;

use druid::{Data, Lens};
use proto_std::session::FileEntry;

/// The list of shared files.
#[derive(Clone, Data, Debug, Default, Lens)]
pub(crate) struct Files {
    /// All of them, as the server listed them; `None` until it did.
    pub(crate) all: Option<Arc<Vec<FileEntry>>>,
    /// What is looked for.
    pub(crate) filter: String,
    /// Those that match.
    pub(crate) found: Arc<Vec<FileEntry>>,
    /// Whether the server takes uploads.
    pub(crate) uploads: bool,
    /// Whether the list is under way.
    pub(crate) asked: Asked,
}

/// Whether the list of files is asked for.
#[derive(Clone, Copy, Data, Debug, Default, PartialEq, Eq)]
pub(crate) enum Asked {
    #[default]
    No,
    Once,
    /// It changed again meanwhile.
    Again,
}

impl Files {
    /// The list changed; true when it is to be asked for, which is once at a time.
    pub(crate) fn ask_once(&mut self) -> bool {
        let is_first = self.asked == Asked::No;
        self.asked = if is_first { Asked::Once } else { Asked::Again };
        is_first
    }

    /// The list came; true when it is to be asked for again, because it changed meanwhile.
    pub(crate) fn is_asked_again(&mut self) -> bool {
        let again = self.asked == Asked::Again;
        self.asked = if again { Asked::Once } else { Asked::No };
        again
    }

    /// The server's list.
    pub(crate) fn set(&mut self, mut files: Vec<FileEntry>) {
        files.sort_by_cached_key(|file| file.name.as_str().to_lowercase());
        self.all = Some(Arc::new(files));
        self.look();
    }

    /// Looks for what is typed.
    pub(crate) fn look(&mut self) {
        let Some(all) = &self.all else {
            self.found = Arc::default();
            return;
        };
        let needle = self.filter.trim().to_lowercase();
        self.found = if needle.is_empty() {
            Arc::clone(all)
        } else {
            let matches = |file: &&FileEntry| file.name.as_str().to_lowercase().contains(&needle);
            Arc::new(all.iter().filter(matches).cloned().collect())
        };
    }
}

#[cfg(test)]
mod tests {
    use proto_core::ids::Stamp;
    use proto_core::text::FileName;

    use super::*;

    fn entry(name: &str) -> FileEntry {
        FileEntry { name: FileName::parse(name).unwrap(), size: 1, stamp: Stamp(0) }
    }

    #[test]
    fn files_are_in_order_and_found_by_any_part_of_their_name() {
        let mut files = Files::default();
        files.set(vec![entry("video.mkv"), entry("Notes.pdf"), entry("notes.txt")]);
        let names = |files: &Files| -> Vec<String> {
            files.found.iter().map(|file| file.name.as_str().to_owned()).collect()
        };
        assert_eq!(names(&files), ["Notes.pdf", "notes.txt", "video.mkv"]);
        files.filter = " NOTES ".into();
        files.look();
        assert_eq!(names(&files), ["Notes.pdf", "notes.txt"]);
    }
}
