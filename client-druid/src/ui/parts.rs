//! Pieces that several pages are made of.

use druid::kurbo::Circle;
use druid::piet::{RenderContext as _, TextLayout as _};
use druid::widget::{CrossAxisAlignment, Flex, Label, LineBreaking, Painter};
use druid::{Color, Data, FontWeight, Key, PaintCtx, Point, Rect, Widget, WidgetExt as _};

use crate::theme::fonts::{self, Style};
use crate::theme::{colours, grid};
use crate::widget::field::{Note, Weight};
use crate::widget::icon::Icon;

/// A line or a paragraph of text.
pub(crate) fn text<T: Data>(
    words: impl Fn(&T) -> String + 'static,
    size: f64,
    weight: FontWeight,
    colour: Key<Color>,
) -> Label<T> {
    Label::new(move |data: &T, _: &druid::Env| words(data))
        .with_font(fonts::font(size, weight))
        .with_text_color(colour)
        .with_line_break_mode(LineBreaking::WordWrap)
}

/// Text that never changes.
pub(crate) fn fixed<T: Data>(
    words: &'static str,
    size: f64,
    weight: FontWeight,
    colour: Key<Color>,
) -> Label<T> {
    text(move |_| words.to_owned(), size, weight, colour)
}

/// Something typed, with what it is above and what is wrong with it below.
pub(crate) fn labelled<T: Data>(
    label: &'static str,
    field: impl Widget<T> + 'static,
    note: impl Fn(&T) -> Option<(Weight, String)> + 'static,
) -> impl Widget<T> {
    Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Fill)
        .with_child(fixed(label, fonts::SMALL, FontWeight::MEDIUM, colours::DIM))
        .with_spacer(grid(0.5))
        .with_child(field)
        .with_child(Note::new(note))
}

/// A hair line across.
pub(crate) fn line<T: Data>() -> impl Widget<T> {
    Painter::new(|ctx: &mut PaintCtx<'_, '_, '_>, _: &T, env: &druid::Env| {
        let rect = ctx.size().to_rect();
        ctx.fill(rect, &env.get(colours::LINE));
    })
    .fix_height(1.0)
    .expand_width()
}

/// The head of an area.
pub(crate) fn heading<T: Data>(words: &'static str) -> Label<T> {
    fixed(words, fonts::BODY, FontWeight::SEMI_BOLD, colours::TEXT)
}

/// A person's initial on their colour, and a dot that says whether they are here.
pub(crate) fn draw_avatar(ctx: &mut PaintCtx<'_, '_, '_>, centre: Point, radius: f64, name: &str) {
    ctx.fill(Circle::new(centre, radius), &colours::person(name));
    let initial: String = name
        .chars()
        .find(|c| c.is_alphanumeric())
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let style = Style::new((radius * 0.95).round(), colours::ON_PERSON).strong();
    let layout = style.lay_out(ctx.text(), &initial, f64::INFINITY);
    let size = layout.size();
    ctx.draw_text(&layout, (centre.x - size.width / 2.0, centre.y - size.height / 2.0));
}

/// The dot beside an avatar, cut out of what is behind it.
pub(crate) fn draw_presence(
    ctx: &mut PaintCtx<'_, '_, '_>,
    centre: Point,
    present: bool,
    behind: Color,
    env: &druid::Env,
) {
    let colour = if present { colours::GOOD } else { colours::AWAY };
    ctx.fill(Circle::new(centre, 6.0), &behind);
    ctx.fill(Circle::new(centre, 4.0), &env.get(colour));
}

/// A count on the accent colour, ending at `right`; returns its width.
pub(crate) fn draw_badge(
    ctx: &mut PaintCtx<'_, '_, '_>,
    right: f64,
    middle: f64,
    count: usize,
    env: &druid::Env,
) -> f64 {
    let words = if count > 99 { "99+".to_owned() } else { count.to_string() };
    let style = Style::new(fonts::TINY, env.get(colours::ON_ACCENT)).strong();
    let layout = style.lay_out(ctx.text(), &words, f64::INFINITY);
    let size = layout.size();
    let width = (size.width + 10.0).max(18.0).round();
    let rect = Rect::from_origin_size((right - width, middle - 9.0), (width, 18.0));
    ctx.fill(rect.to_rounded_rect(9.0), &env.get(colours::ACCENT));
    let left = rect.x0 + (width - size.width) / 2.0;
    ctx.draw_text(&layout, (left, middle - size.height / 2.0));
    width
}

/// A large icon and a few words in an area that is empty.
pub(crate) fn draw_empty(
    ctx: &mut PaintCtx<'_, '_, '_>,
    area: Rect,
    icon: Icon,
    words: &str,
    more: &str,
    env: &druid::Env,
) {
    let centre = area.center();
    let square = Rect::from_center_size((centre.x, centre.y - 28.0), (36.0, 36.0));
    icon.draw(ctx, square, env.get(colours::AWAY));
    let width = (area.width() - grid(4.0)).clamp(grid(10.0), 320.0);
    let mut top = centre.y + 4.0;
    let lines = [
        (words, Style::new(fonts::BODY, env.get(colours::DIM)).strong()),
        (more, Style::new(fonts::SMALL, env.get(colours::FAINT))),
    ];
    for (words, style) in lines {
        for line in wrap(ctx, words, &style, width) {
            let size = line.size();
            ctx.draw_text(&line, (centre.x - size.width / 2.0, top));
            top += size.height;
        }
        top += 4.0;
    }
}

/// Lays words out in lines, each to be centred on its own.
fn wrap(
    ctx: &mut PaintCtx<'_, '_, '_>,
    words: &str,
    style: &Style,
    width: f64,
) -> Vec<druid::piet::PietTextLayout> {
    let whole = style.lay_out(ctx.text(), words, width);
    let lines = (0..whole.line_count()).filter_map(|nth| whole.line_text(nth));
    let lines: Vec<String> = lines.map(|line| line.trim().to_owned()).collect();
    lines.iter().map(|line| style.lay_out(ctx.text(), line, f64::INFINITY)).collect()
}
