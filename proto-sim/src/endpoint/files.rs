//! What an end does with files: opens, reads, writes, verifies and names them.

use proto_core::flow::FlowEvent;
use proto_core::ids::{Digest, Stamp, TransferId};
use proto_core::time::Instant;
use proto_core::wire::{AbortReason, ByteRange};

use super::{Effect, Endpoint, Host, Job, Side, Staged};
use crate::store::Sidecar;
use crate::truth;

impl Endpoint {
    pub(super) fn on_event(&mut self, now: Instant, host: &mut Host<'_>, event: FlowEvent) {
        host.trace.tell(now, || format!("{} {} is told {event:?}", host.who.0, host.who.1));
        match event {
            FlowEvent::Wanted { id, name, .. } => self.on_wanted(now, host, id, name.as_str()),
            FlowEvent::Pushed { id, name, stamp, .. } => {
                self.on_pushed(now, host, id, name.as_str(), stamp);
            }
            FlowEvent::Offered { id, stamp, resumed, .. } => {
                self.on_offered(now, host, id, stamp, resumed);
            }
            FlowEvent::Verify { id, digest } => {
                self.staged.push(now + self.write_time, Staged::Verify { id, digest });
            }
            FlowEvent::Holds { id, theirs, .. } => host.effects.push(Effect::Held(id, theirs)),
            FlowEvent::Finished { id } => {
                self.jobs.remove(&id);
                host.effects.push(Effect::Finished(id));
            }
            FlowEvent::Ended { id, why, .. } => {
                self.on_ended(host, id, why);
                host.effects.push(Effect::Ended(id, why));
            }
            FlowEvent::PathBroken { why } => {
                panic!("an honest peer's path is not broken: {why:?}");
            }
            FlowEvent::PathProven { .. }
            | FlowEvent::PathUnanswered
            | FlowEvent::Started { .. }
            | FlowEvent::Received { .. }
            | FlowEvent::Stalled { .. }
            | FlowEvent::Proceeding { .. } => {}
        }
    }

    fn on_wanted(&mut self, now: Instant, host: &mut Host<'_>, id: TransferId, name: &str) {
        let Some(&stamp) = host.store.shared.get(name) else {
            self.flow.abort(now, id, AbortReason::NoSuchFile);
            return;
        };
        self.add_job(id, name, Side::Source(stamp));
        self.flow.offer(now, id, host.truth.len(stamp), stamp);
        self.stage_digest(now, host, id, stamp);
    }

    fn on_pushed(
        &mut self,
        now: Instant,
        host: &mut Host<'_>,
        id: TransferId,
        name: &str,
        stamp: Stamp,
    ) {
        if host.store.disk.content(name).is_some() {
            self.flow.abort(now, id, AbortReason::Exists);
            return;
        }
        let held = usable(host, name, Some(stamp));
        self.add_job(id, name, Side::Sink(Some(stamp)));
        self.flow.accept(now, id, &held);
    }

    /// Bytes that came before the offer stay; what an older version left does not.
    fn on_offered(
        &mut self,
        now: Instant,
        host: &mut Host<'_>,
        id: TransferId,
        stamp: Stamp,
        resumed: bool,
    ) {
        let Some(job) = self.jobs.get_mut(&id) else {
            return;
        };
        job.side = Side::Sink(Some(stamp));
        let local = job.local.clone();
        let held = if host.store.sidecar(&local).is_some() {
            usable(host, &local, resumed.then_some(stamp))
        } else {
            Vec::new()
        };
        self.flow.prepared(now, id, &held);
    }

    fn on_ended(&mut self, host: &mut Host<'_>, id: TransferId, why: AbortReason) {
        match why {
            AbortReason::SourceChanged | AbortReason::WrongDigest => {
                if let Some(Job { local, side: Side::Sink(_), .. }) = self.jobs.get(&id) {
                    host.store.discard(local);
                }
            }
            AbortReason::Cancelled
            | AbortReason::NoSuchFile
            | AbortReason::NotPermitted
            | AbortReason::NoUploads
            | AbortReason::Exists
            | AbortReason::TooLarge
            | AbortReason::NoSpace
            | AbortReason::DiskFailed
            | AbortReason::Busy
            | AbortReason::Stalled
            | AbortReason::Misbehaved => self.checkpoint(host, id),
        }
        self.jobs.remove(&id);
    }

    pub(super) fn add_job(&mut self, id: TransferId, local: &str, side: Side) {
        self.jobs.insert(id, Job { local: local.into(), side, unsaved: 0 });
    }

    pub(super) fn stage_digest(
        &mut self,
        now: Instant,
        host: &Host<'_>,
        id: TransferId,
        stamp: Stamp,
    ) {
        let digest = host.truth.digest(stamp);
        self.staged.push(now + self.write_time * 4, Staged::Digest { id, digest });
    }

    /// Reads a source's bytes, unless the file changed since it was offered.
    pub(super) fn read(
        &self,
        host: &Host<'_>,
        id: TransferId,
        offset: u64,
        into: &mut [u8],
    ) -> Result<(), AbortReason> {
        let job = self.jobs.get(&id).expect("a flow sends only what its driver opened");
        let Side::Source(stamp) = job.side else {
            panic!("a flow sends only from sources");
        };
        if host.store.shared.get(&job.local) != Some(&stamp) {
            return Err(AbortReason::SourceChanged);
        }
        host.store.disk.read(&job.local, offset, into).expect("a source is asked for what it has");
        Ok(())
    }

    pub(super) fn do_staged(&mut self, now: Instant, host: &mut Host<'_>, work: Staged) {
        match work {
            Staged::Write { id, offset, bytes, receipt } => {
                let Some(job) = self.jobs.get_mut(&id) else {
                    return;
                };
                if let Side::Sink(Some(stamp)) = job.side {
                    assert!(
                        host.truth.matches(stamp, offset, &bytes),
                        "what arrives is what the source has: {} bytes at {offset} of {job:?}",
                        bytes.len()
                    );
                }
                match host.store.write(&job.local, offset, &bytes) {
                    Ok(()) => {
                        job.unsaved += bytes.len() as u64;
                        let save = job.unsaved > CHECKPOINT;
                        self.flow.stored(now, receipt);
                        if save {
                            self.checkpoint(host, id);
                        }
                    }
                    Err(why) => self.flow.abort(now, id, why),
                }
            }
            Staged::Digest { id, digest } => {
                if self.jobs.contains_key(&id) {
                    self.flow.digest(now, id, digest);
                }
            }
            Staged::Verify { id, digest } => self.verify(now, host, id, digest),
        }
    }

    fn verify(&mut self, now: Instant, host: &mut Host<'_>, id: TransferId, digest: Digest) {
        let Some(Job { local, side: Side::Sink(Some(stamp)), .. }) = self.jobs.get(&id) else {
            return;
        };
        let right = truth::digest(host.store.received(local)) == digest;
        assert!(right, "all bytes of {local} are there and right when it is to be verified");
        assert!(host.store.received(local) == host.truth.content(*stamp), "a digest tells all");
        match host.store.finish(local) {
            Ok(()) => self.flow.verified(now, id),
            Err(why) => self.flow.abort(now, id, why),
        }
    }

    /// Notes durably what of a sink's file is there.
    pub(super) fn checkpoint(&mut self, host: &mut Host<'_>, id: TransferId) {
        let held = self.flow.held(id);
        if let Some(job) = self.jobs.get_mut(&id)
            && let Side::Sink(Some(stamp)) = job.side
        {
            job.unsaved = 0;
            for range in &held {
                let bytes = host.store.received(&job.local).get(as_slice(*range));
                let right =
                    bytes.is_some_and(|bytes| host.truth.matches(stamp, range.start, bytes));
                assert!(right, "what a sink says it holds is on its disk: {range:?} of {job:?}");
            }
            host.store.checkpoint(&job.local, Sidecar { stamp, held });
        }
    }
}

/// What of a half-received file is worth keeping; throws it away when it is of another version.
fn usable(host: &mut Host<'_>, local: &str, stamp: Option<Stamp>) -> Vec<ByteRange> {
    match host.store.sidecar(local) {
        Some(sidecar) if Some(sidecar.stamp) == stamp => sidecar.held.clone(),
        _ => {
            host.store.discard(local);
            Vec::new()
        }
    }
}

pub(super) fn as_slice(range: ByteRange) -> std::ops::Range<usize> {
    let index = |at: u64| usize::try_from(at).expect("simulated files fit memory");
    index(range.start)..index(range.end)
}

/// Bytes after which a sink notes what it has.
const CHECKPOINT: u64 = 64 * 1024;
