//! Events as one JSON object a line: `{"v":1,"t":"progress",...}`. Fields are added, never renamed.

use std::fmt::Write as _;
use std::time::Duration;

use proto_core::ids::Digest;
use proto_core::text::Name;
use proto_core::wire::Audience;
use proto_std::session::{Direction, Error, FileEntry, Online, TransferReport, TransferState};
use serde::Serialize;

use crate::news::News;
use crate::render::remaining;

/// Version of the format.
const VERSION: u8 = 1;

#[derive(Serialize)]
struct Line<'a> {
    v: u8,
    #[serde(flatten)]
    event: Record<'a>,
}

/// What can be told.
#[derive(Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub(crate) enum Record<'a> {
    Hello {
        server: &'a str,
        name: &'a str,
        fingerprint: String,
        at_ms: u64,
        uploads: bool,
        resumed: bool,
    },
    FirstContact {
        fingerprint: String,
    },
    Offline {
        why: String,
        retry_in_ms: u64,
    },
    Joined {
        name: &'a str,
        at_ms: u64,
    },
    Left {
        name: &'a str,
        at_ms: u64,
    },
    Msg {
        at_ms: u64,
        from: &'a str,
        to: Option<&'a str>,
        mine: bool,
        text: &'a str,
    },
    Missed {
        count: u64,
    },
    Delivered {
        n: u64,
    },
    Users {
        users: Vec<&'a str>,
    },
    Files {
        files: Vec<File<'a>>,
    },
    Started(Transfer<'a>),
    Progress(Transfer<'a>),
    Paused(Transfer<'a>),
    Proceeding(Transfer<'a>),
    Verifying(Transfer<'a>),
    Done {
        #[serde(flatten)]
        transfer: Transfer<'a>,
        path: Option<String>,
        blake3: Option<String>,
        took_ms: u64,
        sync_ms: Option<u64>,
        skipped: bool,
    },
    Transfers {
        transfers: Vec<Unfinished>,
    },
    Fingerprint {
        server: String,
        fingerprint: String,
        uri: String,
    },
    Finding {
        of: String,
        ok: Option<bool>,
        text: &'a str,
    },
    Error {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file: Option<&'a str>,
        what: &'a str,
        why: &'a str,
        next: String,
        code: u8,
    },
}

#[derive(Serialize)]
pub(crate) struct File<'a> {
    file: &'a str,
    size: u64,
}

/// A transfer that can be resumed.
#[derive(Serialize)]
pub(crate) struct Unfinished {
    pub(crate) id: usize,
    pub(crate) server: Option<String>,
    pub(crate) file: String,
    pub(crate) path: String,
    pub(crate) done: u64,
    pub(crate) total: u64,
    pub(crate) held: bool,
}

#[derive(Serialize)]
pub(crate) struct Transfer<'a> {
    id: u16,
    file: &'a str,
    direction: &'static str,
    done: u64,
    total: Option<u64>,
    bps: u64,
    eta_s: Option<u64>,
    state: &'static str,
    last_byte: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resumed_from: Option<u64>,
}

impl Record<'_> {
    /// The line, with its newline.
    pub(crate) fn into_line(self) -> String {
        let line = Line { v: VERSION, event: self };
        let mut text = serde_json::to_string(&line).expect("these types have nothing to refuse");
        text.push('\n');
        text
    }
}

impl<'a> Record<'a> {
    pub(crate) fn hello(server: &'a str, online: &'a Online) -> Self {
        Self::Hello {
            server,
            name: online.name.as_str(),
            fingerprint: online.fingerprint.to_string(),
            at_ms: online.at.0,
            uploads: online.uploads,
            resumed: online.resumed,
        }
    }

    pub(crate) fn msg(
        at_ms: u64,
        from: &'a Name,
        to: &'a Audience,
        mine: bool,
        text: &'a str,
    ) -> Self {
        let to = match to {
            Audience::All => None,
            Audience::One(name) => Some(name.as_str()),
        };
        Self::Msg { at_ms, from: from.as_str(), to, mine, text }
    }

    pub(crate) fn users(names: &'a [Name]) -> Self {
        Self::Users { users: names.iter().map(Name::as_str).collect() }
    }

    pub(crate) fn files(files: &'a [FileEntry]) -> Self {
        let file = |entry: &'a FileEntry| File { file: entry.name.as_str(), size: entry.size };
        Self::Files { files: files.iter().map(file).collect() }
    }

    pub(crate) fn error(error: &'a Error) -> Self {
        Self::Error {
            id: None,
            file: None,
            what: &error.what,
            why: &error.why,
            next: error.next.to_string(),
            code: error.exit_code(),
        }
    }

    /// News of a transfer.
    pub(crate) fn news(report: &'a TransferReport, news: &'a News) -> Self {
        let mut transfer = Transfer::new(report);
        match news {
            News::Connected { resumed_from } => {
                transfer.resumed_from = Some(*resumed_from);
                Self::Started(transfer)
            }
            News::Progress { .. } | News::Stalled => Self::Progress(transfer),
            News::Paused { .. } => Self::Paused(transfer),
            News::Proceeding => Self::Proceeding(transfer),
            News::Verifying => Self::Verifying(transfer),
            News::Done { path, digest, took, synced } => Self::Done {
                transfer,
                path: path.as_ref().map(|path| path.display().to_string()),
                blake3: digest.map(hex),
                took_ms: millis(*took),
                sync_ms: synced.map(millis),
                skipped: false,
            },
            News::Skipped => Self::Done {
                transfer,
                path: None,
                blake3: None,
                took_ms: 0,
                sync_ms: None,
                skipped: true,
            },
            News::Failed(error) => Self::Error {
                id: Some(report.id.0),
                file: Some(report.file.as_str()),
                what: &error.what,
                why: &error.why,
                next: error.next.to_string(),
                code: error.exit_code(),
            },
        }
    }
}

impl<'a> Transfer<'a> {
    fn new(report: &'a TransferReport) -> Self {
        Self {
            id: report.id.0,
            file: report.file.as_str(),
            direction: direction(report.direction),
            done: report.done,
            total: report.size,
            bps: report.rate,
            eta_s: remaining(report).map(|time| time.as_secs()),
            state: state(&report.state),
            last_byte: report.last_byte,
            resumed_from: None,
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn hex(digest: Digest) -> String {
    digest.0.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The word for a direction.
const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Download => "download",
        Direction::Upload => "upload",
    }
}

const fn state(state: &TransferState) -> &'static str {
    match state {
        TransferState::Asked => "asked",
        TransferState::Started { .. } | TransferState::Flowing => "flowing",
        TransferState::Stalled => "stalled",
        TransferState::Paused { mine: true, theirs: true } => "paused_both",
        TransferState::Paused { mine: true, .. } => "paused_local",
        TransferState::Paused { .. } => "paused_remote",
        TransferState::Verifying => "verifying",
        TransferState::Done { .. } => "done",
        TransferState::Skipped => "skipped",
        TransferState::Failed(_) => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto_core::ids::TransferId;
    use proto_core::text::FileName;
    use proto_std::session::ErrorKind;

    fn report(state: TransferState) -> TransferReport {
        TransferReport {
            id: TransferId(1),
            file: FileName::parse("notes.pdf").unwrap(),
            direction: Direction::Download,
            size: Some(10_485_760),
            done: 5_242_880,
            rate: 13_000_000,
            last_byte: Some(129),
            state,
        }
    }

    #[test]
    fn progress_has_the_fields_that_scripts_read() {
        let report = report(TransferState::Paused { mine: true, theirs: false });
        assert_eq!(
            Record::news(&report, &News::Progress { due: false }).into_line(),
            "{\"v\":1,\"t\":\"progress\",\"id\":1,\"file\":\"notes.pdf\",\
             \"direction\":\"download\",\"done\":5242880,\"total\":10485760,\"bps\":13000000,\
             \"eta_s\":1,\"state\":\"paused_local\",\"last_byte\":129}\n"
        );
    }

    #[test]
    fn a_message_says_whom_it_is_for() {
        let leah = Name::parse("leah").unwrap();
        assert_eq!(
            Record::msg(7, &leah, &Audience::All, false, "a\"b\nc").into_line(),
            "{\"v\":1,\"t\":\"msg\",\"at_ms\":7,\"from\":\"leah\",\"to\":null,\"mine\":false,\
             \"text\":\"a\\\"b\\nc\"}\n"
        );
    }

    #[test]
    fn an_error_has_three_parts_and_the_exit_code() {
        let error = Error::new(ErrorKind::NotFound, "cannot get x", "no such file", "Try ls.");
        assert_eq!(
            Record::error(&error).into_line(),
            "{\"v\":1,\"t\":\"error\",\"what\":\"cannot get x\",\"why\":\"no such file\",\
             \"next\":\"Try ls.\",\"code\":5}\n"
        );
    }
}
