//! Haversack in a window.
//!
//! Not a line of protocol is in here: `proto_std::session` takes commands and gives events.
//!
//! ```text
//!   session threads <--> bridge <--> delegate <--> data::App <--> ui (widgets)
//! ```
//!
//! Read in this order: `data`; `bridge`, `commands`, `delegate`, `shortcuts`; `theme`, `widget`,
//! `controller`, `ui`; `args`, `relay`, `settings`.

mod data;

mod bridge;
mod commands;
mod delegate;
mod shortcuts;

mod theme;

mod widget;

mod controller;
mod ui;

mod args;
mod relay;
mod settings;

use std::cell::RefCell;
use std::io::Write as _;
use std::process::ExitCode;
use std::rc::Rc;

use druid::{AppLauncher, WindowDesc};

use args::Args;
use bridge::Bridge;
use data::app::{App, Theme};
use data::login::Login;
use delegate::Delegate;
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
    relay::hide_arguments().map_err(|error| format!("cannot start again ({error})"))?;
    let state_dir = args.state_dir();
    let settings = Settings::load(&state_dir);
    let data = initial(args, &settings)?;
    let window = WindowDesc::new(ui::root())
        .title(|data: &App, _: &druid::Env| data.title())
        .window_size(settings.size)
        .with_min_size(settings::LEAST);
    let bridge = Bridge::default();
    let settings = Rc::new(RefCell::new(settings));
    let delegate = Delegate::new(bridge.clone(), Rc::clone(&settings), state_dir.clone(), None);
    let launcher = AppLauncher::with_window(window).delegate(delegate);
    if args.server.is_some() && args.name.is_some() {
        let sink = launcher.get_external_handle();
        drop(sink.submit_command(commands::LOGIN, (), druid::Target::Global));
    }
    launcher.launch(data).map_err(|error| format!("cannot open a window ({error})"))?;
    bridge.finish();
    let saved = settings.borrow().save(&state_dir);
    saved.map_err(|error| format!("cannot write to {} ({error})", state_dir.display()))
}

/// What the window shows first.
fn initial(args: &Args, settings: &Settings) -> Result<App, String> {
    let secret = args.secret()?;
    let login = Login {
        server: args.server.clone().unwrap_or_else(|| settings.server.clone()),
        name: args.name.clone().unwrap_or_else(|| settings.name.clone()),
        has_secret: secret.is_some(),
        secret: secret.unwrap_or_default(),
        ..Login::default()
    };
    let downloads = settings.downloads.clone().filter(|folder| folder.is_dir());
    Ok(App {
        login,
        theme: args.theme.or(settings.theme).unwrap_or(Theme::Light),
        downloads: downloads.unwrap_or_else(settings::default_downloads),
        ..App::default()
    })
}
