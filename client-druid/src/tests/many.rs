//! Ten thousand rows: only what is in view is laid out and drawn.

use std::cell::Cell;
use std::rc::Rc;

use druid::piet::PietText;
use druid::tests::harness::Harness;
use druid::tests::{move_mouse, scroll_mouse};
use druid::widget::prelude::*;
use druid::{KbKey, KeyEvent, Modifiers, MouseButton, Point, WidgetExt as _};
use proto_core::time::UnixMillis;
use proto_core::wire::Audience;
use proto_std::session::Event as News;

use super::pilot::{name, one};
use crate::data::app::{App, Theme};
use crate::demo::scene;
use crate::desk::now;
use crate::theme::scope::themed;
use crate::ui::bubbles::Bubbles;
use crate::widget::rows::{Place, RowList, Rows};
use crate::widget::tall_rows::{TallList, TallRows};

const MANY: usize = 10_000;

/// Rows that count how often they are drawn, and remember which one was chosen.
#[derive(Clone, Default)]
struct Plain {
    painted: Rc<Cell<usize>>,
    chosen: Rc<Cell<usize>>,
}

impl Rows<usize> for Plain {
    fn len(&self, data: &usize) -> usize {
        *data
    }

    fn paint(&mut self, _: &mut PaintCtx<'_, '_, '_>, _: &usize, _: usize, _: Place, _: &Env) {
        self.painted.set(self.painted.get() + 1);
    }

    fn activate(&mut self, _: &mut EventCtx<'_, '_>, _: &mut usize, nth: usize) {
        self.chosen.set(nth);
    }
}

/// Rows of 20 to 50 pixels that are guessed wrong, and count how often they are measured.
#[derive(Clone, Default)]
struct Uneven {
    measured: Rc<Cell<usize>>,
    /// The last row that was drawn, and where its foot was.
    last: Rc<Cell<(usize, f64)>>,
}

impl TallRows<usize> for Uneven {
    type Laid = ();

    fn refresh(&mut self, data: &usize, keys: &mut Vec<u64>) -> usize {
        let kept = keys.len().min(*data);
        keys.truncate(kept);
        keys.extend(kept as u64..*data as u64);
        kept
    }

    fn differs(&self, old: &usize, data: &usize) -> bool {
        old != data
    }

    fn guess(&self, _: usize, _: f64) -> f64 {
        30.0
    }

    fn lay_out(&self, _: &mut PietText, nth: usize, _: f64, _: &Env) -> ((), f64) {
        self.measured.set(self.measured.get() + 1);
        let extra = u32::try_from(nth % 4).unwrap();
        ((), 20.0 + 10.0 * f64::from(extra))
    }

    fn paint(&self, _: &mut PaintCtx<'_, '_, '_>, (): &(), nth: usize, place: Place, _: &Env) {
        self.last.set((nth, place.rect.y1));
    }

    fn click(&mut self, _: &mut EventCtx<'_, '_>, _: usize, (): &(), _: Point) {}

    fn key(&mut self, _: &mut EventCtx<'_, '_>, _: usize, _: &KeyEvent) -> bool {
        false
    }
}

fn show(list: impl Widget<usize> + 'static, story: impl FnMut(&mut Harness<'_, usize>)) {
    let list = list.env_scope(|env, _| *env = themed(env, Theme::Light));
    let mut story = story;
    let flight = |harness: &mut Harness<'_, usize>| {
        harness.send_initial_events();
        harness.just_layout();
        harness.paint();
        story(harness);
    };
    Harness::create_with_render(MANY, list, Size::new(300.0, 400.0), flight, |_| {});
}

fn key(harness: &mut Harness<'_, usize>, key: KbKey) {
    harness.event(Event::KeyDown(KeyEvent::for_test(Modifiers::empty(), key)));
    harness.just_layout();
    harness.paint();
}

fn press(harness: &mut Harness<'_, usize>, at: (f64, f64)) {
    let mut mouse = move_mouse(at);
    mouse.button = MouseButton::Left;
    harness.event(Event::MouseDown(mouse.clone()));
    harness.event(Event::MouseUp(mouse));
}

#[test]
fn of_many_rows_those_in_view_are_drawn() {
    let rows = Plain::default();
    show(RowList::new(40.0, rows.clone()), |harness| {
        assert_eq!(rows.painted.take(), 11);
        harness.event(Event::Wheel(scroll_mouse((10.0, 10.0), (0.0, 4000.0))));
        harness.paint();
        assert_eq!(rows.painted.take(), 11);
        press(harness, (10.0, 10.0));
        assert_eq!(rows.chosen.get(), 100);
    });
}

#[test]
fn rows_are_chosen_with_the_keyboard() {
    let rows = Plain::default();
    show(focused(RowList::new(40.0, rows.clone())), |harness| {
        key(harness, KbKey::End);
        key(harness, KbKey::Enter);
        assert_eq!(rows.chosen.get(), MANY - 1);
        key(harness, KbKey::PageUp);
        key(harness, KbKey::ArrowUp);
        key(harness, KbKey::Enter);
        assert_eq!(rows.chosen.get(), MANY - 12);
        key(harness, KbKey::Home);
        key(harness, KbKey::Enter);
        assert_eq!(rows.chosen.get(), 0);
    });
}

#[test]
fn of_many_uneven_rows_those_in_view_are_measured() {
    let rows = Uneven::default();
    show(TallList::new(rows.clone()), |harness| {
        let measured = rows.measured.take();
        assert!(measured < 40, "{measured} rows were measured");
        assert_eq!(rows.last.get().0, MANY - 1, "a conversation begins at its end");
        for _ in 0..10 {
            harness.event(Event::Wheel(scroll_mouse((10.0, 10.0), (0.0, -100.0))));
            harness.paint();
        }
        let measured = rows.measured.take();
        assert!(measured < 80, "{measured} rows were measured while scrolling by 1000 pixels");
    });
}

#[test]
fn what_is_in_view_does_not_jump_when_guesses_were_wrong() {
    let rows = Uneven::default();
    show(TallList::new(rows.clone()), |harness| {
        let mut before = rows.last.get();
        let mut compared = 0;
        for _ in 0..200 {
            harness.event(Event::Wheel(scroll_mouse((10.0, 10.0), (0.0, -10.0))));
            harness.paint();
            let now = rows.last.get();
            if now.0 == before.0 {
                let moved = now.1 - before.1;
                assert!((moved - 10.0).abs() < 0.01, "row {} moved by {moved}", now.0);
                compared += 1;
            }
            before = now;
        }
        assert!(compared > 100, "rows are higher than a step, most often: {compared}");
    });
}

#[test]
fn the_end_stays_in_view_when_rows_are_appended_there() {
    let rows = Uneven::default();
    let grow = druid::Selector::<usize>::new("haversack.test.grow");
    let list = TallList::new(rows.clone()).controller(Grow(grow));
    show(list, |harness| {
        harness.submit_command(grow.with(MANY + 5));
        harness.just_layout();
        harness.paint();
        assert_eq!(rows.last.get().0, MANY + 4);

        harness.event(Event::Wheel(scroll_mouse((10.0, 10.0), (0.0, -2000.0))));
        harness.paint();
        let before = rows.last.get();
        harness.submit_command(grow.with(MANY + 10));
        harness.just_layout();
        harness.paint();
        assert_eq!(rows.last.get(), before, "whoever reads further up is not disturbed");
    });
}

struct Grow(druid::Selector<usize>);

impl<W: Widget<usize>> druid::widget::Controller<usize, W> for Grow {
    fn event(
        &mut self,
        child: &mut W,
        ctx: &mut EventCtx<'_, '_>,
        event: &Event,
        data: &mut usize,
        env: &Env,
    ) {
        match event {
            Event::Command(command) if command.is(self.0) => {
                *data = *command.get_unchecked(self.0);
            }
            _ => child.event(ctx, event, data, env),
        }
    }
}

fn focused(list: impl Widget<usize> + 'static) -> impl Widget<usize> {
    list.controller(crate::controller::Focus::at_once())
}

/// Everyone's conversation as the session tells it, with a search and a clearing in between.
#[test]
fn rows_taken_anew_from_where_they_changed_are_those_taken_anew_as_a_whole() {
    let mut app = App::default();
    scene::set(&mut app, "chat").unwrap();
    let (mut rows, mut keys) = (Bubbles::default(), Vec::new());
    rows.refresh(&app.room, &mut keys);
    let mut look = |app: &App, kept_all: bool| {
        let before = keys.len();
        let kept = rows.refresh(&app.room, &mut keys);
        assert_eq!(kept == before, kept_all, "{kept} of {before}");
        let mut whole = Vec::new();
        Bubbles::default().refresh(&app.room, &mut whole);
        assert_eq!(keys, whole);
    };
    let hear = |app: &mut App, day: u64| {
        let (from, to) = (name("dana"), Audience::All);
        let at = UnixMillis(1_800_000_000_000 + day * 24 * 60 * 60 * 1000);
        drop(app.on_event(now(), News::Said { at, from, to, text: "hi".into(), mine: None }));
    };
    hear(&mut app, 0);
    look(&app, true);
    hear(&mut app, 0);
    hear(&mut app, 1);
    look(&app, true);
    app.room.draft = "mine".into();
    drop(app.send(now()));
    look(&app, true);
    // It comes above what was not heard yet.
    hear(&mut app, 1);
    look(&app, false);
    app.room.needle = "hi".into();
    look(&app, false);
    hear(&mut app, 2);
    look(&app, true);
    app.room.needle = "dan".into();
    look(&app, false);
    // It finds the same messages, and more of each.
    app.room.needle = "dana".into();
    look(&app, false);
    app.room.needle.clear();
    look(&app, false);
    app.open(one("dana"));
    look(&app, false);
}

#[test]
fn the_rows_that_name_a_day_are_taken_anew_when_another_day_begins() {
    let mut app = App::default();
    scene::set(&mut app, "chat").unwrap();
    let (mut rows, mut keys) = (Bubbles::default(), Vec::new());
    rows.refresh(&app.room, &mut keys);
    let (before, old) = (keys.clone(), app.room.clone());

    app.room.today += 1;

    assert!(rows.differs(&old, &app.room));
    rows.refresh(&app.room, &mut keys);
    let changed: Vec<usize> = (0..keys.len()).filter(|nth| keys[*nth] != before[*nth]).collect();
    assert_eq!(changed, [0], "the first row says that it is of today");
}
