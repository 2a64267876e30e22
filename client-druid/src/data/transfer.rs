//! A download or an upload, as a row shows it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use druid::Data;
use proto_core::ids::TransferId;
use proto_core::text::Name;
use proto_std::human;
use proto_std::session::{Command, Direction, Error, Get, Put, TransferReport, TransferState};

use super::words;

/// A row.
#[derive(Clone, Data, Debug)]
pub(crate) struct Transfer {
    #[data(eq)]
    pub(crate) id: TransferId,
    /// What it is called at the server.
    pub(crate) file: Arc<str>,
    #[data(eq)]
    pub(crate) direction: Direction,
    /// Its length in bytes, once known.
    pub(crate) size: Option<u64>,
    /// Bytes that the receiving side has.
    pub(crate) done: u64,
    /// Bytes a second.
    pub(crate) rate: u64,
    pub(crate) last_byte: Option<u8>,
    #[data(eq)]
    pub(crate) state: State,
    /// What was last told of it, in the words of the systems that Haversack descends from.
    pub(crate) told: Arc<str>,
    /// What was asked for, to ask again.
    pub(crate) wish: Arc<Wish>,
}

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    Get(Box<Get>),
    Put(Box<Put>),
}

/// What it does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    Asked,
    Flowing,
    Stalled,
    Paused { mine: bool, theirs: bool },
    Verifying,
    Done { path: Option<PathBuf>, took: Duration },
    Skipped,
    Cancelled,
    Failed(Arc<Error>),
}

/// What the user can do about it. The order is the one on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Pause,
    Proceed,
    Cancel,
    Retry,
    OpenFolder,
    Remove,
}

impl Transfer {
    /// A row for a wish that nothing is known about yet.
    pub(crate) fn new(wish: Wish) -> Self {
        let (id, file, direction): (_, Arc<str>, _) = match &wish {
            Wish::Get(get) => (get.id, get.file.as_str().into(), Direction::Download),
            Wish::Put(put) => {
                let name = put.save_as.as_ref().map(|name| name.as_str().into());
                (put.id, name.unwrap_or_else(|| name_of(&put.path)), Direction::Upload)
            }
        };
        Self {
            id,
            file,
            direction,
            size: None,
            done: 0,
            rate: 0,
            last_byte: None,
            state: State::Asked,
            told: "".into(),
            wish: Arc::new(wish),
        }
    }

    /// Takes the session's news; `me` is who the user is.
    pub(crate) fn on_report(&mut self, me: Option<&Name>, report: &TransferReport) {
        let before = self.state.clone();
        self.take(report);
        if let Some(told) = words::told(me, &before, self) {
            self.told = told.into();
        }
    }

    fn take(&mut self, report: &TransferReport) {
        // The user's own cancel is no failure, and what was under way to us before it is no news.
        let is_done = matches!(report.state, TransferState::Done { .. });
        if self.state == State::Cancelled && !is_done {
            return;
        }
        self.size = report.size.or(self.size);
        self.done = report.done;
        self.rate = report.rate;
        self.last_byte = report.last_byte.or(self.last_byte);
        self.state = match &report.state {
            TransferState::Asked => State::Asked,
            TransferState::Started { .. } | TransferState::Flowing => State::Flowing,
            TransferState::Stalled => State::Stalled,
            TransferState::Paused { mine, theirs } => {
                State::Paused { mine: *mine, theirs: *theirs }
            }
            TransferState::Verifying => State::Verifying,
            TransferState::Done { path, took, .. } => {
                State::Done { path: path.clone(), took: *took }
            }
            TransferState::Skipped => State::Skipped,
            TransferState::Failed(error) => State::Failed(Arc::new(error.clone())),
        };
    }

    /// How much of it is there, from 0 to 1.
    pub(crate) fn fraction(&self) -> f64 {
        match (&self.state, self.size) {
            (State::Done { .. }, _) => 1.0,
            (_, Some(size)) if size > 0 => precise(self.done.min(size)) / precise(size),
            _ => 0.0,
        }
    }

    /// Whole hundredths done; `None` while the size is unknown.
    pub(crate) fn percent(&self) -> Option<u64> {
        let size = self.size?;
        Some(
            (u128::from(self.done.min(size)) * 100)
                .checked_div(u128::from(size))
                .map_or(100, |percent| u64::try_from(percent).unwrap_or(100)),
        )
    }

    /// Whether nothing more will happen to it by itself.
    pub(crate) const fn is_over(&self) -> bool {
        match self.state {
            State::Done { .. } | State::Skipped | State::Cancelled | State::Failed(_) => true,
            State::Asked
            | State::Flowing
            | State::Stalled
            | State::Paused { .. }
            | State::Verifying => false,
        }
    }

    /// What can be done about it.
    pub(crate) fn deeds(&self) -> &'static [Deed] {
        match &self.state {
            State::Asked | State::Flowing | State::Stalled => &[Deed::Pause, Deed::Cancel],
            State::Paused { .. } => &[Deed::Proceed, Deed::Cancel],
            State::Verifying => &[],
            State::Done { path: Some(_), .. } => &[Deed::OpenFolder, Deed::Remove],
            State::Done { .. } | State::Skipped => &[Deed::Remove],
            State::Cancelled | State::Failed(_) => &[Deed::Retry, Deed::Remove],
        }
    }

    /// Time that it still takes at its present rate.
    pub(crate) fn remaining(&self) -> Option<Duration> {
        let left = self.size?.saturating_sub(self.done);
        (self.rate > 0).then(|| Duration::from_secs(left.div_ceil(self.rate)))
    }

    /// `5.0/10.0 MiB`, or as much of that as is known.
    pub(crate) fn amount(&self) -> String {
        match (&self.state, self.size) {
            (State::Done { .. }, Some(size)) => human::bytes(size),
            (_, Some(size)) => human::progress(self.done, size),
            (_, None) => String::new(),
        }
    }

    /// The folder that a download goes to.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match &*self.wish {
            Wish::Get(get) => Some(&get.folder),
            Wish::Put(_) => None,
        }
    }

    /// What the file is called here, when that is another name.
    pub(crate) fn other_name(&self) -> Option<String> {
        let name = match (&self.state, &*self.wish) {
            (State::Done { path: Some(path), .. }, _) => name_of(path).to_string(),
            (_, Wish::Get(get)) => get.save_as.as_ref()?.as_str().to_owned(),
            (_, Wish::Put(put)) => name_of(&put.path).to_string(),
        };
        (name != *self.file).then_some(name)
    }

    /// The wish again, under another number.
    pub(crate) fn again(&self, id: TransferId) -> Wish {
        match &*self.wish {
            Wish::Get(get) => Wish::Get(Box::new(Get { id, hold: false, ..(**get).clone() })),
            Wish::Put(put) => Wish::Put(Box::new(Put { id, hold: false, ..(**put).clone() })),
        }
    }
}

impl Wish {
    pub(crate) fn command(&self) -> Command {
        match self {
            Self::Get(get) => Command::Get(get.clone()),
            Self::Put(put) => Command::Put(put.clone()),
        }
    }
}

impl Deed {
    /// What stands on its button.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Pause => "Pause",
            Self::Proceed => "Proceed",
            Self::Cancel => "Cancel",
            Self::Retry => "Retry",
            Self::OpenFolder => "Open folder",
            Self::Remove => "Remove",
        }
    }
}

fn name_of(path: &Path) -> Arc<str> {
    path.file_name().unwrap_or_default().to_string_lossy().into()
}

/// A number of bytes as a floating-point number: for drawing, where the last digits do not matter.
#[expect(clippy::cast_precision_loss, reason = "a bar has far fewer pixels")]
const fn precise(bytes: u64) -> f64 {
    bytes as f64
}
