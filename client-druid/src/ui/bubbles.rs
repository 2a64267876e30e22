//! What was said, as bubbles: others to the left, oneself to the right; notices in the middle.

mod tail;

use std::ops::Range;
use std::sync::Arc;

use druid::piet::{PietText, PietTextLayout, RenderContext as _, TextLayout as _};
use druid::{
    Color, Data as _, Env, EventCtx, HotKey, KbKey, KeyEvent, PaintCtx, Point, Rect, SysMods, Vec2,
};
use proto_core::time::UnixMillis;
use proto_core::wire::Audience;

use self::tail::{Tail, Way};
use super::parts::draw_avatar;
use crate::commands as cmd;
use crate::data::line::{Delivery, Kind, Line, Said};
use crate::data::room::Room;
use crate::data::{times, words};
use crate::theme::fonts::{self, Style};
use crate::theme::{colours, grid};
use crate::widget::icon::Icon;
use crate::widget::keyboard;
use crate::widget::rows::Place;
use crate::widget::tall_rows::TallRows;

const MARGIN: f64 = 24.0;
const AVATAR: f64 = 16.0;
const INDENT: f64 = MARGIN + 2.0 * AVATAR + 10.0;
const PAD: Vec2 = Vec2::new(12.0, 7.0);
const RADIUS: f64 = 14.0;
const MOST_WIDTH: f64 = 560.0;
const DAY: f64 = 40.0;
const NOTICE: f64 = 28.0;
const NAME: f64 = 20.0;
const TAIL: f64 = 22.0;
const ICON: f64 = 13.0;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The rows of a conversation.
#[derive(Default)]
pub(crate) struct Bubbles {
    rows: Vec<Row>,
    needle: String,
    in_private: bool,
    /// How far local time was ahead of UTC when days were told apart.
    shift: i64,
    /// The day that was called today.
    today: i32,
}

/// A line, and what its place among the others means for its looks.
struct Row {
    line: Arc<Line>,
    /// It goes on where the line before ended.
    follows: bool,
    /// A new day begins with it.
    new_day: bool,
}

/// A row that is laid out; places are relative to it.
pub(crate) struct Laid {
    head: Option<PietTextLayout>,
    name: Option<PietTextLayout>,
    bubble: Rect,
    text: PietTextLayout,
    time: Option<(PietTextLayout, Point)>,
    found: Vec<Rect>,
    tail: Option<Tail>,
}

impl Bubbles {
    fn top(row: &Row) -> f64 {
        let day = if row.new_day { DAY } else { 0.0 };
        day + if row.follows { 2.0 } else { 10.0 }
    }

    /// Which of its names a line's day has: today, yesterday, or the one that it keeps.
    fn head_of(&self, line: &Line) -> u64 {
        match self.today.saturating_sub(times::day(line.at)) {
            0 => 1,
            1 => 2,
            _ => 3,
        }
    }

    /// The name of the day that begins with a row.
    fn lay_out_head(&self, factory: &mut PietText, row: &Row, env: &Env) -> Option<PietTextLayout> {
        let style = Style::new(fonts::SMALL, env.get(colours::DIM)).strong();
        let name = row.new_day.then(|| times::day_name(row.line.at, self.today))?;
        Some(style.lay_out(factory, &name, f64::INFINITY))
    }

    fn has_name(&self, row: &Row, said: &Said) -> bool {
        !row.follows && !said.mine && !self.in_private
    }

    /// Where in a text the searched words are.
    fn found(&self, text: &str) -> Vec<Range<usize>> {
        // Only where lower case has the same length are places in one places in the other.
        let lower = text.to_lowercase();
        if self.needle.is_empty() || lower.len() != text.len() {
            return Vec::new();
        }
        let len = self.needle.len();
        let places = lower.match_indices(&self.needle).map(|(at, _)| at..at + len);
        places
            .filter(|at| text.is_char_boundary(at.start) && text.is_char_boundary(at.end))
            .collect()
    }

    fn lay_out_said(
        &self,
        factory: &mut PietText,
        row: &Row,
        said: &Said,
        width: f64,
        env: &Env,
    ) -> (Laid, f64) {
        let most = (width - INDENT - MARGIN - grid(5.0)).clamp(grid(10.0), MOST_WIDTH);
        let style = Style::new(fonts::BODY, env.get(colours::TEXT));
        let text = style.lay_out(factory, &said.text, 2.0_f64.mul_add(-PAD.x, most));
        let small = if said.mine { colours::ON_MINE } else { colours::FAINT };
        let time = Style::new(fonts::TINY, env.get(small));
        let time = time.lay_out(factory, &times::time_of_day(row.line.at), f64::INFINITY);
        let mark = if said.mine { ICON + 3.0 } else { 0.0 };
        let (inner, at) =
            place_time(&text, time.size().width + mark, 2.0_f64.mul_add(-PAD.x, most));
        let mut top = Self::top(row);
        let name = self.has_name(row, said).then(|| {
            let style = Style::new(fonts::SMALL, env.get(colours::DIM)).strong();
            style.line(factory, said.from.as_str(), most)
        });
        if name.is_some() {
            top += NAME;
        }
        let size = (2.0_f64.mul_add(PAD.x, inner.0), 2.0_f64.mul_add(PAD.y, inner.1));
        let left = if said.mine { width - MARGIN - size.0 } else { INDENT };
        let bubble = Rect::from_origin_size((left.round(), top), size);
        let inside = bubble.origin() + PAD;
        let found = self.found(&said.text).into_iter();
        let found = found.flat_map(|range| text.rects_for_range(range));
        let found = found.map(|rect| rect + inside.to_vec2()).collect();
        let mut height = bubble.y1;
        let tail = Tail::lay_out(factory, said, bubble, env);
        if tail.is_some() {
            height += TAIL;
        }
        let head = self.lay_out_head(factory, row, env);
        let time = Some((time, inside + at.to_vec2()));
        (Laid { head, name, bubble, text, time, found, tail }, height)
    }

    fn lay_out_notice(
        &self,
        factory: &mut PietText,
        row: &Row,
        words: &str,
        colour: Color,
        width: f64,
        env: &Env,
    ) -> (Laid, f64) {
        let style = Style::new(fonts::SMALL, colour);
        let words = format!("{words}  ·  {}", times::time_of_day(row.line.at));
        let text = style.line(factory, &words, width - 2.0 * MARGIN);
        let day = if row.new_day { DAY } else { 0.0 };
        let size = text.size();
        let origin =
            (((width - size.width) / 2.0).round(), day + ((NOTICE - size.height) / 2.0).round());
        let bubble = Rect::from_origin_size(origin, size);
        let head = self.lay_out_head(factory, row, env);
        let laid =
            Laid { head, name: None, bubble, text, time: None, found: Vec::new(), tail: None };
        (laid, day + NOTICE)
    }

    fn paint_said(
        ctx: &mut PaintCtx<'_, '_, '_>,
        laid: &Laid,
        row: &Row,
        said: &Said,
        place: Place,
        env: &Env,
    ) {
        let origin = place.rect.origin().to_vec2();
        let bubble = laid.bubble + origin;
        let behind = if said.mine { colours::MINE } else { colours::BUBBLE };
        ctx.fill(bubble.to_rounded_rect(RADIUS), &env.get(behind));
        if place.has_cursor {
            keyboard::draw_ring(ctx, bubble.inset(-1.0), env);
        }
        for found in &laid.found {
            let found = (*found + origin).inflate(1.0, 0.0);
            ctx.fill(found.to_rounded_rect(3.0), &env.get(colours::FOUND));
        }
        ctx.draw_text(&laid.text, bubble.origin() + PAD);
        if !said.mine && !row.follows {
            let top = Self::top(row) + origin.y;
            let centre = Point::new(MARGIN + AVATAR, top + AVATAR + 2.0);
            draw_avatar(ctx, centre, AVATAR, said.from.as_str());
        }
        if let Some(name) = &laid.name {
            ctx.draw_text(name, (bubble.x0 + 2.0, bubble.y0 - NAME + 1.0));
        }
        if let Some((time, at)) = &laid.time {
            let at = *at + origin;
            ctx.draw_text(time, at);
            if said.mine {
                let left = at.x + time.size().width + 3.0;
                let square = Rect::from_origin_size((left, at.y + 1.0), (ICON, ICON));
                let (icon, colour) = match said.delivery {
                    Delivery::Heard => (Icon::Check, colours::ON_MINE),
                    Delivery::Waiting { .. } => (Icon::Clock, colours::ON_MINE),
                    Delivery::Refused { .. } => (Icon::Alert, colours::BAD),
                };
                icon.draw(ctx, square, env.get(colour));
            }
        }
        if let Some(tail) = &laid.tail {
            tail.paint(ctx, origin);
        }
    }
}

impl TallRows<Room> for Bubbles {
    type Laid = Laid;

    fn refresh(&mut self, room: &Room, keys: &mut Vec<u64>) -> usize {
        let needle = room.needle.trim().to_lowercase();
        let talk = room.talk();
        let shift = times::shift(talk.lines.last().map_or(UnixMillis(0), |line| line.at));
        if needle != self.needle || shift != self.shift || room.today != self.today {
            self.rows.clear();
        }
        self.needle = needle;
        self.shift = shift;
        self.today = room.today;
        self.in_private = room.current != Audience::All;
        let needle = &self.needle;
        let shown = talk.shown().filter(|line| needle.is_empty() || line.matches(needle));
        let mut shown = shown.peekable();
        let mut is_same = |row: &&Row| shown.next_if(|line| Arc::ptr_eq(&row.line, line)).is_some();
        let kept = self.rows.iter().take_while(|row| is_same(row)).count();
        self.rows.truncate(kept);
        keys.truncate(kept);
        // What is found is part of how a row looks.
        let searched = needle
            .bytes()
            .fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte) + 1));
        let day = |line: &Line| line.at.0.saturating_add_signed(shift) / DAY_MS;
        for line in shown {
            let before = self.rows.last().map(|row| &row.line);
            let before = before.filter(|before| day(before) == day(line));
            let follows = before.is_some_and(|before| line.follows(before));
            let new_day = before.is_none();
            // Yesterday was called today.
            let head = if new_day { self.head_of(line) } else { 0 };
            // It has the number of a message that it stands for.
            let is_older = u64::from(line.kind == Kind::Older);
            let looks = u64::from(follows) | head << 1 | is_older << 3;
            keys.push((line.id << 4 | looks) ^ (searched << 44));
            self.rows.push(Row { line: Arc::clone(line), follows, new_day });
        }
        kept
    }

    fn differs(&self, old: &Room, room: &Room) -> bool {
        let (before, talk) = (old.talk(), room.talk());
        !before.lines.same(&talk.lines)
            || !before.unsent.same(&talk.unsent)
            || before.whom != talk.whom
            || old.needle != room.needle
            || old.today != room.today
    }

    fn guess(&self, nth: usize, width: f64) -> f64 {
        let row = &self.rows[nth];
        let day = if row.new_day { DAY } else { 0.0 };
        let Some(said) = row.line.said() else { return day + NOTICE };
        let most = (width - INDENT - MARGIN - grid(5.0)).clamp(grid(10.0), MOST_WIDTH);
        let letters = crate::widget::rows::count(said.text.len());
        let lines = (letters * 7.0 / most).ceil().max(1.0);
        let name = if self.has_name(row, said) { NAME } else { 0.0 };
        Self::top(row) + name + lines.mul_add(17.0, 2.0 * PAD.y)
    }

    fn lay_out(&self, text: &mut PietText, nth: usize, width: f64, env: &Env) -> (Laid, f64) {
        let row = &self.rows[nth];
        let notice = |text: &mut PietText, words: &str, colour| {
            self.lay_out_notice(text, row, words, env.get(colour), width, env)
        };
        match &row.line.kind {
            Kind::Said(said) => self.lay_out_said(text, row, said, width, env),
            Kind::Joined(name) => notice(text, &words::joined(name), colours::FAINT),
            Kind::Left(name) => notice(text, &words::left(name), colours::FAINT),
            Kind::Missed(count) => notice(text, &words::missed(*count), colours::WARN),
            Kind::New => notice(text, "New messages", colours::ACCENT),
            Kind::Older => notice(text, "Older messages are not kept", colours::FAINT),
            Kind::Forgotten { whom, unread } => {
                notice(text, &words::forgotten(whom, *unread), colours::WARN)
            }
        }
    }

    fn paint(
        &self,
        ctx: &mut PaintCtx<'_, '_, '_>,
        laid: &Laid,
        nth: usize,
        place: Place,
        env: &Env,
    ) {
        let row = &self.rows[nth];
        if let Some(head) = &laid.head {
            let left = (place.rect.width() - head.size().width) / 2.0;
            let top = place.rect.y0 + (DAY - head.size().height) / 2.0 + 2.0;
            ctx.draw_text(head, (left.round(), top.round()));
        }
        if let Some(said) = row.line.said() {
            return Self::paint_said(ctx, laid, row, said, place, env);
        }
        let at = laid.bubble + place.rect.origin().to_vec2();
        if row.line.kind == Kind::New {
            let line = env.get(colours::ACCENT).with_alpha(0.4);
            let middle = at.center().y.round() - 0.5;
            for (x0, x1) in [(MARGIN, at.x0 - 12.0), (at.x1 + 12.0, place.rect.x1 - MARGIN)] {
                ctx.fill(Rect::new(x0, middle, x1, middle + 1.0), &line);
            }
        }
        ctx.draw_text(&laid.text, at.origin());
        if place.has_cursor {
            keyboard::draw_ring(ctx, at, env);
        }
    }

    fn click(&mut self, ctx: &mut EventCtx<'_, '_>, nth: usize, laid: &Laid, at: Point) {
        let Some(tail) = &laid.tail else { return };
        let id = self.rows[nth].line.id;
        match tail.way_at(at) {
            Some(Way::Again) => ctx.submit_command(cmd::SAY_AGAIN.with(id)),
            Some(Way::Remove) => ctx.submit_command(cmd::GIVE_UP.with(id)),
            None => {}
        }
    }

    fn key(&mut self, ctx: &mut EventCtx<'_, '_>, nth: usize, key: &KeyEvent) -> bool {
        let line = &self.rows[nth].line;
        let Some(said) = line.said() else { return false };
        let is_refused = matches!(said.delivery, Delivery::Refused { .. });
        if HotKey::new(SysMods::Cmd, "c").matches(key) {
            ctx.submit_command(cmd::COPY.with(Arc::clone(&said.text)));
        } else if is_refused && keyboard::presses(key) {
            ctx.submit_command(cmd::SAY_AGAIN.with(line.id));
        } else if is_refused && key.key == KbKey::Delete {
            ctx.submit_command(cmd::GIVE_UP.with(line.id));
        } else {
            return false;
        }
        true
    }
}

/// Puts the time behind the last line where there is room, or below it. Returns the size of both
/// together and where the time is.
fn place_time(text: &PietTextLayout, time: f64, most: f64) -> ((f64, f64), Point) {
    const GAP: f64 = 10.0;
    const LINE: f64 = 15.0;
    let size = text.size();
    let last = text.line_count().saturating_sub(1);
    let end = text.text().len();
    let is_rtl = druid::piet::util::first_strong_rtl(text.text());
    let used = if is_rtl { most } else { text.hit_test_text_position(end).point.x };
    let width = size.width.max(used + GAP + time);
    if width <= most {
        let foot = text.line_metric(last).map_or(size.height, |line| line.y_offset + line.height);
        return ((width, size.height), Point::new(width - time, foot - LINE + 1.0));
    }
    let width = size.width.max(time);
    ((width, size.height + LINE - 2.0), Point::new(width - time, size.height - 1.0))
}
