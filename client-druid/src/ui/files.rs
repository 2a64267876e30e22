//! The server's files and the transfers: the pane to the right.

use std::sync::Arc;

use druid::kurbo::RoundedRect;
use druid::piet::{RenderContext as _, TextLayout as _};
use druid::widget::{CrossAxisAlignment, Either, Flex, Painter, TextBox, prelude::*};
use druid::{FontWeight, Point, Rect, WidgetExt as _};
use proto_std::human;

use super::parts::{draw_empty, heading, line, text};
use super::transfers::transfers;
use crate::commands as cmd;
use crate::controller::{Focus, OnChange};
use crate::data::files::Files;
use crate::data::room::Room;
use crate::theme::fonts::{self, Style};
use crate::theme::{RADIUS, colours, grid};
use crate::widget::button::Button;
use crate::widget::icon::{Icon, centred};
use crate::widget::keyboard;
use crate::widget::rows::{Place, RowList, Rows};

const ROW: f64 = 52.0;

/// The pane.
pub(crate) fn pane() -> impl Widget<Room> {
    Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Fill)
        .with_child(head().lens(Room::files))
        .with_child(line())
        .with_child(filter().lens(Room::files))
        .with_flex_child(files().expand().lens(Room::files), 1.0)
        .with_child(transfers())
        .background(colours::PANE)
}

fn head() -> impl Widget<Files> {
    let count = text(
        |files: &Files| match &files.all {
            Some(all) if all.len() == 1 => "1 file".to_owned(),
            Some(all) => format!("{} files", all.len()),
            None => String::new(),
        },
        fonts::SMALL,
        FontWeight::REGULAR,
        colours::DIM,
    );
    let words = Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Start)
        .with_child(heading("Shared files"))
        .with_spacer(2.0)
        .with_child(count);
    let upload = Button::new("Upload", |ctx, _: &mut Files| ctx.submit_command(cmd::START_UPLOAD))
        .with_icon(|_| Icon::Upload)
        .small()
        .disabled_if(|files, _| !files.uploads);
    let refresh = Button::icon(Icon::Refresh, |ctx, _: &mut Files| {
        ctx.submit_command(cmd::REFRESH);
    });
    let close = Button::icon(Icon::Close, |ctx, _: &mut Files| {
        ctx.submit_command(cmd::TOGGLE_PANE);
    });
    Flex::row()
        .with_flex_child(words.expand_width(), 1.0)
        .with_child(upload)
        .with_spacer(grid(0.5))
        .with_child(refresh.small())
        .with_child(close.small())
        .padding((grid(2.0), 0.0, grid(1.5), 0.0))
        .fix_height(grid(7.0))
}

fn filter() -> impl Widget<Files> {
    TextBox::new()
        .with_placeholder("Find a file")
        .controller(Focus::when_told())
        .expand_width()
        .lens(Files::filter)
        .controller(OnChange(Files::look))
        .padding((grid(2.0), grid(1.5), grid(2.0), grid(1.0)))
}

fn files() -> impl Widget<Files> {
    let list = RowList::new(ROW, FileRows).controller(Focus::when_told()).with_id(cmd::FILE_LIST);
    let empty = Painter::new(|ctx, files: &Files, env| {
        let area = ctx.size().to_rect();
        let (words, more) = match &files.all {
            None => ("Asking for the list …", ""),
            Some(all) if all.is_empty() => {
                ("No files yet", "What lies in the server's folder appears here by itself.")
            }
            Some(_) => ("Nothing of that name", "Try a part of its name."),
        };
        draw_empty(ctx, area, Icon::Folder, words, more, env);
    });
    Either::new(|files: &Files, _| files.found.is_empty(), empty.expand(), list.expand())
}

/// The rows of the list.
struct FileRows;

impl Rows<Files> for FileRows {
    fn len(&self, files: &Files) -> usize {
        files.found.len()
    }

    fn paint(
        &mut self,
        ctx: &mut PaintCtx<'_, '_, '_>,
        files: &Files,
        nth: usize,
        place: Place,
        env: &Env,
    ) {
        let file = &files.found[nth];
        let row = place.rect.inset((-grid(1.0), -2.0));
        let is_lit = place.is_hot || place.has_cursor;
        if is_lit {
            ctx.fill(row.to_rounded_rect(RADIUS + 2.0), &env.get(colours::HOT));
        }
        let middle = row.center().y;
        let square = Rect::from_origin_size((row.x0 + 8.0, middle - 16.0), (32.0, 32.0));
        draw_kind(ctx, square, file.name.extension(), env);
        let mut right = row.x1 - 10.0;
        if is_lit {
            right -= 20.0;
            let square = Rect::from_origin_size((right, middle - 10.0), (20.0, 20.0));
            Icon::Download.draw(ctx, square, env.get(colours::ACCENT));
            right -= 8.0;
        }
        let left = square.x1 + 10.0;
        let name = Style::new(fonts::BODY, env.get(colours::TEXT));
        let name = name.line(ctx.text(), file.name.as_str(), right - left);
        ctx.draw_text(&name, (left, (middle - name.size().height).round()));
        let size = Style::new(fonts::SMALL, env.get(colours::DIM));
        let size = size.lay_out(ctx.text(), &human::bytes(file.size), f64::INFINITY);
        ctx.draw_text(&size, (left, (middle + 2.0).round()));
        if place.has_cursor {
            keyboard::draw_inner_ring(ctx, row, env);
        }
    }

    fn activate(&mut self, ctx: &mut EventCtx<'_, '_>, files: &mut Files, nth: usize) {
        if let Some(file) = files.found.get(nth) {
            ctx.submit_command(cmd::START_DOWNLOAD.with(Arc::from(file.name.as_str())));
        }
    }
}

/// A square that shows what kind of file it is, by its extension.
pub(crate) fn draw_kind(
    ctx: &mut PaintCtx<'_, '_, '_>,
    square: Rect,
    extension: Option<&str>,
    env: &Env,
) {
    let colour = extension.map_or_else(|| env.get(colours::AWAY), colours::person);
    ctx.fill(RoundedRect::from_rect(square, 8.0), &colours::badge(colour));
    let ink = colours::inked(colour, env.get(colours::TEXT));
    match extension.filter(|extension| extension.chars().count() <= 4) {
        Some(extension) => {
            let style = Style::new(fonts::TINY - 1.5, ink).strong();
            let words = style.lay_out(ctx.text(), &extension.to_uppercase(), f64::INFINITY);
            let size = words.size();
            let centre = square.center();
            let at = Point::new(centre.x - size.width / 2.0, centre.y - size.height / 2.0);
            ctx.draw_text(&words, at);
        }
        None => Icon::File.draw(ctx, centred(square, 18.0), ink),
    }
}
