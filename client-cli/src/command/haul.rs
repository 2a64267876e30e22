//! Moves files: what `get`, `put` and `resume` have in common.

use std::collections::VecDeque;

use proto_core::ids::TransferId;
use proto_core::text::Name;
use proto_std::clock;
use proto_std::session::{Command, Error, ErrorKind, Event, TransferReport, TransferState};

use super::Setting;
use crate::exit::{Outcome, Stop, usage};
use crate::news::{News, Tracker};
use crate::talk::{Deadline, Heard, Talk};

/// Transfers at the same time.
const AT_ONCE: usize = 4;
/// Small ones at the same time: a round trip each is most of what they take.
const SMALL_AT_ONCE: usize = 120;
/// Bytes that may be on their way before the next one waits for its turn.
const SMALL: u64 = 1 << 20;
/// What to do when nothing moves.
const DOES_NOT_MOVE: &str = "Try again, or wait longer with --timeout. If nothing ever arrives, a \
                             firewall may block UDP: files need it on the same port as TCP.";

/// The numbers of a command's transfers.
///
/// # Errors
/// When there are more files than numbers.
pub(super) fn ids(files: usize) -> Result<impl Iterator<Item = TransferId>, Error> {
    let most = u16::try_from(files).map_err(|_| {
        let next = format!("Name {} at most, with a narrower pattern.", u16::MAX);
        usage(format!("{files} files are too many for one command"), next)
    })?;
    Ok((1..=most).map(TransferId))
}

/// Several transfers of one session, from first to last.
#[derive(Debug)]
pub(super) struct Haul {
    me: Name,
    /// `Get`s and `Put`s that have not begun.
    jobs: VecDeque<Command>,
    /// Those that have begun and not ended.
    running: usize,
    tracker: Tracker,
    /// Transfers that stand still and wait for an answer; the first one is being asked about.
    questions: VecDeque<TransferId>,
    /// Transfers that stay paused.
    resting: Vec<TransferId>,
    failed: Option<ErrorKind>,
    /// Whether files stay where they arrive.
    keeps: bool,
    /// Bytes that were done when something last moved.
    moved: u64,
    /// How large a file is that nothing is known of: as those before it.
    guess: u64,
}

impl Haul {
    pub(super) fn new(me: Name, jobs: impl IntoIterator<Item = Command>) -> Self {
        Self {
            me,
            jobs: jobs.into_iter().collect(),
            running: 0,
            tracker: Tracker::default(),
            questions: VecDeque::new(),
            resting: Vec::new(),
            failed: None,
            keeps: true,
            moved: 0,
            guess: SMALL / AT_ONCE as u64,
        }
    }

    /// Says whether files stay where they arrive: those that are passed on have no path to tell.
    pub(super) const fn keeping(mut self, keeps: bool) -> Self {
        self.keeps = keeps;
        self
    }

    /// Runs all transfers; `on_end` sees the last report of each.
    pub(super) fn run(
        mut self,
        setting: &mut Setting,
        talk: &mut Talk,
        mut on_end: impl FnMut(&TransferReport) -> Outcome,
    ) -> Outcome {
        let mut deadline = Deadline::new(setting.options.timeout);
        while !self.jobs.is_empty() || self.running > self.resting.len() {
            self.begin(talk);
            match talk.next(&mut setting.console, &setting.screen)? {
                Heard::Event(Event::Transfer(report)) => {
                    if self.on_report(setting, talk, &report)? {
                        deadline.reset();
                    }
                    if report.state.is_final() {
                        on_end(&report)?;
                    }
                }
                Heard::Online => deadline.reset(),
                Heard::Line(line) => self.on_answer(setting, talk, &line),
                Heard::End => self.on_answer(setting, talk, "n"),
                Heard::Event(_) | Heard::Key(_) | Heard::Tick => {}
            }
            if !talk.is_connected() || !self.questions.is_empty() || self.is_checking() {
                deadline.reset();
            }
            let hint = |error| Error { next: DOES_NOT_MOVE.into(), ..error };
            deadline.check("the transfer does not move").map_err(hint)?;
        }
        self.end(setting)
    }

    fn begin(&mut self, talk: &mut Talk) {
        while self.has_room() {
            let Some(job) = self.jobs.pop_front() else { return };
            talk.tell(job);
            self.running += 1;
        }
    }

    /// Whether another may begin: few at a time, and more while all of them are small.
    fn has_room(&self) -> bool {
        let moving = self.running - self.resting.len();
        let left = |report: &TransferReport| {
            report.size.map_or(self.guess, |size| size.saturating_sub(report.done))
        };
        let (known, told) = self
            .tracker
            .running()
            .fold((0, 0), |(bytes, count), report| (bytes + left(report), count + 1));
        let untold = (self.running - told) as u64 * self.guess;
        moving < AT_ONCE || (moving < SMALL_AT_ONCE && known + untold + self.guess <= SMALL)
    }

    /// Takes the size of a file for that of those to come: a large one counts at once, small ones
    /// when several came.
    fn learn(&mut self, size: u64) {
        self.guess = size.max(self.guess / 2);
    }

    /// Takes a report; true when something moved.
    fn on_report(
        &mut self,
        setting: &mut Setting,
        talk: &mut Talk,
        report: &TransferReport,
    ) -> Outcome<bool> {
        let mut news = self.tracker.on_report(clock::now(), report);
        if !self.keeps {
            news.iter_mut().for_each(News::forget_path);
        }
        if let Some(size) = report.size
            && news.iter().any(|news| matches!(news, News::Connected { .. } | News::Done { .. }))
        {
            self.learn(size);
        }
        for news in &news {
            setting.screen.news(&self.me, report, news)?;
            match news {
                News::Paused { mine, theirs } => {
                    self.on_pause(setting, talk, report.id, (*mine, *theirs));
                }
                News::Proceeding => self.forget(report.id),
                News::Failed(error) => {
                    self.failed.get_or_insert(error.kind);
                }
                News::Connected { .. }
                | News::Progress { .. }
                | News::Stalled
                | News::Verifying
                | News::Done { .. }
                | News::Skipped => {}
            }
        }
        if report.state.is_final() {
            self.forget(report.id);
            self.running -= 1;
        }
        let done = self.tracker.running().map(|report| report.done).sum();
        let is_new = |news: &News| !matches!(news, News::Progress { .. } | News::Stalled);
        let moves = done != self.moved || news.iter().any(is_new);
        self.moved = done;
        Ok(moves)
    }

    /// Whether something is being checked, here or there. That takes as long as it takes: a
    /// connection that falls meanwhile is noticed without a deadline.
    fn is_checking(&self) -> bool {
        self.tracker.running().any(|report| matches!(report.state, TransferState::Verifying))
    }

    fn on_pause(
        &mut self,
        setting: &mut Setting,
        talk: &mut Talk,
        id: TransferId,
        holds: (bool, bool),
    ) {
        self.forget(id);
        if setting.options.yes {
            proceed(talk, id, holds);
        } else if setting.options.may_ask {
            self.questions.push_back(id);
            self.ask(setting);
        } else {
            self.resting.push(id);
        }
    }

    fn ask(&self, setting: &mut Setting) {
        let Some(report) = self.questions.front().and_then(|id| self.tracker.get(*id)) else {
            return;
        };
        setting.screen.note(&format!("proceed with {}? (Y)es, (n)o, (c)ancel", report.file));
        setting.console.ask_line();
    }

    fn on_answer(&mut self, setting: &mut Setting, talk: &mut Talk, line: &str) {
        let Some(id) = self.questions.front().copied() else { return };
        let holds = self.tracker.get(id).map(|report| &report.state);
        let holds = match holds {
            Some(TransferState::Paused { mine, theirs }) => (*mine, *theirs),
            _ => (true, true),
        };
        match line.trim().to_lowercase().as_str() {
            "" | "y" | "yes" => {
                self.questions.pop_front();
                proceed(talk, id, holds);
            }
            "n" | "no" => {
                self.questions.pop_front();
                self.resting.push(id);
            }
            "c" | "cancel" => {
                self.questions.pop_front();
                talk.tell(Command::Cancel { id, discard: true });
            }
            _ => setting.screen.note("Please type y, n or c."),
        }
        self.ask(setting);
    }

    fn forget(&mut self, id: TransferId) {
        self.questions.retain(|other| *other != id);
        self.resting.retain(|other| *other != id);
    }

    fn end(self, setting: &Setting) -> Outcome {
        if !self.resting.is_empty() && !self.keeps {
            setting.screen.note("nothing of it is kept. Add --yes to go on without being asked.");
        } else if !self.resting.is_empty() {
            let one = self.resting.len() == 1;
            setting.screen.note(&format!(
                "{} paused. Go on with: haversack resume{}",
                if one { "the transfer stays" } else { "the transfers stay" },
                if one { "" } else { " --all" },
            ));
        }
        match self.failed {
            Some(kind) => Err(Stop::Told(kind)),
            None if self.resting.is_empty() => Ok(()),
            None => Err(Stop::Told(ErrorKind::Partial)),
        }
    }
}

/// Clears the holds that are set.
pub(super) fn proceed(talk: &mut Talk, id: TransferId, (mine, theirs): (bool, bool)) {
    if theirs {
        talk.tell(Command::Confirm { id });
    }
    if mine {
        talk.tell(Command::Hold { id, set: false });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_small_files_move_at_once_and_few_large_ones() {
        let mut haul = Haul::new(Name::parse("leah").unwrap(), []);
        assert_eq!(begun(&mut haul), 4, "nothing is known");

        (0..12).for_each(|_| haul.learn(1000));
        assert_eq!(begun(&mut haul), SMALL_AT_ONCE);

        haul.learn(1 << 30);
        assert_eq!(begun(&mut haul), 4);
    }

    #[test]
    fn every_file_has_a_number_or_the_command_is_refused() {
        assert_eq!(ids(65_535).unwrap().last(), Some(TransferId(65_535)));
        assert!(ids(65_536).is_err());
    }

    /// How many begin when none has begun.
    fn begun(haul: &mut Haul) -> usize {
        haul.running = 0;
        while haul.has_room() {
            haul.running += 1;
        }
        haul.running
    }
}
