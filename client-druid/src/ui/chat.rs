//! The conversation in view.

use std::time::Duration;

use druid::widget::{CrossAxisAlignment, Either, Flex, LineBreaking, TextBox, prelude::*};
use druid::{FontWeight, TimerToken, WidgetExt as _, WidgetPod};
use proto_core::wire::Audience;
use proto_std::clock;

use super::banner::Banner;
use super::bubbles::Bubbles;
use super::composer::composer;
use super::parts::{draw_empty, line, text};
use super::sidebar::presence;
use crate::commands as cmd;
use crate::controller::Focus;
use crate::data::room::Room;
use crate::data::times;
use crate::theme::{colours, fonts, grid};
use crate::widget::button::Button;
use crate::widget::icon::Icon;
use crate::widget::tall_rows::TallList;

/// The conversation.
pub(crate) fn chat() -> impl Widget<Room> {
    Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Fill)
        .with_child(head())
        .with_child(line())
        .with_child(Banner::new())
        .with_flex_child(Messages::new().expand(), 1.0)
        .with_child(composer())
        .background(colours::WINDOW)
}

fn head() -> impl Widget<Room> {
    let title = text(
        |room: &Room| room.talk().title().to_owned(),
        fonts::TITLE,
        FontWeight::SEMI_BOLD,
        colours::TEXT,
    )
    .with_line_break_mode(LineBreaking::Clip);
    let presence = text(presence, fonts::SMALL, FontWeight::REGULAR, colours::DIM);
    let words = Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Start)
        .with_child(title)
        .with_spacer(2.0)
        .with_child(presence);
    let search = Button::icon(Icon::Search, |ctx, _: &mut Room| ctx.submit_command(cmd::SEARCH));
    let clear = Button::icon(Icon::Trash, |ctx, _: &mut Room| ctx.submit_command(cmd::CLEAR));
    let pane = Button::icon(Icon::Panel, |ctx, _: &mut Room| ctx.submit_command(cmd::TOGGLE_PANE));
    Flex::row()
        .with_flex_child(words.expand_width(), 1.0)
        .with_child(Either::new(|room: &Room, _| room.searching, needle(), search))
        .with_child(clear)
        .with_child(pane)
        .padding((grid(3.0), 0.0, grid(1.5), 0.0))
        .fix_height(grid(7.0))
}

fn needle() -> impl Widget<Room> {
    let field = TextBox::new()
        .with_placeholder("Search in this conversation")
        .controller(Focus::when_told())
        .with_id(cmd::SEARCH_FIELD)
        .fix_width(230.0)
        .lens(Room::needle);
    let close = Button::icon(Icon::Close, |ctx, _: &mut Room| ctx.submit_command(cmd::STOP_SEARCH));
    Flex::row().with_child(field).with_child(close)
}

/// The messages, or what stands in their place while there are none. It looks at the calendar, so
/// that yesterday is not called today.
struct Messages {
    list: WidgetPod<Room, Box<dyn Widget<Room>>>,
    timer: TimerToken,
}

/// How often it does: the desktop's timers stand still while a machine sleeps.
const CALENDAR: Duration = Duration::from_secs(60);

impl Messages {
    fn new() -> Self {
        let list =
            TallList::new(Bubbles::default()).controller(Focus::when_told()).with_id(cmd::MESSAGES);
        Self { list: WidgetPod::new(list.boxed()), timer: TimerToken::INVALID }
    }
}

impl Widget<Room> for Messages {
    fn event(&mut self, ctx: &mut EventCtx<'_, '_>, event: &Event, room: &mut Room, env: &Env) {
        if matches!(event, Event::Timer(token) if *token == self.timer) {
            room.today = times::day(clock::wall());
            self.timer = ctx.request_timer(CALENDAR);
        }
        self.list.event(ctx, event, room, env);
    }

    fn lifecycle(
        &mut self,
        ctx: &mut LifeCycleCtx<'_, '_>,
        event: &LifeCycle,
        room: &Room,
        env: &Env,
    ) {
        if matches!(event, LifeCycle::WidgetAdded) {
            self.timer = ctx.request_timer(CALENDAR);
        }
        self.list.lifecycle(ctx, event, room, env);
    }

    fn update(&mut self, ctx: &mut UpdateCtx<'_, '_>, old: &Room, room: &Room, env: &Env) {
        if old.talk().is_empty() != room.talk().is_empty() || old.current != room.current {
            ctx.request_paint();
        }
        self.list.update(ctx, room, env);
    }

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        bc: &BoxConstraints,
        room: &Room,
        env: &Env,
    ) -> Size {
        let size = self.list.layout(ctx, bc, room, env);
        self.list.set_origin(ctx, druid::Point::ORIGIN);
        size
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, room: &Room, env: &Env) {
        self.list.paint(ctx, room, env);
        if room.talk().is_empty() {
            let (words, more) = match &room.current {
                Audience::All => (
                    "Nothing was said yet".to_owned(),
                    "What you write here is read by everyone who is connected.",
                ),
                Audience::One(name) => (
                    format!("Only you and {name} read this"),
                    "And the server, which passes it on.",
                ),
            };
            draw_empty(ctx, ctx.size().to_rect(), Icon::People, &words, more, env);
        }
    }
}
