//! What the engine says about transfers, and what their user is told of it.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use async_std::task::spawn_blocking;
use proto_core::ids::TransferId;
use proto_core::wire::AbortReason;

use super::Transfers;
use crate::clock;
use crate::engine::EngineEvent;
use crate::session::command::Clash;
use crate::session::event::{Event, TransferReport, TransferState};
use crate::session::explain;
use crate::session::job::Request;

impl Transfers {
    /// The engine says something about a transfer.
    pub(in crate::session) async fn on_event(&mut self, event: EngineEvent) {
        let now = clock::now();
        if event == EngineEvent::PathUnanswered {
            let port = self.line.as_ref().map_or(0, |(_, remote)| remote.port());
            return self.voice.tell(Event::Warning(explain::no_udp(port))).await;
        }
        let Some(id) = id_of(&event) else { return };
        if let EngineEvent::Ended { why: AbortReason::Busy, by_peer: true, .. } = event
            && self.waits_for_room(id)
        {
            return;
        }
        let Some(job) = self.jobs.get_mut(&id) else { return };
        match event {
            EngineEvent::Started { size, resumed, .. } => job.on_started(now, size, resumed),
            EngineEvent::Progress { progress, .. } => job.on_progress(now, progress),
            EngineEvent::Holds { mine, theirs, at, .. } => job.on_holds(now, mine, theirs, at),
            EngineEvent::Stalled { .. } => job.report.state = TransferState::Stalled,
            EngineEvent::Proceeding { .. } => job.report.state = TransferState::Flowing,
            EngineEvent::Verifying { .. } => job.report.state = TransferState::Verifying,
            EngineEvent::Finished { name, size, digest, last_byte, synced, .. } => {
                self.room.on_finished();
                let path = match &job.request {
                    Request::Get(get) if get.clash == Clash::Discard => None,
                    Request::Get(get) => Some(get.folder.join(name.as_str())),
                    Request::Put(..) => None,
                };
                (job.report.size, job.report.done) = (Some(size), size);
                job.report.last_byte = last_byte;
                job.report.state =
                    TransferState::Done { path, digest, took: job.took(now), synced };
            }
            EngineEvent::Ended { why, by_peer, detail, .. } => {
                job.on_failed(job.aborted(why, by_peer, detail.as_deref()));
            }
            _ => return,
        }
        self.tell(id).await;
    }

    /// Tells where a transfer stands, and lets go of it when that was the last word.
    pub(super) async fn tell(&mut self, id: TransferId) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        if let TransferState::Paused { .. } = &job.report.state
            && let Some((path, at)) = job.last_byte_at()
        {
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
}

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
