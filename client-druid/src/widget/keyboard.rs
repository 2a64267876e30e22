//! What every widget that takes the keyboard does alike.

use druid::kurbo::RoundedRectRadii;
use druid::piet::RenderContext as _;
use druid::{Env, EventCtx, KbKey, KeyEvent, PaintCtx, Rect};

use crate::theme::{RADIUS, RING, colours};

/// Moves the keyboard on with Tab, and back with Shift+Tab. True when it did.
pub(crate) fn on_tab(ctx: &mut EventCtx<'_, '_>, key: &KeyEvent) -> bool {
    if key.key != KbKey::Tab {
        return false;
    }
    if key.mods.shift() {
        ctx.focus_prev();
    } else {
        ctx.focus_next();
    }
    ctx.set_handled();
    true
}

/// Whether a key presses what has the keyboard.
pub(crate) fn presses(key: &KeyEvent) -> bool {
    let is_space = matches!(&key.key, KbKey::Character(text) if text == " ");
    (is_space || key.key == KbKey::Enter) && !key.mods.ctrl() && !key.mods.alt()
}

/// Draws the ring around what has the keyboard, outside of `rect`.
pub(crate) fn draw_ring(ctx: &mut PaintCtx<'_, '_, '_>, rect: Rect, env: &Env) {
    let ring = rect.inflate(RING, RING).to_rounded_rect(RADIUS + RING);
    ctx.stroke(ring, &env.get(colours::RING), RING);
}

/// Draws the ring inside of `rect`, where nothing may be drawn outside.
pub(crate) fn draw_inner_ring(ctx: &mut PaintCtx<'_, '_, '_>, rect: Rect, env: &Env) {
    let radii = RoundedRectRadii::from_single_radius(RADIUS);
    let ring = rect.inset(-RING / 2.0).to_rounded_rect(radii);
    ctx.stroke(ring, &env.get(colours::RING), RING);
}
