//! What each command does. One file a command; `room` and `haul` are what several share, `left` is
//! what `get` leaves.

pub(crate) mod chat;
pub(crate) mod doctor;
pub(crate) mod fingerprint;
pub(crate) mod forget_server;
pub(crate) mod get;
pub(crate) mod haul;
pub(crate) mod left;
pub(crate) mod list;
pub(crate) mod put;
pub(crate) mod room;
pub(crate) mod send;
pub(crate) mod unfinished;
pub(crate) mod watch;

use proto_core::text::Name;
use proto_std::address::ServerAddr;
use proto_std::session::{Error, Purpose};

use crate::console::Console;
use crate::exit::{Onward, Outcome, Stop, usage};
use crate::options::Options;
use crate::screen::Screen;
use crate::talk::Talk;

/// What every command works with.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) options: Options,
    pub(crate) console: Console,
    pub(crate) screen: Screen,
}

impl Setting {
    /// Starts a session that only uses the server.
    pub(crate) fn visit(&self, server: ServerAddr) -> Result<(Talk, Name), Error> {
        self.visit_limited(server, None)
    }

    /// Starts a session that only uses the server, with a limit in bytes a second.
    pub(crate) fn visit_limited(
        &self,
        server: ServerAddr,
        limit_rate: Option<u64>,
    ) -> Result<(Talk, Name), Error> {
        let name = self.options.name_or_guest()?;
        let (purpose, me) = (Purpose::Use, name.clone());
        let talk = Talk::start(&self.options, &self.console, server, name, purpose, limit_rate);
        Ok((talk, me))
    }

    /// The user's name, for commands that speak or enter the room; asked for when it is missing
    /// and somebody is there to be asked.
    pub(crate) fn name(&mut self) -> Outcome<Name> {
        if let Some(name) = self.options.name()? {
            return Ok(name);
        }
        if !self.options.may_ask {
            return Err(Stop::Failed(usage("no name is given", "Add --name NAME.")));
        }
        self.screen.note("Your name:");
        let line = self.answer()?.unwrap_or_default();
        Ok(crate::options::parse_name(line.trim())?)
    }

    /// Waits for a line; `None` at the end of input.
    fn answer(&mut self) -> Outcome<Option<String>> {
        use crate::console::Input;
        self.console.ask_line();
        loop {
            match self.console.next() {
                Input::Line(line) => return Ok(Some(line)),
                Input::End => return Ok(None),
                Input::Interrupt => return Err(Stop::Interrupted(Onward::Nothing)),
                Input::Event(_) | Input::SessionGone | Input::Key(_) | Input::Tick => {}
            }
        }
    }
}
