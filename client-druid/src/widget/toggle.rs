//! A box to tick, with words beside it; it takes the keyboard.

use druid::kurbo::Line;
use druid::piet::{RenderContext as _, TextLayout as _};
use druid::widget::prelude::*;
use druid::{Cursor, MouseButton, Point, Rect};

use super::keyboard;
use crate::theme::fonts::{self, Style};
use crate::theme::{colours, grid};

const SIDE: f64 = 18.0;

/// A choice of yes or no.
pub(crate) struct Toggle {
    words: &'static str,
}

impl Toggle {
    pub(crate) const fn new(words: &'static str) -> Self {
        Self { words }
    }
}

impl Widget<bool> for Toggle {
    fn event(&mut self, ctx: &mut EventCtx<'_, '_>, event: &Event, data: &mut bool, _env: &Env) {
        match event {
            Event::MouseDown(mouse) if mouse.button == MouseButton::Left => {
                ctx.set_active(true);
                ctx.set_handled();
            }
            Event::MouseUp(_) if ctx.is_active() => {
                ctx.set_active(false);
                if ctx.is_hot() {
                    *data = !*data;
                }
                ctx.set_handled();
            }
            Event::MouseMove(_) => ctx.set_cursor(&Cursor::Pointer),
            Event::KeyDown(key) if keyboard::on_tab(ctx, key) => {}
            Event::KeyDown(key) if keyboard::presses(key) && !key.repeat => {
                *data = !*data;
                ctx.set_handled();
            }
            _ => {}
        }
    }

    fn lifecycle(
        &mut self,
        ctx: &mut LifeCycleCtx<'_, '_>,
        event: &LifeCycle,
        _data: &bool,
        _env: &Env,
    ) {
        match event {
            LifeCycle::BuildFocusChain => ctx.register_for_focus(),
            LifeCycle::FocusChanged(_) | LifeCycle::HotChanged(_) => ctx.request_paint(),
            _ => {}
        }
    }

    fn update(&mut self, ctx: &mut UpdateCtx<'_, '_>, _old: &bool, _data: &bool, _env: &Env) {
        ctx.request_paint();
    }

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        bc: &BoxConstraints,
        _data: &bool,
        env: &Env,
    ) -> Size {
        ctx.set_paint_insets(4.0);
        let style = Style::new(fonts::BODY, env.get(colours::TEXT));
        let words = style.lay_out(ctx.text(), self.words, f64::INFINITY).size();
        bc.constrain((SIDE + grid(1.0) + words.width, words.height.max(grid(3.0))))
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, data: &bool, env: &Env) {
        let size = ctx.size();
        let square = Rect::from_origin_size((0.5, (size.height - SIDE) / 2.0), (SIDE, SIDE));
        let shape = square.to_rounded_rect(4.0);
        if *data {
            ctx.fill(shape, &env.get(colours::ACCENT));
            let on = env.get(colours::ON_ACCENT);
            let at = |x: f64, y: f64| Point::new(square.x0 + x, square.y0 + y);
            ctx.stroke(Line::new(at(4.0, 9.5), at(7.5, 13.0)), &on, 2.0);
            ctx.stroke(Line::new(at(7.5, 13.0), at(14.0, 5.5)), &on, 2.0);
        } else {
            ctx.fill(shape, &env.get(colours::FIELD));
            let line = if ctx.is_hot() { colours::FAINT } else { colours::FIELD_LINE };
            ctx.stroke(shape, &env.get(line), 1.5);
        }
        let style = Style::new(fonts::BODY, env.get(colours::TEXT));
        let words = style.lay_out(ctx.text(), self.words, f64::INFINITY);
        let top = ((size.height - words.size().height) / 2.0).round();
        ctx.draw_text(&words, (SIDE + grid(1.0), top));
        if ctx.has_focus() {
            keyboard::draw_ring(ctx, square, env);
        }
    }
}
