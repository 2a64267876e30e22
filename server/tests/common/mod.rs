//! A server and sessions in one process, on a free port.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "this is a test")]

pub mod raw;
pub mod valve;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use proto_core::text::Name;
use proto_core::wire::Audience;
use proto_std::channel::{Receiver, Sender, bounded};
use proto_std::future::timeout;
use proto_std::session::{self, Command, Event, Purpose, SessionConfig};
use proto_std::task::{JoinHandle, block_on, spawn};
use server::options::Options;
use server::report::Report;
use server::server::Server;
use tempfile::TempDir;

/// Longest wait for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A running server and the folders of everybody.
pub struct House {
    pub dir: TempDir,
    pub address: SocketAddr,
    pub uri: String,
    stop: Option<(Sender<()>, JoinHandle<()>)>,
    options: Options,
}

impl House {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Options)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut options = Options::new(any, dir.path().join("files"), dir.path().join("server"));
        change(&mut options);
        let mut house = Self { dir, address: any, uri: String::new(), stop: None, options };
        house.start();
        house
    }

    /// Starts the server, on the same port as before.
    pub fn start(&mut self) {
        let server = Server::open(&self.options, Report::silent()).unwrap();
        (self.address, self.uri) = (server.address(), server.uri());
        self.options.listen = self.address;
        let (stop, asked) = bounded::<()>(1);
        let run = spawn(async move {
            server
                .run(async {
                    let _ = asked.recv().await;
                })
                .await;
        });
        self.stop = Some((stop, run));
    }

    /// Stops the server, with its goodbyes.
    pub fn stop(&mut self) {
        let (stop, run) = self.stop.take().unwrap();
        drop(stop);
        block_on(timeout(PATIENCE, run)).expect("a server stops soon");
    }

    pub fn files(&self) -> &Path {
        &self.options.files
    }

    pub fn config(&self, name: &str, purpose: Purpose) -> SessionConfig {
        let state = self.dir.path().join("clients");
        let name = Name::parse(name).unwrap();
        SessionConfig::new(self.uri.parse().unwrap(), name, purpose, state)
    }

    /// Somebody in the room.
    pub fn join(&self, name: &str) -> Face {
        let mut face = Face::start(self.config(name, Purpose::Join));
        face.online();
        // The lists that every login brings.
        face.until(|event| matches!(event, Event::Files(_)).then_some(()));
        face
    }

    /// Somebody who only uses the server.
    pub fn enter(&self, name: &str) -> Face {
        let mut face = Face::start(self.config(name, Purpose::Use));
        face.online();
        face
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if self.stop.is_some() && !std::thread::panicking() {
            self.stop();
        }
    }
}

/// A user before a session.
pub struct Face {
    pub commands: Sender<Command>,
    pub events: Receiver<Event>,
    tokens: u64,
}

impl Face {
    pub fn start(config: SessionConfig) -> Self {
        let (commands, events) = session::start(config);
        Self { commands, events, tokens: 0 }
    }

    pub fn command(&self, command: Command) {
        self.commands.send_blocking(command).unwrap();
    }

    /// The next event.
    #[track_caller]
    pub fn next(&mut self) -> Event {
        block_on(timeout(PATIENCE, self.events.recv())).expect("something happens").unwrap()
    }

    /// Skips events until one is the one that is looked for.
    #[track_caller]
    pub fn until<T>(&mut self, mut pick: impl FnMut(Event) -> Option<T>) -> T {
        let mut before = String::new();
        loop {
            let event = self.next();
            let text = format!("{event:?}");
            if let Some(picked) = pick(event) {
                return picked;
            }
            assert!(text != "Closed", "the session ended first: {before}");
            before = text;
        }
    }

    #[track_caller]
    pub fn online(&mut self) {
        self.until(|event| matches!(event, Event::Online(_)).then_some(()));
    }

    #[track_caller]
    pub fn failure(&mut self) -> session::Error {
        self.until(|event| match event {
            Event::Failed(error) => Some(error),
            _ => None,
        })
    }

    pub fn say(&mut self, text: &str) -> u64 {
        self.say_to(Audience::All, text)
    }

    pub fn whisper(&mut self, to: &str, text: &str) -> u64 {
        self.say_to(Audience::One(Name::parse(to).unwrap()), text)
    }

    fn say_to(&mut self, to: Audience, text: &str) -> u64 {
        self.tokens += 1;
        self.command(Command::Say { token: self.tokens, to, text: text.into() });
        self.tokens
    }

    #[track_caller]
    pub fn delivered(&mut self, token: u64) {
        self.until(|event| match event {
            Event::Delivered { token: found } => (found == token).then_some(()),
            Event::Rejected { why, .. } => panic!("{why}"),
            _ => None,
        });
    }

    /// The next message: who and what.
    #[track_caller]
    pub fn heard(&mut self) -> (String, String) {
        self.until(|event| match event {
            Event::Said { from, text, .. } => Some((from.as_str().to_owned(), text)),
            _ => None,
        })
    }

    #[track_caller]
    pub fn users(&mut self) -> Vec<String> {
        self.command(Command::Users);
        self.until(|event| match event {
            Event::Users(names) => Some(names.iter().map(|n| n.as_str().to_owned()).collect()),
            _ => None,
        })
    }

    #[track_caller]
    pub fn leave(mut self) {
        self.command(Command::Leave);
        self.until(|event| matches!(event, Event::Closed).then_some(()));
    }
}
