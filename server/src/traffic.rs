//! One client's transfers: between its control channel, the engine and the screen.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use proto_core::ids::TransferId;
use proto_core::link::Established;
use proto_core::text::FileName;
use proto_core::wire::{AbortReason, Transfer};
use proto_std::channel::Receiver;
use proto_std::clock;
use proto_std::engine::{
    EngineEvent, Files as _, FlowHandle, Progress, SessionConfig, SharedFolder,
};
use proto_std::future::timeout;
use proto_std::session::Percent;
use proto_std::task::spawn_blocking;

use crate::hall::Hall;
use crate::screen::Happening;

/// What the engine tells.
pub type News = EngineEvent;

/// How long transfers go on after their control channel fell, for a client that comes back.
const LINGER: Duration = Duration::from_secs(60);
/// Percent after which the screen tells how far a download is that nobody stopped.
const MARK: u8 = 50;

/// A client's transfers.
#[derive(Debug)]
pub struct Traffic {
    flow: Option<FlowHandle>,
    events: Option<Receiver<EngineEvent>>,
    jobs: BTreeMap<TransferId, Job>,
    name: String,
}

#[derive(Clone, Debug)]
struct Job {
    file: FileName,
    download: bool,
    size: Option<u64>,
    /// Bytes that have arrived at the other end, or here.
    done: u64,
    /// The last percentage that the screen has shown.
    shown: Option<u8>,
    confirmed: bool,
}

impl Traffic {
    /// Opens the engine's side for a client, whose control channel comes from `host`.
    pub fn open(hall: &Hall, established: Established, host: IpAddr) -> Self {
        let opened = hall.engine.as_ref().map(|engine| {
            engine.open(SessionConfig {
                keys: established.keys,
                local_cid: established.local_cid,
                remote_cid: established.remote_cid,
                remote: None,
                host: Some(host),
                peer: established.peer,
                files: Arc::clone(&hall.files) as Arc<_>,
                sidecars: None,
                confirm_at: hall.confirm_at.map(Percent::get),
                limit_rate: None,
            })
        });
        let (flow, events) = opened.unzip();
        Self { flow, events, jobs: BTreeMap::new(), name: String::new() }
    }

    /// The next thing that the engine tells; `None` when it tells nothing any more.
    pub async fn next(&mut self) -> Option<News> {
        match &self.events {
            Some(events) => events.recv().await.ok(),
            None => std::future::pending().await,
        }
    }

    /// What the engine has told already.
    pub fn more(&self) -> Option<News> {
        self.events.as_ref()?.try_recv().ok()
    }

    /// The engine tells nothing any more.
    pub fn on_end(&mut self) {
        self.events = None;
    }

    /// The connection is gone: what is under way goes on for a while, for a client that comes back,
    /// and the screen is told what becomes of it.
    pub async fn finish(mut self, hall: &Hall) {
        let Some(flow) = self.flow.take() else { return };
        flow.close(LINGER);
        let watch = async {
            while let Some(news) = self.next().await {
                // There is nobody to be told.
                drop(self.on_news(hall, news).await);
            }
        };
        let since = clock::now();
        // The engine ends the flow in time; if it does not, that is no reason to wait.
        let _ = timeout(LINGER * 2, watch).await;
        let waited = clock::now().since(since);
        for job in self.jobs.values() {
            if let Some(why) = job.unheard(waited) {
                let (name, file) = (self.name.clone(), text(&job.file));
                hall.report.happening(Happening::Broken { name, file, why: why.to_owned() });
            }
        }
    }

    /// The client says something about a transfer.
    pub async fn on_message(&mut self, hall: &Hall, name: String, message: Transfer) {
        self.name = name;
        let name = || self.name.clone();
        match &message {
            Transfer::Get { id, name: file, confirmed, .. } => {
                let job = Job { confirmed: *confirmed, ..Job::new(file, true) };
                self.jobs.insert(*id, job);
                hall.report.happening(Happening::Wants { name: name(), file: text(file) });
            }
            Transfer::Put { id, name: file, size, .. } => {
                self.jobs.insert(*id, Job::new(file, false));
                let (file, size) = (text(file), *size);
                hall.report.happening(Happening::Offers { name: name(), file, size });
            }
            Transfer::Confirm { id } => {
                if let Some(job) = self.jobs.get_mut(id)
                    && !std::mem::replace(&mut job.confirmed, true)
                {
                    let file = text(&job.file);
                    hall.report.happening(Happening::Confirmed { name: name(), file });
                }
            }
            Transfer::Offer { .. }
            | Transfer::Accept { .. }
            | Transfer::Digest { .. }
            | Transfer::Hold { .. }
            | Transfer::Done { .. }
            | Transfer::Abort { .. }
            | Transfer::Limit { .. } => {}
        }
        if let Some(flow) = &self.flow {
            flow.message(message).await;
        }
    }

    /// The engine tells something; gives what is to be said to the client.
    pub async fn on_news(&mut self, hall: &Hall, news: News) -> Option<Transfer> {
        match news {
            EngineEvent::Message(message) => {
                if let Some(job) = self.take_refused(&message) {
                    let (name, file) = (self.name.clone(), text(&job.file));
                    let why = reason(AbortReason::Busy, false, None);
                    hall.report.happening(Happening::Broken { name, file, why });
                }
                return Some(*message);
            }
            EngineEvent::Started { id, size, .. } => {
                if let Some(job) = self.jobs.get_mut(&id) {
                    job.size = Some(size);
                }
            }
            EngineEvent::Progress { id, progress } => self.on_progress(hall, id, progress).await,
            EngineEvent::Holds { id, mine: true, at, .. } => self.show(hall, id, at).await,
            EngineEvent::Finished { id, .. } => {
                if let Some(job) = self.jobs.remove(&id) {
                    let (name, file) = (self.name.clone(), text(&job.file));
                    hall.report.happening(if job.download {
                        Happening::Finished { name, file }
                    } else {
                        Happening::Uploaded { name, file }
                    });
                }
            }
            EngineEvent::Ended { id, why, by_peer, detail } => {
                if let Some(job) = self.jobs.remove(&id) {
                    let (name, file) = (self.name.clone(), text(&job.file));
                    let why = reason(why, by_peer, detail.as_deref());
                    hall.report.happening(Happening::Broken { name, file, why });
                }
            }
            _ => {}
        }
        None
    }

    /// What there is no place for is refused without another word from the engine.
    fn take_refused(&mut self, message: &Transfer) -> Option<Job> {
        match message {
            Transfer::Abort { id, why: AbortReason::Busy } => self.jobs.remove(id),
            _ => None,
        }
    }

    async fn on_progress(&mut self, hall: &Hall, id: TransferId, progress: Progress) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        (job.size, job.done) = (progress.size.or(job.size), progress.done);
        let percent = job.percent(progress.done);
        if job.shown.is_none() && percent.is_some_and(|percent| (MARK..100).contains(&percent)) {
            self.show(hall, id, progress.contiguous).await;
        }
    }

    /// Shows how far a download is, with the value of the last byte before that point.
    async fn show(&mut self, hall: &Hall, id: TransferId, at: u64) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let Some(percent) = job.percent(at).filter(|percent| *percent < 100) else { return };
        if !job.download || job.shown == Some(percent) {
            return;
        }
        job.shown = Some(percent);
        let (folder, file) = (Arc::clone(&hall.files), job.file.clone());
        let last_byte = spawn_blocking(move || byte_before(&folder, &file, at)).await;
        let (name, file) = (self.name.clone(), text(&job.file));
        hall.report.happening(Happening::Downloaded { name, file, percent, last_byte });
    }
}

impl Job {
    fn new(file: &FileName, download: bool) -> Self {
        Self { file: file.clone(), download, size: None, done: 0, shown: None, confirmed: false }
    }

    /// What is to be said of it when its flow has ended without a word, so long after the control
    /// channel: `None` when it goes on in another session, or may, or never began.
    fn unheard(&self, waited: Duration) -> Option<&'static str> {
        let size = self.size?;
        if self.download && size == self.done {
            return Some(
                "all of it arrived, but its client is gone and did not say that it is whole",
            );
        }
        (waited >= LINGER).then_some("its client did not come back within a minute")
    }

    fn percent(&self, done: u64) -> Option<u8> {
        let size = self.size.filter(|size| *size > 0)?;
        u8::try_from(u128::from(done.min(size)) * 100 / u128::from(size)).ok()
    }
}

/// Why a transfer ended early, for people who see the server's screen.
fn reason(why: AbortReason, by_client: bool, detail: Option<&str>) -> String {
    match detail.filter(|detail| !detail.is_empty()) {
        Some(detail) => detail.to_owned(),
        None if by_client && why.is_of_a_disk() => format!("{why} at the client"),
        None => why.to_string(),
    }
}

fn text(file: &FileName) -> String {
    file.as_str().to_owned()
}

fn byte_before(folder: &SharedFolder, file: &FileName, at: u64) -> Option<u8> {
    let mut source = folder.open_source(file).ok()?;
    let mut byte = [0];
    source.read_at(at.checked_sub(1)?, &mut [std::io::IoSliceMut::new(&mut byte)]).ok()?;
    Some(byte[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_whose_last_word_was_lost_is_not_told_as_one_that_broke() {
        let file = FileName::parse("a").unwrap();
        let half = Job { size: Some(10), done: 5, ..Job::new(&file, true) };
        let whole = Job { done: 10, ..half.clone() };

        assert_eq!(half.unheard(Duration::from_secs(1)), None, "it goes on elsewhere");
        assert!(half.unheard(LINGER).unwrap().contains("did not come back"));
        assert_eq!(Job::new(&file, true).unheard(LINGER), None, "it never began");
        for waited in [Duration::from_secs(1), LINGER] {
            assert!(whole.unheard(waited).unwrap().starts_with("all of it arrived"));
        }
    }

    #[test]
    fn what_is_refused_because_there_are_too_many_is_forgotten() {
        let file = FileName::parse("a").unwrap();
        let jobs = (1..=3).map(|id| (TransferId(id), Job::new(&file, true))).collect();
        let mut traffic = Traffic { flow: None, events: None, jobs, name: String::new() };
        let abort = |id, why| Transfer::Abort { id: TransferId(id), why };

        assert!(traffic.take_refused(&abort(2, AbortReason::Busy)).is_some());
        assert!(traffic.take_refused(&abort(2, AbortReason::Busy)).is_none(), "told once");
        assert!(traffic.take_refused(&abort(3, AbortReason::NoSuchFile)).is_none(), "told later");
        assert_eq!(traffic.jobs.len(), 2);
    }

    #[test]
    fn a_reason_is_told_in_words_and_says_whose_disk_it_was() {
        assert_eq!(reason(AbortReason::Exists, false, Some("")), "a file of that name exists");
        assert_eq!(reason(AbortReason::Cancelled, true, None), "it was cancelled");
        assert_eq!(reason(AbortReason::NoSpace, true, None), "no space is left at the client");
        assert_eq!(reason(AbortReason::NoSpace, false, None), "no space is left");
        let detail = Some("the disk failed: input/output error");
        let told = reason(AbortReason::DiskFailed, false, detail);
        assert_eq!(told, "the disk failed: input/output error");
    }
}
