//! A virtual list of rows that differ in height. Heights are guessed until a row comes into view
//! and is measured; what is in view does not jump when a guess above it was wrong. It keeps to the
//! end while it is there. It takes the keyboard, with a cursor of its own.

use std::collections::HashMap;

use druid::piet::{PietText, RenderContext as _};
use druid::widget::prelude::*;
use druid::{Data, KbKey, KeyEvent, MouseButton, Point, Rect};

use super::heights::Heights;
use super::keyboard;
use super::measured::Measured;
use super::rows::{Place, whole};
use super::scrollbar::{Scrollbar, Span};

/// Measured rows that are kept beyond those in view.
const SPARE: usize = 200;
/// This close to the end is at the end.
const NEAR: f64 = 8.0;
/// Room below the last row.
const FOOT: f64 = 8.0;

/// What a list's rows are and do.
pub(crate) trait TallRows<T> {
    /// A row that is laid out.
    type Laid;

    /// Looks at the data, and brings the keys up to date: one for each row, which changes when the
    /// row does. Returns how many rows at the beginning are as they were.
    fn refresh(&mut self, data: &T, keys: &mut Vec<u64>) -> usize;

    /// Whether the rows may have changed.
    fn differs(&self, old: &T, data: &T) -> bool;

    /// How high a row will probably be.
    fn guess(&self, nth: usize, width: f64) -> f64;

    /// Lays a row out; returns its height as well.
    fn lay_out(&self, text: &mut PietText, nth: usize, width: f64, env: &Env) -> (Self::Laid, f64);

    /// Draws a row.
    fn paint(
        &self,
        ctx: &mut PaintCtx<'_, '_, '_>,
        laid: &Self::Laid,
        nth: usize,
        place: Place,
        env: &Env,
    );

    /// A row is clicked, at this point of it.
    fn click(&mut self, ctx: &mut EventCtx<'_, '_>, nth: usize, laid: &Self::Laid, at: Point);

    /// A key is pressed on a row; true when it meant something.
    fn key(&mut self, ctx: &mut EventCtx<'_, '_>, nth: usize, key: &KeyEvent) -> bool;
}

/// A list.
pub(crate) struct TallList<R: TallRows<T>, T> {
    rows: R,
    keys: Vec<u64>,
    heights: Heights,
    /// Heights that were measured at this width.
    known: Measured,
    laid: HashMap<u64, R::Laid>,
    width: f64,
    offset: f64,
    at_end: bool,
    cursor: Option<u64>,
    bar: Scrollbar,
    data: std::marker::PhantomData<T>,
}

impl<T: Data, R: TallRows<T>> TallList<R, T> {
    pub(crate) fn new(rows: R) -> Self {
        Self {
            rows,
            keys: Vec::new(),
            heights: Heights::default(),
            known: Measured::default(),
            laid: HashMap::new(),
            width: 0.0,
            offset: 0.0,
            at_end: true,
            cursor: None,
            bar: Scrollbar::default(),
            data: std::marker::PhantomData,
        }
    }

    /// Takes the rows anew that changed; what was in view stays there, as far as it still exists.
    fn refresh(&mut self, data: &T) {
        let nth = self.heights.row_at(floor(self.offset));
        let anchor = self.keys.get(nth).copied();
        let within = self.offset - length(self.heights.top(nth));
        let kept = self.rows.refresh(data, &mut self.keys);
        self.known.prune(&self.keys);
        self.guess_from(kept);
        if nth < kept {
            return;
        }
        let found = anchor.and_then(|anchor| self.keys.iter().position(|key| *key == anchor));
        match found {
            Some(nth) => self.offset = length(self.heights.top(nth)) + within,
            // Other rows altogether: begin at their end.
            None => self.at_end = true,
        }
    }

    /// Takes the heights anew, from a row on.
    fn guess_from(&mut self, first: usize) {
        let Self { heights, keys, known, rows, width, .. } = self;
        heights.truncate(first);
        for (nth, key) in keys.iter().enumerate().skip(first) {
            let height = known.get(*key);
            heights.push(height.unwrap_or_else(|| pixels(rows.guess(nth, *width))));
        }
    }

    fn content(&self) -> f64 {
        length(self.heights.total()) + FOOT
    }

    fn span(&self, view: Size) -> Span {
        Span { view, content: self.content(), offset: self.offset }
    }

    fn scroll_to(&mut self, offset: f64, view: Size) {
        let most = self.span(view).most();
        self.offset = offset.clamp(0.0, most).round();
        self.at_end = most - self.offset < NEAR;
    }

    /// Measures what is in view, until it is.
    fn settle(&mut self, text: &mut PietText, view: Size, env: &Env) {
        if (view.width - self.width).abs() > 0.5 {
            self.width = view.width;
            self.known.clear();
            self.laid.clear();
            let nth = self.heights.row_at(floor(self.offset));
            let within = self.offset - length(self.heights.top(nth));
            self.guess_from(0);
            if nth < self.heights.len() {
                self.offset = length(self.heights.top(nth)) + within;
            }
        }
        loop {
            let most = self.span(view).most();
            self.offset = if self.at_end { most } else { self.offset.clamp(0.0, most) };
            if !self.measure_in_view(text, view, env) {
                return;
            }
        }
    }

    /// Measures the rows in view that were not; true when a height came out otherwise.
    fn measure_in_view(&mut self, text: &mut PietText, view: Size, env: &Env) -> bool {
        let mut changed = false;
        let mut nth = self.heights.row_at(floor(self.offset));
        while nth < self.keys.len() && length(self.heights.top(nth)) < self.offset + view.height {
            let key = self.keys[nth];
            if !self.laid.contains_key(&key) {
                let (laid, height) = self.rows.lay_out(text, nth, self.width, env);
                let height = pixels(height);
                let is_above = length(self.heights.top(nth)) < self.offset;
                let old = self.heights.set(nth, height);
                self.laid.insert(key, laid);
                self.known.set(key, height);
                changed |= old != height;
                if is_above && !self.at_end {
                    self.offset += f64::from(height) - f64::from(old);
                }
            }
            nth += 1;
        }
        changed
    }

    /// Lets go of what was laid out and is far away.
    fn let_go(&mut self, view: Size) {
        let first = self.heights.row_at(floor(self.offset));
        let last = self.heights.row_at(floor(self.offset + view.height));
        if self.laid.len() > last - first + SPARE {
            let near = &self.keys[first..(last + 1).min(self.keys.len())];
            self.laid.retain(|key, _| near.contains(key));
        }
    }

    /// Where the content begins in the view: fewer rows than fill it stand at its foot.
    fn begin(&self, view: Size) -> f64 {
        (view.height - self.content()).max(0.0) - self.offset
    }

    fn row_at(&self, y: f64, view: Size) -> Option<usize> {
        let y = y - self.begin(view);
        let inside = y >= 0.0 && y < length(self.heights.total());
        inside.then(|| self.heights.row_at(floor(y)))
    }

    fn cursor(&self) -> Option<usize> {
        let cursor = self.cursor?;
        self.keys.iter().rposition(|key| *key == cursor)
    }

    fn set_cursor(&mut self, nth: usize, view: Size) {
        self.cursor = self.keys.get(nth).copied();
        if self.cursor.is_some() {
            let top = length(self.heights.top(nth));
            let bottom = top + f64::from(self.heights.get(nth));
            self.scroll_to(self.offset.max(bottom - view.height).min(top), view);
        }
    }

    fn on_key(&mut self, ctx: &mut EventCtx<'_, '_>, key: &KeyEvent) {
        if keyboard::on_tab(ctx, key) || self.keys.is_empty() {
            return;
        }
        let view = ctx.size();
        let last = self.keys.len() - 1;
        let cursor = self.cursor();
        match key.key {
            KbKey::ArrowUp => {
                self.set_cursor(cursor.map_or(last, |nth| nth.saturating_sub(1)), view);
            }
            KbKey::ArrowDown => {
                self.set_cursor(cursor.map_or(last, |nth| (nth + 1).min(last)), view);
            }
            KbKey::PageUp => self.scroll_to(self.offset - view.height * 0.9, view),
            KbKey::PageDown => self.scroll_to(self.offset + view.height * 0.9, view),
            KbKey::Home => self.set_cursor(0, view),
            KbKey::End => {
                self.set_cursor(last, view);
                self.at_end = true;
            }
            _ => {
                if !cursor.is_some_and(|nth| self.rows.key(ctx, nth, key)) {
                    return;
                }
            }
        }
        ctx.set_handled();
        ctx.request_paint();
    }
}

impl<T: Data, R: TallRows<T>> Widget<T> for TallList<R, T> {
    fn event(&mut self, ctx: &mut EventCtx<'_, '_>, event: &Event, _data: &mut T, _env: &Env) {
        let view = ctx.size();
        if let Some(offset) = self.bar.event(ctx, event, self.span(view)) {
            self.scroll_to(offset, view);
            ctx.request_paint();
        }
        if ctx.is_handled() {
            return;
        }
        match event {
            Event::Wheel(mouse) => {
                self.scroll_to(self.offset + mouse.wheel_delta.y, view);
                ctx.request_paint();
                ctx.set_handled();
            }
            Event::MouseDown(mouse) if mouse.button == MouseButton::Left => {
                ctx.request_focus();
                let nth = self.row_at(mouse.pos.y, view);
                self.cursor = nth.and_then(|nth| self.keys.get(nth).copied());
                if let Some(nth) = nth {
                    let top = length(self.heights.top(nth)) + self.begin(view);
                    let at = Point::new(mouse.pos.x, mouse.pos.y - top);
                    if let Some(laid) = self.keys.get(nth).and_then(|key| self.laid.get(key)) {
                        self.rows.click(ctx, nth, laid, at);
                    }
                }
                ctx.request_paint();
            }
            Event::KeyDown(key) => self.on_key(ctx, key),
            _ => {}
        }
    }

    fn lifecycle(&mut self, ctx: &mut LifeCycleCtx<'_, '_>, event: &LifeCycle, data: &T, _: &Env) {
        match event {
            LifeCycle::WidgetAdded => self.refresh(data),
            LifeCycle::BuildFocusChain => ctx.register_for_focus(),
            LifeCycle::FocusChanged(has_focus) => {
                if !has_focus {
                    self.cursor = None;
                }
                ctx.request_paint();
            }
            LifeCycle::HotChanged(_) => ctx.request_paint(),
            _ => {}
        }
    }

    fn update(&mut self, ctx: &mut UpdateCtx<'_, '_>, old: &T, data: &T, _env: &Env) {
        if ctx.env_changed() {
            self.laid.clear();
            ctx.request_paint();
        }
        if self.rows.differs(old, data) {
            self.refresh(data);
            ctx.request_paint();
        }
    }

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        bc: &BoxConstraints,
        _data: &T,
        env: &Env,
    ) -> Size {
        let size = bc.max();
        self.settle(ctx.text(), size, env);
        size
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, _data: &T, env: &Env) {
        let view = ctx.size();
        self.settle(ctx.text(), view, env);
        self.let_go(view);
        ctx.clip(view.to_rect());
        let mut nth = self.heights.row_at(floor(self.offset));
        let begin = self.begin(view);
        while nth < self.keys.len() {
            let top = length(self.heights.top(nth)) + begin;
            if top >= view.height {
                break;
            }
            let key = self.keys[nth];
            let size = (view.width, f64::from(self.heights.get(nth)));
            let place = Place {
                rect: Rect::from_origin_size((0.0, top), size),
                is_hot: false,
                has_cursor: ctx.has_focus() && self.cursor == Some(key),
            };
            if let Some(laid) = self.laid.get(&key) {
                self.rows.paint(ctx, laid, nth, place, env);
            }
            nth += 1;
        }
        if ctx.has_focus() && self.cursor.is_none() {
            keyboard::draw_inner_ring(ctx, view.to_rect(), env);
        }
        self.bar.paint(ctx, self.span(view), env);
    }
}

/// Whole pixels of a height.
fn pixels(height: f64) -> u32 {
    u32::try_from(whole(height.ceil())).unwrap_or(u32::MAX)
}

/// A sum of heights as a length.
#[expect(clippy::cast_precision_loss, reason = "no list is 2^52 pixels high")]
const fn length(sum: u64) -> f64 {
    sum as f64
}

/// A length as a sum of heights.
fn floor(length: f64) -> u64 {
    whole(length.max(0.0)) as u64
}
