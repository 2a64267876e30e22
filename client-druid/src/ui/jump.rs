//! The search for a place: a person or a file, by a part of its name.

use druid::piet::{RenderContext as _, TextLayout as _};
use druid::widget::{Controller, CrossAxisAlignment, Flex, TextBox, prelude::*};
use druid::{KbKey, Point, Rect, WidgetExt as _};
use proto_core::wire::Audience;
use proto_std::human;

use super::files::draw_kind;
use super::parts::{draw_avatar, draw_badge, draw_presence, line};
use crate::commands as cmd;
use crate::controller::{Focus, OnChange};
use crate::data::app::App;
use crate::data::dialog::{Jump, Place as Target};
use crate::theme::fonts::{self, Style};
use crate::theme::{RADIUS, colours, grid};
use crate::widget::at_most::AtMost;
use crate::widget::icon::{Icon, centred};
use crate::widget::rows::{Place, RowList, Rows};

const ROW: f64 = 44.0;

/// The dialog's content.
pub(crate) fn jump() -> impl Widget<App> {
    let field = TextBox::new()
        .with_placeholder("Go to a person or a file")
        .controller(Focus::at_once())
        .expand_width()
        .lens(druid::lens!(Jump, needle))
        .lens(App::jump)
        .controller(OnChange(App::look_for_places))
        .controller(Arrows)
        .padding(grid(1.5));
    let places = AtMost::high(8.0 * ROW, RowList::new(ROW, Places).lens(App::jump));
    Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Fill)
        .with_child(field)
        .with_child(line())
        .with_spacer(grid(0.5))
        .with_child(places)
        .with_spacer(grid(0.5))
}

/// Arrows choose among the places while the field keeps the keyboard.
struct Arrows;

impl<W: Widget<App>> Controller<App, W> for Arrows {
    fn event(
        &mut self,
        child: &mut W,
        ctx: &mut EventCtx<'_, '_>,
        event: &Event,
        data: &mut App,
        env: &Env,
    ) {
        if let Event::KeyDown(key) = event {
            match key.key {
                KbKey::ArrowDown => data.choose_place(true),
                KbKey::ArrowUp => data.choose_place(false),
                KbKey::Enter => ctx.submit_command(cmd::GO.with(data.jump.chosen)),
                _ => return child.event(ctx, event, data, env),
            }
            ctx.set_handled();
            return;
        }
        child.event(ctx, event, data, env);
    }
}

struct Places;

impl Rows<Jump> for Places {
    fn len(&self, jump: &Jump) -> usize {
        jump.found.len()
    }

    fn paint(
        &mut self,
        ctx: &mut PaintCtx<'_, '_, '_>,
        jump: &Jump,
        nth: usize,
        place: Place,
        env: &Env,
    ) {
        let row = place.rect.inset((-grid(1.0), -1.0));
        let mut behind = env.get(colours::RAISED);
        if nth == jump.chosen {
            behind = env.get(colours::CHOSEN);
            ctx.fill(row.to_rounded_rect(RADIUS), &behind);
        } else if place.is_hot {
            ctx.fill(row.to_rounded_rect(RADIUS), &env.get(colours::HOT));
        }
        let middle = row.center().y;
        let centre = Point::new(row.x0 + 22.0, middle);
        let square = Rect::from_center_size(centre, (28.0, 28.0));
        let mut right = row.x1 - 12.0;
        let (title, more) = match &jump.found[nth] {
            Target::Talk { whom: Audience::All, unread, .. } => {
                ctx.fill(square.to_rounded_rect(9.0), &env.get(colours::ACCENT));
                Icon::People.draw(ctx, centred(square, 19.0), env.get(colours::ON_ACCENT));
                if *unread > 0 {
                    right -= draw_badge(ctx, right, middle, *unread, env) + 8.0;
                }
                ("Everyone".to_owned(), String::new())
            }
            Target::Talk { whom: Audience::One(name), present, unread } => {
                draw_avatar(ctx, centre, 14.0, name.as_str());
                let at = Point::new(centre.x + 10.0, middle + 10.0);
                draw_presence(ctx, at, *present, behind, env);
                if *unread > 0 {
                    right -= draw_badge(ctx, right, middle, *unread, env) + 8.0;
                }
                (name.to_string(), String::new())
            }
            Target::File { name, size } => {
                let extension = name.rsplit_once('.').map(|(_, extension)| extension);
                draw_kind(ctx, square, extension, env);
                (name.to_string(), human::bytes(*size))
            }
        };
        let style = Style::new(fonts::SMALL, env.get(colours::DIM));
        let more = style.lay_out(ctx.text(), &more, f64::INFINITY);
        right -= more.size().width;
        ctx.draw_text(&more, (right, middle - more.size().height / 2.0));
        let left = square.x1 + 10.0;
        let style = Style::new(fonts::BODY, env.get(colours::TEXT));
        let title = style.line(ctx.text(), &title, right - left - 8.0);
        ctx.draw_text(&title, (left, (middle - title.size().height / 2.0).round()));
    }

    fn activate(&mut self, ctx: &mut EventCtx<'_, '_>, _jump: &mut Jump, nth: usize) {
        ctx.submit_command(cmd::GO.with(nth));
    }
}
