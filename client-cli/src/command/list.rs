//! `users` and `ls`: who is in the room, and what can be downloaded.

use proto_core::text::Name;
use proto_std::session::{Command, Event, FileEntry};

use super::Setting;
use crate::exit::{Outcome, Stop};
use crate::glob;
use crate::ndjson::Record;
use crate::talk::{Deadline, Heard, Talk};

/// Prints who is in the room, one name a line.
pub(crate) fn users(setting: &mut Setting, address: Option<&str>) -> Outcome {
    let server = setting.options.server(address)?;
    let (mut talk, _) = setting.visit(server)?;
    talk.tell(Command::Users);
    let users: Vec<Name> =
        wait(setting, &mut talk, "cannot list the users", |event| match event {
            Event::Users(users) => Some(users),
            _ => None,
        })?;
    talk.leave(&mut setting.console);
    setting.screen.record(Record::users(&users))?;
    for name in &users {
        setting.screen.line(&setting.screen.style.name(name))?;
    }
    Ok(())
}

/// Prints the server's files, those that match a pattern if there is one.
pub(crate) fn ls(setting: &mut Setting, words: &[String]) -> Outcome {
    let (server, patterns) = setting.options.server_and(words)?;
    let (mut talk, _) = setting.visit(server)?;
    let mut listed = files(setting, &mut talk)?;
    talk.leave(&mut setting.console);
    if !patterns.is_empty() {
        listed.retain(|file| patterns.iter().any(|p| glob::matches(p, file.name.as_str())));
    }
    setting.screen.record(Record::files(&listed))?;
    for file in &listed {
        setting.screen.line(&setting.screen.style.file(file))?;
    }
    Ok(())
}

/// Asks for the server's files.
pub(super) fn files(setting: &mut Setting, talk: &mut Talk) -> Outcome<Vec<FileEntry>> {
    talk.tell(Command::Files);
    wait(setting, talk, "cannot list the files", |event| match event {
        Event::Files(files) => Some(files),
        _ => None,
    })
}

/// Waits for the event that is wanted.
fn wait<T>(
    setting: &mut Setting,
    talk: &mut Talk,
    what: &str,
    wanted: impl Fn(Event) -> Option<T>,
) -> Outcome<T> {
    let mut deadline = Deadline::new(setting.options.timeout);
    loop {
        match talk.next(&mut setting.console, &setting.screen)? {
            Heard::Event(event) => {
                if let Some(answer) = wanted(event) {
                    return Ok(answer);
                }
            }
            Heard::Online => deadline.reset(),
            Heard::Line(_) | Heard::Key(_) | Heard::End | Heard::Tick => {}
        }
        if talk.is_connected() {
            deadline.check(what).map_err(Stop::Failed)?;
        }
    }
}
