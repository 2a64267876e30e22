//! Does what a flow asks for: opens files, hashes, closes, and tells the driver.

use std::sync::Arc;

use proto_core::ids::{Digest, TransferId};
use proto_core::text::FileName;
use proto_core::time::Instant;
use proto_core::wire::AbortReason;

use super::command::{Command, JobKey};
use super::flow::FlowEvent;
use super::job::{Asked, JobFile};
use super::session::Session;
use super::staff::Staff;
use super::{EngineEvent, State, Upload};
use crate::storage::{Placed, Report, SinkFile, SourceFile, Trouble};

impl Session {
    /// A source is open: it is offered, and its digest is looked up or computed.
    pub(super) fn on_source(
        &mut self,
        now: Instant,
        staff: &Staff,
        key: JobKey,
        outcome: Result<SourceFile, AbortReason>,
    ) {
        if self.job_of(key).is_none() {
            return;
        }
        match outcome {
            Ok(source) => {
                let (size, stamp) = (source.size(), source.stamp());
                self.flow_mut(now).offer(now, key.id, size, stamp);
                self.send_from(now, staff, key, source);
            }
            Err(why) => self.abort(now, key.id, why),
        }
    }

    pub(super) fn send_from(
        &mut self,
        now: Instant,
        staff: &Staff,
        key: JobKey,
        source: SourceFile,
    ) {
        if let Some(digest) = staff.digests.known(source.stamp()) {
            self.on_digest(now, key, Ok(digest));
        } else {
            let mailbox = staff.mailbox.clone();
            staff.digests.want(&source, move |digest| {
                mailbox.send_blocking(Command::Hashed(key, digest));
            });
        }
        if let Some(job) = self.job_of(key) {
            (job.size, job.stamp) = (source.size(), source.stamp());
            job.file = JobFile::Sending(source);
        }
    }

    /// The digest of what is sent is known, or cannot be.
    pub(super) fn on_digest(&mut self, now: Instant, key: JobKey, digest: Result<Digest, Trouble>) {
        let Some(job) = self.job_of(key) else { return };
        match digest {
            Ok(digest) => {
                job.digest = Some(digest);
                self.flow_mut(now).digest(now, key.id, digest);
            }
            Err(why) => self.fail(now, key.id, &why),
        }
    }

    /// A sink is open, or cannot be.
    pub(super) fn on_sink(
        &mut self,
        now: Instant,
        staff: &mut Staff,
        key: JobKey,
        outcome: Result<SinkFile, (AbortReason, Box<str>)>,
    ) {
        if self.job_of(key).is_none() {
            if let Ok(sink) = outcome {
                sink.abandon();
            }
            return;
        }
        let sink = match outcome {
            Ok(sink) => sink,
            Err((why, detail)) => return self.cannot_open(now, key.id, why, detail),
        };
        let (held, confirmed) = (sink.held(), sink.is_confirmed());
        let mailbox = staff.mailbox.clone();
        let report = move |report| mailbox.post(Command::Kept(key, report));
        let arriving = sink.start(now, &staff.finisher, report);
        let Some(job) = self.job_of(key) else { return };
        job.file = JobFile::Receiving(Box::new(arriving));
        job.snapshot.confirmed |= confirmed;
        let confirmed = job.snapshot.confirmed;
        if let Some(held) = &held {
            job.snapshot.ranges = held.ranges.clone();
        }
        match job.asked.take() {
            None => {
                let (size, stamp) = (job.size, job.stamp);
                self.begin_sink(now, key.id, size, stamp, true);
            }
            Some(asked) => {
                let Asked { name, hold, stop_at } = *asked;
                job.snapshot.held = hold;
                let flow = self.flow_mut(now);
                if flow.get(now, key.id, &name, held.as_ref(), hold, confirmed).is_err() {
                    self.refuse(key.id, AbortReason::Busy, None);
                    staff.close(self, key.id);
                } else if let Some(stop) = stop_at {
                    flow.stop_at(now, key.id, stop);
                }
            }
        }
    }

    /// A download's file cannot be opened: the peer was not asked yet. An upload's: it is told.
    fn cannot_open(&mut self, now: Instant, id: TransferId, why: AbortReason, detail: Box<str>) {
        let Some(job) = self.job(id) else { return };
        if job.asked.is_some() {
            self.drop_job(id, why, Some(detail));
        } else {
            job.detail = Some(detail);
            self.abort(now, id, why);
        }
    }

    /// Size and version are known: makes room, and tells the flow what is here.
    fn begin_sink(
        &mut self,
        now: Instant,
        id: TransferId,
        size: u64,
        stamp: proto_core::ids::Stamp,
        is_upload: bool,
    ) {
        let Some((flow, jobs)) = self.parts() else { return };
        let is_one_of_many = jobs.len() > MANY;
        let Some(job) = jobs.iter_mut().find(|job| job.id == id) else { return };
        (job.size, job.stamp) = (size, stamp);
        let JobFile::Receiving(arriving) = &mut job.file else { return };
        match arriving.begin(size, stamp) {
            Ok(held) => {
                // Of another version, nothing is here any more.
                job.snapshot.ranges = held.iter().copied().collect();
                job.resumed = Some(held.iter().map(|range| range.end - range.start).sum());
                let held = job.snapshot.ranges.clone();
                if is_one_of_many {
                    arriving.spare_notes();
                }
                arriving.note(now, &job.snapshot);
                if is_upload {
                    flow.accept(now, id, &held);
                } else {
                    flow.prepared(now, id, &held);
                }
            }
            Err(why) => self.fail(now, id, &why),
        }
    }

    /// A file failed: the transfer ends, and its user is told what the system said.
    pub(super) fn fail(&mut self, now: Instant, id: TransferId, why: &Trouble) {
        let (reason, detail) = told(why);
        if let Some(job) = self.job(id) {
            job.detail = Some(detail);
        }
        self.abort(now, id, reason);
    }

    /// What the keeper of a file has to say.
    pub(super) fn on_kept(&mut self, now: Instant, key: JobKey, report: Report) {
        let Some(job) = self.job_of(key) else { return };
        match report {
            Report::Saved(outcome) => {
                if let JobFile::Receiving(arriving) = &mut job.file {
                    arriving.on_saved();
                }
                if let Err(why) = outcome {
                    log::warn!("{}: cannot be saved yet: {why}", job.name);
                }
            }
            Report::Finished(Ok(placed)) => {
                let Placed { name, last_byte, synced } = *placed;
                (job.name, job.last_byte, job.synced) = (name, last_byte, Some(synced));
                self.flow_mut(now).verified(now, key.id);
            }
            Report::Finished(Err(why)) => self.fail(now, key.id, &why),
            Report::Closed => {}
        }
    }

    /// What the flow has to say.
    pub(super) fn on_event(&mut self, now: Instant, staff: &mut Staff, event: FlowEvent) {
        match event {
            FlowEvent::PathProven { size } => self.tell(EngineEvent::PathProven { size }),
            FlowEvent::PathUnanswered => self.tell(EngineEvent::PathUnanswered),
            FlowEvent::PathBroken { why } => {
                self.tell(EngineEvent::Misbehaved { how: why.to_string().into() });
            }
            FlowEvent::Wanted { id, name, held_of } => {
                self.on_wanted(now, staff, id, name);
                // Early bytes are no resume.
                if let (Some(job), None) = (self.job(id), held_of) {
                    job.resumed = Some(0);
                }
            }
            FlowEvent::Pushed { id, name, size, stamp } => {
                staff.close(self, id);
                let key = self.begin(id, name.clone());
                if let Some(job) = self.job(id) {
                    (job.size, job.stamp) = (size, stamp);
                }
                let files = Arc::clone(&self.config.files);
                let upload = Upload { peer: self.config.peer, name, size, stamp };
                let open = move || files.open_sink(&upload).map_err(|why| (why, "".into()));
                if !staff.open_sink(key, open) {
                    self.abort(now, id, AbortReason::Busy);
                }
            }
            FlowEvent::Offered { id, size, stamp, resumed: _ } => {
                self.begin_sink(now, id, size, stamp, false);
            }
            FlowEvent::Started { id } => self.on_started(id),
            FlowEvent::Holds { id, mine, theirs, at } => {
                self.note(now, id, |snapshot| snapshot.held = mine);
                // How far it is comes first: whoever is told of a stop wants to know where.
                if let Some(progress) = self.flow().and_then(|flow| flow.progress(id)) {
                    self.mention(EngineEvent::Progress { id, progress });
                }
                self.tell(EngineEvent::Holds { id, mine, theirs, at });
            }
            FlowEvent::Received { id } => self.on_received(id),
            FlowEvent::Verify { id, digest } => {
                self.on_received(id);
                let Some(job) = self.job(id) else { return };
                job.digest = Some(digest);
                if let JobFile::Receiving(arriving) = &mut job.file {
                    arriving.finish(digest);
                }
            }
            FlowEvent::Finished { id } => {
                let Some(job) = self.job(id) else { return };
                let (name, size, digest) = (job.name.clone(), job.size, job.digest);
                let (last_byte, synced) = (job.last_byte, job.synced);
                drop(self.take_job(id));
                self.tell(EngineEvent::Finished { id, name, size, digest, last_byte, synced });
            }
            FlowEvent::Ended { id, why, by_peer } => {
                let detail = self.job(id).and_then(|job| job.detail.take());
                staff.close(self, id);
                self.tell(EngineEvent::Ended { id, why, by_peer, detail });
            }
            FlowEvent::Stalled { id } => self.tell(EngineEvent::Stalled { id }),
            FlowEvent::Proceeding { id } => self.tell(EngineEvent::Proceeding { id }),
        }
    }

    /// Lets go of what is on hold: without a control channel nobody can let it go on.
    pub(super) fn close_held(&mut self, staff: &mut Staff) {
        let Some((flow, jobs)) = self.parts() else { return };
        let is_held =
            |state| matches!(state, State::HeldByMe | State::HeldByPeer | State::HeldByBoth);
        let mut held = Vec::new();
        for job in jobs {
            if flow.progress(job.id).is_some_and(|progress| is_held(progress.state)) {
                job.refresh(flow);
                held.push(job.id);
            }
        }
        for id in held {
            staff.close(self, id);
        }
    }

    fn on_wanted(&mut self, now: Instant, staff: &mut Staff, id: TransferId, name: FileName) {
        // An honest client takes its numbers in turn.
        staff.close(self, id);
        let key = self.begin(id, name.clone());
        let (files, mailbox) = (Arc::clone(&self.config.files), staff.mailbox.clone());
        let errand = move || {
            mailbox.send_blocking(Command::SourceOpened(key, files.open_source(&name)));
        };
        if staff.clerks.send(errand).is_err() {
            self.abort(now, id, AbortReason::Busy);
        }
    }

    fn on_started(&mut self, id: TransferId) {
        let done = self.flow().and_then(|flow| flow.progress(id)).map_or(0, |p| p.done);
        let Some(job) = self.job(id) else { return };
        let resumed = job.resumed.unwrap_or(done);
        let (name, size, stamp) = (job.name.clone(), job.size, job.stamp);
        let sending = job.is_sending();
        self.tell(EngineEvent::Started { id, name, size, stamp, resumed, sending });
    }

    fn on_received(&mut self, id: TransferId) {
        let Some(job) = self.job(id) else { return };
        if !std::mem::replace(&mut job.is_verifying, true) {
            self.tell(EngineEvent::Verifying { id });
        }
    }
}

/// Transfers of a session above which small downloads are not noted: others of the same command are
/// not even begun.
const MANY: usize = 4;

pub(super) fn told(why: &Trouble) -> (AbortReason, Box<str>) {
    (why.reason(), why.to_string().into())
}
