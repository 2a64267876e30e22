//! A virtual list of rows of one height: only those in view are drawn. It takes the keyboard, with
//! a cursor of its own.

use std::marker::PhantomData;

use druid::piet::RenderContext as _;
use druid::widget::prelude::*;
use druid::{Cursor, Data, KbKey, KeyEvent, MouseButton, Rect};

use super::keyboard;
use super::scrollbar::{Scrollbar, Span};

/// What a list's rows are and do.
pub(crate) trait Rows<T> {
    /// How many there are.
    fn len(&self, data: &T) -> usize;

    /// Draws one.
    fn paint(
        &mut self,
        ctx: &mut PaintCtx<'_, '_, '_>,
        data: &T,
        nth: usize,
        place: Place,
        env: &Env,
    );

    /// It is clicked, or Enter is pressed on it.
    fn activate(&mut self, ctx: &mut EventCtx<'_, '_>, data: &mut T, nth: usize);

    /// The row that the cursor begins at; `None` leaves it where it is.
    fn chosen(&self, _data: &T) -> Option<usize> {
        None
    }
}

/// Where a row is drawn, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) rect: Rect,
    /// The mouse is over it.
    pub(crate) is_hot: bool,
    /// The keyboard's cursor is on it.
    pub(crate) has_cursor: bool,
}

/// A list.
pub(crate) struct RowList<T, R> {
    rows: R,
    height: f64,
    offset: f64,
    cursor: usize,
    hot: Option<usize>,
    pressed: Option<usize>,
    bar: Scrollbar,
    data: PhantomData<T>,
}

impl<T: Data, R: Rows<T>> RowList<T, R> {
    /// A list of rows this high.
    pub(crate) const fn new(height: f64, rows: R) -> Self {
        Self {
            rows,
            height,
            offset: 0.0,
            cursor: 0,
            hot: None,
            pressed: None,
            bar: Scrollbar { grabbed: None, is_near: false },
            data: PhantomData,
        }
    }

    fn span(&self, view: Size, data: &T) -> Span {
        let content = self.height * count(self.rows.len(data));
        Span { view, content, offset: self.offset }
    }

    fn scroll_to(&mut self, offset: f64, span: Span) -> bool {
        let offset = offset.clamp(0.0, span.most());
        let moved = (offset - self.offset).abs() > 0.01;
        self.offset = offset;
        moved
    }

    fn row_at(&self, y: f64, data: &T) -> Option<usize> {
        let nth = whole((y + self.offset) / self.height);
        (y >= 0.0 && nth < self.rows.len(data)).then_some(nth)
    }

    fn show_cursor(&mut self, span: Span) {
        let top = self.height * count(self.cursor);
        let offset = self.offset.min(top).max(top + self.height - span.view.height);
        self.scroll_to(offset, span);
    }

    fn on_key(&mut self, ctx: &mut EventCtx<'_, '_>, key: &KeyEvent, data: &mut T) {
        if keyboard::on_tab(ctx, key) {
            return;
        }
        let len = self.rows.len(data);
        if len == 0 {
            return;
        }
        if keyboard::presses(key) {
            ctx.set_handled();
            self.rows.activate(ctx, data, self.cursor.min(len - 1));
            return;
        }
        let page = whole(ctx.size().height / self.height).max(1);
        let cursor = match key.key {
            KbKey::ArrowUp if key.mods.is_empty() => self.cursor.saturating_sub(1),
            KbKey::ArrowDown if key.mods.is_empty() => self.cursor + 1,
            KbKey::PageUp => self.cursor.saturating_sub(page),
            KbKey::PageDown => self.cursor + page,
            KbKey::Home => 0,
            KbKey::End => len - 1,
            _ => return,
        };
        self.cursor = cursor.min(len - 1);
        self.show_cursor(self.span(ctx.size(), data));
        ctx.set_handled();
        ctx.request_paint();
    }

    fn set_hot(&mut self, ctx: &mut EventCtx<'_, '_>, hot: Option<usize>) {
        if hot != self.hot {
            self.hot = hot;
            ctx.request_paint();
        }
    }
}

impl<T: Data, R: Rows<T>> Widget<T> for RowList<T, R> {
    fn event(&mut self, ctx: &mut EventCtx<'_, '_>, event: &Event, data: &mut T, _env: &Env) {
        let span = self.span(ctx.size(), data);
        if let Some(offset) = self.bar.event(ctx, event, span) {
            self.scroll_to(offset, span);
            ctx.request_paint();
        }
        if ctx.is_handled() {
            return;
        }
        match event {
            Event::Wheel(mouse) => {
                if self.scroll_to(self.offset + mouse.wheel_delta.y, span) {
                    self.hot = self.row_at(mouse.pos.y, data);
                    ctx.request_paint();
                }
                ctx.set_handled();
            }
            Event::MouseMove(mouse) => {
                let hot = ctx.is_hot().then(|| self.row_at(mouse.pos.y, data)).flatten();
                self.set_hot(ctx, hot);
                if hot.is_some() {
                    ctx.set_cursor(&Cursor::Pointer);
                }
            }
            Event::MouseDown(mouse) if mouse.button == MouseButton::Left => {
                self.pressed = self.row_at(mouse.pos.y, data);
                if let Some(nth) = self.pressed {
                    self.cursor = nth;
                    ctx.set_active(true);
                    ctx.set_handled();
                    ctx.request_paint();
                }
            }
            Event::MouseUp(mouse) if ctx.is_active() => {
                ctx.set_active(false);
                let under = self.row_at(mouse.pos.y, data).filter(|_| ctx.is_hot());
                if let Some(nth) = self.pressed.take().filter(|nth| Some(*nth) == under) {
                    self.rows.activate(ctx, data, nth);
                }
                ctx.request_paint();
            }
            Event::KeyDown(key) => self.on_key(ctx, key, data),
            _ => {}
        }
    }

    fn lifecycle(&mut self, ctx: &mut LifeCycleCtx<'_, '_>, event: &LifeCycle, data: &T, _: &Env) {
        match event {
            LifeCycle::BuildFocusChain => ctx.register_for_focus(),
            LifeCycle::FocusChanged(has_focus) => {
                if let Some(nth) = self.rows.chosen(data).filter(|_| *has_focus) {
                    self.cursor = nth;
                }
                ctx.request_paint();
            }
            LifeCycle::HotChanged(is_hot) => {
                if !is_hot {
                    self.hot = None;
                }
                ctx.request_paint();
            }
            _ => {}
        }
    }

    fn update(&mut self, ctx: &mut UpdateCtx<'_, '_>, old: &T, data: &T, _env: &Env) {
        let len = self.rows.len(data);
        if len != self.rows.len(old) {
            ctx.request_layout();
        }
        self.cursor = self.cursor.min(len.saturating_sub(1));
        self.hot = self.hot.filter(|nth| *nth < len);
        let span = self.span(ctx.size(), data);
        self.scroll_to(self.offset, span);
        ctx.request_paint();
    }

    fn layout(
        &mut self,
        _ctx: &mut LayoutCtx<'_, '_>,
        bc: &BoxConstraints,
        data: &T,
        _env: &Env,
    ) -> Size {
        let content = self.height * count(self.rows.len(data));
        let size = bc.constrain((bc.max().width, content));
        let span = self.span(size, data);
        self.scroll_to(self.offset, span);
        size
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, data: &T, env: &Env) {
        let size = ctx.size();
        ctx.clip(size.to_rect());
        let first = whole(self.offset / self.height);
        let last = whole((self.offset + size.height) / self.height) + 1;
        for nth in first..last.min(self.rows.len(data)) {
            let top = self.height.mul_add(count(nth), -self.offset);
            let place = Place {
                rect: Rect::from_origin_size((0.0, top), (size.width, self.height)),
                is_hot: self.hot == Some(nth),
                has_cursor: ctx.has_focus() && self.cursor == nth,
            };
            self.rows.paint(ctx, data, nth, place, env);
        }
        self.bar.paint(ctx, self.span(size, data), env);
    }
}

/// A number of rows as a length.
#[expect(clippy::cast_precision_loss, reason = "no list has 2^52 rows")]
pub(crate) const fn count(rows: usize) -> f64 {
    rows as f64
}

/// A length as a number of rows.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what does not fit saturates"
)]
pub(crate) const fn whole(rows: f64) -> usize {
    rows as usize
}
