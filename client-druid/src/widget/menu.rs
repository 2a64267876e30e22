//! A menu that hangs on whatever opened it, within the window: the other half of a drop-down.
//! Arrows move, letters find, Enter chooses, Escape closes.

use druid::piet::{RenderContext as _, TextLayout as _};
use druid::widget::prelude::*;
use druid::{Command, Cursor, KbKey, KeyEvent, MouseButton, Point, Rect, Selector, Vec2};

use super::icon::Icon;
use super::keyboard;
use super::rows::{count, whole};
use crate::commands::TAKE_FOCUS;
use crate::theme::fonts::{self, Style};
use crate::theme::{RADIUS, colours, grid};

/// Opens a menu.
pub(crate) const OPEN_MENU: Selector<Spec> = Selector::new("haversack.open-menu");
/// Closes the open menu.
pub(crate) const CLOSE_MENU: Selector = Selector::new("haversack.close-menu");

const ROW: f64 = 32.0;
const MOST_ROWS: usize = 10;
const LEAST_WIDTH: f64 = 180.0;
const MOST_WIDTH: f64 = 320.0;

/// A menu to be opened.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    /// What it hangs on, in the window.
    pub(crate) anchor: Rect,
    /// What gets the keyboard back.
    pub(crate) opener: WidgetId,
    pub(crate) items: Vec<Item>,
}

/// A row of a menu.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) words: String,
    /// Whether it is the present choice.
    pub(crate) is_chosen: bool,
    /// What happens when it is chosen.
    pub(crate) command: Command,
}

/// An open menu.
pub(crate) struct Menu {
    spec: Spec,
    cursor: usize,
    first: usize,
}

impl Menu {
    pub(crate) fn new(spec: Spec) -> Self {
        let cursor = spec.items.iter().position(|item| item.is_chosen).unwrap_or(0);
        let mut menu = Self { spec, cursor, first: 0 };
        menu.show_cursor();
        menu
    }

    /// Where it goes in a window of this size: under its anchor, or above where there is no room.
    pub(crate) fn place(&self, size: Size, window: Size) -> Point {
        let anchor = self.spec.anchor;
        let below = anchor.y1 + 4.0;
        let fits = below + size.height <= window.height - 4.0;
        let top = if fits { below } else { (anchor.y0 - 4.0 - size.height).max(4.0) };
        let left = anchor.x0.min(window.width - size.width - 4.0).max(4.0);
        Point::new(left.round(), top.round())
    }

    fn in_view(&self) -> usize {
        self.spec.items.len().min(MOST_ROWS)
    }

    fn show_cursor(&mut self) {
        let rows = self.in_view();
        self.first = self.first.min(self.cursor).max((self.cursor + 1).saturating_sub(rows));
    }

    fn row_at(&self, at: Point) -> Option<usize> {
        let nth = self.first + whole((at.y - grid(0.5)).max(0.0) / ROW);
        (at.y >= grid(0.5) && nth < self.first + self.in_view()).then_some(nth)
    }

    fn close(&self, ctx: &mut EventCtx<'_, '_>) {
        ctx.submit_command(CLOSE_MENU);
        ctx.submit_command(TAKE_FOCUS.to(self.spec.opener));
    }

    fn choose(&self, ctx: &mut EventCtx<'_, '_>) {
        self.close(ctx);
        if let Some(item) = self.spec.items.get(self.cursor) {
            ctx.submit_command(item.command.clone());
        }
    }

    fn on_key(&mut self, ctx: &mut EventCtx<'_, '_>, key: &KeyEvent) {
        let len = self.spec.items.len().max(1);
        match &key.key {
            KbKey::ArrowDown => self.cursor = (self.cursor + 1) % len,
            KbKey::ArrowUp => self.cursor = (self.cursor + len - 1) % len,
            KbKey::Home => self.cursor = 0,
            KbKey::End => self.cursor = len - 1,
            KbKey::Escape | KbKey::Tab => self.close(ctx),
            _ if keyboard::presses(key) => self.choose(ctx),
            KbKey::Character(text) => {
                let text = text.to_lowercase();
                let order = (1..=len).map(|step| (self.cursor + step) % len);
                let starts = |nth: &usize| {
                    let item = self.spec.items.get(*nth);
                    item.is_some_and(|item| item.words.to_lowercase().starts_with(&text))
                };
                self.cursor = order.into_iter().find(starts).unwrap_or(self.cursor);
            }
            _ => return,
        }
        self.show_cursor();
        ctx.set_handled();
        ctx.request_paint();
    }
}

impl<T> Widget<T> for Menu {
    fn event(&mut self, ctx: &mut EventCtx<'_, '_>, event: &Event, _data: &mut T, _env: &Env) {
        match event {
            Event::Command(command) if command.is(TAKE_FOCUS) => ctx.request_focus(),
            Event::KeyDown(key) => self.on_key(ctx, key),
            Event::MouseMove(mouse) => {
                ctx.set_cursor(&Cursor::Pointer);
                if let Some(nth) = self.row_at(mouse.pos) {
                    self.cursor = nth;
                    ctx.request_paint();
                }
            }
            Event::MouseUp(mouse) if mouse.button == MouseButton::Left => {
                if let Some(nth) = self.row_at(mouse.pos) {
                    self.cursor = nth;
                    self.choose(ctx);
                }
            }
            Event::Wheel(mouse) => {
                let most = self.spec.items.len() - self.in_view();
                self.first = if mouse.wheel_delta.y > 0.0 {
                    (self.first + 1).min(most)
                } else {
                    self.first.saturating_sub(1)
                };
                ctx.request_paint();
            }
            _ => {}
        }
    }

    fn lifecycle(&mut self, ctx: &mut LifeCycleCtx<'_, '_>, event: &LifeCycle, _: &T, _: &Env) {
        match event {
            LifeCycle::WidgetAdded => ctx.submit_command(TAKE_FOCUS.to(ctx.widget_id())),
            LifeCycle::BuildFocusChain => ctx.register_for_focus(),
            _ => {}
        }
    }

    fn update(&mut self, _: &mut UpdateCtx<'_, '_>, _: &T, _: &T, _: &Env) {}

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        _: &BoxConstraints,
        _: &T,
        env: &Env,
    ) -> Size {
        ctx.set_paint_insets(24.0);
        let style = Style::new(fonts::BODY, env.get(colours::TEXT));
        let widest = self
            .spec
            .items
            .iter()
            .map(|item| style.lay_out(ctx.text(), &item.words, f64::INFINITY).size().width);
        let width = widest.fold(0.0, f64::max) + grid(7.0);
        let width = width.max(self.spec.anchor.width()).clamp(LEAST_WIDTH, MOST_WIDTH);
        Size::new(width, ROW.mul_add(count(self.in_view()), grid(1.0)))
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, _data: &T, env: &Env) {
        let size = ctx.size();
        draw_raised(ctx, size.to_rect(), env);
        for row in 0..self.in_view() {
            let nth = self.first + row;
            let Some(item) = self.spec.items.get(nth) else { return };
            let top = ROW.mul_add(count(row), grid(0.5));
            let rect = Rect::from_origin_size((grid(0.5), top), (size.width - grid(1.0), ROW));
            if nth == self.cursor {
                ctx.fill(rect.to_rounded_rect(RADIUS - 2.0), &env.get(colours::CHOSEN));
            }
            if item.is_chosen {
                let square = Rect::from_origin_size((rect.x0 + 8.0, top + 8.0), (16.0, 16.0));
                Icon::Check.draw(ctx, square, env.get(colours::ACCENT));
            }
            let style = Style::new(fonts::BODY, env.get(colours::TEXT));
            let line = style.line(ctx.text(), &item.words, rect.width() - grid(5.0));
            let y = top + ((ROW - line.size().height) / 2.0).round();
            ctx.draw_text(&line, (rect.x0 + grid(4.0), y));
        }
    }
}

/// Draws what floats: a shadow, a card, a fine line.
pub(crate) fn draw_raised(ctx: &mut PaintCtx<'_, '_, '_>, rect: Rect, env: &Env) {
    ctx.blurred_rect(rect + Vec2::new(0.0, 4.0), 12.0, &env.get(colours::SHADOW));
    let shape = rect.to_rounded_rect(RADIUS + 2.0);
    ctx.fill(shape, &env.get(colours::RAISED));
    ctx.stroke(rect.inset(-0.5).to_rounded_rect(RADIUS + 2.0), &env.get(colours::LINE), 1.0);
}
