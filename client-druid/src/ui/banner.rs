//! A strip that says how the connection stands while it does not, and what is amiss while it does.

use std::time::Duration;

use druid::piet::{PietTextLayout, RenderContext as _, TextLayout as _};
use druid::widget::prelude::*;
use druid::{Color, Key, Point, Rect, TimerToken, WidgetPod};
use proto_std::clock;

use crate::commands as cmd;
use crate::data::room::{Link, Room};
use crate::data::save_as::capital;
use crate::data::words;
use crate::theme::fonts::{self, Style};
use crate::theme::{colours, grid};
use crate::widget::button::Button;
use crate::widget::icon::Icon;

const TICK: Duration = Duration::from_secs(1);
const ICON: f64 = 18.0;

/// The strip; it has no height while all is well.
pub(crate) struct Banner {
    retry: WidgetPod<Room, Button<Room>>,
    layout: Option<(PietTextLayout, PietTextLayout)>,
    timer: Option<TimerToken>,
}

impl Banner {
    pub(crate) fn new() -> Self {
        let words = |room: &Room| match room.link {
            Link::Waiting { .. } => "Retry now".to_owned(),
            Link::Connecting { .. } | Link::Online | Link::Over { .. } => "Retry".to_owned(),
        };
        let retry = Button::dynamic(words, |ctx, _: &mut Room| ctx.submit_command(cmd::RETRY));
        Self { retry: WidgetPod::new(retry.small()), layout: None, timer: None }
    }

    fn tick(&mut self, request: impl FnOnce(Duration) -> TimerToken, room: &Room) {
        let waits = matches!(room.link, Link::Waiting { .. });
        self.timer = waits.then(|| request(TICK));
    }
}

/// What it says: headline, more, and how bad it is.
fn news(room: &Room) -> Option<(String, String, bool)> {
    match &room.link {
        Link::Online => {
            let error = words::for_window(room.warning.as_deref()?);
            Some((capital(&error.what), format!("{}. {}", capital(&error.why), error.next), false))
        }
        Link::Connecting { .. } => {
            Some((words::link(room), "What you write is sent once it stands.".to_owned(), false))
        }
        Link::Waiting { why, .. } => {
            let seconds =
                room.retry_in(clock::now()).unwrap_or_default().as_millis().div_ceil(1000);
            let when = format!("{}. Trying again in {seconds} s.", capital(&why.why));
            Some((words::link(room), when, false))
        }
        Link::Over { why: Some(why) } => {
            let error = words::for_window(why);
            Some((words::link(room), format!("{}. {}", capital(&error.why), error.next), true))
        }
        Link::Over { why: None } => {
            Some((words::link(room), "The server said goodbye.".to_owned(), true))
        }
    }
}

const fn can_retry(room: &Room) -> bool {
    matches!(room.link, Link::Waiting { .. } | Link::Over { .. })
}

impl Widget<Room> for Banner {
    fn event(&mut self, ctx: &mut EventCtx<'_, '_>, event: &Event, room: &mut Room, env: &Env) {
        if let Event::Timer(token) = event
            && self.timer == Some(*token)
        {
            self.tick(|after| ctx.request_timer(after), room);
            ctx.request_layout();
        }
        self.retry.event(ctx, event, room, env);
    }

    fn lifecycle(
        &mut self,
        ctx: &mut LifeCycleCtx<'_, '_>,
        event: &LifeCycle,
        room: &Room,
        env: &Env,
    ) {
        if matches!(event, LifeCycle::WidgetAdded) {
            self.tick(|after| ctx.request_timer(after), room);
        }
        // What is not seen is not reached with Tab.
        if !matches!(event, LifeCycle::BuildFocusChain) || can_retry(room) {
            self.retry.lifecycle(ctx, event, room, env);
        }
    }

    fn update(&mut self, ctx: &mut UpdateCtx<'_, '_>, old: &Room, room: &Room, env: &Env) {
        if old.link != room.link || old.warning != room.warning || ctx.env_changed() {
            self.tick(|after| ctx.request_timer(after), room);
            ctx.children_changed();
            ctx.request_layout();
        }
        self.retry.update(ctx, room, env);
    }

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        bc: &BoxConstraints,
        room: &Room,
        env: &Env,
    ) -> Size {
        let width = bc.max().width;
        let button = self.retry.layout(ctx, &bc.loosen(), room, env);
        let place = Point::new(width - button.width - grid(3.0), grid(1.5));
        self.retry.set_origin(ctx, place);
        let Some((headline, more, _)) = news(room) else {
            self.layout = None;
            return Size::new(width, 0.0);
        };
        let right = if can_retry(room) { button.width + grid(5.0) } else { grid(3.0) };
        let room = (width - grid(7.0) - right).max(grid(10.0));
        let strong = Style::new(fonts::BODY, env.get(colours::TEXT)).strong();
        let plain = Style::new(fonts::SMALL, env.get(colours::DIM));
        let headline = strong.lay_out(ctx.text(), &headline, room);
        let more = plain.lay_out(ctx.text(), &more, room);
        let height = headline.size().height + more.size().height + grid(2.25);
        self.layout = Some((headline, more));
        Size::new(width, height.ceil())
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, room: &Room, env: &Env) {
        let (Some((headline, more)), Some((.., is_bad))) = (&self.layout, news(room)) else {
            return;
        };
        let (behind, colour): (Key<Color>, Key<Color>) = if is_bad {
            (colours::BAD_SOFT, colours::BAD)
        } else {
            (colours::WARN_SOFT, colours::WARN)
        };
        let rect = ctx.size().to_rect();
        ctx.fill(rect, &env.get(behind));
        let top = ((rect.height() - ICON) / 2.0).round();
        let square = Rect::from_origin_size((grid(3.0), top), (ICON, ICON));
        Icon::Alert.draw(ctx, square, env.get(colour));
        ctx.draw_text(headline, (grid(6.5), grid(1.0)));
        ctx.draw_text(more, (grid(6.5), grid(1.0) + headline.size().height + 1.0));
        if can_retry(room) {
            self.retry.paint(ctx, room, env);
        }
    }
}
