//! `chat`: the room, line by line. What is typed goes to everyone; a slash begins a command.
//!
//! Lines also come from a pipe: then the end of the input waits for what is under way, and the
//! first error decides the exit code.

mod acts;
mod desk;

use std::collections::BTreeSet;
use std::time::Duration;

use proto_core::ids::TransferId;
use proto_core::limits::MAX_MESSAGES;
use proto_core::text::Name;
use proto_core::time::Instant;
use proto_core::wire::Audience;
use proto_std::address::ServerAddr;
use proto_std::clock;
use proto_std::session::{Direction, Error, ErrorKind, Event, FileEntry, Purpose, TransferReport};

use self::desk::Desk;
use super::{Setting, room};
use crate::exit::{Onward, Outcome, Stop};
use crate::ndjson::Record;
use crate::news::{News, Tracker};
use crate::pace::Pace;
use crate::slash;
use crate::talk::{Heard, Talk};

/// Most messages that wait for their acknowledgement before more lines are read.
const MAX_WAITING: usize = MAX_MESSAGES / 2;
/// How long the end waits for what was said.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most files named at once when the room is entered.
const MAX_FILES_SHOWN: usize = 20;

/// Enters the room.
pub(crate) fn run(setting: &mut Setting, address: Option<&str>) -> Outcome {
    let server = setting.options.server(address)?;
    let mut name = setting.name()?;
    let mut desk = Desk::new(setting);
    let mut failed = None;
    loop {
        let chat = Chat::enter(setting, server.clone(), name);
        match chat.run(setting, &mut desk, &mut failed)? {
            End::Quit => break,
            End::Rename(new) => name = new,
        }
    }
    let scripted = !setting.options.stdin_is_terminal;
    failed.filter(|_| scripted).map_or(Ok(()), |kind| Err(Stop::Told(kind)))
}

/// Why the room is left.
enum End {
    Quit,
    /// To come back under another name.
    Rename(Name),
}

/// One stay in the room.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Chat {
    talk: Talk,
    me: Name,
    /// Who is here, as far as is known.
    present: Vec<Name>,
    files: Vec<FileEntry>,
    /// Who spoke last in private.
    reply_to: Option<Name>,
    tracker: Tracker,
    next_transfer: u16,
    next_token: u64,
    /// Messages that are not acknowledged.
    unheard: BTreeSet<u64>,
    /// Messages that have not come back from the room.
    unseen: BTreeSet<u64>,
    /// When the server last acknowledged something.
    heard: Instant,
    /// Lists that were asked for: one answer serves every question before it.
    asked_users: bool,
    asked_files: bool,
    /// Whether the header and the files were shown.
    greeted: bool,
    files_shown: bool,
    /// Transfers that were told something and have not said anything since.
    silent: BTreeSet<TransferId>,
    pace: Pace,
    /// No line is read until everything is at rest.
    waits: bool,
    end: Option<End>,
    /// When the end was wished for.
    ending: Instant,
    failed: Option<ErrorKind>,
}

impl Chat {
    fn enter(setting: &Setting, server: ServerAddr, name: Name) -> Self {
        let me = name.clone();
        let talk =
            Talk::start(&setting.options, &setting.console, server, name, Purpose::Join, None);
        Self {
            talk,
            me,
            present: Vec::new(),
            files: Vec::new(),
            reply_to: None,
            tracker: Tracker::default(),
            next_transfer: 1,
            next_token: 1,
            unheard: BTreeSet::new(),
            unseen: BTreeSet::new(),
            heard: Instant::ZERO,
            asked_users: false,
            asked_files: false,
            greeted: false,
            files_shown: false,
            silent: BTreeSet::new(),
            pace: Pace::new(clock::now()),
            waits: false,
            end: None,
            ending: Instant::ZERO,
            failed: None,
        }
    }

    fn run(
        mut self,
        setting: &mut Setting,
        desk: &mut Desk,
        failed: &mut Option<ErrorKind>,
    ) -> Outcome<End> {
        desk.draw(setting)?;
        let end = loop {
            if self.is_idle() {
                self.waits = false;
                if desk.is_done() {
                    break Ok(End::Quit);
                }
            }
            if self.end.is_some() && self.may_leave(!setting.options.stdin_is_terminal) {
                break Ok(self.end.take().unwrap_or(End::Quit));
            }
            if self.may_read()
                && let Some(line) = desk.line(setting)
            {
                if let Err(stop) = self.act(setting, slash::parse(&line)) {
                    break Err(stop);
                }
                continue;
            }
            let heard = match self.talk.next(&mut setting.console, &setting.screen) {
                Ok(heard) => heard,
                Err(stop) => break Err(stop),
            };
            if let Err(stop) = self.on_heard(setting, desk, heard) {
                break Err(stop);
            }
        };
        setting.screen.set_foot(None)?;
        *failed = failed.or(self.failed);
        let onward = onward(&self.tracker);
        self.talk.leave(&mut setting.console);
        if let (Ok(_), Onward::By(how)) = (&end, &onward) {
            setting.screen.note(&format!("unfinished transfers are kept. Go on with: {how}"));
        }
        end.map_err(|stop| stop.with(onward))
    }

    /// Whether nothing is under way: every answer is here and no transfer moves.
    fn is_idle(&self) -> bool {
        self.greeted
            && self.is_said()
            && self.silent.is_empty()
            && !self.asked_users
            && !self.asked_files
            && self.tracker.is_at_rest()
    }

    /// Whether the end was wished for too long ago.
    fn is_out_of_patience(&self) -> bool {
        clock::now().since(self.ending) >= PATIENCE
    }

    /// Whether a wish to leave is granted. A script cannot see what is under way, so it waits for that.
    fn may_leave(&self, scripted: bool) -> bool {
        let is_at_rest = self.silent.is_empty() && self.tracker.is_at_rest();
        (self.is_said() || self.is_out_of_patience()) && (is_at_rest || !scripted)
    }

    /// Whether everything that was said is stored, and was shown.
    fn is_said(&self) -> bool {
        let is_late = || clock::now().since(self.heard) >= PATIENCE;
        self.unheard.is_empty() && (self.unseen.is_empty() || is_late())
    }

    /// What the word behind this text may be.
    fn candidates(&self, before: &str) -> Vec<String> {
        let names = || self.present.iter().map(|name| name.as_str().to_owned()).collect();
        match before.trim_end() {
            "" => {
                slash::COMMANDS.iter().map(|command| (*command).to_owned()).chain(names()).collect()
            }
            "/get" => self.files.iter().map(|file| file.name.as_str().to_owned()).collect(),
            _ => names(),
        }
    }

    /// Whether the next line may be read.
    fn may_read(&mut self) -> bool {
        self.greeted
            && !self.waits
            && self.end.is_none()
            && self.unheard.len() < MAX_WAITING
            && self.pace.may_say(clock::now())
    }

    fn on_heard(&mut self, setting: &mut Setting, desk: &mut Desk, heard: Heard) -> Outcome {
        match heard {
            Heard::Event(event) => self.on_event(setting, event),
            Heard::Online => {
                if let Some(online) = &self.talk.online {
                    self.me = online.name.clone();
                }
                if self.greeted {
                    notice(setting, "connected again")?;
                }
                Ok(())
            }
            Heard::Line(line) => {
                desk.on_line(line);
                Ok(())
            }
            Heard::Key(key) => desk.on_key(setting, key, |before| self.candidates(before)),
            Heard::End => {
                desk.on_end();
                Ok(())
            }
            Heard::Tick => Ok(()),
        }
    }

    fn on_event(&mut self, setting: &mut Setting, event: Event) -> Outcome {
        room::record(&setting.screen, &event)?;
        if let Some(line) = room::line(setting.screen.style, &self.me, &event) {
            setting.screen.line(&line)?;
        }
        if let Event::Said { mine: Some(token), .. } = &event {
            self.unseen.remove(token);
        }
        match event {
            Event::Said { from, to: Audience::One(_), .. } if from != self.me => {
                self.reply_to = Some(from);
            }
            Event::Joined { name, .. } => {
                if !self.present.contains(&name) {
                    self.present.push(name);
                }
            }
            Event::Left { name, .. } => self.present.retain(|other| *other != name),
            Event::Users(users) => self.on_users(setting, users)?,
            Event::Files(files) => self.on_files(setting, files)?,
            Event::Delivered { token } => {
                self.unheard.remove(&token);
                self.heard = clock::now();
            }
            Event::Rejected { token, why } => {
                self.unheard.remove(&token);
                self.unseen.remove(&token);
                self.complain(setting, &why)?;
            }
            Event::Transfer(report) => self.on_transfer(setting, &report)?,
            Event::Said { .. }
            | Event::Missed { .. }
            | Event::FilesChanged
            | Event::Connecting { .. }
            | Event::FirstContact { .. }
            | Event::Online(_)
            | Event::Offline { .. }
            | Event::Warning(_)
            | Event::Failed(_)
            | Event::Closed => {}
        }
        Ok(())
    }

    fn on_users(&mut self, setting: &Setting, users: Vec<Name>) -> Outcome {
        self.present = users;
        if !self.greeted {
            self.greeted = true;
            let style = setting.screen.style;
            let header = format!(
                "haversack  {}@{}   connected   {} online",
                style.name(&self.me),
                self.talk.server(),
                self.present.len()
            );
            return Ok(setting.screen.line(&header)?);
        }
        if std::mem::take(&mut self.asked_users) {
            let names: Vec<_> =
                self.present.iter().map(|name| setting.screen.style.name(name)).collect();
            let line = format!("online ({}): {}", names.len(), names.join(", "));
            notice(setting, &line)?;
        }
        Ok(())
    }

    fn on_files(&mut self, setting: &Setting, files: Vec<FileEntry>) -> Outcome {
        self.files = files;
        let most = match (self.asked_files, self.files_shown) {
            (true, _) => usize::MAX,
            (false, false) => MAX_FILES_SHOWN,
            (false, true) => return Ok(()),
        };
        self.asked_files = false;
        self.files_shown = true;
        notice(
            setting,
            &match self.files.len() {
                1 => "the server has 1 file".to_owned(),
                count => format!("the server has {count} files"),
            },
        )?;
        for file in self.files.iter().take(most) {
            setting.screen.line(&format!("       {}", setting.screen.style.file(file)))?;
        }
        Ok(())
    }

    fn on_transfer(&mut self, setting: &Setting, report: &TransferReport) -> Outcome {
        self.silent.remove(&report.id);
        let news = self.tracker.on_report(clock::now(), report);
        for news in news {
            setting.screen.record(Record::news(report, &news))?;
            if let News::Failed(error) = &news {
                self.failed.get_or_insert(error.kind);
            }
            for line in setting.screen.style.news(&self.me, report, &news) {
                if line.starts_with(['R', 'S']) {
                    setting.screen.line(&line)?;
                } else {
                    notice(setting, &line)?;
                }
            }
        }
        Ok(())
    }

    fn complain(&mut self, setting: &Setting, error: &Error) -> Outcome {
        self.failed.get_or_insert(error.kind);
        Ok(setting.screen.error(error)?)
    }
}

/// How to go on with what is under way: a server knows what it has of an upload.
fn onward(tracker: &Tracker) -> Onward {
    let has = |way| tracker.running().any(|report| report.direction == way && report.done > 0);
    let how = match (has(Direction::Download), has(Direction::Upload)) {
        (false, false) => return Onward::Nothing,
        (true, false) => "haversack resume --all",
        (false, true) => "the same /put",
        (true, true) => "haversack resume --all, and the same /put",
    };
    Onward::By(how.to_owned())
}

/// Shows something that nobody said.
fn notice(setting: &Setting, text: &str) -> Outcome {
    Ok(setting.screen.line(&setting.screen.style.notice(room::now(), text))?)
}
