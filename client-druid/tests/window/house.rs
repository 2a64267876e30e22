//! A server in this process, and somebody else who is on it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proto_core::text::Name;
use proto_core::wire::Audience;
use proto_sim::rng::noise;
use proto_std::channel::{Receiver, Sender, bounded};
use proto_std::future::timeout;
use proto_std::session::{self, Command, Event, Purpose, SessionConfig};
use proto_std::task::{JoinHandle, block_on, spawn};
use server::options::Options;
use server::report::Report;
use server::server::Server;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(40);

/// A running server and everybody's folders.
pub(crate) struct House {
    pub(crate) dir: TempDir,
    pub(crate) address: SocketAddr,
    pub(crate) uri: String,
    stop: Option<(Sender<()>, JoinHandle<()>)>,
}

impl House {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut options = Options::new(any, dir.path().join("files"), dir.path().join("server"));
        options.quota = Some(1 << 30);
        let server = Server::open(&options, Report::silent()).unwrap();
        let (address, uri) = (server.address(), server.uri());
        let (stop, asked) = bounded::<()>(1);
        let run = spawn(async move {
            let stopped = async {
                let _ = asked.recv().await;
            };
            server.run(stopped).await;
        });
        Self { dir, address, uri, stop: Some((stop, run)) }
    }

    pub(crate) fn home(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.dir.path().join("files")
    }

    /// Stops the server, with its goodbyes.
    pub(crate) fn close(&mut self) {
        let Some((stop, run)) = self.stop.take() else { return };
        drop(stop);
        let _ = block_on(timeout(PATIENCE, run));
    }

    /// Somebody in the room.
    pub(crate) fn join(&self, name: &str) -> Guest {
        let state = self.home(name);
        let name = Name::parse(name).unwrap();
        let server = self.uri.parse().unwrap();
        let config = SessionConfig::new(server, name, Purpose::Join, state);
        let (commands, events) = session::start(config);
        let mut guest = Guest { commands, events };
        guest.until(|event| matches!(event, Event::Users(_)).then_some(()));
        guest
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.close();
    }
}

/// Somebody else.
pub(crate) struct Guest {
    commands: Sender<Command>,
    events: Receiver<Event>,
}

impl Guest {
    pub(crate) fn say(&self, to: Audience, text: &str) {
        let text = text.to_owned();
        self.commands.send_blocking(Command::Say { token: 1, to, text }).unwrap();
    }

    /// Skips events until one is the one that is looked for.
    #[track_caller]
    pub(crate) fn until<T>(&mut self, mut pick: impl FnMut(Event) -> Option<T>) -> T {
        loop {
            let event = block_on(timeout(PATIENCE, self.events.recv()));
            if let Some(picked) = pick(event.expect("something happens").unwrap()) {
                return picked;
            }
        }
    }

    /// Waits until somebody enters.
    #[track_caller]
    pub(crate) fn sees(&mut self, who: &str) {
        self.until(|event| match event {
            Event::Joined { name, .. } => (name.as_str() == who).then_some(()),
            _ => None,
        });
    }

    /// Waits until somebody leaves.
    #[track_caller]
    pub(crate) fn sees_off(&mut self, who: &str) {
        self.until(|event| match event {
            Event::Left { name, .. } => (name.as_str() == who).then_some(()),
            _ => None,
        });
    }

    /// The next message of somebody else: who, to whom, what.
    #[track_caller]
    pub(crate) fn hears(&mut self) -> (String, Audience, String) {
        self.until(|event| match event {
            Event::Said { from, to, text, mine: None, .. } => Some((from.to_string(), to, text)),
            _ => None,
        })
    }
}

pub(crate) fn one(name: &str) -> Audience {
    Audience::One(Name::parse(name).unwrap())
}

/// Shares bytes that repeat nowhere.
pub(crate) fn share(path: &Path, len: usize) -> Vec<u8> {
    let bytes = noise(1, len);
    std::fs::write(path, &bytes).unwrap();
    bytes
}
