//! The dialogs: where a download goes, which file to upload, whom to trust, which keys do what.

use druid::widget::{CrossAxisAlignment, Flex, TextBox, prelude::*};
use druid::{Data, FontDescriptor, FontFamily, FontWeight, WidgetExt as _};
use proto_std::human;

use super::jump::jump;
use super::parts::{fixed, labelled, text};
use crate::commands as cmd;
use crate::controller::{Focus, OnEnter};
use crate::data::app::App;
use crate::data::dialog::{Dialog, SaveAs, Upload};
use crate::data::save_as::Verdict;
use crate::shortcuts;
use crate::theme::{colours, fonts, grid};
use crate::widget::button::{Button, Look};
use crate::widget::card::Card;
use crate::widget::field::Weight;
use crate::widget::toggle::Toggle;

/// The dialog that is open.
pub(crate) fn build(dialog: Dialog) -> Box<dyn Widget<App>> {
    match dialog {
        Dialog::None => druid::widget::SizedBox::empty().boxed(),
        Dialog::SaveAs => Card::new(440.0, save_as()).boxed(),
        Dialog::Upload => Card::new(440.0, upload()).boxed(),
        Dialog::Jump => Card::new(440.0, jump()).bare().boxed(),
        Dialog::Shortcuts => Card::new(680.0, keys()).boxed(),
        Dialog::FirstContact => Card::new(480.0, first_contact()).boxed(),
    }
}

fn save_as() -> impl Widget<App> {
    let title = text(
        |save: &SaveAs| format!("Download {}", save.file),
        fonts::TITLE,
        FontWeight::SEMI_BOLD,
        colours::TEXT,
    );
    let size = text(
        |save: &SaveAs| human::bytes(save.size),
        fonts::SMALL,
        FontWeight::REGULAR,
        colours::DIM,
    );
    let name = TextBox::new()
        .controller(OnEnter(cmd::DOWNLOAD))
        .controller(Focus::at_once())
        .expand_width()
        .lens(SaveAs::name);
    let name = labelled("Save as", name, |save: &SaveAs| match save.verdict() {
        Verdict::Fine => None,
        Verdict::Odd(why) => Some((Weight::Odd, why)),
        Verdict::Impossible(why) => Some((Weight::Wrong, why)),
    });
    let folder = TextBox::new()
        .controller(OnEnter(cmd::DOWNLOAD))
        .controller(Focus::when_told())
        .expand_width()
        .lens(SaveAs::folder);
    let folder = labelled("Folder", browsing(folder), |save: &SaveAs| {
        save.folder_error.as_ref().map(|why| (Weight::Wrong, why.to_string()))
    });
    let pause = Toggle::new("Pause half-way and ask me").lens(SaveAs::pause);
    let form = Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Fill)
        .with_child(title)
        .with_spacer(grid(0.5))
        .with_child(size)
        .with_spacer(grid(2.5))
        .with_child(name)
        .with_spacer(grid(2.0))
        .with_child(folder)
        .with_spacer(grid(2.0))
        .with_child(Flex::row().with_child(pause))
        .with_spacer(grid(3.0))
        .with_child(buttons("Download", cmd::DOWNLOAD, |save: &SaveAs| {
            !matches!(save.verdict(), Verdict::Impossible(_))
        }));
    form.lens(App::save)
}

fn upload() -> impl Widget<App> {
    let path = TextBox::new()
        .with_placeholder("/home/me/notes.pdf")
        .controller(OnEnter(cmd::UPLOAD))
        .controller(Focus::at_once())
        .expand_width()
        .lens(Upload::path);
    let path = labelled("File", browsing(path), |upload: &Upload| {
        let wrong = upload.path_error.as_ref().map(|why| (Weight::Wrong, why.to_string()));
        let hint = "Choose it or paste its path; files cannot be dragged into this window.";
        wrong.or_else(|| Some((Weight::Hint, hint.to_owned())))
    });
    let name = TextBox::new()
        .with_placeholder("Its own name")
        .controller(OnEnter(cmd::UPLOAD))
        .controller(Focus::when_told())
        .expand_width()
        .lens(Upload::name);
    let name = labelled("Name at the server", name, |upload: &Upload| {
        upload.name_error.as_ref().map(|why| (Weight::Wrong, why.to_string()))
    });
    let form = Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Fill)
        .with_child(fixed("Upload a file", fonts::TITLE, FontWeight::SEMI_BOLD, colours::TEXT))
        .with_spacer(grid(2.5))
        .with_child(path)
        .with_spacer(grid(2.0))
        .with_child(name)
        .with_spacer(grid(3.0))
        .with_child(buttons("Upload", cmd::UPLOAD, |_: &Upload| true));
    form.lens(App::upload)
}

fn first_contact() -> impl Widget<App> {
    let title = text(
        |data: &App| format!("First contact with {}", data.login.server.trim()),
        fonts::TITLE,
        FontWeight::SEMI_BOLD,
        colours::TEXT,
    );
    let words = fixed(
        "This server was never seen from here. Its screen shows the fingerprint of its key: \
         compare it with this one. If they differ, somebody sits in between.",
        fonts::BODY,
        FontWeight::REGULAR,
        colours::DIM,
    );
    let fingerprint = text(
        |data: &App| data.login.contact.map(|key| grouped(&key.to_string())).unwrap_or_default(),
        fonts::BODY,
        FontWeight::REGULAR,
        colours::TEXT,
    )
    .with_font(FontDescriptor::new(FontFamily::MONOSPACE).with_size(15.0))
    .padding(grid(1.5))
    .expand_width()
    .background(colours::PANE)
    .rounded(crate::theme::RADIUS);
    let trust = Button::new("It is the same: trust it", |ctx, _: &mut App| {
        ctx.submit_command(cmd::TRUST.with(true));
    });
    let refuse = Button::new("Cancel", |ctx, _: &mut App| {
        ctx.submit_command(cmd::TRUST.with(false));
    });
    let buttons = Flex::row()
        .with_flex_spacer(1.0)
        .with_child(refuse.controller(Focus::at_once()))
        .with_spacer(grid(1.0))
        .with_child(trust.look(Look::Primary));
    Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Fill)
        .with_child(title)
        .with_spacer(grid(1.5))
        .with_child(words)
        .with_spacer(grid(2.0))
        .with_child(fingerprint)
        .with_spacer(grid(3.0))
        .with_child(buttons)
}

fn keys() -> impl Widget<App> {
    let mut columns = Flex::row().cross_axis_alignment(CrossAxisAlignment::Start);
    let half = |parts: &[usize]| {
        let mut column = Flex::column().cross_axis_alignment(CrossAxisAlignment::Fill);
        for part in parts {
            let (head, keys) = shortcuts::LIST[*part];
            column.add_child(fixed(head, fonts::SMALL, FontWeight::SEMI_BOLD, colours::ACCENT));
            column.add_spacer(grid(0.75));
            for (key, what) in keys {
                let key = fixed(key, fonts::SMALL, FontWeight::SEMI_BOLD, colours::TEXT);
                let what = fixed(what, fonts::SMALL, FontWeight::REGULAR, colours::DIM);
                let row = Flex::row()
                    .cross_axis_alignment(CrossAxisAlignment::Start)
                    .with_child(key.fix_width(116.0))
                    .with_flex_child(what.expand_width(), 1.0);
                column.add_child(row);
                column.add_spacer(grid(0.75));
            }
            column.add_spacer(grid(1.5));
        }
        column
    };
    columns.add_flex_child(half(&[0, 1]), 1.0);
    columns.add_spacer(grid(3.0));
    columns.add_flex_child(half(&[2]), 1.0);
    let close = Button::new("Close", |ctx, _: &mut App| ctx.submit_command(cmd::CLOSE_DIALOG));
    Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Fill)
        .with_child(fixed("Keyboard", fonts::TITLE, FontWeight::SEMI_BOLD, colours::TEXT))
        .with_spacer(grid(2.0))
        .with_child(columns)
        .with_child(
            Flex::row().with_flex_spacer(1.0).with_child(close.controller(Focus::at_once())),
        )
}

/// A field with a button that opens the desktop's own dialog.
fn browsing<T: Data>(field: impl Widget<T> + 'static) -> impl Widget<T> {
    let browse = Button::new("Browse …", |ctx, _: &mut T| ctx.submit_command(cmd::BROWSE));
    Flex::row().with_flex_child(field, 1.0).with_spacer(grid(1.0)).with_child(browse)
}

/// Cancel, and what the dialog is for.
fn buttons<T: Data>(
    words: &'static str,
    command: druid::Selector,
    is_possible: fn(&T) -> bool,
) -> impl Widget<T> {
    let cancel = Button::new("Cancel", |ctx, _: &mut T| ctx.submit_command(cmd::CLOSE_DIALOG));
    let act = Button::new(words, move |ctx, _: &mut T| ctx.submit_command(command))
        .look(Look::Primary)
        .disabled_if(move |data, _| !is_possible(data));
    Flex::row().with_flex_spacer(1.0).with_child(cancel).with_spacer(grid(1.0)).with_child(act)
}

/// A fingerprint in groups of four, which people compare more easily.
fn grouped(fingerprint: &str) -> String {
    let letters: Vec<char> = fingerprint.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_shown_in_groups() {
        assert_eq!(grouped("abcdefghij"), "abcd efgh ij");
    }
}
