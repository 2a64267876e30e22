//! A short word at the window's lower edge. It goes by itself, or by a click.

use std::time::Duration;

use druid::piet::{PietTextLayout, RenderContext as _, TextLayout as _};
use druid::widget::prelude::*;
use druid::{Cursor, Rect, TimerToken, Vec2};

use super::icon::Icon;
use crate::data::app::Toast;
use crate::theme::fonts::{self, Style};
use crate::theme::{RADIUS, colours, grid};

const STAY: Duration = Duration::from_secs(5);
const STAY_OF_ERRORS: Duration = Duration::from_secs(9);
const MOST_WIDTH: f64 = 480.0;
const ICON: f64 = 18.0;

/// Shows the short word, if there is one.
#[derive(Default)]
pub(crate) struct ToastView {
    layout: Option<PietTextLayout>,
    timer: Option<TimerToken>,
}

impl Widget<Option<Toast>> for ToastView {
    fn event(
        &mut self,
        ctx: &mut EventCtx<'_, '_>,
        event: &Event,
        data: &mut Option<Toast>,
        _env: &Env,
    ) {
        match event {
            Event::Timer(token) if self.timer == Some(*token) => {
                self.timer = None;
                *data = None;
            }
            Event::MouseMove(_) => ctx.set_cursor(&Cursor::Pointer),
            Event::MouseDown(_) if data.is_some() => {
                *data = None;
                ctx.set_handled();
            }
            _ => {}
        }
    }

    fn lifecycle(
        &mut self,
        ctx: &mut LifeCycleCtx<'_, '_>,
        event: &LifeCycle,
        data: &Option<Toast>,
        _env: &Env,
    ) {
        if let (LifeCycle::WidgetAdded, Some(toast)) = (event, data) {
            self.timer = Some(ctx.request_timer(stay(toast)));
        }
    }

    fn update(
        &mut self,
        ctx: &mut UpdateCtx<'_, '_>,
        old: &Option<Toast>,
        data: &Option<Toast>,
        _env: &Env,
    ) {
        if old != data || ctx.env_changed() {
            self.timer = data.as_ref().map(|toast| ctx.request_timer(stay(toast)));
            ctx.request_layout();
        }
    }

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        bc: &BoxConstraints,
        data: &Option<Toast>,
        env: &Env,
    ) -> Size {
        ctx.set_paint_insets(24.0);
        let Some(toast) = data else {
            self.layout = None;
            return Size::ZERO;
        };
        let style = Style::new(fonts::BODY, env.get(colours::ON_TOAST));
        let room = MOST_WIDTH.min(bc.max().width - grid(10.0)).max(grid(10.0));
        let layout = style.lay_out(ctx.text(), &toast.text, room);
        let size = layout.size();
        self.layout = Some(layout);
        Size::new(size.width + grid(7.0), size.height + grid(3.0))
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, data: &Option<Toast>, env: &Env) {
        let (Some(toast), Some(layout)) = (data, &self.layout) else { return };
        let rect = ctx.size().to_rect();
        ctx.blurred_rect(rect + Vec2::new(0.0, 4.0), 10.0, &env.get(colours::SHADOW));
        ctx.fill(rect.to_rounded_rect(RADIUS + 2.0), &env.get(colours::TOAST));
        let (icon, colour) = if toast.is_error {
            (Icon::Alert, env.get(colours::BAD_ON_TOAST))
        } else {
            (Icon::Check, env.get(colours::GOOD_ON_TOAST))
        };
        let top = (rect.height() - ICON) / 2.0;
        icon.draw(ctx, Rect::from_origin_size((grid(2.0), top), (ICON, ICON)), colour);
        ctx.draw_text(layout, (grid(5.0), grid(1.5)));
    }
}

const fn stay(toast: &Toast) -> Duration {
    if toast.is_error { STAY_OF_ERRORS } else { STAY }
}
