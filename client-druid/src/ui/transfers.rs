//! Downloads and uploads: a row each, with a bar, words and what can be done.

use std::sync::Arc;

use druid::piet::{PietText, PietTextLayout, RenderContext as _, TextLayout as _};
use druid::widget::{CrossAxisAlignment, Either, Flex, List, SizedBox, ViewSwitcher, prelude::*};
use druid::{Color, KbKey, Key, Rect, WidgetExt as _, WidgetPod};
use proto_std::session::Direction;

use super::files::draw_kind;
use super::parts::{heading, line};
use crate::commands as cmd;
use crate::data::room::Room;
use crate::data::transfer::{Deed, State, Transfer};
use crate::data::words;
use crate::theme::fonts::{self, Style};
use crate::theme::{RADIUS, colours, grid};
use crate::widget::at_most::AtMost;
use crate::widget::bar::Bar;
use crate::widget::button::{Button, Look};
use crate::widget::icon::Icon;
use crate::widget::keyboard;

/// The area may take this much of the pane.
const MOST_HEIGHT: f64 = 380.0;

/// The area with the transfers; nothing while there are none.
pub(crate) fn transfers() -> impl Widget<Room> {
    let rows = List::new(ProgressRow::new).lens(Room::transfers).scroll().vertical();
    let area = Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Fill)
        .with_child(line())
        .with_child(heading("Transfers").padding((grid(2.0), grid(1.5), grid(2.0), grid(0.5))))
        .with_child(AtMost::high(MOST_HEIGHT, rows))
        .with_spacer(grid(1.0));
    Either::new(|room: &Room, _| room.transfers.is_empty(), SizedBox::empty(), area)
}

/// A row: what, how far, and what can be done about it. It takes the keyboard: Space pauses and
/// proceeds, Delete cancels or removes.
pub(crate) struct ProgressRow {
    bar: WidgetPod<Transfer, Bar<Transfer>>,
    buttons: WidgetPod<Transfer, Box<dyn Widget<Transfer>>>,
}

const ICON: f64 = 32.0;
const SIDE: f64 = 12.0;
/// Between what it does and what was last told of it.
const BETWEEN: f64 = 2.0;

impl ProgressRow {
    /// A row.
    pub(crate) fn new() -> Self {
        let buttons = ViewSwitcher::new(
            |transfer: &Transfer, _| transfer.deeds().as_ptr() as usize,
            |_, transfer: &Transfer, _| buttons(transfer.deeds()),
        );
        Self {
            bar: WidgetPod::new(Bar::new(Transfer::fraction, colour)),
            buttons: WidgetPod::new(buttons.boxed()),
        }
    }

    fn deed(ctx: &mut EventCtx<'_, '_>, transfer: &Transfer, wanted: &[Deed]) -> bool {
        let deed = transfer.deeds().iter().find(|deed| wanted.contains(deed));
        if let Some(deed) = deed {
            ctx.submit_command(cmd::DEED.with((transfer.id, *deed)));
        }
        deed.is_some()
    }

    fn text_left() -> f64 {
        SIDE + ICON + 10.0
    }
}

/// What was last told of it, laid out; the last byte stays beside what it is called.
fn told(
    factory: &mut PietText,
    transfer: &Transfer,
    room: f64,
    env: &Env,
) -> Option<PietTextLayout> {
    let style = Style::new(fonts::SMALL, env.get(colours::DIM));
    let words = transfer.told.replace("last byte is: ", "last\u{A0}byte\u{A0}is:\u{A0}");
    (!words.is_empty()).then(|| style.lay_out(factory, &words, room))
}

/// The colour of a transfer's bar: what it does at a glance.
fn colour(transfer: &Transfer) -> Key<Color> {
    match transfer.state {
        State::Asked | State::Flowing | State::Verifying => colours::ACCENT,
        State::Paused { .. } | State::Stalled => colours::WARN,
        State::Done { .. } => colours::GOOD,
        State::Skipped | State::Cancelled => colours::AWAY,
        State::Failed(_) => colours::BAD,
    }
}

fn buttons(deeds: &'static [Deed]) -> Box<dyn Widget<Transfer>> {
    let mut row = Flex::row();
    for deed in deeds {
        let press = move |ctx: &mut EventCtx<'_, '_>, transfer: &mut Transfer| {
            ctx.submit_command(cmd::DEED.with((transfer.id, *deed)));
        };
        let look = match deed {
            Deed::Proceed => Look::Primary,
            Deed::Pause | Deed::Retry | Deed::OpenFolder => Look::Plain,
            Deed::Cancel | Deed::Remove => Look::Quiet,
        };
        let mut button = Button::new(deed.label(), press).small().look(look);
        if let Some(icon) = icon(*deed) {
            button = button.with_icon(move |_| icon);
        }
        row.add_child(button);
        row.add_spacer(grid(0.75));
    }
    row.boxed()
}

const fn icon(deed: Deed) -> Option<Icon> {
    match deed {
        Deed::Pause => Some(Icon::Pause),
        Deed::Proceed => Some(Icon::Play),
        Deed::Retry => Some(Icon::Refresh),
        Deed::OpenFolder => Some(Icon::Folder),
        Deed::Cancel | Deed::Remove => None,
    }
}

impl Widget<Transfer> for ProgressRow {
    fn event(
        &mut self,
        ctx: &mut EventCtx<'_, '_>,
        event: &Event,
        transfer: &mut Transfer,
        env: &Env,
    ) {
        self.buttons.event(ctx, event, transfer, env);
        self.bar.event(ctx, event, transfer, env);
        if ctx.is_handled() {
            return;
        }
        match event {
            Event::MouseDown(_) => ctx.request_focus(),
            Event::KeyDown(key) if ctx.is_focused() => {
                let is_space = matches!(&key.key, KbKey::Character(text) if text == " ");
                let done = keyboard::on_tab(ctx, key)
                    || is_space
                        && Self::deed(ctx, transfer, &[Deed::Pause, Deed::Proceed, Deed::Retry])
                    || key.key == KbKey::Enter
                        && Self::deed(
                            ctx,
                            transfer,
                            &[Deed::Proceed, Deed::OpenFolder, Deed::Retry],
                        )
                    || key.key == KbKey::Delete
                        && Self::deed(ctx, transfer, &[Deed::Cancel, Deed::Remove]);
                if done {
                    ctx.set_handled();
                }
            }
            _ => {}
        }
    }

    fn lifecycle(
        &mut self,
        ctx: &mut LifeCycleCtx<'_, '_>,
        event: &LifeCycle,
        transfer: &Transfer,
        env: &Env,
    ) {
        match event {
            LifeCycle::BuildFocusChain => ctx.register_for_focus(),
            LifeCycle::FocusChanged(has_focus) => {
                if *has_focus {
                    ctx.scroll_to_view();
                }
                ctx.request_paint();
            }
            LifeCycle::HotChanged(_) => ctx.request_paint(),
            _ => {}
        }
        self.bar.lifecycle(ctx, event, transfer, env);
        self.buttons.lifecycle(ctx, event, transfer, env);
    }

    fn update(
        &mut self,
        ctx: &mut UpdateCtx<'_, '_>,
        old: &Transfer,
        transfer: &Transfer,
        env: &Env,
    ) {
        self.bar.update(ctx, transfer, env);
        self.buttons.update(ctx, transfer, env);
        if old.state != transfer.state || old.told != transfer.told {
            // A reason may need more lines; what is told needs one of its own.
            ctx.request_layout();
        }
        ctx.request_paint();
    }

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        bc: &BoxConstraints,
        transfer: &Transfer,
        env: &Env,
    ) -> Size {
        let width = bc.max().width;
        let left = Self::text_left();
        let room = (width - left - SIDE).max(grid(10.0));
        let words = Style::new(fonts::SMALL, env.get(colours::DIM));
        let words = words.lay_out(ctx.text(), &words::state(transfer), room);
        let mut top = 10.0 + 20.0;
        let bar = BoxConstraints::tight(Size::new(room, 6.0));
        self.bar.layout(ctx, &bar, transfer, env);
        self.bar.set_origin(ctx, druid::Point::new(left, top));
        top += 6.0 + 5.0 + words.size().height.ceil();
        if let Some(told) = told(ctx.text(), transfer, room, env) {
            top += BETWEEN + told.size().height.ceil();
        }
        let loose = BoxConstraints::new(Size::ZERO, Size::new(room, grid(8.0)));
        let size = self.buttons.layout(ctx, &loose, transfer, env);
        self.buttons.set_origin(ctx, druid::Point::new(left, top + 6.0));
        if size.height > 0.0 {
            top += 6.0 + size.height;
        }
        Size::new(width, top + 10.0)
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, transfer: &Transfer, env: &Env) {
        let rect = ctx.size().to_rect().inset((-grid(0.5), -2.0));
        if ctx.is_hot() {
            ctx.fill(rect.to_rounded_rect(RADIUS + 2.0), &env.get(colours::HOT));
        }
        let square = Rect::from_origin_size((SIDE, 12.0), (ICON, ICON));
        let extension = transfer.file.rsplit_once('.').map(|(_, extension)| extension);
        draw_kind(ctx, square, extension, env);
        let arrow = match transfer.direction {
            Direction::Download => Icon::Download,
            Direction::Upload => Icon::Upload,
        };
        let left = Self::text_left();
        let right = ctx.size().width - SIDE;
        let percent = match (&transfer.state, transfer.percent()) {
            (State::Done { .. } | State::Skipped | State::Cancelled, _) | (_, None) => {
                String::new()
            }
            (_, Some(percent)) => format!("{percent}%"),
        };
        let style = Style::new(fonts::SMALL, env.get(colours::DIM));
        let percent = style.lay_out(ctx.text(), &percent, f64::INFINITY);
        let name_right = right - percent.size().width - 8.0;
        ctx.draw_text(&percent, (right - percent.size().width, 11.0));
        let small = Rect::from_origin_size((left - 2.0, 10.0), (15.0, 15.0));
        arrow.draw(ctx, small, env.get(colours::DIM));
        let name: Arc<str> = match transfer.other_name() {
            Some(other) => format!("{} → {other}", transfer.file).into(),
            None => Arc::clone(&transfer.file),
        };
        let style = Style::new(fonts::BODY, env.get(colours::TEXT));
        let name = style.line(ctx.text(), &name, name_right - left - 17.0);
        ctx.draw_text(&name, (left + 17.0, 9.0));
        self.bar.paint(ctx, transfer, env);
        let colour = match transfer.state {
            State::Failed(_) => colours::BAD,
            State::Paused { .. } | State::Stalled => colours::WARN,
            State::Asked
            | State::Flowing
            | State::Verifying
            | State::Done { .. }
            | State::Skipped
            | State::Cancelled => colours::DIM,
        };
        let style = Style::new(fonts::SMALL, env.get(colour));
        let words = style.lay_out(ctx.text(), &words::state(transfer), right - left);
        let top = 10.0 + 20.0 + 6.0 + 5.0;
        ctx.draw_text(&words, (left, top));
        if let Some(told) = told(ctx.text(), transfer, right - left, env) {
            ctx.draw_text(&told, (left, top + words.size().height.ceil() + BETWEEN));
        }
        self.buttons.paint(ctx, transfer, env);
        if ctx.is_focused() {
            keyboard::draw_inner_ring(ctx, rect, env);
        }
    }
}
