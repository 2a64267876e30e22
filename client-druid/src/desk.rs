//! Hears what widgets and sessions ask for, and does it: the one place where state, session and
//! desktop meet.

mod files;

use std::cell::RefCell;
use std::rc::Rc;

use druid::widget::Controller;
use druid::{Application, Command, Env, Event, EventCtx, Size, Widget};
use proto_std::clock;
use proto_std::known_servers::KnownServers;
use proto_std::session::{self, Error, Purpose, SessionConfig, Trust};

use crate::bridge::{Batch, Bridge};
use crate::commands as cmd;
use crate::data::app::{App, Page};
use crate::data::dialog::Dialog;
use crate::data::fold::Now;
use crate::data::login::Credentials;
use crate::data::room::Link;
use crate::errand::{Answer, Errands, no_thread};
use crate::mailbox::Mailbox;
use crate::settings::Settings;
use crate::ui::room::ROOMY;

/// What is outside of the window's state.
pub(crate) struct Desk {
    bridge: Bridge,
    errands: Errands,
    settings: Rc<RefCell<Settings>>,
    state_dir: std::path::PathBuf,
    /// Most bytes a second, so that a demonstration can be watched.
    limit_rate: Option<u64>,
    /// What the running session was started with, to start it again.
    config: Option<SessionConfig>,
    is_narrow: bool,
}

impl Desk {
    pub(crate) fn new(
        bridge: Bridge,
        errands: Errands,
        settings: Rc<RefCell<Settings>>,
        state_dir: std::path::PathBuf,
        limit_rate: Option<u64>,
    ) -> Self {
        Self { bridge, errands, settings, state_dir, limit_rate, config: None, is_narrow: false }
    }

    /// Tells the session what came of an act, as far as it has room for it.
    fn tell(&self, data: &mut App, commands: impl IntoIterator<Item = session::Command>) {
        let unheard = commands.into_iter().filter_map(|command| self.bridge.tell(command).err());
        unheard.for_each(|command| data.on_unheard(command));
    }

    fn log_in(&mut self, ctx: &mut EventCtx<'_, '_>, data: &mut App) {
        let Some(Credentials { server, name, secret }) = data.login.check() else { return };
        data.enter(&server, &name);
        let state_dir = self.state_dir.clone();
        let config = SessionConfig {
            secret,
            trust: Trust::Ask,
            // Somebody who sits there waits for as long as it takes.
            retries: None,
            limit_rate: self.limit_rate,
            ..SessionConfig::new(server, name, Purpose::Join, state_dir)
        };
        self.start(ctx, data, config);
    }

    fn start(&mut self, ctx: &EventCtx<'_, '_>, data: &mut App, config: SessionConfig) {
        self.config = Some(config.clone());
        if let Err(error) = self.bridge.start(config, Mailbox::new(ctx.get_external_handle())) {
            data.on_failed(no_thread(&error));
        }
    }

    /// Connects anew, or at once if the session waits to do so by itself.
    fn retry(&mut self, ctx: &mut EventCtx<'_, '_>, data: &mut App) {
        match data.room.link {
            Link::Connecting { .. } | Link::Online => return,
            Link::Waiting { .. } => self.tell(data, [session::Command::RetryNow]),
            Link::Over { .. } => {
                let Some(config) = self.config.clone() else { return };
                data.retry();
                self.start(ctx, data, config);
            }
        }
        // The button goes, and the keyboard shall not go with it.
        ctx.submit_command(cmd::TAKE_FOCUS.to(cmd::COMPOSER));
    }

    fn on_news(&mut self, ctx: &mut EventCtx<'_, '_>, data: &mut App, batch: Batch) {
        batch.done();
        if !self.bridge.is_current(batch.session) {
            return;
        }
        let before = data.page;
        for event in batch.events {
            let commands = data.on_event(now(), event);
            self.tell(data, commands);
        }
        let commands = data.resume(batch.unfinished);
        self.tell(data, commands);
        if before == Page::Login && data.page == Page::Room {
            let mut settings = self.settings.borrow_mut();
            data.login.server.trim().clone_into(&mut settings.server);
            data.login.name.trim().clone_into(&mut settings.name);
            ctx.submit_command(cmd::TAKE_FOCUS.to(cmd::COMPOSER));
        }
    }

    /// Forgets a server's old key, off the window's thread, and logs in again.
    fn forget_server(&self, ctx: &mut EventCtx<'_, '_>, data: &mut App) {
        let Some(Credentials { server, .. }) = data.login.check() else { return };
        let known = KnownServers::new(&self.state_dir);
        self.errands.run(ctx, move || match known.forget(&server) {
            Ok(_) => Answer::Forgotten,
            Err(error) => {
                let what = format!("cannot forget the old key in {}", known.path().display());
                Answer::Trouble(Error::disk(what, &error))
            }
        });
    }

    fn session_command(
        &mut self,
        ctx: &mut EventCtx<'_, '_>,
        command: &Command,
        data: &mut App,
    ) -> bool {
        if let Some(batch) = command.get(cmd::NEWS) {
            if let Some(batch) = batch.take() {
                self.on_news(ctx, data, batch);
            }
        } else if command.is(cmd::LOGIN) {
            if data.page == Page::Login && !data.login.busy {
                self.log_in(ctx, data);
            }
        } else if command.is(cmd::CANCEL_LOGIN) || command.is(cmd::LOGOUT) {
            self.bridge.leave();
            data.leave();
            ctx.submit_command(cmd::TAKE_FOCUS.to(cmd::SERVER_FIELD));
        } else if command.is(cmd::RETRY) {
            self.retry(ctx, data);
        } else if let Some(accept) = command.get(cmd::TRUST) {
            data.dialog = Dialog::None;
            if *accept {
                self.tell(data, [session::Command::Trust { accept: true }]);
            } else {
                ctx.submit_command(cmd::CANCEL_LOGIN);
            }
        } else if command.is(cmd::FORGET_SERVER) {
            self.forget_server(ctx, data);
        } else {
            return false;
        }
        true
    }

    fn talk_command(&self, ctx: &mut EventCtx<'_, '_>, command: &Command, data: &mut App) -> bool {
        if let Some(whom) = command.get(cmd::OPEN) {
            data.open(whom.clone());
            // Where both do not fit, the conversation is what was asked for.
            data.room.pane &= self.settings.borrow().size.width >= ROOMY;
            ctx.submit_command(cmd::TAKE_FOCUS.to(cmd::COMPOSER));
        } else if let Some(whom) = command.get(cmd::READDRESS) {
            data.readdress(whom.clone());
            ctx.submit_command(cmd::TAKE_FOCUS.to(cmd::COMPOSER));
        } else if command.is(cmd::SEND) {
            let command = data.send(now());
            self.tell(data, command);
            ctx.submit_command(cmd::TAKE_FOCUS.to(cmd::COMPOSER));
        } else if let Some(line) = command.get(cmd::SAY_AGAIN) {
            let command = data.say_again(now(), *line);
            self.tell(data, command);
        } else if let Some(line) = command.get(cmd::GIVE_UP) {
            data.give_up(*line);
        } else if command.is(cmd::CLEAR) {
            data.clear();
        } else if command.is(cmd::SEARCH) {
            data.start_search();
            ctx.submit_command(cmd::TAKE_FOCUS.to(cmd::SEARCH_FIELD));
        } else if command.is(cmd::STOP_SEARCH) {
            data.stop_search();
            ctx.submit_command(cmd::TAKE_FOCUS.to(cmd::COMPOSER));
        } else if let Some(text) = command.get(cmd::COPY) {
            Application::global().clipboard().put_string(text);
            data.announce("Copied", false);
        } else {
            return false;
        }
        true
    }

    fn window_command(
        &self,
        ctx: &mut EventCtx<'_, '_>,
        command: &Command,
        data: &mut App,
    ) -> bool {
        if command.is(cmd::JUMP) {
            data.start_jump();
        } else if let Some(nth) = command.get(cmd::GO) {
            data.go(*nth);
            give_focus_back(ctx, data);
        } else if command.is(cmd::SHORTCUTS) {
            // A dialog that asks for something is not put away for one that tells.
            if data.dialog == Dialog::None {
                data.dialog = Dialog::Shortcuts;
            }
        } else if command.is(cmd::CLOSE_DIALOG) {
            if data.dialog == Dialog::FirstContact {
                ctx.submit_command(cmd::TRUST.with(false));
            } else {
                data.dialog = Dialog::None;
                give_focus_back(ctx, data);
            }
        } else if command.is(cmd::TOGGLE_PANE) {
            data.room.pane = !data.room.pane;
            if !data.room.pane {
                ctx.submit_command(cmd::TAKE_FOCUS.to(cmd::COMPOSER));
            }
        } else if command.is(cmd::TOGGLE_THEME) {
            data.theme = data.theme.other();
            self.settings.borrow_mut().theme = Some(data.theme);
        } else {
            return false;
        }
        true
    }

    /// A window that becomes narrow shows the conversation rather than the pane.
    fn on_size(&mut self, size: Size, data: &mut App) {
        let was_narrow = std::mem::replace(&mut self.is_narrow, size.width < ROOMY);
        data.room.pane &= was_narrow || !self.is_narrow;
        self.settings.borrow_mut().size = size;
    }

    fn on_command(
        &mut self,
        ctx: &mut EventCtx<'_, '_>,
        command: &Command,
        data: &mut App,
    ) -> bool {
        self.session_command(ctx, command, data)
            || self.talk_command(ctx, command, data)
            || self.file_command(ctx, command, data)
            || self.window_command(ctx, command, data)
    }
}

impl<W: Widget<App>> Controller<App, W> for Desk {
    fn event(
        &mut self,
        child: &mut W,
        ctx: &mut EventCtx<'_, '_>,
        event: &Event,
        data: &mut App,
        env: &Env,
    ) {
        match event {
            Event::WindowSize(size) => self.on_size(*size, data),
            Event::Command(command) if self.on_command(ctx, command, data) => {
                return ctx.set_handled();
            }
            _ => {}
        }
        child.event(ctx, event, data, env);
    }
}

/// Now, by both clocks.
pub(crate) fn now() -> Now {
    Now { instant: clock::now(), wall: clock::wall() }
}

/// The keyboard goes back to where it belongs once no dialog has it.
fn give_focus_back(ctx: &mut EventCtx<'_, '_>, data: &App) {
    if data.dialog == Dialog::None {
        let home = match data.page {
            Page::Login => cmd::SERVER_FIELD,
            Page::Room => cmd::COMPOSER,
        };
        ctx.submit_command(cmd::TAKE_FOCUS.to(home));
    }
}
