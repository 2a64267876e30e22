//! A session as the commands see it: what is sent to it, and what every command does alike about
//! what it says.

use std::time::Duration;

use proto_core::text::Name;
use proto_core::time::Instant;
use proto_std::address::ServerAddr;
use proto_std::channel::{Sender, TrySendError};
use proto_std::clock;
use proto_std::session::{self, Command, Error, ErrorKind, Event, Online, Purpose};

use crate::console::{Console, Input};
use crate::exit::{Onward, Outcome, Stop};
use crate::keys::Key;
use crate::ndjson::Record;
use crate::options::Options;
use crate::screen::Screen;

/// How long a goodbye may take: longer than the session needs to deliver what was said, to hear
/// the server's goodbye and to save what has arrived. Ctrl-C cuts it short.
const GOODBYE: Duration = Duration::from_secs(20);

/// A session that runs.
#[derive(Debug)]
pub(crate) struct Talk {
    server: ServerAddr,
    commands: Sender<Command>,
    /// What the session has no room for yet.
    waiting: std::collections::VecDeque<Command>,
    pub(crate) online: Option<Online>,
    connected: bool,
    over: bool,
    failed: Option<Error>,
}

/// What is left of an input once [`Talk`] has done its part.
#[derive(Debug)]
pub(crate) enum Heard {
    /// For the command to act on.
    Event(Event),
    /// The connection stands, for the first time or again.
    Online,
    /// A line that was asked for.
    Line(String),
    /// A key.
    Key(Key),
    /// Standard input has ended.
    End,
    /// Nothing new, but time went by.
    Tick,
}

impl Talk {
    /// Starts a session.
    pub(crate) fn start(
        options: &Options,
        console: &Console,
        server: ServerAddr,
        name: Name,
        purpose: Purpose,
        limit_rate: Option<u64>,
    ) -> Self {
        let mut config = options.session(server.clone(), name, purpose);
        config.limit_rate = limit_rate;
        let (commands, events) = session::start(config);
        console.attach(events);
        Self {
            server,
            commands,
            waiting: std::collections::VecDeque::new(),
            online: None,
            connected: false,
            over: false,
            failed: None,
        }
    }

    /// Tells the session something.
    pub(crate) fn tell(&mut self, command: Command) {
        self.waiting.push_back(command);
        self.push();
    }

    /// Says goodbye and waits for the end, so that nothing that was said is lost.
    pub(crate) fn leave(mut self, console: &mut Console) {
        if self.over {
            return;
        }
        console.rearm();
        self.tell(Command::Leave);
        let begun = clock::now();
        while clock::now().since(begun) < GOODBYE {
            self.push();
            match console.next() {
                Input::Event(Event::Closed) | Input::SessionGone | Input::Interrupt => return,
                Input::Event(_) | Input::Line(_) | Input::Key(_) | Input::End | Input::Tick => {}
            }
        }
    }

    /// Whether the connection stands.
    pub(crate) const fn is_connected(&self) -> bool {
        self.connected
    }

    /// Whose server it is.
    pub(crate) fn server(&self) -> &ServerAddr {
        &self.server
    }

    /// Waits for something to act on. Tells about connections by itself.
    pub(crate) fn next(&mut self, console: &mut Console, screen: &Screen) -> Outcome<Heard> {
        self.push();
        let event = match console.next() {
            Input::Event(event) => event,
            Input::SessionGone => return Err(self.gone()),
            Input::Line(line) => return Ok(Heard::Line(line)),
            Input::Key(key) => return Ok(Heard::Key(key)),
            Input::End => return Ok(Heard::End),
            Input::Interrupt => return Err(Stop::Interrupted(Onward::Nothing)),
            Input::Tick => return Ok(Heard::Tick),
        };
        match event {
            Event::Connecting { attempt } => {
                screen.detail(&format!("connecting to {}, attempt {attempt}", self.server));
                Ok(Heard::Tick)
            }
            Event::FirstContact { fingerprint, .. } => {
                screen.note(&format!(
                    "first contact with {}: its key's fingerprint is\n  {fingerprint}\nremembered \
                     from now on. Compare it with what the server shows.",
                    self.server
                ));
                screen.record(Record::FirstContact { fingerprint: fingerprint.to_string() })?;
                Ok(Heard::Tick)
            }
            Event::Online(online) => {
                screen.record(Record::hello(&self.server.to_string(), &online))?;
                if self.online.is_some() {
                    screen.note("connected again");
                }
                self.online = Some(online);
                self.connected = true;
                Ok(Heard::Online)
            }
            Event::Offline { why, retry_in } => {
                self.connected = false;
                screen.record(Record::Offline {
                    why: why.to_string(),
                    retry_in_ms: u64::try_from(retry_in.as_millis()).unwrap_or(u64::MAX),
                })?;
                screen.note(&format!(
                    "connection lost: {} ({}); trying again in {} s",
                    why.what,
                    why.why,
                    retry_in.as_millis().div_ceil(1000)
                ));
                Ok(Heard::Tick)
            }
            Event::Warning(error) => {
                screen.note(&error.to_string());
                Ok(Heard::Tick)
            }
            Event::Failed(error) => {
                self.failed = Some(error);
                Ok(Heard::Tick)
            }
            Event::Closed => Err(self.gone()),
            event => Ok(Heard::Event(event)),
        }
    }

    /// The session's end, which nobody asked for.
    fn gone(&mut self) -> Stop {
        self.over = true;
        Stop::Failed(self.failed.take().unwrap_or_else(|| {
            Error::new(
                ErrorKind::Unreachable,
                format!("the session with {} is over", self.server),
                "the server said goodbye",
                "Try again.",
            )
        }))
    }

    /// Hands over what the session has room for.
    fn push(&mut self) {
        while let Some(command) = self.waiting.pop_front() {
            match self.commands.try_send(command) {
                Ok(()) => {}
                Err(TrySendError::Full(command)) => return self.waiting.push_front(command),
                Err(TrySendError::Closed(_)) => return self.waiting.clear(),
            }
        }
    }
}

/// Gives up when an answer takes too long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    begun: Instant,
    limit: Duration,
}

impl Deadline {
    /// From now on.
    pub(crate) fn new(limit: Duration) -> Self {
        Self { begun: clock::now(), limit }
    }

    /// From now on, again.
    pub(crate) fn reset(&mut self) {
        self.begun = clock::now();
    }

    /// Fails when the time is over.
    pub(crate) fn check(&self, what: &str) -> Result<(), Error> {
        if clock::now().since(self.begun) < self.limit {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Timeout,
            what,
            format!("no answer for {} s", self.limit.as_secs()),
            "Try again, or wait longer with --timeout.",
        ))
    }
}
