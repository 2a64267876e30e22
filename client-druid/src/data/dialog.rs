//! The dialogs, and what is typed into them.

use std::sync::Arc;

use druid::{Data, Lens};
use proto_core::wire::Audience;

use super::save_as::{Verdict, judge};

/// Which dialog is open.
#[derive(Clone, Copy, Data, Debug, Default, PartialEq, Eq)]
pub(crate) enum Dialog {
    #[default]
    None,
    /// Where a download goes.
    SaveAs,
    /// Which file to upload.
    Upload,
    /// Where to go.
    Jump,
    /// Which keys do what.
    Shortcuts,
    /// A server that was never seen before.
    FirstContact,
}

/// Where a download goes.
#[derive(Clone, Data, Debug, Default, Lens)]
pub(crate) struct SaveAs {
    /// The file's name at the server.
    pub(crate) file: Arc<str>,
    pub(crate) size: u64,
    /// Its name here.
    pub(crate) name: String,
    pub(crate) folder: String,
    /// Whether it stops half-way and asks.
    pub(crate) pause: bool,
    /// What is wrong with the folder.
    pub(crate) folder_error: Option<Arc<str>>,
}

impl SaveAs {
    pub(crate) fn verdict(&self) -> Verdict {
        judge(&self.file, &self.name)
    }
}

/// Which file to upload.
#[derive(Clone, Data, Debug, Default, Lens)]
pub(crate) struct Upload {
    pub(crate) path: String,
    /// Its name at the server; empty is its own.
    pub(crate) name: String,
    pub(crate) path_error: Option<Arc<str>>,
    pub(crate) name_error: Option<Arc<str>>,
}

/// Where to go: a conversation or a file, by a part of its name.
#[derive(Clone, Data, Debug, Default, Lens)]
pub(crate) struct Jump {
    pub(crate) needle: String,
    pub(crate) found: Arc<Vec<Place>>,
    /// The one that Enter goes to.
    pub(crate) chosen: usize,
}

/// Somewhere to go.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    Talk { whom: Audience, present: bool, unread: usize },
    File { name: Arc<str>, size: u64 },
}
