//! Hands the user's transfers to the flow, as many as it takes.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use async_std::task::spawn_blocking;
use proto_core::ids::TransferId;
use proto_core::text::FileName;

use super::Transfers;
use crate::engine::{FlowHandle, GetRequest, PutRequest};
use crate::profile::TRANSFERS;
use crate::session::command::{Clash, Get, Put};
use crate::session::error::{Error, ErrorKind};
use crate::session::event::TransferState;
use crate::session::job::{Job, Request};
use crate::storage::{Exists, Folder, SourceFile, Trouble};

/// Transfers that one flow carries at once; more of them wait for their turn. A few places are
/// left to those whose end is still being told.
pub(super) const AT_ONCE: usize = TRANSFERS - 8;

impl Transfers {
    /// Hands waiting transfers to the flow, as many as it takes.
    pub(super) async fn submit(&mut self) {
        if self.line.is_none() {
            return;
        }
        let waiting = self.next();
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
                (Some(flow), Request::Get(get)) => {
                    submit_get(flow, &mut self.folder, job, get).await
                }
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

    /// Which of those that wait may begin.
    fn next(&self) -> Vec<TransferId> {
        let mut under_way = self.jobs.values().filter(|job| job.submitted).count();
        let mut has_place = |job: &Job| {
            let places = match job.request {
                Request::Get(_) => self.room.places(),
                Request::Put(..) => self.room.sure_places(),
            };
            let has = !job.submitted && under_way < places;
            under_way += usize::from(has);
            has
        };
        self.jobs.iter().filter(|(_, job)| has_place(job)).map(|(id, _)| *id).collect()
    }

    /// Whether a download that found the server full waits until there is room: while others are
    /// under way there will be some.
    pub(super) fn waits_for_room(&mut self, id: TransferId) -> bool {
        let is_under_way = |other: &(&TransferId, &Job)| *other.0 != id && other.1.submitted;
        let under_way = self.jobs.iter().filter(is_under_way).count();
        let Some(job) = self.jobs.get_mut(&id) else { return false };
        let waits = under_way > 0 && matches!(job.request, Request::Get(_));
        if waits {
            job.submitted = false;
            self.room.on_full(under_way);
        }
        waits
    }
}

/// Hands a download to the flow; false when there is nothing to do.
async fn submit_get(
    flow: &FlowHandle,
    last: &mut (PathBuf, Weak<Folder>),
    job: &Job,
    get: Arc<Get>,
) -> Result<bool, Error> {
    let folder = open(last, &get.folder).await.map_err(|error| {
        Error::disk(format!("cannot use the folder {}", get.folder.display()), &error)
    })?;
    let save_as = get.save_as.clone().unwrap_or_else(|| get.file.clone());
    let exists = match get.clash {
        Clash::KeepBoth => Exists::NumberIt,
        Clash::Overwrite => Exists::Overwrite,
        Clash::Skip if get.folder.join(save_as.as_str()).exists() => return Ok(false),
        Clash::Skip => Exists::Fail,
        Clash::Discard => Exists::Discard,
    };
    flow.get(GetRequest {
        id: get.id,
        name: get.file.clone(),
        save_as,
        folder,
        exists,
        hold: job.hold,
        confirmed: job.confirmed,
        stop_at: job.stop_at(),
    })
    .await;
    Ok(true)
}

/// The folder of the last download, if it still is open, or another one.
async fn open(last: &mut (PathBuf, Weak<Folder>), path: &Path) -> io::Result<Arc<Folder>> {
    let open = last.1.upgrade().filter(|_| last.0 == path);
    if let Some(folder) = open {
        return Ok(folder);
    }
    let wanted = path.to_path_buf();
    let folder = Arc::new(spawn_blocking(move || Folder::open(&wanted)).await?);
    *last = (path.to_path_buf(), Arc::downgrade(&folder));
    Ok(folder)
}

async fn submit_put(
    flow: &FlowHandle,
    job: &Job,
    put: Arc<Put>,
    name: Arc<FileName>,
) -> Result<bool, Error> {
    let path = put.path.clone();
    let source = spawn_blocking(move || SourceFile::open(&path)).await.map_err(|trouble| {
        let is_missing = matches!(trouble, Trouble::NotFound);
        let kind = if is_missing { ErrorKind::NotFound } else { ErrorKind::Disk };
        let (why, next) = (trouble.to_string(), "Check the path and its permissions.");
        Error::new(kind, format!("cannot read {}", put.path.display()), why, next)
    })?;
    flow.put(PutRequest { id: put.id, name: FileName::clone(&name), source, hold: job.hold }).await;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use async_std::channel::{Receiver, TryRecvError, unbounded};
    use async_std::task::block_on;
    use proto_core::text::Name;
    use proto_core::wire::AbortReason;

    use super::*;
    use crate::engine::EngineEvent;
    use crate::session::desk::Voice;
    use crate::session::event::Event;
    use crate::session::{Purpose, SessionConfig};

    #[test]
    fn the_engine_gets_ready_while_the_connection_is_made() {
        let (mut transfers, _told, _state) = transfers();
        assert!(transfers.engine.is_none(), "whoever only talks needs none");

        block_on(transfers.get(download(1)));

        assert!(transfers.engine.is_some());
    }

    #[test]
    fn a_download_that_finds_the_server_full_waits_until_another_one_ends() {
        let (mut transfers, told, _state) = transfers();
        for id in [1, 2] {
            transfers.jobs.insert(TransferId(id), under_way(id));
        }
        let busy = || ended(2, AbortReason::Busy);

        block_on(transfers.on_event(busy()));
        assert!(matches!(told.try_recv(), Err(TryRecvError::Empty)));
        assert!(!transfers.jobs[&TransferId(2)].submitted);
        assert_eq!(transfers.room.places(), 1, "no more than that are asked for at once");

        // With nobody else under way, there is nothing to wait for.
        block_on(transfers.on_event(ended(1, AbortReason::NoSuchFile)));
        assert!(matches!(told.try_recv(), Ok(Event::Transfer(_))));
        transfers.jobs.insert(TransferId(2), under_way(2));
        block_on(transfers.on_event(busy()));
        let Ok(Event::Transfer(report)) = told.try_recv() else { panic!("nothing is told") };
        assert!(matches!(report.state, TransferState::Failed(_)), "{report:?}");
    }

    #[test]
    fn a_server_that_was_full_is_asked_for_more_once_files_arrive() {
        let (mut transfers, _told, _state) = transfers();
        for id in [1, 2] {
            transfers.jobs.insert(TransferId(id), under_way(id));
        }
        block_on(transfers.on_event(ended(2, AbortReason::Busy)));

        let (id, name) = (TransferId(1), FileName::parse("file").unwrap());
        let (size, digest, last_byte, synced) = (0, None, None, None);
        let finished = EngineEvent::Finished { id, name, size, digest, last_byte, synced };
        block_on(transfers.on_event(finished));

        assert_eq!(transfers.room.places(), 2);
    }

    #[test]
    fn an_upload_is_not_tried_where_it_might_find_the_server_full() {
        let (mut transfers, _told, _state) = transfers();
        transfers.room.on_full(1);
        transfers.room.on_finished();
        transfers.jobs.insert(TransferId(1), under_way(1));
        let put = Put { id: TransferId(2), path: "up".into(), save_as: None, hold: false };
        transfers.jobs.insert(put.id, Job::put(put, FileName::parse("up").unwrap()));
        assert_eq!(transfers.next(), []);

        transfers.jobs.insert(TransferId(3), Job::get(download(3)));
        assert_eq!(transfers.next(), [TransferId(3)], "a download may wait");

        transfers.jobs.remove(&TransferId(1));
        assert_eq!(transfers.next(), [TransferId(2), TransferId(3)]);
    }

    fn transfers() -> (Transfers, Receiver<Event>, tempfile::TempDir) {
        let (voice, told) = unbounded();
        let state = tempfile::tempdir().unwrap();
        let (server, name) = ("127.0.0.1".parse().unwrap(), Name::parse("leah").unwrap());
        let config = SessionConfig::new(server, name, Purpose::Use, state.path().into());
        (Transfers::new(&config, Voice::new(voice)), told, state)
    }

    fn under_way(id: u16) -> Job {
        let mut job = Job::get(download(id));
        job.submitted = true;
        job
    }

    fn download(id: u16) -> Get {
        Get {
            id: TransferId(id),
            file: FileName::parse("file").unwrap(),
            folder: PathBuf::from("."),
            save_as: None,
            clash: Clash::KeepBoth,
            hold: false,
            pause_at: None,
            confirmed: false,
        }
    }

    fn ended(id: u16, why: AbortReason) -> EngineEvent {
        EngineEvent::Ended { id: TransferId(id), why, by_peer: true, detail: None }
    }
}
