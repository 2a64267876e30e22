//! Everything that the window knows.

use std::path::PathBuf;
use std::sync::Arc;

use druid::{Data, Lens};

use super::dialog::{Dialog, Jump, SaveAs, Upload};
use super::login::Login;
use super::room::Room;

/// The state of the whole window.
#[derive(Clone, Data, Debug, Default, Lens)]
pub(crate) struct App {
    pub(crate) page: Page,
    pub(crate) login: Login,
    pub(crate) room: Room,
    pub(crate) dialog: Dialog,
    pub(crate) save: SaveAs,
    pub(crate) upload: Upload,
    pub(crate) jump: Jump,
    pub(crate) toast: Option<Toast>,
    pub(crate) theme: Theme,
    /// The area that F6 went to last.
    pub(crate) area: usize,
    /// Where downloads go unless told otherwise.
    #[data(eq)]
    pub(crate) downloads: PathBuf,
}

/// What fills the window.
#[derive(Clone, Copy, Data, Debug, Default, PartialEq, Eq)]
pub(crate) enum Page {
    #[default]
    Login,
    Room,
}

/// Light or dark.
#[derive(Clone, Copy, Data, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    #[default]
    Light,
    Dark,
}

/// A short word at the window's edge.
#[derive(Clone, Data, Debug, PartialEq)]
pub(crate) struct Toast {
    pub(crate) text: Arc<str>,
    pub(crate) is_error: bool,
    /// Tells one toast from the next one with the same text.
    pub(crate) number: u64,
}

impl App {
    /// Shows a short word.
    pub(crate) fn announce(&mut self, text: impl Into<Arc<str>>, is_error: bool) {
        let number = self.toast.as_ref().map_or(0, |toast| toast.number + 1);
        self.toast = Some(Toast { text: text.into(), is_error, number });
    }

    /// The window's title.
    pub(crate) fn title(&self) -> String {
        match self.dialog {
            Dialog::FirstContact => return "First contact — Haversack".to_owned(),
            Dialog::SaveAs => return format!("Download {} — Haversack", self.save.file),
            Dialog::Upload => return "Upload — Haversack".to_owned(),
            Dialog::None | Dialog::Jump | Dialog::Shortcuts => {}
        }
        let unread = self.room.unread();
        match (self.page, &self.room.me) {
            (Page::Room, Some(me)) if unread > 0 => format!("({unread}) {me} — Haversack"),
            (Page::Room, Some(me)) => format!("{me} — Haversack"),
            (Page::Room, None) | (Page::Login, _) => "Haversack".to_owned(),
        }
    }
}

impl Theme {
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Light => Self::Dark,
            Self::Dark => Self::Light,
        }
    }
}
