//! The user's transfers: asked for once, carried over as many connections as it takes.
//!
//! `line` is the connection under them, `room` how many it carries, `submit` hands them to its flow,
//! `news` is what comes back.

mod line;
mod news;
mod room;
mod submit;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use async_std::channel::Receiver;
use async_std::task::spawn_blocking;
use proto_core::ids::TransferId;
use proto_core::link::Established;
use proto_core::text::FileName;
use proto_core::time::Duration;
use proto_core::wire::{AbortReason, Transfer};

use super::advice::Advice;
use super::command::{Get, Put};
use super::config::SessionConfig;
use super::desk::Voice;
use super::error::{Error, ErrorKind};
use super::event::Event;
use super::job::{Job, Request};
use crate::engine::{Engine, EngineEvent, FlowHandle};
use crate::storage::{self, Folder, Sidecars, Trouble};
use room::Room;

/// All transfers of a session.
#[derive(Debug)]
pub(super) struct Transfers {
    voice: Voice,
    jobs: BTreeMap<TransferId, Job>,
    engine: Option<Engine>,
    /// The present connection.
    line: Option<(Established, SocketAddr)>,
    flow: Option<FlowHandle>,
    events: Option<Receiver<EngineEvent>>,
    sidecars: Option<Sidecars>,
    limit_rate: Option<u64>,
    room: Room,
    /// The folder of the last download, while any has it open.
    folder: (PathBuf, Weak<Folder>),
}

impl Transfers {
    pub(super) fn new(config: &SessionConfig, voice: Voice) -> Self {
        let sidecars = Sidecars::of_client(&config.state_dir).ok();
        Self {
            voice,
            jobs: BTreeMap::new(),
            engine: None,
            line: None,
            flow: None,
            events: None,
            sidecars,
            limit_rate: config.limit_rate,
            room: Room::new(),
            folder: (PathBuf::new(), Weak::new()),
        }
    }

    pub(super) async fn get(&mut self, get: Get) {
        let id = get.id;
        self.add(id, Job::get(get)).await;
    }

    pub(super) async fn put(&mut self, put: Put) {
        let id = put.id;
        let name = put.save_as.clone().or_else(|| {
            let name = put.path.file_name()?.to_str()?;
            FileName::parse(name).ok()
        });
        if let Some(name) = name {
            self.add(id, Job::put(put, name)).await;
            return;
        }
        // The report needs some name: this one says what it is about.
        let name = FileName::parse("file").expect("a harmless name");
        let what = format!("cannot upload {}", put.path.display());
        let mut job = Job::put(put, name);
        job.on_failed(Error::new(
            ErrorKind::Usage,
            what,
            "its name cannot be used on every system",
            Advice::OtherName,
        ));
        self.voice.tell(Event::Transfer(Box::new(job.report))).await;
    }

    pub(super) async fn hold(&mut self, id: TransferId, set: bool) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.set_hold(set);
        if job.submitted
            && let Some(flow) = &self.flow
        {
            flow.hold(id, set).await;
        }
    }

    pub(super) async fn confirm(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.confirmed = true;
        if job.submitted
            && let Some(flow) = &self.flow
        {
            flow.confirm(id).await;
        }
    }

    pub(super) async fn cancel(&mut self, id: TransferId, discard: bool) {
        let Some(mut job) = self.jobs.remove(&id) else { return };
        let flow = self.flow.as_ref().filter(|_| job.submitted);
        match (flow, &job.request) {
            (Some(flow), _) if discard => flow.discard(id).await,
            (Some(flow), _) => flow.cancel(id, AbortReason::Cancelled).await,
            (None, Request::Get(get)) if discard => {
                let name = get.save_as.as_ref().unwrap_or(&get.file);
                let (folder, name) = (get.folder.clone(), name.clone());
                let sidecars = self.sidecars.clone();
                spawn_blocking(move || discard_file(&folder, &name, sidecars.as_ref())).await;
            }
            (None, _) => {}
        }
        job.on_failed(job.cancelled(discard));
        self.voice.tell(Event::Transfer(Box::new(job.report))).await;
        self.submit().await;
    }

    /// Starts the engine, unless there is one.
    fn start(&mut self) {
        if self.engine.is_none() {
            self.engine = super::start_engine();
        }
    }

    /// The server says something about a transfer.
    pub(super) async fn message(&mut self, message: Transfer) {
        if let Some(flow) = &self.flow {
            flow.message(message).await;
        }
    }

    async fn add(&mut self, id: TransferId, mut job: Job) {
        if self.jobs.contains_key(&id) {
            job.on_failed(Error::new(ErrorKind::Usage, job.what(), "its number is in use", ""));
            self.voice.tell(Event::Transfer(Box::new(job.report))).await;
            return;
        }
        self.jobs.insert(id, job);
        // It gets ready while the connection is made.
        self.start();
        Box::pin(self.submit()).await;
    }
}

/// Removes what arrived of a file. The engine may still be closing it.
fn discard_file(folder: &Path, name: &FileName, sidecars: Option<&Sidecars>) {
    let Ok(folder) = Folder::open(folder).map(Arc::new) else { return };
    for _ in 0..DISCARD_ATTEMPTS {
        match storage::discard(&folder, name, sidecars) {
            Err(Trouble::Busy) => std::thread::sleep(DISCARD_PAUSE),
            Err(why) => return log::warn!("{name}: cannot be discarded: {why}"),
            Ok(()) => return,
        }
    }
    log::warn!("{name}: cannot be discarded while it is written");
}

/// Attempts to discard a file that is being closed, and the pause between two of them.
const DISCARD_ATTEMPTS: usize = 100;
const DISCARD_PAUSE: Duration = Duration::from_millis(20);
