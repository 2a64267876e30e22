//! Where messages are typed: for whom, what, and away with it.

use druid::piet::{RenderContext as _, TextLayout as _};
use druid::widget::{CrossAxisAlignment, Flex, TextBox, prelude::*};
use druid::{Cursor, KbKey, MouseButton, Rect, WidgetExt as _};
use proto_core::wire::Audience;

use crate::commands as cmd;
use crate::controller::{Focus, OnEnter};
use crate::data::room::Room;
use crate::data::talk::Talk;
use crate::theme::fonts::{self, Style};
use crate::theme::{CONTROL, RADIUS, colours, grid};
use crate::widget::at_most::AtMost;
use crate::widget::button::{Button, Look};
use crate::widget::icon::Icon;
use crate::widget::keyboard;
use crate::widget::menu::{Item, OPEN_MENU, Spec};

/// About seven lines; more are scrolled.
const MOST_HEIGHT: f64 = 150.0;

/// The composer.
pub(crate) fn composer() -> impl Widget<Room> {
    let field = TextBox::multiline()
        .with_placeholder("Write a message")
        .controller(OnEnter(cmd::SEND))
        .controller(Focus::when_told())
        .with_id(cmd::COMPOSER)
        .expand_width()
        .lens(Room::draft);
    let send = Button::new("Send", |ctx, _: &mut Room| ctx.submit_command(cmd::SEND))
        .with_icon(|_| Icon::Send)
        .look(Look::Primary)
        .disabled_if(|room, _| room.draft.trim().is_empty());
    Flex::row()
        .cross_axis_alignment(CrossAxisAlignment::End)
        .with_child(Recipient.controller(Focus::when_told()).with_id(cmd::RECIPIENT))
        .with_spacer(grid(1.0))
        .with_flex_child(AtMost::high(MOST_HEIGHT, field), 1.0)
        .with_spacer(grid(1.0))
        .with_child(send)
        .padding((grid(3.0), grid(1.0), grid(3.0), grid(2.0)))
}

/// The drop-down that says for whom the message is, and changes it.
struct Recipient;

const MOST_NAME: f64 = 120.0;

impl Recipient {
    fn open(ctx: &mut EventCtx<'_, '_>, room: &Room) {
        let is_offered = |talk: &&Talk| talk.present || talk.whom == room.current;
        let item = |talk: &Talk| Item {
            words: words(room, &talk.whom),
            is_chosen: talk.whom == room.current,
            command: cmd::READDRESS.with(talk.whom.clone()),
        };
        let items = room.talks.iter().filter(is_offered).map(item).collect();
        let anchor = Rect::from_origin_size(ctx.window_origin(), ctx.size());
        ctx.submit_command(OPEN_MENU.with(Spec { anchor, opener: ctx.widget_id(), items }));
    }
}

fn words(room: &Room, whom: &Audience) -> String {
    match whom {
        Audience::All => "Everyone".to_owned(),
        Audience::One(name) if room.is_me(name) => format!("{name} (you)"),
        Audience::One(name) => name.to_string(),
    }
}

impl Widget<Room> for Recipient {
    fn event(&mut self, ctx: &mut EventCtx<'_, '_>, event: &Event, room: &mut Room, _: &Env) {
        match event {
            Event::MouseDown(mouse) if mouse.button == MouseButton::Left => {
                ctx.set_active(true);
                ctx.set_handled();
            }
            Event::MouseUp(_) if ctx.is_active() => {
                ctx.set_active(false);
                if ctx.is_hot() {
                    Self::open(ctx, room);
                }
                ctx.request_paint();
            }
            Event::MouseMove(_) => ctx.set_cursor(&Cursor::Pointer),
            Event::KeyDown(key) if keyboard::on_tab(ctx, key) => {}
            Event::KeyDown(key) if keyboard::presses(key) || key.key == KbKey::ArrowDown => {
                Self::open(ctx, room);
                ctx.set_handled();
            }
            _ => {}
        }
    }

    fn lifecycle(&mut self, ctx: &mut LifeCycleCtx<'_, '_>, event: &LifeCycle, _: &Room, _: &Env) {
        match event {
            LifeCycle::BuildFocusChain => ctx.register_for_focus(),
            LifeCycle::FocusChanged(_) | LifeCycle::HotChanged(_) => ctx.request_paint(),
            _ => {}
        }
    }

    fn update(&mut self, ctx: &mut UpdateCtx<'_, '_>, old: &Room, room: &Room, _env: &Env) {
        if old.current != room.current || old.me != room.me {
            ctx.request_layout();
        }
    }

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        _bc: &BoxConstraints,
        room: &Room,
        env: &Env,
    ) -> Size {
        ctx.set_paint_insets(4.0);
        let style = Style::new(fonts::BODY, env.get(colours::TEXT)).strong();
        let name = style.line(ctx.text(), &words(room, &room.current), MOST_NAME);
        Size::new((name.size().width + 62.0).ceil(), CONTROL)
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, room: &Room, env: &Env) {
        let rect = ctx.size().to_rect();
        if ctx.is_hot() {
            ctx.fill(rect.to_rounded_rect(RADIUS), &env.get(colours::HOT));
        }
        ctx.stroke(rect.inset(-0.5).to_rounded_rect(RADIUS), &env.get(colours::FIELD_LINE), 1.0);
        let middle = rect.center().y;
        let to = Style::new(fonts::BODY, env.get(colours::DIM));
        let to = to.lay_out(ctx.text(), "To", f64::INFINITY);
        ctx.draw_text(&to, (10.0, (middle - to.size().height / 2.0).round()));
        let style = Style::new(fonts::BODY, env.get(colours::TEXT)).strong();
        let name = style.line(ctx.text(), &words(room, &room.current), MOST_NAME);
        ctx.draw_text(&name, (32.0, (middle - name.size().height / 2.0).round()));
        let square = Rect::from_origin_size((rect.x1 - 24.0, middle - 9.0), (18.0, 18.0));
        Icon::ChevronDown.draw(ctx, square, env.get(colours::DIM));
        if ctx.has_focus() {
            keyboard::draw_ring(ctx, rect, env);
        }
    }
}
