//! What widgets ask for, by its name.

use std::sync::Arc;

use druid::{Selector, SingleUse, WidgetId};
use proto_core::ids::TransferId;
use proto_core::wire::Audience;

use crate::bridge::Batch;
use crate::data::transfer::Deed;
use crate::errand::Answer;

// The session.

/// News from a session's thread.
pub(crate) const NEWS: Selector<SingleUse<Batch>> = Selector::new("haversack.news");
/// Logs in with what the form says.
pub(crate) const LOGIN: Selector = Selector::new("haversack.login");
/// Gives an attempt to log in up.
pub(crate) const CANCEL_LOGIN: Selector = Selector::new("haversack.cancel-login");
/// Leaves the room.
pub(crate) const LOGOUT: Selector = Selector::new("haversack.logout");
/// Connects again after the session ended, or at once while it waits to do so by itself.
pub(crate) const RETRY: Selector = Selector::new("haversack.retry");
/// What came of an errand.
pub(crate) const ANSWER: Selector<SingleUse<Answer>> = Selector::new("haversack.answer");
/// Whether a server's key is trusted.
pub(crate) const TRUST: Selector<bool> = Selector::new("haversack.trust");
/// Forgets the key that a server had before it changed.
pub(crate) const FORGET_SERVER: Selector = Selector::new("haversack.forget-server");

// Conversations.

/// Goes to a conversation.
pub(crate) const OPEN: Selector<Audience> = Selector::new("haversack.open");
/// Goes to a conversation and takes along what is typed.
pub(crate) const READDRESS: Selector<Audience> = Selector::new("haversack.readdress");
/// Says what is typed.
pub(crate) const SEND: Selector = Selector::new("haversack.send");
/// Says a refused message again.
pub(crate) const SAY_AGAIN: Selector<u64> = Selector::new("haversack.say-again");
/// Forgets a refused message.
pub(crate) const GIVE_UP: Selector<u64> = Selector::new("haversack.give-up");
/// Clears the conversation in view.
pub(crate) const CLEAR: Selector = Selector::new("haversack.clear");
/// Opens the search in the conversation.
pub(crate) const SEARCH: Selector = Selector::new("haversack.search");
/// Closes it.
pub(crate) const STOP_SEARCH: Selector = Selector::new("haversack.stop-search");
/// Puts a text on the clipboard.
pub(crate) const COPY: Selector<Arc<str>> = Selector::new("haversack.copy");

// Files.

/// Opens the dialog for a download.
pub(crate) const START_DOWNLOAD: Selector<Arc<str>> = Selector::new("haversack.start-download");
/// Begins it.
pub(crate) const DOWNLOAD: Selector = Selector::new("haversack.download");
/// Opens the dialog for an upload.
pub(crate) const START_UPLOAD: Selector = Selector::new("haversack.start-upload");
/// Begins it.
pub(crate) const UPLOAD: Selector = Selector::new("haversack.upload");
/// Lets the desktop's own dialog choose a folder for the download, or a file for the upload.
pub(crate) const BROWSE: Selector = Selector::new("haversack.browse");
/// Asks for the list of files again.
pub(crate) const REFRESH: Selector = Selector::new("haversack.refresh");
/// Does something about a transfer.
pub(crate) const DEED: Selector<(TransferId, Deed)> = Selector::new("haversack.deed");

// The window.

/// Opens the search for a place.
pub(crate) const JUMP: Selector = Selector::new("haversack.jump");
/// Goes to a place that it found.
pub(crate) const GO: Selector<usize> = Selector::new("haversack.go");
/// Shows which keys do what.
pub(crate) const SHORTCUTS: Selector = Selector::new("haversack.shortcuts");
/// Closes the open dialog.
pub(crate) const CLOSE_DIALOG: Selector = Selector::new("haversack.close-dialog");
/// Shows or hides files and transfers.
pub(crate) const TOGGLE_PANE: Selector = Selector::new("haversack.toggle-pane");
/// Light to dark, dark to light.
pub(crate) const TOGGLE_THEME: Selector = Selector::new("haversack.toggle-theme");
/// The widget that this is sent to takes the keyboard.
pub(crate) const TAKE_FOCUS: Selector = Selector::new("haversack.take-focus");

/// The field that messages are typed into.
pub(crate) const COMPOSER: WidgetId = WidgetId::reserved(1);
/// The first field of the login form.
pub(crate) const SERVER_FIELD: WidgetId = WidgetId::reserved(2);
/// The list of conversations.
pub(crate) const TALK_LIST: WidgetId = WidgetId::reserved(3);
/// The list of files.
pub(crate) const FILE_LIST: WidgetId = WidgetId::reserved(4);
/// The search in the conversation.
pub(crate) const SEARCH_FIELD: WidgetId = WidgetId::reserved(5);
/// The conversation itself.
pub(crate) const MESSAGES: WidgetId = WidgetId::reserved(6);
/// The drop-down of recipients.
pub(crate) const RECIPIENT: WidgetId = WidgetId::reserved(7);
