//! The people of the demonstration: each has a session, a few lines to say, and an answer to
//! whoever writes to them alone.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use proto_core::text::Name;
use proto_core::wire::Audience;
use proto_std::channel::Sender;
use proto_std::session::{self, Command, Event, Purpose, SessionConfig};
use proto_std::task::block_on;
use proto_std::{clock, future};

/// How often somebody looks whether the demonstration is over.
const GLANCE: Duration = Duration::from_millis(200);

/// What somebody says: seconds after the line before, to whom (empty is everyone), what.
type Part = &'static [(u64, &'static str, &'static str)];

const CAST: &[(&str, Part)] = &[
    (
        "Shlomo",
        &[
            (3, "", "Good morning! The recording from the river is in the shared folder."),
            (1, "", "It is long, but the kingfisher at minute twelve is worth it."),
            (9, "leah", "Could you send me the minutes when you have them?"),
            (14, "", "Lunch at half past twelve, as always?"),
        ],
    ),
    (
        "Dana",
        &[
            (7, "", "Listening already. How close were you?"),
            (6, "", "The photos are there as well now, all 96 megabytes of them."),
            (12, "", "כן, ניפגש ליד השער"),
            (20, "leah", "I kept you a seat."),
        ],
    ),
    (
        "Noa",
        &[
            (12, "", "I will be ten minutes late: somebody parked on the tram line."),
            (16, "", "Found the route, it is called route.gpx."),
            (25, "", "See you at the gate."),
        ],
    ),
];

/// Lets everybody enter.
pub(super) fn enter(
    uri: &str,
    dir: &Path,
    over: &Arc<AtomicBool>,
) -> io::Result<Vec<JoinHandle<()>>> {
    let enter = |(name, part): &(&'static str, Part)| {
        let server = uri.parse().map_err(io::Error::other)?;
        let who = Name::parse(name).map_err(io::Error::other)?;
        let config = SessionConfig::new(server, who, Purpose::Join, dir.join(name));
        let (part, over) = (*part, Arc::clone(over));
        thread::Builder::new().name((*name).into()).spawn(move || live(config, part, &over))
    };
    CAST.iter().map(enter).collect()
}

/// Waits; false when the demonstration is over first.
pub(super) fn wait(time: Duration, over: &AtomicBool) -> bool {
    let until = clock::now() + time;
    while clock::now() < until {
        if over.load(Ordering::Relaxed) {
            return false;
        }
        thread::sleep(GLANCE.min(until.since(clock::now())));
    }
    !over.load(Ordering::Relaxed)
}

fn live(config: SessionConfig, part: Part, over: &AtomicBool) {
    let me = config.name.clone();
    let (commands, events) = session::start(config);
    let mut part = part.iter();
    let mut next = part.next();
    let mut due = clock::now() + next.map_or(GLANCE, |(after, ..)| Duration::from_secs(*after));
    let mut leaving = false;
    loop {
        if over.load(Ordering::Relaxed) && !leaving {
            leaving = true;
            say(&commands, Command::Leave);
        }
        if clock::now() >= due
            && let Some((_, to, text)) = next
        {
            speak(&commands, to, text);
            next = part.next();
            due = next.map_or(due, |(after, ..)| clock::now() + Duration::from_secs(*after));
        }
        let patience = due.since(clock::now()).clamp(Duration::from_millis(1), GLANCE);
        match block_on(future::timeout(patience, events.recv())) {
            Ok(Ok(Event::Closed) | Err(_)) => return,
            Ok(Ok(Event::Said { from, to: Audience::One(_), .. })) if from != me => {
                answer(&commands, &from);
            }
            Ok(Ok(_)) | Err(_) => {}
        }
    }
}

fn answer(commands: &Sender<Command>, to: &Name) {
    speak(commands, to.as_str(), "I am only here for the demonstration, but I read you.");
}

fn speak(commands: &Sender<Command>, to: &str, text: &str) {
    let to = Name::parse(to).map_or(Audience::All, Audience::One);
    say(commands, Command::Say { token: clock::now().as_micros(), to, text: text.to_owned() });
}

fn say(commands: &Sender<Command>, command: Command) {
    // A session that is over has nobody to tell.
    drop(commands.try_send(command));
}
