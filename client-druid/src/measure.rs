//! What a frame costs with very many rows, without a screen: events, layout and painting of the
//! real window into a picture in memory.

use std::cell::RefCell;
use std::io::Write as _;
use std::rc::Rc;
use std::time::Duration;

use druid::tests::harness::Harness;
use druid::tests::scroll_mouse;
use druid::widget::{Controller, prelude::*};
use druid::{Selector, SingleUse, WidgetExt as _};
use proto_core::text::Name;
use proto_core::wire::Audience;
use proto_std::clock;
use proto_std::session::Event as News;

use crate::bridge::Bridge;
use crate::data::app::App;
use crate::demo::scene;
use crate::desk::{Desk, now};
use crate::errand::Errands;
use crate::settings::Settings;
use crate::ui;

/// Frames of each kind.
const FRAMES: usize = 300;
/// What a frame may cost at 60 a second.
const BUDGET: Duration = Duration::from_millis(16);
const SIZE: Size = Size::new(1180.0, 760.0);
/// In the middle of the conversation, and of the files.
const MESSAGES: (f64, f64) = (540.0, 400.0);
const FILES: (f64, f64) = (1000.0, 400.0);

/// Something done to the state, as a key or a session would.
type Change = fn(&mut App, usize);
const CHANGE: Selector<SingleUse<(Change, usize)>> = Selector::new("haversack.measure.change");

/// Measures, and prints a table; false when of one kind more than a frame in a hundred was beyond
/// its budget. The first frame has none.
pub(crate) fn run() -> std::io::Result<bool> {
    let mut app = App::default();
    let known = scene::set(&mut app, "many");
    known.expect("there is a scene with very many rows");
    let errands = Errands::on_threads();
    let settings = Rc::new(RefCell::new(Settings::default()));
    let desk = Desk::new(Bridge::default(), errands, settings, std::env::temp_dir(), None);
    let root = ui::root(desk).controller(Changes);
    let mut rows = Vec::new();
    let measure = |harness: &mut Harness<'_, App>| {
        harness.send_initial_events();
        let first = timed(|| {
            harness.just_layout();
            harness.paint();
        });
        rows.push(("the first frame", vec![first]));
        rows.push(("scrolling messages", scroll(harness, MESSAGES, -120.0)));
        rows.push(("scrolling files", scroll(harness, FILES, 120.0)));
        rows.push(("typing", change(harness, type_letter)));
        rows.push(("a message arrives", change(harness, hear)));
    };
    Harness::create_with_render(app, root, SIZE, measure, |_| {});
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:20} {:>9} {:>9} {:>9}",
        "10,000 rows of each", "median", "99 of 100", "worst"
    )?;
    let mut within = true;
    for (what, mut times) in rows {
        times.sort_unstable();
        let at = |hundredth: usize| times[(times.len() - 1) * hundredth / 100];
        writeln!(out, "{what:20} {:>9} {:>9} {:>9}", ms(at(50)), ms(at(99)), ms(at(100)))?;
        within &= times.len() == 1 || at(99) < BUDGET;
    }
    Ok(within)
}

fn scroll(harness: &mut Harness<'_, App>, at: (f64, f64), by: f64) -> Vec<Duration> {
    let frame = |_| {
        timed(|| {
            harness.event(Event::Wheel(scroll_mouse(at, (0.0, by))));
            harness.just_layout();
            harness.paint();
        })
    };
    (0..FRAMES).map(frame).collect()
}

fn change(harness: &mut Harness<'_, App>, change: Change) -> Vec<Duration> {
    let frame = |nth| {
        timed(|| {
            harness.submit_command(CHANGE.with(SingleUse::new((change, nth))));
            harness.just_layout();
            harness.paint();
        })
    };
    (0..FRAMES).map(frame).collect()
}

fn type_letter(app: &mut App, nth: usize) {
    app.room.draft.push(if nth % 6 == 5 { ' ' } else { 'a' });
}

fn hear(app: &mut App, nth: usize) {
    let from = Name::parse("Dana").expect("a sound name");
    let text = format!("one more: {nth}");
    let at = clock::wall();
    drop(app.on_event(now(), News::Said { at, from, to: Audience::All, text, mine: None }));
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = clock::now();
    work();
    clock::now().since(begun)
}

fn ms(time: Duration) -> String {
    format!("{}.{} ms", time.as_millis(), time.subsec_micros() % 1000 / 100)
}

/// Changes the state when it is told to.
struct Changes;

impl<W: Widget<App>> Controller<App, W> for Changes {
    fn event(
        &mut self,
        child: &mut W,
        ctx: &mut EventCtx<'_, '_>,
        event: &Event,
        app: &mut App,
        env: &Env,
    ) {
        match event {
            Event::Command(command) if command.is(CHANGE) => {
                if let Some((change, nth)) = command.get_unchecked(CHANGE).take() {
                    change(app, nth);
                }
            }
            _ => child.event(ctx, event, app, env),
        }
    }
}
