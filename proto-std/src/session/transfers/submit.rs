//! Hands the user's transfers to the flow, as many as it takes.

use std::sync::Arc;

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
use crate::storage::{Exists, Folder, SourceFile};

/// Transfers that one flow carries at once; more of them wait for their turn. A few places are
/// left to those whose end is still being told.
const AT_ONCE: usize = TRANSFERS - 4;

impl Transfers {
    /// Hands waiting transfers to the flow, as many as it takes.
    pub(super) async fn submit(&mut self) {
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
        Clash::Discard => Exists::Discard,
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
