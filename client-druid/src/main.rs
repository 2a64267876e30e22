//! Haversack in a window.
//!
//! Not a line of protocol is in here: `proto_std::session` takes commands and gives events.
//!
//! ```text
//!   session threads <--> bridge <--> desk <--> data::App <--> ui (widgets)
//! ```
//!
//! Read in this order: `data`; `mailbox`, `bridge`, `commands`, `disk`, `errand`, `desk`, `shortcuts`, `delegate`;
//! `theme`, `widget`, `controller`, `ui`; `demo`, `measure`; `args`, `relay`, `settings`.

mod data;

mod bridge;
mod commands;
mod delegate;
mod desk;
mod disk;
mod errand;
mod mailbox;
mod shortcuts;

mod theme;

mod widget;

mod controller;
mod ui;

mod demo;
mod measure;

mod args;
mod relay;
mod settings;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::io::Write as _;
use std::process::ExitCode;
use std::rc::Rc;

use druid::{AppLauncher, WindowDesc};

use args::Args;
use bridge::Bridge;
use data::app::{App, Page, Theme};
use data::dialog::Dialog;
use data::login::Login;
use delegate::Delegate;
use demo::scene;
use demo::stage::Stage;
use desk::Desk;
use errand::Errands;
use mailbox::Mailbox;
use settings::Settings;

fn main() -> ExitCode {
    let args = relay::arguments();
    if args.version {
        let line = concat!("haversack-gui ", env!("CARGO_PKG_VERSION"), "\n");
        let written = std::io::stdout().lock().write_all(line.as_bytes());
        return if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // Nobody is there to be told when standard error is closed.
            drop(writeln!(std::io::stderr(), "haversack-gui: {why}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    if args.measure {
        return match measure::run() {
            Ok(true) => Ok(()),
            Ok(false) => Err("a frame in a hundred takes longer than 16 ms".to_owned()),
            Err(error) => Err(error.to_string()),
        };
    }
    relay::hide_arguments().map_err(|error| format!("cannot start again ({error})"))?;
    let mut stage = if args.demo {
        Some(Stage::open().map_err(|error| format!("cannot set the stage ({error})"))?)
    } else {
        None
    };
    let state_dir = stage.as_ref().map_or_else(|| args.state_dir(), Stage::state_dir);
    let settings = Settings::load(&state_dir);
    let data = initial(args, &settings, stage.as_ref())?;
    let bridge = Bridge::default();
    let settings = Rc::new(RefCell::new(settings));
    let limit_rate = stage.as_ref().map(|_| demo::stage::RATE);
    let desk = Desk::new(
        bridge.clone(),
        Errands::on_threads(),
        Rc::clone(&settings),
        state_dir.clone(),
        limit_rate,
    );
    let window = WindowDesc::new(ui::root(desk))
        .title(|data: &App, _: &druid::Env| data.title())
        .window_size(settings.borrow().size)
        .with_min_size(settings::LEAST);
    let launcher = AppLauncher::with_window(window).delegate(Delegate);
    let mailbox = Mailbox::new(launcher.get_external_handle());
    if stage.is_some() || (args.server.is_some() && args.name.is_some()) {
        mailbox.send(commands::LOGIN, ());
    }
    if args.scene.is_some() && data.page == Page::Room && data.dialog == Dialog::None {
        mailbox.focus(commands::COMPOSER);
    }
    if let Some(stage) = &mut stage {
        stage.fetch(mailbox).map_err(|error| format!("cannot set the stage ({error})"))?;
    }
    launcher.launch(data).map_err(|error| format!("cannot open a window ({error})"))?;
    bridge.finish();
    let saved = settings.borrow().save(&state_dir);
    saved.map_err(|error| format!("cannot write to {} ({error})", state_dir.display()))
}

/// What the window shows first.
fn initial(args: &Args, settings: &Settings, stage: Option<&Stage>) -> Result<App, String> {
    let secret = args.secret()?;
    let (server, name) = match stage {
        Some(stage) => (Some(stage.uri().to_owned()), Some("leah".to_owned())),
        None => (args.server.clone(), args.name.clone()),
    };
    let login = Login {
        server: server.unwrap_or_else(|| settings.server.clone()),
        name: name.unwrap_or_else(|| settings.name.clone()),
        has_secret: secret.is_some(),
        secret: secret.unwrap_or_default(),
        ..Login::default()
    };
    let kept = settings.downloads.clone().filter(|folder| folder.is_dir());
    let downloads = stage.map(Stage::downloads).or(kept);
    let mut app = App {
        login,
        theme: args.theme.or(settings.theme).unwrap_or(Theme::Light),
        downloads: downloads.unwrap_or_else(settings::default_downloads),
        ..App::default()
    };
    if let Some(name) = &args.scene {
        let known =
            || format!("there is no scene '{name}'; there are: {}", scene::names().join(", "));
        scene::set(&mut app, name).ok_or_else(known)?;
    }
    Ok(app)
}
