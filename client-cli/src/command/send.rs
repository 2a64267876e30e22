//! `send`: says something without entering the room.

use std::collections::BTreeSet;

use proto_core::limits::MAX_MESSAGES;
use proto_core::text::{Name, Text};
use proto_core::wire::Audience;
use proto_std::clock;
use proto_std::session::{Command, Error, ErrorKind, Event, Purpose};

use super::Setting;
use crate::exit::{Outcome, Stop, usage};
use crate::ndjson::Record;
use crate::pace::Pace;
use crate::talk::{Deadline, Heard, Talk};

/// Most messages that wait for their acknowledgement.
const MAX_WAITING: usize = MAX_MESSAGES / 2;

/// Sends the text that was typed, or each line of the input.
pub(crate) fn run(setting: &mut Setting, words: &[String], to: Option<&str>) -> Outcome {
    let (server, words) = setting.options.server_and(words)?;
    let audience = audience(to)?;
    let text = (!words.is_empty()).then(|| words.join(" "));
    if let Some(text) = &text {
        check(text)?;
    }
    let name = setting.name()?;
    let mut talk =
        Talk::start(&setting.options, &setting.console, server, name, Purpose::Use, None);
    let sent = Sending::new(audience).run(setting, &mut talk, text);
    match sent {
        Err(stop @ Stop::Failed(_)) => Err(stop),
        sent => {
            talk.leave(&mut setting.console);
            sent
        }
    }
}

/// Whom a message is for: nobody named, or `All`, is everyone.
pub(super) fn audience(to: Option<&str>) -> Result<Audience, Error> {
    match to {
        None => Ok(Audience::All),
        Some(to) if to.eq_ignore_ascii_case("all") => Ok(Audience::All),
        Some(to) => Name::parse(to).map(Audience::One).map_err(|why| {
            let what = format!("there is no user '{}'", to.escape_debug());
            Error::new(ErrorKind::NotFound, what, why.to_string(), "See who is there: users.")
        }),
    }
}

/// Checks a text before it is sent.
pub(super) fn check(text: &str) -> Result<(), Error> {
    Text::parse(text).map(drop).map_err(|why| {
        let next = "Send it in parts, or as a file.";
        Error { why: why.to_string(), ..usage("cannot send this text", next) }
    })
}

struct Sending {
    audience: Audience,
    next_token: u64,
    /// The messages that are not acknowledged.
    waiting: BTreeSet<u64>,
    failed: Option<ErrorKind>,
    input_ended: bool,
    pace: Pace,
}

impl Sending {
    fn new(audience: Audience) -> Self {
        Self {
            audience,
            next_token: 1,
            waiting: BTreeSet::new(),
            failed: None,
            input_ended: false,
            pace: Pace::new(clock::now()),
        }
    }

    fn run(mut self, setting: &mut Setting, talk: &mut Talk, text: Option<String>) -> Outcome {
        let mut deadline = Deadline::new(setting.options.timeout);
        if let Some(text) = text {
            self.input_ended = true;
            self.say(talk, text);
        }
        while !(self.input_ended && self.waiting.is_empty()) {
            if !self.input_ended
                && self.waiting.len() < MAX_WAITING
                && self.pace.may_say(clock::now())
            {
                setting.console.ask_line();
            }
            let heard = talk.next(&mut setting.console, &setting.screen)?;
            if !matches!(heard, Heard::Tick) || self.waiting.is_empty() {
                deadline.reset();
            }
            self.on_heard(setting, talk, heard)?;
            if talk.is_connected() {
                deadline.check("the message is not acknowledged")?;
            }
        }
        self.failed.map_or(Ok(()), |kind| Err(Stop::Told(kind)))
    }

    fn on_heard(&mut self, setting: &Setting, talk: &mut Talk, heard: Heard) -> Outcome {
        match heard {
            Heard::Event(Event::Delivered { token }) => {
                self.waiting.remove(&token);
                setting.screen.record(Record::Delivered { n: token })?;
            }
            Heard::Event(Event::Rejected { token, why }) => {
                self.waiting.remove(&token);
                self.fail(setting, &why)?;
            }
            Heard::Line(line) => {
                let text = line.trim_end_matches(['\r', '\n']);
                match check(text) {
                    _ if text.is_empty() => {}
                    Ok(()) => self.say(talk, text.to_owned()),
                    Err(error) => self.fail(setting, &error)?,
                }
            }
            Heard::End => self.input_ended = true,
            Heard::Event(_) | Heard::Key(_) | Heard::Online | Heard::Tick => {}
        }
        Ok(())
    }

    fn say(&mut self, talk: &mut Talk, text: String) {
        self.pace.on_said();
        let token = self.next_token;
        self.next_token += 1;
        self.waiting.insert(token);
        talk.tell(Command::Say { token, to: self.audience.clone(), text });
    }

    fn fail(&mut self, setting: &Setting, error: &Error) -> Outcome {
        self.failed.get_or_insert(error.kind);
        Ok(setting.screen.error(error)?)
    }
}
