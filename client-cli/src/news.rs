//! What is worth telling about a transfer: reports come a few times a second, people want to
//! hear when something changed, and every tenth part or five seconds in between.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use proto_core::ids::{Digest, TransferId};
use proto_core::time::Instant;
use proto_std::session::{Error, TransferReport, TransferState};

/// Percent between two lines of progress.
const STEP: u8 = 10;
/// Time between two lines of progress, when the percentage moves slowly.
const INTERVAL: Duration = Duration::from_secs(5);

/// Something to tell about a transfer.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// The other side answered: the first bytes are under way.
    Connected {
        /// Bytes that were here already.
        resumed_from: u64,
    },
    /// Bytes flowed. `due` when a reader of lines should hear of it.
    Progress { due: bool },
    /// Nothing came for a while.
    Stalled,
    /// It stands still, and by whose wish.
    Paused { mine: bool, theirs: bool },
    /// It goes on after a pause.
    Proceeding,
    /// All bytes are here and are being checked.
    Verifying,
    /// Complete and verified.
    Done { path: Option<PathBuf>, digest: Option<Digest>, took: Duration, synced: Option<Duration> },
    /// Left alone, because a file of that name exists.
    Skipped,
    /// Ended early.
    Failed(Error),
}

impl News {
    /// Forgets where a file is that does not stay there.
    pub(crate) fn forget_path(&mut self) {
        if let Self::Done { path, .. } = self {
            *path = None;
        }
    }
}

/// What was told already, for each transfer that has not ended.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    told: BTreeMap<TransferId, Told>,
}

#[derive(Debug)]
struct Told {
    connected: bool,
    /// The pause that was told, as (mine, theirs).
    pause: Option<(bool, bool)>,
    stalled: bool,
    verifying: bool,
    step: u8,
    at: Instant,
    report: TransferReport,
}

impl Tracker {
    /// Takes a report, and says what of it is news.
    pub(crate) fn on_report(&mut self, now: Instant, report: &TransferReport) -> Vec<News> {
        let told = self.told.entry(report.id).or_insert_with(|| Told::new(now, report.clone()));
        let news = told.on_report(now, report);
        if report.state.is_final() {
            self.told.remove(&report.id);
        }
        news
    }

    /// The transfers that have not ended, with their last reports.
    pub(crate) fn running(&self) -> impl Iterator<Item = &TransferReport> {
        self.told.values().map(|told| &told.report)
    }

    /// The last report of a transfer that has not ended.
    pub(crate) fn get(&self, id: TransferId) -> Option<&TransferReport> {
        self.told.get(&id).map(|told| &told.report)
    }

    /// True when every transfer has ended or stands still by somebody's wish.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.running().all(|report| matches!(report.state, TransferState::Paused { .. }))
    }
}

impl Told {
    fn new(now: Instant, report: TransferReport) -> Self {
        let (connected, stalled, verifying) = (false, false, false);
        Self { connected, pause: None, stalled, verifying, step: 0, at: now, report }
    }

    fn on_report(&mut self, now: Instant, report: &TransferReport) -> Vec<News> {
        let mut news = Vec::new();
        self.report = report.clone();
        match &report.state {
            TransferState::Asked => {}
            TransferState::Started { resumed_from } => self.connect(*resumed_from, &mut news),
            TransferState::Flowing => {
                self.connect(0, &mut news);
                self.flow(now, report, &mut news);
            }
            TransferState::Stalled => {
                if !self.stalled {
                    news.push(News::Stalled);
                }
                self.stalled = true;
            }
            TransferState::Paused { mine, theirs } => {
                self.connect(0, &mut news);
                let pause = Some((*mine, *theirs));
                if self.pause != pause {
                    news.push(News::Paused { mine: *mine, theirs: *theirs });
                }
                self.pause = pause;
            }
            TransferState::Verifying => {
                self.resume(&mut news);
                if !self.verifying {
                    news.push(News::Verifying);
                }
                self.verifying = true;
            }
            TransferState::Done { path, digest, took, synced } => {
                self.connect(0, &mut news);
                self.resume(&mut news);
                let (path, digest, took, synced) = (path.clone(), *digest, *took, *synced);
                news.push(News::Done { path, digest, took, synced });
            }
            TransferState::Skipped => news.push(News::Skipped),
            TransferState::Failed(error) => news.push(News::Failed(error.clone())),
        }
        news
    }

    fn connect(&mut self, resumed_from: u64, news: &mut Vec<News>) {
        if !self.connected {
            self.connected = true;
            self.step = self.report.percent().unwrap_or(0) / STEP;
            news.push(News::Connected { resumed_from });
        }
    }

    fn resume(&mut self, news: &mut Vec<News>) {
        if self.pause.take().is_some() {
            news.push(News::Proceeding);
        }
    }

    fn flow(&mut self, now: Instant, report: &TransferReport, news: &mut Vec<News>) {
        self.resume(news);
        self.stalled = false;
        let step = report.percent().unwrap_or(0) / STEP;
        let due = step > self.step || now.since(self.at) >= INTERVAL;
        if due {
            self.step = step;
            self.at = now;
        }
        news.push(News::Progress { due });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto_core::text::FileName;
    use proto_std::session::Direction;

    fn report(done: u64, state: TransferState) -> TransferReport {
        TransferReport {
            id: TransferId(1),
            file: FileName::parse("notes.pdf").unwrap(),
            direction: Direction::Download,
            size: Some(1000),
            done,
            rate: 100,
            last_byte: Some(129),
            state,
        }
    }

    fn names(news: &[News]) -> String {
        news.iter()
            .map(|news| match news {
                News::Connected { .. } => 'c',
                News::Progress { due: true } => 'P',
                News::Progress { due: false } => 'p',
                News::Stalled => 's',
                News::Paused { .. } => '=',
                News::Proceeding => '>',
                News::Verifying => 'v',
                News::Done { .. } => 'd',
                News::Skipped => 'k',
                News::Failed(_) => '!',
            })
            .collect()
    }

    fn done() -> TransferState {
        TransferState::Done {
            path: None,
            digest: Some(Digest([0; 32])),
            took: Duration::ZERO,
            synced: None,
        }
    }

    #[test]
    fn a_download_tells_each_change_once() {
        let mut tracker = Tracker::default();
        let mut tell = |done, state| {
            let news = tracker.on_report(Instant::ZERO, &report(done, state));
            names(&news)
        };
        let paused = || TransferState::Paused { mine: true, theirs: false };
        assert_eq!(tell(0, TransferState::Asked), "");
        assert_eq!(tell(0, TransferState::Started { resumed_from: 0 }), "c");
        assert_eq!(tell(50, TransferState::Flowing), "p");
        assert_eq!(tell(100, TransferState::Flowing), "P");
        assert_eq!(tell(199, TransferState::Flowing), "p");
        assert_eq!(tell(500, paused()), "=");
        assert_eq!(tell(500, paused()), "");
        assert_eq!(tell(510, TransferState::Flowing), ">P");
        assert_eq!(tell(510, TransferState::Stalled), "s");
        assert_eq!(tell(510, TransferState::Stalled), "");
        assert_eq!(tell(1000, TransferState::Verifying), "v");
        assert_eq!(tell(1000, done()), "d");
        assert_eq!(tracker.running().count(), 0);
    }

    #[test]
    fn a_slow_transfer_is_heard_of_every_five_seconds() {
        let mut tracker = Tracker::default();
        let mut due = 0;
        for second in 0..21_u64 {
            let now = Instant::from_micros(second * 1_000_000);
            let news = tracker.on_report(now, &report(second, TransferState::Flowing));
            due += news.iter().filter(|n| matches!(n, News::Progress { due: true })).count();
        }
        assert_eq!(due, 4);
    }

    #[test]
    fn a_short_download_is_told_in_full_even_from_its_last_report() {
        let news = Tracker::default().on_report(Instant::ZERO, &report(1000, done()));
        assert_eq!(names(&news), "cd");
    }

    #[test]
    fn paused_transfers_are_at_rest() {
        let mut tracker = Tracker::default();
        assert!(tracker.is_at_rest());
        tracker.on_report(Instant::ZERO, &report(1, TransferState::Flowing));
        assert!(!tracker.is_at_rest());
        let paused = TransferState::Paused { mine: false, theirs: true };
        tracker.on_report(Instant::ZERO, &report(1, paused));
        assert!(tracker.is_at_rest());
    }
}
