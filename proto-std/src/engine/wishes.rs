//! Does what the driver wishes: gets, puts, holds, cancels.

use proto_core::ids::TransferId;
use proto_core::time::Instant;
use proto_core::wire::{AbortReason, Transfer};

use super::answering::told;
use super::job::Asked;
use super::session::Session;
use super::staff::Staff;
use super::{EngineEvent, GetRequest, PutRequest};
use crate::storage::{SinkFile, SinkRequest, Snapshot};

impl Session {
    /// Begins a download: its file is opened first, to know what of it is here.
    pub(super) fn get(&mut self, now: Instant, staff: &mut Staff, request: GetRequest) {
        let GetRequest { id, name, save_as, folder, exists, hold, confirmed, stop_at } = request;
        if !self.is_client() || self.job(id).is_some() {
            return self.refuse(id, AbortReason::Busy, Some("its number is in use".into()));
        }
        if let (Some(rate), false) =
            (self.config.limit_rate, std::mem::replace(&mut self.has_asked, true))
        {
            let limit = Transfer::Limit { rate };
            self.tell(EngineEvent::Message(Box::new(limit)));
        }
        // The path is proven while the file is opened.
        self.flow_mut(now);
        let key = self.begin(id, save_as.clone());
        let request = SinkRequest {
            peer: self.config.peer,
            upload: false,
            name: name.clone(),
            folder,
            save_as,
            exists,
            sidecars: self.config.sidecars.clone(),
            confirmed,
        };
        let open = move || SinkFile::open(request.clone()).map_err(|why| told(&why));
        if staff.open_sink(key, open) {
            self.asked(id, Asked { name, hold, stop_at });
        } else {
            self.drop_job(id, AbortReason::Busy, None);
        }
    }

    /// Begins an upload.
    pub(super) fn put(&mut self, now: Instant, staff: &mut Staff, request: PutRequest) {
        let PutRequest { id, name, source, hold } = request;
        if !self.is_client() || self.job(id).is_some() {
            return self.refuse(id, AbortReason::Busy, Some("its number is in use".into()));
        }
        let (size, stamp) = (source.size(), source.stamp());
        if self.flow_mut(now).put(now, id, &name, size, stamp, hold).is_err() {
            return self.refuse(id, AbortReason::Busy, None);
        }
        let key = self.begin(id, name);
        self.send_from(now, staff, key, source);
    }

    /// Sets or clears this side's hold.
    pub(super) fn hold(&mut self, now: Instant, id: TransferId, set: bool) {
        self.note(now, id, |snapshot| snapshot.held = set);
        let Some(job) = self.job(id) else { return };
        match &mut job.asked {
            Some(asked) => asked.hold = set,
            None => self.flow_mut(now).hold(now, id, set),
        }
    }

    /// Agrees to go on past the server's stop point.
    pub(super) fn confirm(&mut self, now: Instant, id: TransferId) {
        self.note(now, id, |snapshot| snapshot.confirmed = true);
        let Some(job) = self.job(id) else { return };
        if job.asked.is_none() {
            self.flow_mut(now).confirm(now, id);
        }
    }

    /// Ends a transfer because its user wants it so.
    pub(super) fn cancel(&mut self, now: Instant, id: TransferId, why: AbortReason, discard: bool) {
        let Some(job) = self.job(id) else { return };
        job.discard = discard;
        if job.asked.is_some() {
            return self.drop_job(id, why, None);
        }
        if let Some((flow, jobs)) = self.parts() {
            jobs.iter_mut().filter(|job| job.id == id).for_each(|job| job.refresh(flow));
            flow.cancel(now, id, why);
        }
    }

    /// Notes what is written and what its user decided, before anybody is told.
    pub(super) fn note(
        &mut self,
        now: Instant,
        id: TransferId,
        decide: impl FnOnce(&mut Snapshot),
    ) {
        let Some(job) = self.job(id) else { return };
        decide(&mut job.snapshot);
        if let Some((flow, jobs)) = self.parts() {
            jobs.iter_mut().filter(|job| job.id == id).for_each(|job| job.note(now, flow));
        }
    }

    /// Forgets a job that the flow never knew.
    pub(super) fn drop_job(&mut self, id: TransferId, why: AbortReason, detail: Option<Box<str>>) {
        drop(self.take_job(id));
        self.refuse(id, why, detail);
    }

    fn asked(&mut self, id: TransferId, asked: Asked) {
        if let Some(job) = self.job(id) {
            job.asked = Some(Box::new(asked));
        }
    }
}
