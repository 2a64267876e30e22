//! What typed lines do.

use std::path::Path;

use proto_core::ids::TransferId;
use proto_core::text::FileName;
use proto_core::wire::Audience;
use proto_std::clock;
use proto_std::session::{
    Clash, Command, Error, ErrorKind, Get, Percent, Put, TransferReport, TransferState,
};

use super::super::haul::proceed;
use super::super::{Setting, send};
use super::{Chat, End, notice};
use crate::exit::{Outcome, usage};
use crate::ndjson::Record;
use crate::options::parse_name;
use crate::save_as::{self, Target};
use crate::slash::{HELP, Typed};

impl Chat {
    /// Does what a line says.
    pub(super) fn act(&mut self, setting: &Setting, typed: Typed) -> Outcome {
        let done = match typed {
            Typed::Nothing => Ok(()),
            Typed::Say(text) => self.say(Audience::All, text),
            Typed::Msg { to, text } => send::audience(Some(&to)).and_then(|to| self.say(to, text)),
            Typed::Reply(text) => self.reply(text),
            Typed::Users => {
                self.asked_users = true;
                self.talk.tell(Command::Users);
                Ok(())
            }
            Typed::Files => {
                self.asked_files = true;
                self.talk.tell(Command::Files);
                Ok(())
            }
            Typed::Get { file, save_as, pause_at } => {
                self.get(setting, &file, save_as.as_deref(), pause_at)
            }
            Typed::Put { path, save_as } => self.put(&path, save_as.as_deref()),
            Typed::Pause(id) => {
                self.transfer(id).map(|(id, _)| self.talk.tell(Command::Hold { id, set: true }))
            }
            Typed::Proceed(id) => self.transfer(id).map(|(id, holds)| {
                self.silent.insert(id);
                proceed(&mut self.talk, id, holds);
            }),
            Typed::Cancel(id) => self.transfer(id).map(|(id, _)| {
                self.silent.insert(id);
                self.talk.tell(Command::Cancel { id, discard: true });
            }),
            Typed::Transfers => return self.transfers(setting),
            Typed::Wait => {
                self.waits = true;
                Ok(())
            }
            Typed::Nick(name) => parse_name(&name).map(|name| self.end(End::Rename(name))),
            Typed::Clear => return Ok(setting.screen.clear()?),
            Typed::Help => {
                return Ok(HELP.lines().try_for_each(|line| setting.screen.line(line))?);
            }
            Typed::Quit => {
                self.end(End::Quit);
                Ok(())
            }
            Typed::Wrong(why) => Err(usage(why, "")),
        };
        done.or_else(|error| self.complain(setting, &error))
    }

    fn say(&mut self, to: Audience, text: String) -> Result<(), Error> {
        send::check(&text)?;
        self.pace.on_said();
        let token = self.next_token;
        self.next_token += 1;
        self.unheard.insert(token);
        self.unseen.insert(token);
        self.talk.tell(Command::Say { token, to, text });
        Ok(())
    }

    fn end(&mut self, end: End) {
        self.end = Some(end);
        self.ending = clock::now();
    }

    fn reply(&mut self, text: String) -> Result<(), Error> {
        let to = self.reply_to.clone().ok_or_else(|| {
            usage("there is nobody to reply to", "Nobody has written to you in private yet.")
        })?;
        self.say(Audience::One(to), text)
    }

    fn get(
        &mut self,
        setting: &Setting,
        file: &str,
        save_as: Option<&str>,
        pause_at: Option<u8>,
    ) -> Result<(), Error> {
        let file = FileName::parse(file)
            .map_err(|why| usage(format!("cannot get '{}': {why}", file.escape_debug()), ""))?;
        let (folder, save_as) = match Target::parse(save_as)? {
            Target::Folder(folder) => (folder, None),
            Target::File(folder, name) => (folder, Some(name)),
            Target::Stdout => return Err(usage("the chat is on standard output", "Name a file.")),
            Target::Stream(_) | Target::Nowhere => {
                return Err(usage("that is no file and no folder", "Name a file."));
            }
        };
        if let Some(name) = save_as.as_ref().filter(|_| !setting.options.yes) {
            save_as::check(&file, name)?;
        }
        let id = self.new_transfer()?;
        self.talk.tell(Command::Get(Box::new(Get {
            id,
            file,
            folder,
            save_as,
            clash: Clash::KeepBoth,
            hold: false,
            pause_at: pause_at.and_then(Percent::new),
            confirmed: setting.options.yes,
        })));
        Ok(())
    }

    fn put(&mut self, path: &str, save_as: Option<&str>) -> Result<(), Error> {
        let save_as = save_as.map(save_as::parse_name).transpose()?;
        let path = std::path::absolute(Path::new(path))
            .map_err(|error| Error::disk(format!("cannot read {path}"), &error))?;
        let id = self.new_transfer()?;
        self.talk.tell(Command::Put(Box::new(Put { id, path, save_as, hold: false })));
        Ok(())
    }

    fn new_transfer(&mut self) -> Result<TransferId, Error> {
        let id = TransferId(self.next_transfer);
        self.next_transfer = self
            .next_transfer
            .checked_add(1)
            .ok_or_else(|| usage("too many transfers for one session", "Leave and come back."))?;
        self.silent.insert(id);
        Ok(id)
    }

    /// The transfer that is meant, the one with this number or the only one, and its holds.
    fn transfer(&self, id: Option<u16>) -> Result<(TransferId, Holds), Error> {
        let next = "Type /transfers for their numbers.";
        let not_found = |what: String| Error::new(ErrorKind::NotFound, what, "", next);
        let report = if let Some(id) = id {
            let named = self.tracker.get(TransferId(id));
            named.ok_or_else(|| not_found(format!("there is no transfer {id}")))?
        } else {
            let mut running = self.tracker.running();
            match (running.next(), running.next()) {
                (Some(report), None) => report,
                (None, _) => return Err(not_found("no transfer is under way".to_owned())),
                (Some(_), Some(_)) => return Err(usage("several transfers are under way", next)),
            }
        };
        Ok((report.id, holds(report)))
    }

    fn transfers(&self, setting: &Setting) -> Outcome {
        let mut any = false;
        for report in self.tracker.running() {
            any = true;
            let line = format!("#{} {}", report.id.0, setting.screen.style.transfer(report));
            setting.screen.line(&line)?;
            let news = crate::news::News::Progress { due: true };
            setting.screen.record(Record::news(report, &news))?;
        }
        if any { Ok(()) } else { notice(setting, "no transfer is under way") }
    }
}

/// Whose holds are set: the user's own, the server's.
type Holds = (bool, bool);

fn holds(report: &TransferReport) -> Holds {
    match report.state {
        TransferState::Paused { mine, theirs } => (mine, theirs),
        // A pause may be on its way: both are idempotent.
        _ => (true, true),
    }
}
