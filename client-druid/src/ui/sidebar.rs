//! The conversations, and who the user is.

use druid::piet::{RenderContext as _, TextLayout as _};
use druid::widget::{CrossAxisAlignment, Flex, Painter, prelude::*};
use druid::{FontWeight, Point, Rect, WidgetExt as _};
use proto_core::wire::Audience;

use super::login::draw_mark;
use super::parts::{draw_avatar, draw_badge, draw_presence, fixed, line, text};
use crate::commands as cmd;
use crate::controller::Focus;
use crate::data::app::{App, Theme};
use crate::data::room::{Link, Room};
use crate::data::words;
use crate::theme::fonts::{self, Style};
use crate::theme::{RADIUS, colours, grid};
use crate::widget::button::Button;
use crate::widget::icon::{Icon, centred};
use crate::widget::keyboard;
use crate::widget::rows::{Place, RowList, Rows};

const ROW: f64 = 48.0;
const AVATAR: f64 = 14.0;

/// The sidebar.
pub(crate) fn sidebar() -> impl Widget<App> {
    let talks = RowList::new(ROW, Talks)
        .controller(Focus::when_told())
        .with_id(cmd::TALK_LIST)
        .lens(App::room);
    Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Fill)
        .with_child(head())
        .with_flex_child(talks.expand(), 1.0)
        .with_child(line())
        .with_child(foot())
        .background(colours::SIDEBAR)
}

fn head() -> impl Widget<App> {
    let icon = |data: &App| if data.theme == Theme::Light { Icon::Moon } else { Icon::Sun };
    let theme = Button::new("", |ctx, _: &mut App| ctx.submit_command(cmd::TOGGLE_THEME))
        .with_icon(icon)
        .look(crate::widget::button::Look::Quiet);
    let keys = Button::icon(Icon::Keyboard, |ctx, _: &mut App| ctx.submit_command(cmd::SHORTCUTS));
    Flex::row()
        .with_child(Painter::new(draw_mark).fix_size(26.0, 26.0))
        .with_spacer(grid(1.25))
        .with_flex_child(
            fixed("Haversack", fonts::TITLE, FontWeight::SEMI_BOLD, colours::TEXT).expand_width(),
            1.0,
        )
        .with_child(keys.small())
        .with_child(theme.small())
        .padding((grid(2.0), 0.0, grid(1.0), 0.0))
        .fix_height(grid(7.0))
}

fn foot() -> impl Widget<App> {
    let name = text(
        |data: &App| data.room.me.as_ref().map(ToString::to_string).unwrap_or_default(),
        fonts::BODY,
        FontWeight::SEMI_BOLD,
        colours::TEXT,
    )
    .with_line_break_mode(druid::widget::LineBreaking::Clip);
    let state = text(
        |data: &App| match data.room.link {
            Link::Online => data.room.server.to_string(),
            Link::Connecting { .. } => "Connecting …".to_owned(),
            Link::Waiting { .. } | Link::Over { .. } => "Not connected".to_owned(),
        },
        fonts::SMALL,
        FontWeight::REGULAR,
        colours::DIM,
    )
    .with_line_break_mode(druid::widget::LineBreaking::Clip);
    let who = Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Start)
        .with_child(name)
        .with_child(state);
    let leave = Button::new("Log out", |ctx, _: &mut App| ctx.submit_command(cmd::LOGOUT));
    let me = Painter::new(|ctx, data: &App, env| {
        let centre = Point::new(16.0, 16.0);
        let name = data.room.me.as_ref().map(ToString::to_string).unwrap_or_default();
        draw_avatar(ctx, centre, 15.0, &name);
        let behind = env.get(colours::SIDEBAR);
        draw_presence(ctx, Point::new(27.0, 27.0), data.room.is_online(), behind, env);
    });
    Flex::row()
        .with_child(me.fix_size(34.0, 34.0))
        .with_spacer(grid(1.25))
        .with_flex_child(who.expand_width(), 1.0)
        .with_spacer(grid(0.5))
        .with_child(leave.small())
        .padding((grid(1.75), 0.0))
        .fix_height(grid(8.0))
}

/// The rows: everyone, and each person.
struct Talks;

impl Rows<Room> for Talks {
    fn len(&self, room: &Room) -> usize {
        room.talks.len()
    }

    fn chosen(&self, room: &Room) -> Option<usize> {
        room.talks.iter().position(|talk| talk.whom == room.current)
    }

    fn paint(
        &mut self,
        ctx: &mut PaintCtx<'_, '_, '_>,
        room: &Room,
        nth: usize,
        place: Place,
        env: &Env,
    ) {
        let talk = &room.talks[nth];
        let row = place.rect.inset((-grid(1.0), -2.0));
        let is_chosen = talk.whom == room.current;
        let mut behind = env.get(colours::SIDEBAR);
        if is_chosen {
            behind = env.get(colours::CHOSEN);
            ctx.fill(row.to_rounded_rect(RADIUS + 2.0), &behind);
        } else if place.is_hot {
            ctx.fill(row.to_rounded_rect(RADIUS + 2.0), &env.get(colours::HOT));
        }
        let centre = Point::new(row.x0 + 10.0 + AVATAR, row.center().y);
        let is_me = match &talk.whom {
            Audience::All => false,
            Audience::One(name) => room.is_me(name),
        };
        if talk.whom == Audience::All {
            let square = Rect::from_center_size(centre, (2.0 * AVATAR, 2.0 * AVATAR));
            ctx.fill(square.to_rounded_rect(9.0), &env.get(colours::ACCENT));
            Icon::People.draw(ctx, centred(square, 19.0), env.get(colours::ON_ACCENT));
        } else {
            draw_avatar(ctx, centre, AVATAR, talk.title());
            let at = Point::new(centre.x + 10.0, centre.y + 10.0);
            draw_presence(ctx, at, talk.present && room.is_online(), behind, env);
        }
        let mut right = row.x1 - 10.0;
        if talk.unread > 0 {
            right -= draw_badge(ctx, right, row.center().y, talk.unread, env) + 8.0;
        } else if !talk.draft.is_empty() {
            let style = Style::new(fonts::TINY, env.get(colours::WARN));
            let draft = style.lay_out(ctx.text(), "Draft", f64::INFINITY);
            right -= draft.size().width;
            ctx.draw_text(&draft, (right, row.center().y - draft.size().height / 2.0));
            right -= 8.0;
        }
        let colour = if talk.present { colours::TEXT } else { colours::FAINT };
        let mut style = Style::new(fonts::BODY, env.get(colour));
        if talk.unread > 0 || is_chosen {
            style = style.strong();
        }
        let left = centre.x + AVATAR + 10.0;
        let title = if is_me { format!("{} (you)", talk.title()) } else { talk.title().to_owned() };
        let title = style.line(ctx.text(), &title, right - left);
        ctx.draw_text(&title, (left, (row.center().y - title.size().height / 2.0).round()));
        if place.has_cursor {
            keyboard::draw_inner_ring(ctx, row, env);
        }
    }

    fn activate(&mut self, ctx: &mut EventCtx<'_, '_>, room: &mut Room, nth: usize) {
        if let Some(talk) = room.talks.get(nth) {
            ctx.submit_command(cmd::OPEN.with(talk.whom.clone()));
        }
    }
}

/// `3 online`, or whether somebody is here.
pub(crate) fn presence(room: &Room) -> String {
    match room.current {
        _ if !room.is_online() => "Not connected".to_owned(),
        Audience::All => words::online(room.online()),
        Audience::One(_) if room.talk().present => "Online".to_owned(),
        Audience::One(_) => "Not here".to_owned(),
    }
}
