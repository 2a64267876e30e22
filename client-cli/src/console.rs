//! Where input comes from: the session's events, lines that are typed, Ctrl-C, and time.
//!
//! All of it arrives in one inbox. Standard input is read one line at a time, and only when
//! asked, so that a large file in a pipe waits in the pipe.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

use proto_std::channel::Receiver as Events;
use proto_std::session::Event;
use proto_std::task;

use crate::interrupt::Interrupt;
use crate::keys::{Decoder, Key};

/// Longest line that is taken at once; a longer one arrives in pieces, and is refused as a
/// message that is too long.
const MAX_LINE: u64 = 64 * 1024;
/// How often Ctrl-C is looked for.
const TICK: Duration = Duration::from_millis(50);

/// Something that came in.
#[derive(Debug)]
pub(crate) enum Input {
    /// From the session.
    Event(Event),
    /// The session is gone without saying so.
    SessionGone,
    /// The line that was asked for.
    Line(String),
    /// A key, once keys are read instead of lines.
    Key(Key),
    /// Standard input has ended.
    End,
    /// Ctrl-C, for the first time: the second ends the process.
    Interrupt,
    /// Time went by.
    Tick,
}

/// Something in the inbox, and the number of the session that it comes from, if it does.
#[derive(Debug)]
struct Arrival {
    session: Option<u64>,
    input: Input,
}

/// The inbox.
#[derive(Debug)]
pub(crate) struct Console {
    inbox: Receiver<Arrival>,
    sender: SyncSender<Arrival>,
    /// Counts the sessions; only the latest is heard.
    session: Cell<u64>,
    interrupt: Interrupt,
    told: bool,
    asks: Option<Sender<()>>,
    asked: bool,
}

impl Console {
    /// Opens the inbox, and takes Ctrl-C over.
    pub(crate) fn open() -> io::Result<Self> {
        let (sender, inbox) = sync_channel(64);
        let interrupt = Interrupt::watch()?;
        let (told, asks, asked) = (false, None, false);
        let session = Cell::new(0);
        Ok(Self { inbox, sender, session, interrupt, told, asks, asked })
    }

    /// Lets a session's events in. What comes late from an earlier one is not heard any more.
    pub(crate) fn attach(&self, events: Events<Event>) {
        let sender = self.sender.clone();
        let session = Some(self.session.get() + 1);
        self.session.set(self.session.get() + 1);
        thread::spawn(move || {
            while let Ok(event) = task::block_on(events.recv()) {
                let over = matches!(event, Event::Closed);
                if sender.send(Arrival { session, input: Input::Event(event) }).is_err() || over {
                    return;
                }
            }
            let _ = sender.send(Arrival { session, input: Input::SessionGone });
        });
    }

    /// Asks for one line of standard input; it arrives as `Line` or `End`.
    pub(crate) fn ask_line(&mut self) {
        if self.asked {
            return;
        }
        self.asked = true;
        let asks = self.asks.get_or_insert_with(|| {
            let (asks, asked) = channel();
            let sender = self.sender.clone();
            thread::spawn(move || read_lines(&asked, &sender));
            asks
        });
        // A reader that met the end of its input is gone: nothing follows `End`.
        let _ = asks.send(());
    }

    /// Reads keys from now on, from a terminal that gives them. The second Ctrl-C does not end the
    /// process any more: the terminal has to be restored.
    pub(crate) fn read_keys(&mut self) {
        self.interrupt.only_tell();
        let sender = self.sender.clone();
        thread::spawn(move || read_keys(&sender));
    }

    /// Makes the next Ctrl-C count as the first one again.
    pub(crate) fn rearm(&mut self) {
        self.told = false;
        self.interrupt.rearm();
    }

    /// Waits for the next input.
    pub(crate) fn next(&mut self) -> Input {
        if self.interrupt.is_pressed() && !self.told {
            self.told = true;
            return Input::Interrupt;
        }
        match self.inbox.recv_timeout(TICK) {
            Ok(Arrival { session, .. }) if session.is_some_and(|it| it != self.session.get()) => {
                Input::Tick
            }
            Ok(Arrival { input, .. }) => {
                if matches!(input, Input::Line(_)) {
                    self.asked = false;
                }
                input
            }
            Err(RecvTimeoutError::Timeout) => Input::Tick,
            Err(RecvTimeoutError::Disconnected) => Input::SessionGone,
        }
    }
}

fn read_lines(asked: &Receiver<()>, sender: &SyncSender<Arrival>) {
    while asked.recv().is_ok() {
        // Locked for this line only: keys may be read from the same input later.
        let mut input = io::stdin().lock();
        let mut line = Vec::new();
        let read = (&mut input).take(MAX_LINE).read_until(b'\n', &mut line);
        let message = match read {
            Ok(0) | Err(_) => Input::End,
            Ok(_) => Input::Line(String::from_utf8_lossy(&line).into_owned()),
        };
        let over = matches!(message, Input::End);
        if sender.send(Arrival { session: None, input: message }).is_err() || over {
            return;
        }
    }
}

fn read_keys(sender: &SyncSender<Arrival>) {
    let mut input = io::stdin().lock();
    let mut decoder = Decoder::default();
    let mut bytes = [0; 256];
    loop {
        let count = match input.read(&mut bytes) {
            Ok(0) | Err(_) => break,
            Ok(count) => count,
        };
        for key in bytes[..count].iter().filter_map(|byte| decoder.feed(*byte)) {
            if sender.send(Arrival { session: None, input: Input::Key(key) }).is_err() {
                return;
            }
        }
    }
    let _ = sender.send(Arrival { session: None, input: Input::End });
}
