//! `haversack`: chat, and files over fast reliable UDP, from a terminal or a script.
//!
//! ```text
//!   argv -> prepass -> args (what was typed) --+
//!   environment, configuration ----------------+-> options (what it means) -> command
//!
//!   session, typed lines, Ctrl-C -> console -> talk -> command -> news -> render  -> screen
//!                                                                      \-> ndjson -/
//! ```
//!
//! There is no protocol in here: a command tells a `proto_std::session` what is wished, and shows
//! what it says.

mod prepass;

mod args;
mod config;
mod exit;
mod guest;
mod options;

mod console;
mod editor;
mod interrupt;
mod keys;
mod pace;
mod talk;
mod typist;

mod bars;
mod ndjson;
mod news;
mod render;
mod sanitise;
mod screen;
mod sizes;

mod glob;
mod save_as;
mod slash;
mod special;

mod command;

use std::io::Write as _;
use std::process::ExitCode;

use argh::FromArgs;

use crate::args::{Args, Command};
use crate::command::watch;
use crate::command::{
    Setting, chat, doctor, fingerprint, forget_server, get, list, put, send, unfinished,
};
use crate::console::Console;
use crate::exit::{Outcome, Stop, usage};
use crate::options::{Options, Surroundings};
use crate::prepass::Typed;
use crate::screen::Screen;
use proto_std::session::Error;

fn main() -> ExitCode {
    let mut line = Vec::new();
    for arg in std::env::args_os().skip(1) {
        let Ok(arg) = arg.into_string() else {
            return fail(&usage("an argument is not UTF-8", "Names of files must be UTF-8."));
        };
        line.push(arg);
    }
    let line = match prepass::rewrite(line) {
        Typed::Version => {
            return print(concat!("haversack ", env!("CARGO_PKG_VERSION")));
        }
        Typed::Plain(line) => line,
    };
    let line: Vec<&str> = line.iter().map(String::as_str).collect();
    let args = match Args::from_args(&["haversack"], &line) {
        Ok(args) => args,
        Err(early) if early.status.is_ok() => {
            return print(early.output.trim_end());
        }
        Err(early) => {
            eprintln!("{}", early.output.trim_end());
            eprintln!("See haversack --help.");
            return ExitCode::from(exit::USAGE);
        }
    };
    let options =
        Surroundings::look().and_then(|around| Options::merge(args.command.common(), around));
    match options {
        Ok(options) => run(&args.command, options),
        Err(error) => fail(&error),
    }
}

/// Runs a command, and tells how it ended.
fn run(command: &Command, options: Options) -> ExitCode {
    let screen = Screen::new(&options);
    let console = match Console::open() {
        Ok(console) => console,
        Err(error) => return fail(&Error::disk("cannot watch for Ctrl-C", &error)),
    };
    let mut setting = Setting { options, console, screen };
    let Err(stop) = act(command, &mut setting) else { return ExitCode::SUCCESS };
    match &stop {
        // An error that cannot be written has nobody to read it.
        Stop::Failed(error) => drop(setting.screen.error(error)),
        Stop::Interrupted(onward) => setting.screen.note(&onward.to_string()),
        Stop::Told(_) | Stop::PipeClosed => {}
    }
    ExitCode::from(&stop)
}

fn act(command: &Command, setting: &mut Setting) -> Outcome {
    match command {
        Command::Chat(args) => chat::run(setting, args.address.as_deref()),
        Command::Send(args) => send::run(setting, &args.words, args.to.as_deref()),
        Command::Watch(args) => watch::run(setting, args.address.as_deref()),
        Command::Users(args) => list::users(setting, args.address.as_deref()),
        Command::Ls(args) => list::ls(setting, &args.words),
        Command::Get(args) => get::run(setting, args),
        Command::Put(args) => put::run(setting, args),
        Command::Transfers(_) => unfinished::list(setting),
        Command::Resume(args) => unfinished::resume(setting, args.id.as_deref(), args.all),
        Command::Doctor(args) => doctor::run(setting, args.address.as_deref()),
        Command::Fingerprint(args) => fingerprint::run(setting, args.address.as_deref()),
        Command::ForgetServer(args) => forget_server::run(setting, args.address.as_deref()),
    }
}

/// Prints what was asked for; a reader that went away is no failure.
fn print(text: &str) -> ExitCode {
    drop(writeln!(std::io::stdout(), "{text}"));
    ExitCode::SUCCESS
}

/// Ends a run that never began.
fn fail(error: &Error) -> ExitCode {
    eprintln!("{error}");
    ExitCode::from(error.exit_code())
}
