//! The user's transfers: asked for once, carried over as many connections as it takes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_std::channel::Receiver;
use async_std::task::spawn_blocking;
use proto_core::ids::TransferId;
use proto_core::link::Established;
use proto_core::text::FileName;
use proto_core::time::Duration;
use proto_core::wire::{AbortReason, Transfer};

use super::command::{Clash, Get, Put};
use super::config::SessionConfig;
use super::desk::Voice;
use super::error::{Error, ErrorKind};
use super::event::{Event, TransferReport, TransferState};
use super::explain;
use super::job::{Job, Request};
use crate::clock;
use crate::engine::{self, Engine, EngineEvent, FlowHandle, GetRequest, NoFiles, PutRequest};
use crate::storage::{self, Exists, Folder, Sidecars, SourceFile, Trouble};

/// Transfers that one flow carries at once; more of them wait for their turn.
const AT_ONCE: usize = 16;

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
}

impl Transfers {
    pub(super) fn new(config: &SessionConfig, voice: Voice) -> Self {
        let sidecars = Sidecars::open(&config.state_dir.join("transfers")).ok();
        Self {
            voice,
            jobs: BTreeMap::new(),
            engine: None,
            line: None,
            flow: None,
            events: None,
            sidecars,
            limit_rate: config.limit_rate,
        }
    }

    /// A connection stands: everything that is unfinished goes on. The requests follow the login
    /// without waiting for its answer, which saves a round trip.
    pub(super) async fn begin(&mut self, established: Established, remote: SocketAddr) {
        self.close();
        self.line = Some((established, remote));
        self.submit().await;
    }

    /// What the engine tells about the present flow; `None` while there is none.
    pub(super) fn events(&self) -> Option<Receiver<EngineEvent>> {
        self.events.clone()
    }

    /// The engine tells nothing any more.
    pub(super) fn on_end(&mut self) {
        self.events = None;
    }

    /// Gives the engine away, if there ever was one: to be stopped.
    pub(super) fn take_engine(&mut self) -> Option<Engine> {
        self.close();
        self.engine.take()
    }

    /// Opens a flow over the present connection, unless there is one: whoever only talks costs
    /// neither side the memory of it.
    fn open(&mut self) {
        if self.flow.is_some() {
            return;
        }
        if self.engine.is_none() {
            self.engine = super::start_engine();
        }
        let (Some(engine), Some((established, remote))) = (&self.engine, &self.line) else {
            return;
        };
        let (flow, events) = engine.open(engine::SessionConfig {
            keys: established.keys.clone(),
            local_cid: established.local_cid,
            remote_cid: established.remote_cid,
            remote: Some(*remote),
            peer: established.peer,
            files: Arc::new(NoFiles),
            sidecars: self.sidecars.clone(),
            confirm_at: None,
            limit_rate: self.limit_rate,
        });
        (self.flow, self.events) = (Some(flow), Some(events));
    }

    /// Closes the flow. What has arrived is kept, and asked for again on the next flow.
    pub(super) fn close(&mut self) {
        (self.line, self.events) = (None, None);
        if let Some(flow) = self.flow.take() {
            flow.close(Duration::ZERO);
        }
    }

    /// The connection is lost.
    pub(super) async fn on_offline(&mut self) {
        self.close();
        for job in self.jobs.values_mut() {
            if job.submitted {
                job.on_offline();
                self.voice.tell(Event::Transfer(Box::new(job.report.clone()))).await;
            }
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
            "Give it another name with --as.",
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
        job.on_failed(explain::aborted(job.what(), AbortReason::Cancelled, None));
        self.voice.tell(Event::Transfer(Box::new(job.report))).await;
        self.submit().await;
    }

    /// The server says something about a transfer.
    pub(super) async fn message(&mut self, message: Transfer) {
        if let Some(flow) = &self.flow {
            flow.message(message).await;
        }
    }

    /// The engine says something about a transfer.
    pub(super) async fn on_event(&mut self, event: EngineEvent) {
        let now = clock::now();
        if event == EngineEvent::PathUnanswered {
            let port = self.line.as_ref().map_or(0, |(_, remote)| remote.port());
            return self.voice.tell(Event::Warning(explain::no_udp(port))).await;
        }
        let Some(id) = id_of(&event) else { return };
        let Some(job) = self.jobs.get_mut(&id) else { return };
        match event {
            EngineEvent::Started { size, resumed, .. } => job.on_started(now, size, resumed),
            EngineEvent::Progress { progress, .. } => job.on_progress(now, progress),
            EngineEvent::Holds { mine, theirs, at, .. } => job.on_holds(now, mine, theirs, at),
            EngineEvent::Stalled { .. } => job.report.state = TransferState::Stalled,
            EngineEvent::Proceeding { .. } => job.report.state = TransferState::Flowing,
            EngineEvent::Verifying { .. } => job.report.state = TransferState::Verifying,
            EngineEvent::Finished { name, size, digest, .. } => {
                let path = match &job.request {
                    Request::Get(get) => Some(get.folder.join(name.as_str())),
                    Request::Put(..) => None,
                };
                (job.report.size, job.report.done) = (Some(size), size);
                job.report.state = TransferState::Done { path, digest, took: job.took(now) };
            }
            EngineEvent::Ended { why, detail, .. } => {
                job.on_failed(explain::aborted(job.what(), why, detail.as_deref()));
            }
            _ => return,
        }
        self.tell(id).await;
    }

    /// Tells where a transfer stands, and lets go of it when that was the last word.
    async fn tell(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let last_byte = match &job.report.state {
            TransferState::Paused { .. } => job.last_byte_at(),
            TransferState::Done { path: Some(path), .. } => {
                job.report.done.checked_sub(1).map(|at| (path.clone(), at))
            }
            _ => None,
        };
        if let Some((path, at)) = last_byte {
            job.report.last_byte = spawn_blocking(move || byte_at(path, at)).await;
        }
        let report: TransferReport = job.report.clone();
        let ended = report.state.is_final();
        if ended {
            self.jobs.remove(&id);
        }
        self.voice.tell(Event::Transfer(Box::new(report))).await;
        if ended {
            self.submit().await;
        }
    }

    async fn add(&mut self, id: TransferId, mut job: Job) {
        if self.jobs.contains_key(&id) {
            job.on_failed(Error::new(ErrorKind::Usage, job.what(), "its number is in use", ""));
            self.voice.tell(Event::Transfer(Box::new(job.report))).await;
            return;
        }
        self.jobs.insert(id, job);
        Box::pin(self.submit()).await;
    }

    /// Hands waiting transfers to the flow, as many as it takes.
    async fn submit(&mut self) {
        if self.line.is_none() {
            return;
        }
        let busy = self.jobs.values().filter(|job| job.submitted).count();
        let waiting: Vec<TransferId> = self
            .jobs
            .iter()
            .filter(|(_, job)| !job.submitted)
            .map(|(id, _)| *id)
            .take(AT_ONCE.saturating_sub(busy))
            .collect();
        if !waiting.is_empty() {
            self.open();
        }
        for id in waiting {
            let Some(job) = self.jobs.get_mut(&id) else { continue };
            let outcome = match (&self.flow, job.request.clone()) {
                (None, _) => Err(Error::new(
                    ErrorKind::Other,
                    job.what(),
                    "no UDP socket could be opened",
                    "Check the firewall and the number of open files.",
                )),
                (Some(flow), Request::Get(get)) => submit_get(flow, job, get).await,
                (Some(flow), Request::Put(put, name)) => submit_put(flow, job, put, name).await,
            };
            match outcome {
                Ok(true) => job.submitted = true,
                Ok(false) => job.report.state = TransferState::Skipped,
                Err(error) => job.on_failed(error),
            }
            Box::pin(self.tell(id)).await;
        }
    }
}

/// Hands a download to the flow; false when there is nothing to do.
async fn submit_get(flow: &FlowHandle, job: &Job, get: Arc<Get>) -> Result<bool, Error> {
    let path = get.folder.clone();
    let folder = spawn_blocking(move || Folder::open(&path)).await.map_err(|error| {
        Error::disk(format!("cannot use the folder {}", get.folder.display()), &error)
    })?;
    let save_as = get.save_as.clone().unwrap_or_else(|| get.file.clone());
    let exists = match get.clash {
        Clash::KeepBoth => Exists::NumberIt,
        Clash::Overwrite => Exists::Overwrite,
        Clash::Skip if get.folder.join(save_as.as_str()).exists() => return Ok(false),
        Clash::Skip => Exists::Fail,
    };
    flow.get(GetRequest {
        id: get.id,
        name: get.file.clone(),
        save_as,
        folder: Arc::new(folder),
        exists,
        hold: job.hold,
        confirmed: job.confirmed,
        stop_at: job.stop_at(),
    })
    .await;
    Ok(true)
}

async fn submit_put(
    flow: &FlowHandle,
    job: &Job,
    put: Arc<Put>,
    name: Arc<FileName>,
) -> Result<bool, Error> {
    let path = put.path.clone();
    let source = spawn_blocking(move || SourceFile::open(&path)).await.map_err(|trouble| {
        let (why, next) = (trouble.to_string(), "Check the path and its permissions.");
        Error::new(ErrorKind::Disk, format!("cannot read {}", put.path.display()), why, next)
    })?;
    flow.put(PutRequest { id: put.id, name: FileName::clone(&name), source, hold: job.hold }).await;
    Ok(true)
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

const fn id_of(event: &EngineEvent) -> Option<TransferId> {
    match event {
        EngineEvent::Started { id, .. }
        | EngineEvent::Progress { id, .. }
        | EngineEvent::Holds { id, .. }
        | EngineEvent::Stalled { id }
        | EngineEvent::Proceeding { id }
        | EngineEvent::Verifying { id }
        | EngineEvent::Finished { id, .. }
        | EngineEvent::Ended { id, .. } => Some(*id),
        EngineEvent::Message(_)
        | EngineEvent::PathProven { .. }
        | EngineEvent::PathUnanswered
        | EngineEvent::Misbehaved { .. } => None,
    }
}

fn byte_at(path: PathBuf, at: u64) -> Option<u8> {
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::Start(at)).ok()?;
    let mut byte = [0];
    file.read_exact(&mut byte).ok()?;
    Some(byte[0])
}
