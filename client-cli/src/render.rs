//! Events as lines of text. Every string from outside goes through [`sanitise`].

use std::fmt::Write as _;
use std::time::Duration;

use chrono::{DateTime, Local, Offset, TimeZone, Utc};
use proto_core::text::Name;
use proto_core::time::UnixMillis;
use proto_core::wire::Audience;
use proto_std::human;
use proto_std::session::{Direction, FileEntry, TransferReport, TransferState};

use crate::news::News;
use crate::sanitise::{self, Medium};
use crate::sizes;

/// Width of a progress bar.
const BAR: usize = 20;
/// What stands before the further lines of a message.
const INDENT: &str = "       ";

/// Where the lines go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) medium: Medium,
    pub(crate) color: bool,
}

impl Style {
    /// One line that may be shown.
    pub(crate) fn safe(self, text: &str) -> String {
        sanitise::line(self.medium, text).into_owned()
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// `12:01  Shlomo: hi all`
    pub(crate) fn said(
        self,
        me: &Name,
        at: UnixMillis,
        from: &Name,
        to: &Audience,
        text: &str,
    ) -> String {
        let sender = self.paint("1", &self.safe(from.as_str()));
        let text = sanitise::block(self.medium, text, INDENT);
        match to {
            Audience::All => format!("{}  {sender}: {text}", hh_mm(at)),
            Audience::One(to) => {
                let whom = if from == me && to != me {
                    format!("[private to {}]", self.safe(to.as_str()))
                } else {
                    "[private]".to_owned()
                };
                format!("{}  {} {sender}: {text}", hh_mm(at), self.paint("35", &whom))
            }
        }
    }

    /// `12:01  *  Shlomo connected to the server`
    pub(crate) fn notice(self, at: UnixMillis, text: &str) -> String {
        format!("{}  {}", hh_mm(at), self.paint("2", &format!("*  {text}")))
    }

    pub(crate) fn joined(self, name: &Name) -> String {
        format!("{} connected to the server", self.safe(name.as_str()))
    }

    pub(crate) fn left(self, name: &Name) -> String {
        format!("{} has left the chat", self.safe(name.as_str()))
    }

    pub(crate) fn missed(count: u64) -> String {
        match count {
            1 => "you missed 1 message".to_owned(),
            count => format!("you missed {count} messages"),
        }
    }

    pub(crate) fn name(self, name: &Name) -> String {
        self.safe(name.as_str())
    }

    pub(crate) fn name_of_file(self, report: &TransferReport) -> String {
        self.safe(report.file.as_str())
    }

    /// `10.0 MiB  notes.pdf`
    pub(crate) fn file(self, file: &FileEntry) -> String {
        let size = sizes::Bytes(file.size).to_string();
        format!("{size:>10}  {}", self.safe(file.name.as_str()))
    }

    /// `R  notes.pdf  [##########----------]  50%  5.0/10.0 MiB  12.5 MiB/s  0:01 left`
    pub(crate) fn transfer(self, report: &TransferReport) -> String {
        let way = match report.direction {
            Direction::Download => 'R',
            Direction::Upload => 'S',
        };
        let name = self.safe(report.file.as_str());
        let Some(total) = report.size else {
            return format!("{way}  {name}  {}", state(report));
        };
        let percent = report.percent().unwrap_or(0);
        let filled = usize::from(percent) * BAR / 100;
        let bar = format!("{}{}", "#".repeat(filled), "-".repeat(BAR - filled));
        let progress = human::progress(report.done, total);
        let line = format!("{way}  {name}  [{bar}]  {percent}%  {progress}  {}", state(report));
        line.trim_end().to_owned()
    }

    /// The lines that news is told in, in the words of the systems that Haversack descends from.
    pub(crate) fn news(self, me: &Name, report: &TransferReport, news: &News) -> Vec<String> {
        let (way, did) = match report.direction {
            Direction::Download => ("a download", "downloaded"),
            Direction::Upload => ("an upload", "uploaded"),
        };
        let me = self.safe(me.as_str());
        let file = self.safe(report.file.as_str());
        match news {
            News::Connected { resumed_from: 0 } => vec![format!("got {way} connection")],
            News::Connected { resumed_from } => vec![
                format!("got {way} connection"),
                format!("{file} goes on after {}", sizes::Bytes(*resumed_from)),
            ],
            News::Progress { due: false } => Vec::new(),
            News::Progress { due: true } => vec![self.transfer(report)],
            News::Stalled => vec![format!("{file}: nothing arrives just now; waiting")],
            News::Paused { .. } => {
                let percent = report.percent().unwrap_or(0);
                let mut line = format!("user {me} {did} {percent}% out of file.");
                if let Some(byte) = report.last_byte {
                    let _ = write!(line, " last byte is: {byte}");
                }
                vec![line, self.transfer(report)]
            }
            News::Proceeding => vec![format!("user {me} confirm proceeding")],
            News::Verifying => vec![format!("{file}: verifying")],
            News::Done { path, took, .. } => {
                let size = sizes::Bytes(report.size.unwrap_or(report.done));
                let mut line = match path {
                    Some(path) => {
                        let path = self.safe(&path.display().to_string());
                        format!("{file} is complete: {size} saved as {path}")
                    }
                    None => format!("{file} is complete: {size}"),
                };
                if *took >= Duration::from_secs(1) {
                    let _ = write!(line, " in {}", human::span(*took));
                }
                if let Some(byte) = report.last_byte {
                    let _ = write!(line, ", last byte value: {byte}");
                }
                vec![format!("{did} 100% out of file."), line]
            }
            News::Skipped => vec![format!("{file} exists already: skipped")],
            News::Failed(error) => vec![format!("{file}: {}", self.safe(&error.to_string()))],
        }
    }
}

/// What a transfer does just now.
fn state(report: &TransferReport) -> String {
    let id = report.id.0;
    match &report.state {
        TransferState::Asked => "waiting for an answer".to_owned(),
        TransferState::Stalled => "stalled".to_owned(),
        TransferState::Verifying => "verifying".to_owned(),
        TransferState::Skipped => "skipped".to_owned(),
        TransferState::Failed(_) => "failed".to_owned(),
        TransferState::Done { .. } => "done".to_owned(),
        TransferState::Paused { mine: true, theirs: true } => {
            format!("PAUSED by you and the server: /proceed {id}")
        }
        TransferState::Paused { mine: true, .. } => format!("PAUSED by you: /proceed {id}"),
        TransferState::Paused { .. } => format!("PAUSED by the server: /proceed {id}"),
        TransferState::Started { .. } | TransferState::Flowing => {
            let rate = human::rate(report.rate);
            match remaining(report) {
                Some(time) => format!("{rate}  {} left", human::span(time)),
                None => String::new(),
            }
        }
    }
}

/// How long a transfer still takes at its present rate.
pub(crate) fn remaining(report: &TransferReport) -> Option<Duration> {
    let left = report.size?.saturating_sub(report.done);
    (report.rate > 0).then(|| Duration::from_secs(left.div_ceil(report.rate)))
}

/// The local time of day.
fn hh_mm(at: UnixMillis) -> String {
    let utc = i64::try_from(at.0).ok().and_then(DateTime::from_timestamp_millis);
    let utc: DateTime<Utc> = utc.unwrap_or_default();
    let offset = Local.offset_from_utc_datetime(&utc.naive_utc()).fix();
    utc.with_timezone(&offset).format("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto_core::ids::{Digest, TransferId};
    use proto_core::text::FileName;

    const PLAIN: Style = Style { medium: Medium::Pipe, color: false };

    fn report(done: u64, state: TransferState) -> TransferReport {
        TransferReport {
            id: TransferId(1),
            file: FileName::parse("notes.pdf").unwrap(),
            direction: Direction::Download,
            size: Some(10 << 20),
            done,
            rate: 13_107_200,
            last_byte: Some(129),
            state,
        }
    }

    fn leah() -> Name {
        Name::parse("leah").unwrap()
    }

    #[test]
    fn a_running_transfer_shows_bytes_rate_and_time_left() {
        assert_eq!(
            PLAIN.transfer(&report(5 << 20, TransferState::Flowing)),
            "R  notes.pdf  [##########----------]  50%  5.0/10.0 MiB  12.5 MiB/s  0:01 left"
        );
        let paused = TransferState::Paused { mine: true, theirs: false };
        assert_eq!(
            PLAIN.transfer(&report(5 << 20, paused)),
            "R  notes.pdf  [##########----------]  50%  5.0/10.0 MiB  PAUSED by you: /proceed 1"
        );
    }

    #[test]
    fn transfers_are_told_in_the_sources_words() {
        let tell =
            |done, state, news: News| PLAIN.news(&leah(), &report(done, state), &news).join("|");
        assert_eq!(
            tell(0, TransferState::Asked, News::Connected { resumed_from: 0 }),
            "got a download connection"
        );
        let paused = TransferState::Paused { mine: true, theirs: false };
        let line = tell(5 << 20, paused, News::Paused { mine: true, theirs: false });
        assert!(
            line.starts_with("user leah downloaded 50% out of file. last byte is: 129|R"),
            "{line}"
        );
        assert_eq!(
            tell(5 << 20, TransferState::Flowing, News::Proceeding),
            "user leah confirm proceeding"
        );
        let done = News::Done {
            path: Some("notes (1).pdf".into()),
            digest: Some(Digest([0; 32])),
            took: Duration::from_secs(2),
            synced: None,
        };
        assert_eq!(
            tell(10 << 20, TransferState::Flowing, done),
            "downloaded 100% out of file.|notes.pdf is complete: 10.0 MiB saved as notes (1).pdf \
             in 0:02, last byte value: 129"
        );
    }

    #[test]
    fn messages_are_told_apart_from_private_ones() {
        let said = |from: &str, to, text| {
            let line = PLAIN.said(&leah(), UnixMillis(0), &Name::parse(from).unwrap(), &to, text);
            line.split_once("  ").unwrap().1.to_owned()
        };
        let to = |name| Audience::One(Name::parse(name).unwrap());
        assert_eq!(said("Shlomo", Audience::All, "hi all"), "Shlomo: hi all");
        assert_eq!(said("Shlomo", to("leah"), "psst"), "[private] Shlomo: psst");
        assert_eq!(said("leah", to("Shlomo"), "psst"), "[private to Shlomo] leah: psst");
        assert_eq!(said("x", Audience::All, "a\u{1b}[2Jb\nc"), "x: a\\u{1b}[2Jb\n       c");
    }

    #[test]
    fn a_transfer_without_a_rate_has_no_time_left() {
        let mut report = report(0, TransferState::Flowing);
        report.rate = 0;
        assert_eq!(remaining(&report), None);
        report.rate = 1;
        assert_eq!(remaining(&report), Some(Duration::from_secs(10 << 20)));
    }
}
