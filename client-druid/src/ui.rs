//! How the window is put together.
//!
//! ```text
//!   root: theme > layers > page (login | room), dialog, toast, menu
//!   room: sidebar | chat (header, banner, messages, composer) | pane (files, transfers)
//! ```

pub(crate) mod parts;

pub(crate) mod login;

pub(crate) mod banner;
pub(crate) mod bubbles;
pub(crate) mod chat;
pub(crate) mod composer;
pub(crate) mod files;
pub(crate) mod room;
pub(crate) mod sidebar;
pub(crate) mod transfers;

pub(crate) mod dialogs;
pub(crate) mod jump;

use druid::widget::ViewSwitcher;
use druid::{Widget, WidgetExt as _};

use crate::data::app::{App, Page};
use crate::data::dialog::Dialog;
use crate::desk::Desk;
use crate::theme::scope::ThemeScope;
use crate::widget::layers::Layers;
use crate::widget::toast::ToastView;

/// The whole window; `desk` does what is asked for in it.
pub(crate) fn root(desk: Desk) -> impl Widget<App> {
    let page = ViewSwitcher::new(
        |data: &App, _| data.page,
        |page, _, _| match page {
            Page::Login => login::page().boxed(),
            Page::Room => room::page().boxed(),
        },
    );
    let dialog =
        ViewSwitcher::new(|data: &App, _| data.dialog, |dialog, _, _| dialogs::build(*dialog));
    let has_dialog = |data: &App| data.dialog != Dialog::None;
    let toast = ToastView::default().lens(App::toast);
    ThemeScope::new(Layers::new(page, dialog, has_dialog, toast)).controller(desk)
}
