//! The keys that work wherever the keyboard is, and what they are called.

use druid::{Command, DelegateCtx, EventCtx, KbKey, KeyEvent, Modifiers, WidgetId};

use crate::commands as cmd;
use crate::data::app::{App, Page};
use crate::data::dialog::Dialog;
use crate::widget::menu::CLOSE_MENU;

/// The keys, as the page of shortcuts lists them: a heading, and what each does.
pub(crate) const LIST: &[(&str, &[(&str, &str)])] = &[
    (
        "Talk",
        &[
            ("Enter", "Send"),
            ("Shift+Enter", "New line"),
            ("Enter, Delete", "Say again or remove, on a refused message"),
            ("Ctrl+1 … Ctrl+9", "Go to a conversation"),
            ("Ctrl+Tab", "Next conversation"),
            ("Ctrl+Shift+Tab", "Previous conversation"),
            ("Ctrl+F", "Search in the conversation"),
            ("Ctrl+Shift+K", "Clear the conversation"),
        ],
    ),
    (
        "Files",
        &[
            ("Ctrl+E", "Go to the files"),
            ("Ctrl+O", "Upload a file"),
            ("Ctrl+J", "Show or hide files and transfers"),
            ("F5", "Ask for files and people again"),
            ("Space", "Pause, proceed or retry, on a transfer"),
            ("Enter", "Proceed, retry or open its folder"),
            ("Delete", "Cancel or remove it"),
        ],
    ),
    (
        "Everywhere",
        &[
            ("Ctrl+K", "Jump to a person or a file"),
            ("Tab, Shift+Tab", "Next, previous control"),
            ("F6, Shift+F6", "Next, previous area"),
            ("Arrows, Enter", "Move in a list, choose"),
            ("Ctrl+C", "Copy the chosen message"),
            ("Ctrl+Shift+L", "Light or dark"),
            ("Esc", "Close a dialog, a menu or the search"),
            ("F1", "This page"),
        ],
    ),
];

/// The areas that F6 goes through.
const AREAS: [WidgetId; 4] = [cmd::COMPOSER, cmd::MESSAGES, cmd::TALK_LIST, cmd::FILE_LIST];

/// Where a shortcut's wish goes.
pub(crate) trait Asks {
    fn ask(&mut self, command: Command);
}

impl Asks for DelegateCtx<'_> {
    fn ask(&mut self, command: Command) {
        self.submit_command(command);
    }
}

impl Asks for EventCtx<'_, '_> {
    fn ask(&mut self, command: Command) {
        self.submit_command(command);
    }
}

/// Takes a key if it is one of these.
pub(crate) fn press(ctx: &mut impl Asks, key: &KeyEvent, data: &mut App) -> bool {
    if key.key == KbKey::Escape {
        return escape(ctx, data);
    }
    if key.key == KbKey::F1 {
        ctx.ask(cmd::SHORTCUTS.into());
        return true;
    }
    let command = key.mods.ctrl() || (cfg!(target_os = "macos") && key.mods.meta());
    if command && key.mods.shift() && is(key, "l") {
        ctx.ask(cmd::TOGGLE_THEME.into());
        return true;
    }
    if data.page != Page::Room || data.dialog != Dialog::None {
        return false;
    }
    if command { with_control(ctx, key, data) } else { plain(ctx, key, data) }
}

fn plain(ctx: &mut impl Asks, key: &KeyEvent, data: &mut App) -> bool {
    match key.key {
        KbKey::F5 => ctx.ask(cmd::REFRESH.into()),
        KbKey::F6 => {
            let count = if data.room.pane { AREAS.len() } else { AREAS.len() - 1 };
            let step = if key.mods.shift() { count - 1 } else { 1 };
            data.area = (data.area + step) % count;
            ctx.ask(cmd::TAKE_FOCUS.to(AREAS[data.area]));
        }
        _ => return false,
    }
    true
}

fn with_control(ctx: &mut impl Asks, key: &KeyEvent, data: &mut App) -> bool {
    let shift = key.mods.shift();
    match &key.key {
        KbKey::Tab => {
            data.open_neighbour(!shift);
            ctx.ask(cmd::TAKE_FOCUS.to(cmd::COMPOSER));
        }
        KbKey::Character(_) if shift && is(key, "k") => ctx.ask(cmd::CLEAR.into()),
        KbKey::Character(text) if !shift => match text.to_lowercase().as_str() {
            "k" => ctx.ask(cmd::JUMP.into()),
            "f" => ctx.ask(cmd::SEARCH.into()),
            "o" => ctx.ask(cmd::START_UPLOAD.into()),
            "j" => ctx.ask(cmd::TOGGLE_PANE.into()),
            "e" => {
                data.room.pane = true;
                ctx.ask(cmd::TAKE_FOCUS.to(cmd::FILE_LIST));
            }
            digit => {
                let Some(nth) = digit.parse::<usize>().ok().and_then(|nth| nth.checked_sub(1))
                else {
                    return false;
                };
                data.open_nth(nth);
                ctx.ask(cmd::TAKE_FOCUS.to(cmd::COMPOSER));
            }
        },
        _ => return false,
    }
    true
}

/// Closes what lies on top.
fn escape(ctx: &mut impl Asks, data: &App) -> bool {
    if data.dialog != Dialog::None {
        ctx.ask(cmd::CLOSE_DIALOG.into());
    } else if data.page == Page::Login && data.login.busy {
        ctx.ask(cmd::CANCEL_LOGIN.into());
    } else if data.page == Page::Room {
        ctx.ask(CLOSE_MENU.into());
        ctx.ask(cmd::STOP_SEARCH.into());
    }
    true
}

fn is(key: &KeyEvent, letter: &str) -> bool {
    matches!(&key.key, KbKey::Character(text) if text.eq_ignore_ascii_case(letter))
        && !key.mods.contains(Modifiers::ALT)
}
