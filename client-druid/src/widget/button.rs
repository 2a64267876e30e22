//! A button that takes the keyboard: Tab reaches it, Space and Enter press it, a ring shows it.

use druid::piet::{RenderContext as _, TextLayout as _};
use druid::widget::prelude::*;
use druid::{Color, Cursor, Data, MouseButton, Point, Rect};

use super::icon::{Icon, centred};
use super::keyboard;
use crate::theme::fonts::{self, Style};
use crate::theme::{CONTROL, RADIUS, RING, colours, grid};

/// How much a button calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// The one thing to do here.
    Primary,
    /// Something else to do.
    Plain,
    /// Hardly there until the mouse comes.
    Quiet,
}

type Words<T> = Box<dyn Fn(&T) -> String>;
type Picture<T> = Box<dyn Fn(&T) -> Icon>;
type Press<T> = Box<dyn Fn(&mut EventCtx<'_, '_>, &mut T)>;

/// A button.
pub(crate) struct Button<T> {
    words: Words<T>,
    icon: Option<Picture<T>>,
    look: Look,
    height: f64,
    on_press: Press<T>,
    text: String,
    /// The space bar is down on it.
    held: bool,
}

impl<T: Data> Button<T> {
    /// A button with these words.
    pub(crate) fn new(
        words: impl Into<String>,
        on_press: impl Fn(&mut EventCtx<'_, '_>, &mut T) + 'static,
    ) -> Self {
        let words = words.into();
        Self::dynamic(move |_| words.clone(), on_press)
    }

    /// A button whose words follow the data.
    pub(crate) fn dynamic(
        words: impl Fn(&T) -> String + 'static,
        on_press: impl Fn(&mut EventCtx<'_, '_>, &mut T) + 'static,
    ) -> Self {
        Self {
            words: Box::new(words),
            icon: None,
            look: Look::Plain,
            height: CONTROL,
            on_press: Box::new(on_press),
            text: String::new(),
            held: false,
        }
    }

    /// A button with an icon alone.
    pub(crate) fn icon(
        icon: Icon,
        on_press: impl Fn(&mut EventCtx<'_, '_>, &mut T) + 'static,
    ) -> Self {
        Self::new("", on_press).with_icon(move |_| icon).look(Look::Quiet)
    }

    /// Puts an icon in front of the words.
    pub(crate) fn with_icon(mut self, icon: impl Fn(&T) -> Icon + 'static) -> Self {
        self.icon = Some(Box::new(icon));
        self
    }

    pub(crate) const fn look(mut self, look: Look) -> Self {
        self.look = look;
        self
    }

    /// Lower than other controls: for buttons in rows.
    pub(crate) const fn small(mut self) -> Self {
        self.height = 28.0;
        self
    }

    fn press(&self, ctx: &mut EventCtx<'_, '_>, data: &mut T) {
        (self.on_press)(ctx, data);
        ctx.request_paint();
    }

    fn size_of_text(&self) -> f64 {
        if self.height < CONTROL { fonts::SMALL + 0.5 } else { fonts::BODY }
    }

    fn face(&self, ctx: &PaintCtx<'_, '_, '_>, env: &Env) -> (Option<Color>, Option<Color>, Color) {
        let down = self.held || (ctx.is_active() && ctx.is_hot());
        let hot = ctx.is_hot();
        if ctx.is_disabled() {
            let behind = (self.look == Look::Primary).then(|| env.get(colours::TRACK));
            let around = (self.look == Look::Plain).then(|| env.get(colours::LINE));
            return (behind, around, env.get(colours::FAINT));
        }
        match self.look {
            Look::Primary => {
                let behind = if hot || down { colours::ACCENT_HOT } else { colours::ACCENT };
                (Some(env.get(behind)), None, env.get(colours::ON_ACCENT))
            }
            Look::Plain | Look::Quiet => {
                let behind = match (down, hot) {
                    (true, _) => Some(env.get(colours::PRESSED)),
                    (false, true) => Some(env.get(colours::HOT)),
                    (false, false) => None,
                };
                let around = (self.look == Look::Plain).then(|| env.get(colours::FIELD_LINE));
                let on = if self.look == Look::Plain { colours::TEXT } else { colours::DIM };
                (behind, around, env.get(on))
            }
        }
    }
}

impl<T: Data> Widget<T> for Button<T> {
    fn event(&mut self, ctx: &mut EventCtx<'_, '_>, event: &Event, data: &mut T, _env: &Env) {
        if ctx.is_disabled() {
            self.held = false;
            return;
        }
        match event {
            Event::MouseDown(mouse) if mouse.button == MouseButton::Left => {
                ctx.set_active(true);
                ctx.set_handled();
                ctx.request_paint();
            }
            Event::MouseUp(mouse) if mouse.button == MouseButton::Left && ctx.is_active() => {
                ctx.set_active(false);
                ctx.set_handled();
                ctx.request_paint();
                if ctx.is_hot() {
                    self.press(ctx, data);
                }
            }
            Event::MouseMove(_) => ctx.set_cursor(&Cursor::Pointer),
            Event::KeyDown(key) if keyboard::on_tab(ctx, key) => {}
            Event::KeyDown(key) if keyboard::presses(key) => {
                ctx.set_handled();
                if !key.repeat {
                    self.held = false;
                    self.press(ctx, data);
                }
            }
            _ => {}
        }
    }

    fn lifecycle(&mut self, ctx: &mut LifeCycleCtx<'_, '_>, event: &LifeCycle, data: &T, _: &Env) {
        match event {
            LifeCycle::WidgetAdded => self.text = (self.words)(data),
            LifeCycle::BuildFocusChain => ctx.register_for_focus(),
            LifeCycle::FocusChanged(true) => {
                ctx.scroll_to_view();
                ctx.request_paint();
            }
            LifeCycle::FocusChanged(_)
            | LifeCycle::HotChanged(_)
            | LifeCycle::DisabledChanged(_) => ctx.request_paint(),
            _ => {}
        }
    }

    fn update(&mut self, ctx: &mut UpdateCtx<'_, '_>, _old: &T, data: &T, _env: &Env) {
        let text = (self.words)(data);
        if text != self.text {
            self.text = text;
            ctx.request_layout();
        }
        ctx.request_paint();
    }

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        bc: &BoxConstraints,
        _data: &T,
        _env: &Env,
    ) -> Size {
        ctx.set_paint_insets(RING * 2.0);
        let mut width = 0.0;
        if self.text.is_empty() {
            width = self.height;
        } else {
            let style = Style::new(self.size_of_text(), Color::BLACK).strong();
            let layout = style.lay_out(ctx.text(), &self.text, f64::INFINITY);
            width += layout.size().width + grid(if self.height < CONTROL { 2.5 } else { 4.0 });
            if self.icon.is_some() {
                width += grid(2.5);
            }
        }
        bc.constrain((width.ceil(), self.height))
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, data: &T, env: &Env) {
        let rect = ctx.size().to_rect();
        let (behind, around, on) = self.face(ctx, env);
        if let Some(behind) = behind {
            ctx.fill(rect.to_rounded_rect(RADIUS), &behind);
        }
        if let Some(around) = around {
            ctx.stroke(rect.inset(-0.5).to_rounded_rect(RADIUS), &around, 1.0);
        }
        let side = if self.height < CONTROL { 16.0 } else { 18.0 };
        let icon = self.icon.as_ref().map(|icon| icon(data));
        if self.text.is_empty() {
            if let Some(icon) = icon {
                icon.draw(ctx, centred(rect, side), on);
            }
        } else {
            let style = Style::new(self.size_of_text(), on).strong();
            let layout = style.lay_out(ctx.text(), &self.text, f64::INFINITY);
            let icon_room = if icon.is_some() { side + 6.0 } else { 0.0 };
            let width = layout.size().width + icon_room;
            let left = ((rect.width() - width) / 2.0).round();
            if let Some(icon) = icon {
                let square = Rect::from_origin_size(
                    (left - 2.0, ((rect.height() - side) / 2.0).round()),
                    (side, side),
                );
                icon.draw(ctx, square, on);
            }
            let top = ((rect.height() - layout.size().height) / 2.0).round();
            ctx.draw_text(&layout, Point::new(left + icon_room, top));
        }
        if ctx.has_focus() {
            keyboard::draw_ring(ctx, rect, env);
        }
    }
}
