//! What hangs below a message that was refused: why, and two ways on.

use druid::piet::{PietText, PietTextLayout, RenderContext as _, TextLayout as _};
use druid::{Env, PaintCtx, Point, Rect, Vec2};

use super::MARGIN;
use crate::data::line::{Delivery, Said};
use crate::data::words;
use crate::theme::colours;
use crate::theme::fonts::{self, Style};

/// It, laid out.
pub(super) struct Tail {
    why: (PietTextLayout, Point),
    again: (PietTextLayout, Rect),
    remove: (PietTextLayout, Rect),
}

/// What can be done about the message.
pub(super) enum Way {
    Again,
    Remove,
}

impl Tail {
    /// Why a message was refused, and two ways on.
    pub(super) fn lay_out(
        factory: &mut PietText,
        said: &Said,
        bubble: Rect,
        env: &Env,
    ) -> Option<Self> {
        let Delivery::Refused { why, .. } = &said.delivery else { return None };
        let accent = Style::new(fonts::SMALL, env.get(colours::ACCENT)).strong();
        let again = accent.lay_out(factory, "Try again", f64::INFINITY);
        let remove = accent.lay_out(factory, "Remove", f64::INFINITY);
        let top = bubble.y1 + 3.0;
        let remove_rect =
            Rect::from_origin_size((bubble.x1 - remove.size().width, top), remove.size());
        let again_rect =
            Rect::from_origin_size((remove_rect.x0 - 14.0 - again.size().width, top), again.size());
        let room = again_rect.x0 - 14.0 - MARGIN;
        let style = Style::new(fonts::SMALL, env.get(colours::BAD));
        let why = style.line(factory, &words::refused(why), room);
        let right = again_rect.x0 - 14.0 - why.size().width;
        let why = (why, Point::new(right, top));
        Some(Self { why, again: (again, again_rect), remove: (remove, remove_rect) })
    }

    pub(super) fn paint(&self, ctx: &mut PaintCtx<'_, '_, '_>, origin: Vec2) {
        ctx.draw_text(&self.why.0, self.why.1 + origin);
        ctx.draw_text(&self.again.0, self.again.1.origin() + origin);
        ctx.draw_text(&self.remove.0, self.remove.1.origin() + origin);
    }

    /// The way that lies there.
    pub(super) fn way_at(&self, at: Point) -> Option<Way> {
        let is_at = |rect: Rect| rect.inflate(6.0, 4.0).contains(at);
        if is_at(self.again.1) {
            return Some(Way::Again);
        }
        is_at(self.remove.1).then_some(Way::Remove)
    }
}
