//! Somebody who uses the window: presses keys, clicks, and is told what a session would tell.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::mpsc::Receiver;

use druid::tests::harness::Harness;
use druid::tests::move_mouse;
use druid::widget::{Controller, prelude::*};
use druid::{
    Event as Happening, KbKey, KeyEvent, Modifiers, MouseButton, Selector, SingleUse, Target,
    WidgetExt as _, WidgetId,
};
use proto_core::ids::PublicKey;
use proto_core::text::Name;
use proto_core::time::UnixMillis;
use proto_core::wire::Audience;
use proto_std::address::Fingerprint;
use proto_std::session::{Command, Event, Online};

use crate::bridge::{Batch, Bridge};
use crate::commands::{ANSWER, NEWS, TAKE_FOCUS};
use crate::data::app::App;
use crate::data::talk::Talk;
use crate::demo::scene;
use crate::desk::Desk;
use crate::errand::{Answer, Errands};
use crate::settings::Settings;
use crate::{shortcuts, ui};

/// Types: the harness has no keyboard that writes text.
type Edit = Rc<dyn Fn(&mut App)>;
const EDIT: Selector<Edit> = Selector::new("haversack.test.edit");
/// A key, before any widget hears it; and whether a shortcut took it.
const KEY: Selector<(KeyEvent, Rc<Cell<bool>>)> = Selector::new("haversack.test.key");
/// Nothing, so that what waits is done.
const NUDGE: Selector = Selector::new("haversack.test.nudge");

/// The user of a window.
pub(super) struct Pilot<'p, 'h> {
    harness: &'p mut Harness<'h, App>,
    heard: &'p Receiver<Command>,
}

/// Opens the window in a scene and hands it to its user.
pub(super) fn fly(scene: &str, mut story: impl FnMut(&mut Pilot<'_, '_>)) {
    let mut app = App::default();
    scene::set(&mut app, scene).expect("the scene exists");
    let (bridge, heard) = Bridge::overheard();
    let settings = Rc::new(RefCell::new(Settings::default()));
    let state = tempfile::tempdir().unwrap();
    app.downloads = state.path().to_path_buf();
    let desk = Desk::new(bridge, Errands::at_once(), settings, state.path().to_path_buf(), None);
    let root = ui::root(desk).controller(Hands);
    let size = Size::new(1180.0, 760.0);
    let flight = |harness: &mut Harness<'_, App>| {
        harness.send_initial_events();
        harness.just_layout();
        let mut pilot = Pilot { harness, heard: &heard };
        pilot.paint();
        story(&mut pilot);
    };
    Harness::create_with_render(app, root, size, flight, |_| {});
}

impl Pilot<'_, '_> {
    pub(super) fn app(&self) -> &App {
        self.harness.data()
    }

    /// The conversation in view.
    pub(super) fn talk(&self) -> &Talk {
        self.app().room.talk()
    }

    /// The texts in view, oldest first.
    pub(super) fn texts(&self) -> Vec<String> {
        self.talk().shown().filter_map(|line| Some(line.said()?.text.to_string())).collect()
    }

    pub(super) fn press(&mut self, key: impl Key) {
        self.press_with(Modifiers::empty(), key);
    }

    pub(super) fn press_with(&mut self, mods: Modifiers, key: impl Key) {
        let key = KeyEvent::for_test(mods, key.key());
        let taken = Rc::new(Cell::new(false));
        self.harness.submit_command(KEY.with((key.clone(), Rc::clone(&taken))));
        if !taken.get() {
            self.harness.event(Happening::KeyDown(key));
        }
        self.paint();
    }

    /// Ctrl and a letter.
    pub(super) fn ctrl(&mut self, letter: &str) {
        self.press_with(Modifiers::CONTROL, letter);
    }

    pub(super) fn click(&mut self, x: f64, y: f64) {
        let mut mouse = move_mouse((x, y));
        self.harness.event(Happening::MouseMove(mouse.clone()));
        mouse.button = MouseButton::Left;
        mouse.buttons.insert(MouseButton::Left);
        mouse.count = 1;
        self.harness.event(Happening::MouseDown(mouse.clone()));
        mouse.buttons.remove(MouseButton::Left);
        self.harness.event(Happening::MouseUp(mouse));
        self.paint();
    }

    /// Gives the window another size.
    pub(super) fn resize(&mut self, width: f64, height: f64) {
        self.harness.set_initial_size(Size::new(width, height));
        self.harness.event(Happening::WindowSize(Size::new(width, height)));
        self.paint();
    }

    /// Puts the keyboard on a widget.
    pub(super) fn focus(&mut self, widget: WidgetId) {
        self.harness.submit_command(TAKE_FOCUS.to(Target::Widget(widget)));
        self.paint();
    }

    /// Changes what is typed somewhere.
    pub(super) fn edit(&mut self, edit: impl Fn(&mut App) + 'static) {
        let edit: Edit = Rc::new(edit);
        self.harness.submit_command(EDIT.with(edit));
        self.paint();
    }

    /// Types a message.
    pub(super) fn type_message(&mut self, text: &'static str) {
        self.edit(move |app| app.room.draft = text.into());
    }

    /// The session tells something.
    pub(super) fn tell(&mut self, event: Event) {
        let batch = Batch::of(vec![event]);
        self.harness.submit_command(NEWS.with(SingleUse::new(batch)));
        self.paint();
    }

    /// What a session tells that is online again.
    pub(super) fn online() -> Event {
        Event::Online(Online {
            name: name("leah"),
            fingerprint: Fingerprint(PublicKey([0x5A; 32])),
            at: UnixMillis(1_800_000_000_000),
            uploads: true,
            resumed: true,
        })
    }

    /// Somebody says something.
    pub(super) fn said(&mut self, from: &str, to: Audience, text: &str, mine: Option<u64>) {
        let at = UnixMillis(1_800_000_000_000);
        self.tell(Event::Said { at, from: name(from), to, text: text.to_owned(), mine });
    }

    /// An errand brings this back.
    pub(super) fn answer(&mut self, answer: Answer) {
        self.harness.submit_command(ANSWER.with(SingleUse::new(answer)));
        self.paint();
    }

    /// What the session was told since the last look.
    pub(super) fn heard(&self) -> Vec<Command> {
        self.heard.try_iter().collect()
    }

    pub(super) fn paint(&mut self) {
        // What widgets asked for when they were added or updated.
        self.harness.submit_command(NUDGE);
        self.harness.just_layout();
        self.harness.paint();
    }
}

/// A key as tests write it.
pub(super) trait Key {
    fn key(self) -> KbKey;
}

impl Key for KbKey {
    fn key(self) -> KbKey {
        self
    }
}

impl Key for &str {
    fn key(self) -> KbKey {
        KbKey::Character(self.to_owned())
    }
}

pub(super) fn name(name: &str) -> Name {
    Name::parse(name).unwrap()
}

pub(super) fn one(name: &str) -> Audience {
    Audience::One(self::name(name))
}

/// Does what the desktop does for a real window: hears the shortcuts first, and writes.
struct Hands;

impl<W: Widget<App>> Controller<App, W> for Hands {
    fn event(
        &mut self,
        child: &mut W,
        ctx: &mut EventCtx<'_, '_>,
        event: &Happening,
        app: &mut App,
        env: &Env,
    ) {
        match event {
            Happening::Command(command) if command.is(KEY) => {
                let (key, taken) = command.get_unchecked(KEY);
                taken.set(shortcuts::press(ctx, key, app));
            }
            Happening::Command(command) if command.is(EDIT) => {
                command.get_unchecked(EDIT)(app);
            }
            _ => child.event(ctx, event, app, env),
        }
    }
}
