//! A server in this process, with files to share and people who talk.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use proto_std::channel::{Sender, bounded};
use proto_std::task::{self, block_on};
use server::options::Options;
use server::report::Report;
use server::server::Server;
use tempfile::TempDir;

use super::people;
use crate::commands as cmd;
use crate::mailbox::Mailbox;

/// Slow enough to be watched.
pub(crate) const RATE: u64 = 3 << 20;
/// What is shared: names and lengths.
const FILES: &[(&str, u64)] = &[
    ("field-recording.flac", 48 << 20),
    ("floor-plan.svg", 212 << 10),
    ("holiday-photos.zip", 96 << 20),
    ("minutes-2026-08.pdf", 3 << 20),
    ("notes.pdf", 10 << 20),
    ("route.gpx", 84 << 10),
    ("video.mkv", 640 << 20),
];

/// The server and its people; they go when it is dropped, and everything they made with them.
pub(crate) struct Stage {
    dir: TempDir,
    uri: String,
    over: Arc<AtomicBool>,
    stop: Option<Sender<()>>,
    running: Vec<JoinHandle<()>>,
}

impl Stage {
    /// Starts server and people.
    pub(crate) fn open() -> io::Result<Self> {
        let dir = tempfile::tempdir()?;
        let files = dir.path().join("shared");
        fs::create_dir(&files)?;
        fs::create_dir(dir.path().join("downloads"))?;
        share(&files)?;
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut options = Options::new(any, files, dir.path().join("server"));
        options.quota = Some(4 << 30);
        let server = Server::open(&options, Report::silent()).map_err(io::Error::other)?;
        let uri = server.uri();
        let (stop, asked) = bounded::<()>(1);
        let run = move || {
            let stopped = async move {
                // The stage is dropped: that ends it as well.
                let _ = asked.recv().await;
            };
            block_on(task::spawn(server.run(stopped)));
        };
        let over = Arc::new(AtomicBool::new(false));
        let mut running = vec![thread::Builder::new().name("demo".into()).spawn(run)?];
        running.extend(people::enter(&uri, dir.path(), &over)?);
        Ok(Self { dir, uri, over, stop: Some(stop), running })
    }

    /// Where the server is, and its key.
    pub(crate) fn uri(&self) -> &str {
        &self.uri
    }

    /// The window's own state.
    pub(crate) fn state_dir(&self) -> PathBuf {
        self.dir.path().join("window")
    }

    /// Where the window's downloads go.
    pub(crate) fn downloads(&self) -> PathBuf {
        self.dir.path().join("downloads")
    }

    /// Begins a download in the window, some time after it is open.
    pub(crate) fn fetch(&mut self, mailbox: Mailbox) -> io::Result<()> {
        let over = Arc::clone(&self.over);
        let fetch = move || {
            for (after, file) in [(25, "notes.pdf"), (20, "field-recording.flac")] {
                if !people::wait(Duration::from_millis(after * 100), &over) {
                    return;
                }
                // A window that is gone wants no file.
                mailbox.send(cmd::START_DOWNLOAD, Arc::from(file));
                mailbox.send(cmd::DOWNLOAD, ());
            }
        };
        self.running.push(thread::Builder::new().name("demo".into()).spawn(fetch)?);
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        self.stop = None;
        for thread in self.running.drain(..).rev() {
            // Whatever befell it, the demonstration is over.
            drop(thread.join());
        }
    }
}

fn share(folder: &Path) -> io::Result<()> {
    for (name, length) in FILES {
        // Holes take no room on the disk, and arrive as what they are.
        let mut file = File::create(folder.join(name))?;
        file.write_all(name.as_bytes())?;
        file.set_len(*length)?;
    }
    Ok(())
}
