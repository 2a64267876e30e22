//! `watch`: prints what happens in the room until interrupted.

use proto_std::session::Purpose;

use super::{Setting, room};
use crate::exit::Outcome;
use crate::talk::{Heard, Talk};

/// Enters the room and prints what happens.
pub(crate) fn run(setting: &mut Setting, address: Option<&str>) -> Outcome {
    let server = setting.options.server(address)?;
    let name = setting.name()?;
    let me = name.clone();
    let mut talk =
        Talk::start(&setting.options, &setting.console, server, name, Purpose::Join, None);
    let stop = loop {
        match talk.next(&mut setting.console, &setting.screen) {
            Ok(Heard::Event(event)) => {
                room::record(&setting.screen, &event)?;
                if let Some(line) = room::line(setting.screen.style, &me, &event) {
                    setting.screen.line(&line)?;
                }
            }
            Ok(Heard::Online) => {
                setting.screen.note(&format!("connected to {}", talk.server()));
            }
            Ok(Heard::Line(_) | Heard::Key(_) | Heard::End | Heard::Tick) => {}
            Err(stop) => break stop,
        }
    };
    talk.leave(&mut setting.console);
    Err(stop)
}
