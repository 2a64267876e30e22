//! One transfer as its user sees it, across connections.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use proto_core::ids::TransferId;
use proto_core::percent::Percent;
use proto_core::text::{FileName, PARTIAL_SUFFIX};
use proto_core::time::{Instant, micros};
use proto_core::wire::AbortReason;

use super::command::{Get, Put};
use super::error::Error;
use super::event::{Direction, TransferReport, TransferState};
use super::explain;
use crate::engine::{Progress, State};

/// Time over which a rate is measured.
const MEASURE: Duration = Duration::from_millis(500);
/// Time after which a first guess is made.
const FIRST_MEASURE: Duration = Duration::from_millis(50);

/// A transfer that its user wants.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are set and cleared one by one")]
pub(super) struct Job {
    pub(super) request: Request,
    pub(super) report: TransferReport,
    /// The user's own hold.
    pub(super) hold: bool,
    /// The user agreed to go on past the server's stop point.
    pub(super) confirmed: bool,
    /// Whether the present flow knows of it.
    pub(super) submitted: bool,
    /// Whether the user went on past the stop point that was asked for.
    passed: bool,
    /// Whether a connection fell while it was under way: its end may not have been heard.
    was_cut: bool,
    contiguous: u64,
    meter: Meter,
    began: Option<Instant>,
}

/// What was asked for.
#[derive(Clone, Debug)]
pub(super) enum Request {
    Get(Arc<Get>),
    Put(Arc<Put>, Arc<FileName>),
}

impl Job {
    pub(super) fn get(get: Get) -> Self {
        let (id, file) = (get.id, get.file.clone());
        let (hold, confirmed) = (get.hold, get.confirmed);
        Self::new(Request::Get(Arc::new(get)), id, file, Direction::Download, hold, confirmed)
    }

    pub(super) fn put(put: Put, name: FileName) -> Self {
        let (id, hold) = (put.id, put.hold);
        let request = Request::Put(Arc::new(put), Arc::new(name.clone()));
        Self::new(request, id, name, Direction::Upload, hold, false)
    }

    fn new(
        request: Request,
        id: TransferId,
        file: FileName,
        direction: Direction,
        hold: bool,
        confirmed: bool,
    ) -> Self {
        let report = TransferReport {
            id,
            file,
            direction,
            size: None,
            done: 0,
            rate: 0,
            last_byte: None,
            state: TransferState::Asked,
        };
        let meter = Meter::default();
        Self {
            request,
            report,
            hold,
            confirmed,
            submitted: false,
            passed: false,
            was_cut: false,
            contiguous: 0,
            meter,
            began: None,
        }
    }

    /// What it is, for an error: `cannot download notes.pdf`.
    pub(super) fn what(&self) -> String {
        match self.report.direction {
            Direction::Download => format!("cannot download {}", self.report.file),
            Direction::Upload => format!("cannot upload {}", self.report.file),
        }
    }

    pub(super) fn on_started(&mut self, now: Instant, size: u64, resumed: u64) {
        self.began.get_or_insert(now);
        self.report.size = Some(size);
        self.report.done = resumed;
        self.meter = Meter { since: now, done: resumed, rate: 0 };
        self.report.state = TransferState::Started { resumed_from: resumed };
    }

    /// Where it is to be held by itself.
    pub(super) fn stop_at(&self) -> Option<Percent> {
        let Request::Get(get) = &self.request else { return None };
        let wanted = get.pause_at.filter(|_| !self.passed)?;
        Percent::new(wanted.get())
    }

    /// The user sets or clears the hold.
    pub(super) fn set_hold(&mut self, set: bool) {
        self.passed |= !set && self.stop().is_some_and(|stop| self.report.done >= stop);
        self.hold = set;
    }

    fn stop(&self) -> Option<u64> {
        self.stop_at().zip(self.report.size).and_then(|(stop, size)| stop.of(size))
    }

    /// Takes progress.
    pub(super) fn on_progress(&mut self, now: Instant, progress: Progress) {
        self.report.size = progress.size.or(self.report.size);
        self.report.done = progress.done;
        self.contiguous = progress.contiguous;
        if matches!(self.report.state, TransferState::Paused { .. }) {
            // Time that it stood still is no time that it took.
            self.meter = Meter { since: now, done: progress.done, rate: 0 };
        }
        self.report.rate = self.meter.measure(now, progress.done);
        let held = |mine, theirs| TransferState::Paused { mine, theirs };
        self.report.state = match progress.state {
            State::Asked => TransferState::Asked,
            State::Flowing => TransferState::Flowing,
            State::HeldByMe => held(true, false),
            State::HeldByPeer => held(false, true),
            State::HeldByBoth => held(true, true),
            State::Verifying => TransferState::Verifying,
        };
    }

    pub(super) fn on_holds(&mut self, now: Instant, mine: bool, theirs: bool, at: u64) {
        self.report.done = at;
        self.meter = Meter { since: now, done: at, rate: 0 };
        self.report.rate = 0;
        // At a stop point the transfer's own hold is set without its user.
        self.hold |= mine;
        if theirs || self.stop() == Some(at) {
            // At a stop point everything before it has arrived.
            self.contiguous = self.contiguous.max(at);
        }
        self.report.state = if mine || theirs {
            TransferState::Paused { mine, theirs }
        } else {
            TransferState::Flowing
        };
    }

    /// Why it ended early.
    pub(super) fn aborted(&self, why: AbortReason, by_peer: bool, detail: Option<&str>) -> Error {
        match why {
            AbortReason::Exists if by_peer && self.was_cut => explain::may_be_there(self.what()),
            _ if by_peer => explain::aborted_by_server(self.what(), self.report.direction, why),
            _ => explain::aborted(self.what(), self.report.direction, why, detail),
        }
    }

    /// Its user gives it up.
    pub(super) fn cancelled(&self, discard: bool) -> Error {
        explain::cancelled(self.what(), self.report.direction, discard)
    }

    pub(super) fn on_failed(&mut self, error: Error) {
        self.report.rate = 0;
        self.report.state = TransferState::Failed(error);
    }

    /// The connection is lost: the transfer waits for the next one.
    pub(super) fn on_offline(&mut self) {
        self.was_cut |= self.began.is_some();
        self.submitted = false;
        self.report.rate = 0;
        self.report.state = TransferState::Asked;
    }

    pub(super) fn took(&self, now: Instant) -> Duration {
        self.began.map_or(Duration::ZERO, |began| now.since(began))
    }

    /// The file whose byte before the reached point can be read, and that point.
    pub(super) fn last_byte_at(&self) -> Option<(PathBuf, u64)> {
        let at = self.contiguous.min(self.report.done).checked_sub(1)?;
        let path = match &self.request {
            Request::Put(put, _) => put.path.clone(),
            Request::Get(get) => {
                let name = get.save_as.as_ref().unwrap_or(&get.file);
                get.folder.join(format!("{name}{PARTIAL_SUFFIX}"))
            }
        };
        Some((path, at))
    }
}

/// Bytes a second, over the last half second or more.
#[derive(Clone, Copy, Debug, Default)]
struct Meter {
    since: Instant,
    done: u64,
    rate: u64,
}

impl Meter {
    fn measure(&mut self, now: Instant, done: u64) -> u64 {
        let elapsed = now.since(self.since);
        let is_whole = elapsed >= MEASURE;
        if is_whole || self.rate == 0 && elapsed >= FIRST_MEASURE {
            let bytes = u128::from(done.saturating_sub(self.done));
            let rate = bytes * 1_000_000 / u128::from(micros(elapsed));
            self.rate = u64::try_from(rate).unwrap_or(u64::MAX);
            if is_whole {
                (self.since, self.done) = (now, done);
            }
        }
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Clash, ErrorKind};

    #[test]
    fn the_servers_disk_is_not_ones_own() {
        for why in [AbortReason::NotPermitted, AbortReason::NoSpace, AbortReason::DiskFailed] {
            let (theirs, mine) = (job().aborted(why, true, None), job().aborted(why, false, None));
            assert_eq!((theirs.kind, mine.kind), (ErrorKind::Refused, ErrorKind::Disk));
            assert!(theirs.why.ends_with("at the server"), "{theirs}");
            assert!(!mine.why.contains("server"), "{mine}");
        }
    }

    #[test]
    fn an_upload_whose_end_was_not_heard_may_be_there_already() {
        let mut job = job();
        assert!(!job.aborted(AbortReason::Exists, true, None).why.contains("this one"));
        job.on_offline();
        assert!(!job.aborted(AbortReason::Exists, true, None).why.contains("this one"));

        job.on_started(Instant::from_micros(1), 10, 0);
        job.on_offline();

        let error = job.aborted(AbortReason::Exists, true, None);
        assert!(error.why.contains("it may be this one"), "{error}");
        assert_eq!(error.kind, ErrorKind::Refused);
    }

    #[test]
    fn a_download_that_is_given_up_is_deleted_and_what_breaks_off_is_kept() {
        let deleted = download().cancelled(true);
        assert_eq!(deleted.why, "it was cancelled");
        assert_eq!(deleted.next.to_string(), "What had arrived is deleted.");

        let kept = [
            download().cancelled(false),
            download().aborted(AbortReason::Cancelled, true, None),
            download().aborted(AbortReason::Stalled, false, None),
            job().cancelled(true),
        ];
        for error in kept {
            assert!(error.next.to_string().starts_with("What has arrived is kept;"), "{error}");
        }
    }

    #[test]
    fn what_is_uploaded_is_uploaded_again() {
        let reasons = [
            AbortReason::Cancelled,
            AbortReason::Stalled,
            AbortReason::SourceChanged,
            AbortReason::WrongDigest,
        ];
        for (why, by_peer) in reasons.into_iter().flat_map(|why| [(why, true), (why, false)]) {
            let says = |job: Job, verb| job.aborted(why, by_peer, None).to_string().contains(verb);
            assert!(says(job(), "pload it again") && !says(job(), "sk for it"), "{why}");
            assert!(says(download(), "sk for it again"), "{why}");
        }
    }

    #[test]
    fn another_transfer_of_the_same_file_is_not_too_many() {
        let writes = "another transfer is writing the file";
        let error = download().aborted(AbortReason::Busy, false, Some(writes));
        assert_eq!(error.why, writes);
        assert!(error.next.to_string().contains("another name"), "{error}");

        // A server does not say which it is.
        let theirs = job().aborted(AbortReason::Busy, true, None);
        assert!(theirs.why.ends_with("or another one of that name"), "{theirs}");
        let many = download().aborted(AbortReason::Busy, false, Some(""));
        assert_eq!(many.why, "too many transfers at once");
    }

    fn download() -> Job {
        let name = FileName::parse("notes.txt").unwrap();
        Job::get(Get {
            id: TransferId(1),
            file: name,
            folder: PathBuf::from("."),
            save_as: None,
            clash: Clash::KeepBoth,
            hold: false,
            pause_at: None,
            confirmed: false,
        })
    }

    fn job() -> Job {
        let name = FileName::parse("notes.txt").unwrap();
        let (id, path) = (TransferId(1), PathBuf::from("notes.txt"));
        Job::put(Put { id, path, save_as: None, hold: false }, name)
    }

    #[test]
    fn a_rate_is_bytes_by_time() {
        let start = Instant::from_micros(1_000_000);
        let mut meter = Meter { since: start, done: 0, rate: 0 };
        assert_eq!(meter.measure(start + Duration::from_millis(10), 1000), 0);
        assert_eq!(meter.measure(start + Duration::from_millis(100), 1000), 10_000);
        assert_eq!(meter.measure(start + Duration::from_secs(1), 5000), 5000);
        assert_eq!(meter.measure(start + Duration::from_secs(3), 5000), 0);
    }
}
