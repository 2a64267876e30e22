//! What a server lets its clients get and put.

use std::sync::{Arc, Mutex, PoisonError};

use proto_core::ids::{PublicKey, Stamp};
use proto_core::text::FileName;
use proto_core::wire::AbortReason;

use super::quota::Quota;
use crate::clock;
use crate::storage::{Exists, Folder, Sidecars, SinkFile, SinkRequest, SourceFile};

/// Answers a peer who asks for a file or offers one. Called on a thread that may block.
pub trait Files: Send + Sync {
    /// Opens a file that the peer wants.
    ///
    /// # Errors
    /// The reason that the peer is told.
    fn open_source(&self, name: &FileName) -> Result<SourceFile, AbortReason>;

    /// Opens a place for a file that the peer offers.
    ///
    /// # Errors
    /// The reason that the peer is told.
    fn open_sink(&self, upload: &Upload) -> Result<SinkFile, AbortReason>;
}

/// A file that a peer offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Who offers it.
    pub peer: PublicKey,
    /// What it shall be called.
    pub name: FileName,
    /// Its bytes.
    pub size: u64,
    /// Its version.
    pub stamp: Stamp,
}

/// Gives nothing and takes nothing: what a client answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn open_source(&self, _name: &FileName) -> Result<SourceFile, AbortReason> {
        Err(AbortReason::NoSuchFile)
    }

    fn open_sink(&self, _upload: &Upload) -> Result<SinkFile, AbortReason> {
        Err(AbortReason::NoUploads)
    }
}

/// A server's folder: everything in it may be fetched, and files may be put when allowed.
#[derive(Debug)]
pub struct SharedFolder {
    folder: Arc<Folder>,
    uploads: Option<Uploads>,
    /// Held from the look at what is used until the new file counts.
    quota: Mutex<Quota>,
}

/// What uploads a server takes. A file that exists is never replaced.
#[derive(Clone, Debug)]
pub struct Uploads {
    /// Most bytes of one file.
    pub max_size: u64,
    /// Most bytes of all files in the folder together.
    pub quota: u64,
    /// Where unfinished uploads are remembered.
    pub sidecars: Sidecars,
}

impl SharedFolder {
    /// Shares a folder; `None` takes no uploads.
    pub fn new(folder: Arc<Folder>, uploads: Option<Uploads>) -> Self {
        let most = uploads.as_ref().map_or(0, |uploads| uploads.quota);
        Self { folder, uploads, quota: Mutex::new(Quota::new(most)) }
    }

    /// The folder, to list it.
    pub fn folder(&self) -> &Arc<Folder> {
        &self.folder
    }

    /// Whether uploads are taken.
    pub fn takes_uploads(&self) -> bool {
        self.uploads.is_some()
    }
}

impl Files for SharedFolder {
    fn open_source(&self, name: &FileName) -> Result<SourceFile, AbortReason> {
        if is_hidden(name) {
            return Err(AbortReason::NoSuchFile);
        }
        SourceFile::open_in(&self.folder, name).map_err(|why| why.reason())
    }

    fn open_sink(&self, upload: &Upload) -> Result<SinkFile, AbortReason> {
        let Some(uploads) = &self.uploads else { return Err(AbortReason::NoUploads) };
        if is_hidden(&upload.name) {
            return Err(AbortReason::NotPermitted);
        }
        if upload.size > uploads.max_size {
            return Err(AbortReason::TooLarge);
        }
        let mut quota = self.quota.lock().unwrap_or_else(PoisonError::into_inner);
        let used = || self.folder.used(&upload.name);
        let admitted = match quota.admit(clock::now(), upload.size, used) {
            Ok(Some(admitted)) => admitted,
            Ok(None) => return Err(AbortReason::NoSpace),
            Err(_) => return Err(AbortReason::DiskFailed),
        };
        let request = SinkRequest {
            peer: upload.peer,
            upload: true,
            name: upload.name.clone(),
            folder: Arc::clone(&self.folder),
            save_as: upload.name.clone(),
            exists: Exists::Fail,
            sidecars: Some(uploads.sidecars.clone()),
            confirmed: false,
        };
        let sink = SinkFile::open(request).map_err(|why| why.reason())?;
        match sink.claim(upload.size) {
            Ok(len) => quota.on_claimed(admitted, len),
            Err(why) => {
                sink.abandon();
                return Err(why.reason());
            }
        }
        Ok(sink)
    }
}

/// Hidden files are nobody's business.
fn is_hidden(name: &FileName) -> bool {
    name.as_str().starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_that_race_stay_within_the_quota_together() {
        let (root, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = Arc::new(Folder::open(root.path()).unwrap());
        let sidecars = Sidecars::open(state.path()).unwrap();
        let uploads = Uploads { max_size: 100, quota: 100, sidecars };
        let shared = SharedFolder::new(folder, Some(uploads));
        let open = |name: &str| {
            let name = FileName::parse(name).unwrap();
            let upload = Upload { peer: PublicKey([1; 32]), name, size: 60, stamp: Stamp(1) };
            shared.open_sink(&upload)
        };

        let opened: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> =
                ["a", "b", "c", "d"].map(|name| scope.spawn(move || open(name))).into();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });

        assert_eq!(opened.iter().filter(|opened| opened.is_ok()).count(), 1);
        assert!(opened.iter().flatten().all(|sink| sink.held().is_none()));
    }
}
