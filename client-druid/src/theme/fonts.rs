//! The sizes of text, and how a single line of it is drawn.

use druid::piet::{
    PietText, PietTextLayout, Text as _, TextAttribute, TextLayout as _, TextLayoutBuilder as _,
};
use druid::{Color, Env, FontDescriptor, FontFamily, FontWeight};

/// What is read.
pub(crate) const BODY: f64 = 14.0;
/// What explains.
pub(crate) const SMALL: f64 = 12.0;
/// Times and counts.
pub(crate) const TINY: f64 = 11.0;
/// The head of an area.
pub(crate) const TITLE: f64 = 16.0;
/// The head of a page.
pub(crate) const GREAT: f64 = 22.0;

/// Space inside of text boxes.
const FIELD_INSETS: druid::Insets = druid::Insets::new(10.0, 9.0, 10.0, 9.0);

/// The family of all text: the desktop's own, or a good one where the desktop has no opinion.
pub(crate) fn family() -> FontFamily {
    if cfg!(target_os = "linux") {
        // Pango takes a list.
        FontFamily::new_unchecked("Inter, system-ui, sans-serif")
    } else {
        FontFamily::SYSTEM_UI
    }
}

/// A font of our family.
pub(crate) fn font(size: f64, weight: FontWeight) -> FontDescriptor {
    FontDescriptor::new(family()).with_size(size).with_weight(weight)
}

/// Puts sizes in place for Druid's own widgets.
pub(crate) fn set(env: &mut Env) {
    env.set(druid::theme::UI_FONT, font(BODY, FontWeight::REGULAR));
    env.set(druid::theme::UI_FONT_BOLD, font(BODY, FontWeight::SEMI_BOLD));
    env.set(druid::theme::TEXT_SIZE_NORMAL, BODY);
    env.set(druid::theme::TEXTBOX_BORDER_RADIUS, super::RADIUS);
    env.set(druid::theme::TEXTBOX_BORDER_WIDTH, 1.5);
    env.set(druid::theme::TEXTBOX_INSETS, FIELD_INSETS);
    env.set(druid::theme::BASIC_WIDGET_HEIGHT, 20.0);
    env.set(druid::theme::WIDE_WIDGET_WIDTH, 40.0);
    env.set(druid::theme::SCROLLBAR_WIDTH, 6.0);
    env.set(druid::theme::SCROLLBAR_RADIUS, 3.0);
    env.set(druid::theme::SCROLLBAR_PAD, 2.0);
}

/// How a piece of text looks.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    pub(crate) size: f64,
    pub(crate) weight: FontWeight,
    pub(crate) colour: Color,
}

impl Style {
    pub(crate) const fn new(size: f64, colour: Color) -> Self {
        Self { size, weight: FontWeight::REGULAR, colour }
    }

    /// The same, heavier.
    pub(crate) const fn strong(self) -> Self {
        Self { weight: FontWeight::SEMI_BOLD, ..self }
    }

    /// Lays text out in a paragraph of at most this width.
    pub(crate) fn lay_out(&self, factory: &mut PietText, text: &str, width: f64) -> PietTextLayout {
        let builder = factory
            .new_text_layout(text.to_owned())
            .max_width(width)
            .font(family(), self.size)
            .default_attribute(self.weight)
            .default_attribute(TextAttribute::TextColor(self.colour));
        builder.build().expect("a layout of sound text is always built")
    }

    /// Lays one line out; what does not fit into `width` ends in an ellipsis.
    pub(crate) fn line(&self, factory: &mut PietText, text: &str, width: f64) -> PietTextLayout {
        let text = text.lines().next().unwrap_or_default();
        let layout = self.lay_out(factory, text, f64::INFINITY);
        if layout.size().width <= width {
            return layout;
        }
        let room = (width - self.size).max(0.0);
        let hit = layout.hit_test_point(druid::Point::new(room, 1.0));
        let mut end = hit.idx.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.lay_out(factory, &format!("{}…", text[..end].trim_end()), f64::INFINITY)
    }
}
