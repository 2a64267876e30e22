//! Two engines, a folder on each side, and the control channel in between.

use std::path::Path;
use std::sync::Arc;

use async_std::channel::Receiver;
use async_std::task;
use futures::future::{Either, select};
use proto_core::ids::{PublicKey, TransferId};
use proto_core::secure::{Aead, DatagramKeys, Role, Suites};
use proto_core::text::FileName;
use proto_core::wire::{AbortReason, Transfer};

use super::super::*;
use crate::aead::HostAead;
use crate::entropy;
use crate::storage::{Exists, Folder, Sidecars, SourceFile};
use crate::udp;

/// The client's event, or else the server's.
pub(super) type Heard = (bool, EngineEvent);

pub(super) struct Pair {
    pub(super) shared: tempfile::TempDir,
    pub(super) received: tempfile::TempDir,
    state: tempfile::TempDir,
    pub(super) sidecars: Sidecars,
    files: Arc<SharedFolder>,
    pub(super) engines: (Engine, Engine),
    pub(super) client: (FlowHandle, Receiver<EngineEvent>),
    pub(super) server: (FlowHandle, Receiver<EngineEvent>),
    cids: (ConnectionId, ConnectionId),
    configure: fn(&mut SessionConfig),
}

impl Pair {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(configure: fn(&mut SessionConfig)) -> Self {
        let (shared, received) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let state = tempfile::tempdir().unwrap();
        let sidecars = Sidecars::open(&state.path().join("client")).unwrap();
        let uploads = Uploads {
            max_size: 20_000_000,
            quota: 100_000_000,
            sidecars: Sidecars::open(&state.path().join("server")).unwrap(),
        };
        let folder = Arc::new(Folder::open(shared.path()).unwrap());
        let files = Arc::new(SharedFolder::new(folder, Some(uploads)));
        let here = EngineConfig::at(udp::here());
        let engines = (Engine::start(here.clone()).unwrap(), Engine::start(here).unwrap());
        let cids = (engines.0.reserve_cid().unwrap(), engines.1.reserve_cid().unwrap());
        let (client, server) = open(&engines, &files, &sidecars, cids, configure);
        Self { shared, received, state, sidecars, files, engines, client, server, cids, configure }
    }

    /// Where both ends' datagrams go, and whose they are.
    pub(super) fn targets(&self) -> [(SocketAddr, ConnectionId); 2] {
        let (client, server) = (&self.engines.0, &self.engines.1);
        [(client.local_addr(), self.cids.0), (server.local_addr(), self.cids.1)]
    }

    /// One session more between the same engines.
    pub(super) fn another(&self) -> (End, End) {
        let cids = (self.engines.0.reserve_cid().unwrap(), self.engines.1.reserve_cid().unwrap());
        open(&self.engines, &self.files, &self.sidecars, cids, self.configure)
    }

    /// One with connection ids that are in use.
    pub(super) fn impostor(&self) -> (End, End) {
        open(&self.engines, &self.files, &self.sidecars, self.cids, self.configure)
    }

    /// Another session begins; gives what is left of the one before.
    pub(super) fn reopen(&mut self) -> (End, End) {
        let (client, server) = self.another();
        let client = std::mem::replace(&mut self.client, client);
        (client, std::mem::replace(&mut self.server, server))
    }

    pub(super) fn share(&self, name: &str, content: &[u8]) {
        std::fs::write(self.shared.path().join(name), content).unwrap();
    }

    pub(super) fn request(&self, id: u16, file: &str) -> GetRequest {
        GetRequest {
            id: TransferId(id),
            name: name(file),
            save_as: name(file),
            folder: Arc::new(Folder::open(self.received.path()).unwrap()),
            exists: Exists::NumberIt,
            hold: false,
            confirmed: false,
            stop_at: None,
        }
    }

    pub(super) fn get(&self, id: u16, file: &str) {
        task::block_on(self.client.0.get(self.request(id, file)));
    }

    pub(super) fn put(&self, id: u16, path: &Path, as_name: &str) {
        let source = SourceFile::open(path).unwrap();
        let request = PutRequest { id: TransferId(id), name: name(as_name), source, hold: false };
        task::block_on(self.client.0.put(request));
    }

    pub(super) fn play_until_over(&self, id: u16) -> Vec<Heard> {
        self.play(|events| is_over(events, id))
    }

    /// Carries control messages until enough was heard.
    pub(super) fn play(&self, enough: impl Fn(&[Heard]) -> bool) -> Vec<Heard> {
        task::block_on(play(&self.client, &self.server, enough))
    }

    /// Files that the server remembers a part of.
    pub(super) fn remembered(&self) -> usize {
        Sidecars::open(&self.state.path().join("server")).unwrap().list().unwrap().len()
    }

    pub(super) fn stop(&self) {
        self.engines.0.stop();
        self.engines.1.stop();
    }
}

/// Carries control messages between two ends until enough was heard.
pub(super) async fn play(
    client: &End,
    server: &End,
    enough: impl Fn(&[Heard]) -> bool,
) -> Vec<Heard> {
    let mut heard: Vec<Heard> = Vec::new();
    let play = async {
        while !enough(&heard) {
            let (mine, theirs) = (client.1.recv(), server.1.recv());
            let (is_mine, event) = match select(Box::pin(mine), Box::pin(theirs)).await {
                Either::Left((event, _)) => (true, event.unwrap()),
                Either::Right((event, _)) => (false, event.unwrap()),
            };
            if let EngineEvent::Message(message) = &event {
                let to = if is_mine { &server.0 } else { &client.0 };
                to.message(Transfer::clone(message)).await;
            }
            heard.push((is_mine, event));
        }
    };
    let over = async_std::future::timeout(PATIENCE, play).await;
    assert!(over.is_ok(), "nothing more was heard: {heard:#?}");
    heard
}

/// What a client's flow still says until it is closed.
pub(super) fn rest(events: &Receiver<EngineEvent>) -> Vec<Heard> {
    let mut heard = Vec::new();
    let listen = async {
        while let Ok(event) = events.recv().await {
            heard.push((true, event));
        }
    };
    let over = task::block_on(async_std::future::timeout(PATIENCE, listen));
    assert!(over.is_ok(), "the flow is never closed: {heard:#?}");
    heard
}

/// Whether a transfer is over at the client.
pub(super) fn is_over(events: &[Heard], id: u16) -> bool {
    events.iter().any(|(mine, event)| match event {
        EngineEvent::Finished { id: over, .. } | EngineEvent::Ended { id: over, .. } => {
            *mine && over.0 == id
        }
        _ => false,
    })
}

pub(super) type End = (FlowHandle, Receiver<EngineEvent>);

fn open(
    (client, server): &(Engine, Engine),
    files: &Arc<SharedFolder>,
    sidecars: &Sidecars,
    cids: (ConnectionId, ConnectionId),
    configure: fn(&mut SessionConfig),
) -> (End, End) {
    let suite = Suites::best_common(HostAead::suites(), HostAead::suites()).unwrap();
    let secret = entropy::bytes();
    let keys = |role| DatagramKeys::new(suite, secret, role);
    let files: Arc<dyn Files> = Arc::clone(files) as _;
    let mut config = SessionConfig {
        keys: keys(Role::Server),
        local_cid: cids.1,
        remote_cid: cids.0,
        remote: None,
        host: None,
        peer: PublicKey([1; 32]),
        files,
        sidecars: None,
        confirm_at: None,
        limit_rate: None,
    };
    configure(&mut config);
    let mine = SessionConfig {
        keys: keys(Role::Client),
        local_cid: cids.0,
        remote_cid: cids.1,
        remote: Some(server.local_addr()),
        host: None,
        peer: PublicKey([2; 32]),
        files: Arc::new(NoFiles),
        sidecars: Some(sidecars.clone()),
        confirm_at: None,
        limit_rate: config.limit_rate,
    };
    let mine = client.open(mine);
    (mine, server.open(config))
}

pub(super) fn assert_finished(events: &[Heard], id: u16, size: usize) {
    let finished = events.iter().any(|(mine, event)| match event {
        EngineEvent::Finished { id: over, size: bytes, .. } => {
            *mine && over.0 == id && *bytes == size as u64
        }
        _ => false,
    });
    assert!(finished, "{size} bytes: {events:#?}");
}

pub(super) fn assert_ended(events: &[Heard], id: u16, reason: AbortReason, by: bool) {
    let ended = events.iter().any(|(mine, event)| match event {
        EngineEvent::Ended { id: over, why, by_peer, .. } => {
            *mine && over.0 == id && *why == reason && *by_peer == by
        }
        _ => false,
    });
    assert!(ended, "{events:#?}");
}

pub(super) fn name(text: &str) -> FileName {
    FileName::parse(text).unwrap()
}

pub(super) fn content(size: usize) -> Vec<u8> {
    (0..=250).cycle().take(size).collect()
}

/// Longest time that a story may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);
