//! A connection falls at the worst moment: between the last byte and the last word.

use std::fs;

use async_std::channel::bounded;
use async_std::task::block_on;
use proto_core::ids::{PublicKey, TransferId};
use proto_core::secure::{DatagramKeys, Role, Suites};
use proto_core::text::{FileName, Name};
use proto_core::wire::Transfer;

use super::*;
use crate::engine::{EngineConfig, FlowHandle, SharedFolder};
use crate::entropy;
use crate::session::command::{Clash, Get};
use crate::session::desk::Voice;
use crate::session::event::TransferState;
use crate::session::{Purpose, SessionConfig};
use crate::storage::Folder;
use crate::udp;

#[test]
fn a_file_that_is_complete_is_checked_when_the_connection_has_fallen() {
    let mut stage = Stage::new();
    block_on(async {
        let digest = stage.play_until_the_digest_is_missing().await;
        stage.transfers.message(digest).await;

        stage.transfers.settle().await;
        stage.transfers.on_offline().await;
    });

    let last = stage.last_report();
    assert!(matches!(last, TransferState::Done { .. }), "{last:?}");
    assert_eq!(fs::read(stage.dir.path().join("here/file")).unwrap(), CONTENT);
}

#[test]
fn a_file_whose_digest_is_not_known_waits_for_the_next_connection() {
    let mut stage = Stage::new();
    block_on(async {
        drop(stage.play_until_the_digest_is_missing().await);

        stage.transfers.settle().await;
        stage.transfers.on_offline().await;
    });

    let last = stage.last_report();
    assert!(matches!(last, TransferState::Asked), "{last:?}");
}

static CONTENT: [u8; 50_000] = [7; 50_000];

/// A session's transfers, one of which has begun, and a server's engine that answers them.
struct Stage {
    dir: tempfile::TempDir,
    transfers: Transfers,
    told: Receiver<Event>,
    server: (FlowHandle, Receiver<EngineEvent>),
}

impl Stage {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (here, there) = (dir.path().join("here"), dir.path().join("there"));
        fs::create_dir(&here).unwrap();
        let shared = Arc::new(Folder::create(&there).unwrap());
        fs::write(there.join("file"), CONTENT).unwrap();
        let engine = Engine::start(EngineConfig::at(udp::here())).unwrap();
        let (theirs, mine) = (engine.reserve_cid().unwrap(), proto_core::ids::ConnectionId::new(1));
        let (secret, suite) = (entropy::bytes(), best_suite());
        let server = engine.open(engine::SessionConfig {
            keys: DatagramKeys::new(suite, secret, Role::Server),
            local_cid: theirs,
            remote_cid: mine,
            remote: None,
            host: None,
            peer: PublicKey([1; 32]),
            files: Arc::new(SharedFolder::new(shared, None)),
            sidecars: None,
            confirm_at: None,
            limit_rate: None,
        });
        let established = Established {
            peer: PublicKey([2; 32]),
            keys: DatagramKeys::new(suite, secret, Role::Client),
            local_cid: mine,
            remote_cid: theirs,
        };
        let (voice, told) = bounded(1024);
        let (address, name) = ("127.0.0.1".parse().unwrap(), Name::parse("leah").unwrap());
        let config = SessionConfig::new(address, name, Purpose::Use, dir.path().join("state"));
        let mut transfers = Transfers::new(&config, Voice::new(voice));
        block_on(async {
            transfers.begin(established, engine.local_addr()).await;
            transfers.get(wish(here)).await;
        });
        Self { dir, transfers, told, server }
    }

    /// Carries messages, but keeps the digest, until everything else is here.
    async fn play_until_the_digest_is_missing(&mut self) -> Transfer {
        let mut digest = None;
        loop {
            if let Some(digest) = digest.take_if(|_| self.is_verifying()) {
                return digest;
            }
            let mine = self.transfers.events().unwrap();
            let both = race(mine.recv(), self.server.1.recv());
            let next = race(both, sleep_until(clock::now() + Duration::from_secs(60))).await;
            match next {
                Either::Left(Either::Left(event)) => match event.unwrap() {
                    EngineEvent::Message(message) => self.server.0.message(*message).await,
                    event => self.transfers.on_event(event).await,
                },
                Either::Left(Either::Right(event)) => {
                    let EngineEvent::Message(message) = event.unwrap() else { continue };
                    match *message {
                        Transfer::Digest { .. } => digest = Some(*message),
                        message => self.transfers.message(message).await,
                    }
                }
                Either::Right(()) => panic!("the file does not arrive"),
            }
        }
    }

    fn is_verifying(&self) -> bool {
        let mut jobs = self.transfers.jobs.values();
        jobs.any(|job| matches!(job.report.state, TransferState::Verifying))
    }

    fn last_report(&self) -> TransferState {
        let mut last = None;
        while let Ok(event) = self.told.try_recv() {
            if let Event::Transfer(report) = event {
                last = Some(report.state);
            }
        }
        last.expect("something was told")
    }
}

fn wish(folder: std::path::PathBuf) -> Get {
    Get {
        id: TransferId(1),
        file: FileName::parse("file").unwrap(),
        folder,
        save_as: None,
        clash: Clash::KeepBoth,
        hold: false,
        pause_at: None,
        confirmed: false,
    }
}

fn best_suite() -> proto_core::secure::Suite {
    let mine = crate::session::suites();
    Suites::best_common(mine, mine).expect("everybody has one")
}
