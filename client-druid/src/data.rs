//! What the window knows: plain values that are cloned and compared, without sockets, files or
//! widgets.
//!
//! ```text
//!   session events --> fold --+
//!                             +--> App --> widgets
//!   the user's acts --> act --+--> commands for the session
//! ```
//!
//! Read in this order: `line`, `talk`, `files`, `transfer`, `room`, `talks`; `login`, `dialog`; `app`;
//! `fold`, `act`, `hauling`; `words`, `times`, `save_as`.

pub(crate) mod line;
pub(crate) mod talk;

pub(crate) mod files;
pub(crate) mod transfer;

pub(crate) mod room;
pub(crate) mod talks;

pub(crate) mod dialog;
pub(crate) mod login;

pub(crate) mod app;

pub(crate) mod act;
pub(crate) mod fold;
pub(crate) mod hauling;

pub(crate) mod save_as;
pub(crate) mod times;
pub(crate) mod words;
