//! A slim scroll bar for the lists that draw themselves: seen while the mouse is over the list.

use druid::piet::RenderContext as _;
use druid::{Env, Event, EventCtx, MouseButton, PaintCtx, Point, Rect, Size};

use crate::theme::colours;

const WIDTH: f64 = 6.0;
const HOT_WIDTH: f64 = 8.0;
const MARGIN: f64 = 3.0;
const LEAST_THUMB: f64 = 32.0;
/// How far from the edge the mouse still means the bar.
const REACH: f64 = 14.0;

/// What is scrolled: how much of what is in view, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) view: Size,
    pub(crate) content: f64,
    pub(crate) offset: f64,
}

/// A scroll bar.
#[derive(Debug, Default)]
pub(crate) struct Scrollbar {
    /// Where on the thumb it was grabbed.
    pub(super) grabbed: Option<f64>,
    pub(super) is_near: bool,
}

impl Span {
    /// The largest offset.
    pub(crate) fn most(&self) -> f64 {
        (self.content - self.view.height).max(0.0)
    }

    fn thumb(&self) -> Option<(f64, f64)> {
        if self.most() <= 0.0 {
            return None;
        }
        let track = 2.0_f64.mul_add(-MARGIN, self.view.height);
        let length = (track * self.view.height / self.content).clamp(LEAST_THUMB.min(track), track);
        let top = MARGIN + (track - length) * (self.offset / self.most()).clamp(0.0, 1.0);
        Some((top, length))
    }
}

impl Scrollbar {
    /// Takes the mouse when it is on the bar; gives the offset that it wants.
    pub(crate) fn event(
        &mut self,
        ctx: &mut EventCtx<'_, '_>,
        event: &Event,
        span: Span,
    ) -> Option<f64> {
        let (top, length) = span.thumb()?;
        match event {
            Event::MouseDown(mouse) if mouse.button == MouseButton::Left => {
                if !is_near(mouse.pos, span) {
                    return None;
                }
                let on_thumb = (top..top + length).contains(&mouse.pos.y);
                let grip = if on_thumb { mouse.pos.y - top } else { length / 2.0 };
                self.grabbed = Some(grip);
                ctx.set_active(true);
                ctx.set_handled();
                Some(offset_at(mouse.pos.y - grip, length, span))
            }
            Event::MouseMove(mouse) => {
                let near = is_near(mouse.pos, span);
                if near != self.is_near {
                    self.is_near = near;
                    ctx.request_paint();
                }
                let grip = self.grabbed?;
                ctx.set_handled();
                Some(offset_at(mouse.pos.y - grip, length, span))
            }
            Event::MouseUp(_) if self.grabbed.take().is_some() => {
                ctx.set_active(false);
                ctx.set_handled();
                ctx.request_paint();
                None
            }
            _ => None,
        }
    }

    /// Draws the bar, if there is something to scroll and somebody to see it.
    pub(crate) fn paint(&self, ctx: &mut PaintCtx<'_, '_, '_>, span: Span, env: &Env) {
        let Some((top, length)) = span.thumb() else { return };
        let wide = self.is_near || self.grabbed.is_some();
        if !(ctx.is_hot() || self.grabbed.is_some() || ctx.has_focus()) {
            return;
        }
        let width = if wide { HOT_WIDTH } else { WIDTH };
        let left = span.view.width - MARGIN - width;
        let thumb = Rect::from_origin_size((left, top), (width, length));
        let strength = if self.grabbed.is_some() { 0.8 } else { 0.5 };
        let colour = env.get(colours::FAINT).with_alpha(strength);
        ctx.fill(thumb.to_rounded_rect(width / 2.0), &colour);
    }
}

fn is_near(mouse: Point, span: Span) -> bool {
    mouse.x >= span.view.width - REACH
}

fn offset_at(top: f64, length: f64, span: Span) -> f64 {
    let way = 2.0_f64.mul_add(-MARGIN, span.view.height) - length;
    if way <= 0.0 {
        return 0.0;
    }
    ((top - MARGIN) / way).clamp(0.0, 1.0) * span.most()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumb_goes_from_end_to_end() {
        let span = |offset| Span { view: Size::new(100.0, 200.0), content: 1000.0, offset };
        let (top, length) = span(0.0).thumb().unwrap();
        assert!((top - MARGIN).abs() < 1e-9);
        let (bottom, _) = span(800.0).thumb().unwrap();
        assert!((bottom + length - (200.0 - MARGIN)).abs() < 1e-9);
        assert!((offset_at(bottom, length, span(0.0)) - 800.0).abs() < 1e-9);
        assert!(Span { content: 150.0, ..span(0.0) }.thumb().is_none());
    }
}
