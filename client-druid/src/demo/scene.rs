//! States of the window that are made up for pictures: what a session would have told, told by us.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use proto_core::ids::{PublicKey, Stamp, TransferId};
use proto_core::text::{FileName, Name};
use proto_core::time::{Instant, UnixMillis};
use proto_core::wire::Audience;
use proto_std::address::Fingerprint;
use proto_std::clock;
use proto_std::session::{
    Advice, Clash, Direction, Error, ErrorKind, Event, FileEntry, Get, Online, Put, TransferReport,
    TransferState,
};

use crate::data::app::App;
use crate::data::dialog::Dialog;
use crate::data::fold::Now;
use crate::data::times;
use crate::data::transfer::{Transfer, Wish};

/// The scenes that there are, one in a line: whoever takes their pictures reads them there, too.
const NAMES: &str = include_str!("scenes.txt");

const DAY: u64 = 24 * 60 * 60 * 1000;
const MINUTE: u64 = 60 * 1000;
const MIB: u64 = 1 << 20;
/// Rows of the scene with very many.
const MANY: u64 = 10_000;

/// The names of the scenes.
pub(crate) fn names() -> Vec<&'static str> {
    NAMES.lines().collect()
}

/// Sets a scene in a window that is as good as new; `None` when there is no such scene.
pub(crate) fn set(app: &mut App, name: &str) -> Option<()> {
    if !names().contains(&name) {
        return None;
    }
    app.login.server = "192.168.1.5:50000".into();
    app.login.name = "leah".into();
    match name {
        "login" => {}
        "wrong" | "changed" | "stranger" => trouble(app, name),
        _ => room(app, name),
    }
    Some(())
}

fn trouble(app: &mut App, name: &str) {
    let key = |byte| Fingerprint(PublicKey([byte; 32]));
    match name {
        "stranger" => {
            app.login.busy = true;
            tell(app, 0, Event::FirstContact { fingerprint: key(0x5A), asks: true });
        }
        "changed" => tell(
            app,
            0,
            Event::Failed(Error::new(
                ErrorKind::KeyChanged,
                "192.168.1.5:50000 is not the server it was",
                "its key is not the one that was seen here before",
                Advice::ForgetServer("192.168.1.5:50000".into()),
            )),
        ),
        _ => {
            tell(app, 0, Event::Failed(unreachable()));
            app.login.name_error = Some("The name is taken. Try leah2.".into());
        }
    }
}

fn room(app: &mut App, name: &str) {
    enter(app);
    if name == "empty" {
        return tell(app, 0, Event::Files(Vec::new()));
    }
    if name == "many" {
        return many(app);
    }
    talk(app);
    files(app);
    match name {
        "private" => private(app),
        "banner" => {
            transfers(app);
            stand_still(app);
            tell(app, 0, Event::Offline { why: lost(), retry_in: Duration::from_secs(8) });
            app.room.draft = "Has anybody seen the".into();
        }
        "over" => tell(
            app,
            0,
            Event::Failed(Error::new(
                ErrorKind::Refused,
                "192.168.1.5:50000 ended the session",
                "you logged in elsewhere under the same name",
                "Use another name to be here twice.",
            )),
        ),
        "save-as" => {
            app.start_download("notes.pdf");
            app.save.name = "notes".into();
            app.save.folder = "/home/leah/Downloads".into();
        }
        "upload" => app.start_upload(),
        "jump" => {
            app.start_jump();
            app.jump.needle = "no".into();
            app.look_for_places();
        }
        "keys" => app.dialog = Dialog::Shortcuts,
        "search" => {
            app.start_search();
            app.room.needle = "the".into();
        }
        "refused" => refused(app),
        _ => transfers(app),
    }
}

fn tell(app: &mut App, minute: u64, event: Event) {
    let now = Now { instant: clock::now(), wall: at(minute) };
    drop(app.on_event(now, event));
}

/// So many minutes after twenty to ten, today.
fn at(minute: u64) -> UnixMillis {
    let now = clock::wall();
    let shift = times::shift(now);
    let midnight = now.0.saturating_add_signed(shift) / DAY * DAY;
    let morning = midnight + (9 * 60 + 40) * MINUTE;
    UnixMillis((morning + minute * MINUTE).saturating_add_signed(-shift))
}

fn name(name: &str) -> Name {
    Name::parse(name).expect("the names of scenes are sound")
}

fn file(name: &str) -> FileName {
    FileName::parse(name).expect("the files of scenes have sound names")
}

fn enter(app: &mut App) {
    app.room.server = "192.168.1.5:50000".into();
    tell(
        app,
        0,
        Event::Online(Online {
            name: name("leah"),
            fingerprint: Fingerprint(PublicKey([0x5A; 32])),
            at: at(0),
            uploads: true,
            resumed: false,
        }),
    );
    tell(app, 0, Event::Users(vec![name("leah")]));
}

fn said(app: &mut App, minute: u64, from: &str, to: &str, text: &str) {
    let to = Name::parse(to).map_or(Audience::All, Audience::One);
    let from = name(from);
    tell(app, minute, Event::Said { at: at(minute), from, to, text: text.to_owned(), mine: None });
}

fn talk(app: &mut App) {
    let people = ["leah", "Shlomo", "Dana", "Noa", "Yael"];
    tell(app, 0, Event::Users(people.iter().map(|person| name(person)).collect()));
    for (minute, person) in [(0, "Shlomo"), (0, "Dana")] {
        tell(app, minute, Event::Joined { name: name(person), at: at(minute) });
    }
    said(app, 1, "Shlomo", "", "Good morning! The recording from the river is in the folder.");
    said(app, 1, "Shlomo", "", "It is long, but the kingfisher at minute twelve is worth it.");
    said(app, 3, "Dana", "", "Listening already. How close were you?");
    said(app, 4, "leah", "", "Oh, that is beautiful");
    said(
        app,
        4,
        "leah",
        "",
        "I can hear the mill in the background. Was that the old one, below \
                              the bridge?",
    );
    said(app, 5, "Shlomo", "", "Exactly there. About ten metres away, and it did not mind me.");
    tell(app, 7, Event::Joined { name: name("Noa"), at: at(7) });
    said(app, 8, "Noa", "", "I will be ten minutes late: somebody parked on the tram line.");
    said(app, 9, "Dana", "", "כן, ניפגש ליד השער");
    said(app, 9, "leah", "", "See you at the gate, then.");
    said(app, 10, "Dana", "leah", "I kept you a seat.");
    said(app, 11, "Noa", "leah", "Is the route the one from last week?");
    said(app, 11, "Noa", "leah", "The one along the canal, I mean.");
}

fn private(app: &mut App) {
    said(app, 12, "leah", "Noa", "Yes, the canal one. It is called route.gpx.");
    said(app, 13, "Noa", "leah", "Found it, thank you. Is there a place to lock a bicycle?");
    said(app, 13, "leah", "Noa", "Right beside the gate, under the chestnut.");
    app.open(Audience::One(name("Noa")));
    app.room.draft = "And bring a jacket, it".into();
    transfers(app);
}

fn files(app: &mut App) {
    let list = [
        ("field-recording.flac", 48 * MIB),
        ("floor-plan.svg", 212 << 10),
        ("holiday-photos.zip", 96 * MIB),
        ("minutes-2026-08.pdf", 3 * MIB),
        ("notes.pdf", 10 * MIB),
        ("route.gpx", 84 << 10),
        ("video.mkv", 2150 * MIB),
    ];
    let entry = |(name, size): (&str, u64)| FileEntry { name: file(name), size, stamp: Stamp(1) };
    tell(app, 0, Event::Files(list.into_iter().map(entry).collect()));
}

fn begin(app: &mut App, name: &str, save_as: &str, up: bool) -> TransferId {
    let id = app.room.transfer_id();
    let wish = if up {
        let path = PathBuf::from("/home/leah").join(save_as);
        Wish::Put(Box::new(Put { id, path, save_as: Some(file(name)), hold: false }))
    } else {
        Wish::Get(Box::new(Get {
            id,
            file: file(name),
            folder: "/home/leah/Downloads".into(),
            save_as: Some(file(save_as)),
            clash: Clash::KeepBoth,
            hold: false,
            pause_at: None,
            confirmed: false,
        }))
    };
    Arc::make_mut(&mut app.room.transfers).push(Transfer::new(wish));
    id
}

fn report(app: &mut App, id: TransferId, size: u64, done: u64, rate: u64, state: TransferState) {
    let is_up = app.room.transfer_mut(id).is_some_and(|row| row.direction == Direction::Upload);
    let direction = if is_up { Direction::Upload } else { Direction::Download };
    let last_byte = Some(129);
    let size = Some(size);
    let file = file("file");
    let report = TransferReport { id, file, direction, size, done, rate, last_byte, state };
    let me = app.room.me.clone();
    if let Some(row) = app.room.transfer_mut(id) {
        row.on_report(me.as_ref(), &report);
    }
}

/// A transfer that runs, one that is paused, one that failed.
fn transfers(app: &mut App) {
    let video = begin(app, "video.mkv", "video.mkv", false);
    report(app, video, 2150 * MIB, 688 * MIB, 13 * MIB, TransferState::Flowing);
    let notes = begin(app, "notes.pdf", "notes-1.pdf", false);
    let paused = TransferState::Paused { mine: true, theirs: false };
    report(app, notes, 10 * MIB, 5 * MIB, 0, paused);
    let plan = begin(app, "garden.svg", "garden.svg", true);
    let full = Error::new(
        ErrorKind::Refused,
        "cannot upload garden.svg",
        "a file of that name exists",
        "Upload it under another name.",
    );
    report(app, plan, 300 << 10, 0, 0, TransferState::Failed(full));
}

fn stand_still(app: &mut App) {
    for row in Arc::make_mut(&mut app.room.transfers) {
        if row.state == crate::data::transfer::State::Flowing {
            row.rate = 0;
            row.state = crate::data::transfer::State::Asked;
            row.told = "".into();
        }
    }
}

fn refused(app: &mut App) {
    app.open(Audience::One(name("Yael")));
    app.room.draft = "Are you still there?".into();
    let token = app.room.next_token;
    let now = Now { instant: Instant::ZERO, wall: at(14) };
    drop(app.send(now));
    let why = Error::new(
        ErrorKind::NotFound,
        "cannot deliver the message to Yael",
        "the user does not exist, or is not online",
        "",
    );
    tell(app, 14, Event::Rejected { token, why });
    tell(app, 14, Event::Left { name: name("Yael"), at: at(14) });
}

fn many(app: &mut App) {
    tell(app, 0, Event::Users(["leah", "Shlomo", "Dana"].iter().map(|who| name(who)).collect()));
    for number in 0..MANY {
        let from = ["Shlomo", "Dana", "leah"][usize::try_from(number / 3 % 3).unwrap_or(0)];
        let more = "and some words more ".repeat(usize::try_from(number % 7).unwrap_or(0));
        said(app, number / 20, from, "", &format!("Message number {number} {more}"));
    }
    let entry = |number: u64| FileEntry {
        name: file(&format!("file-{number:05}.dat")),
        size: number * 4096,
        stamp: Stamp(number),
    };
    tell(app, 0, Event::Files((0..MANY).map(entry).collect()));
}

fn unreachable() -> Error {
    Error::new(
        ErrorKind::Unreachable,
        "cannot reach 192.168.1.5:50000",
        "connection refused",
        Advice::IsItRunning("192.168.1.5:50000".into()),
    )
}

fn lost() -> Error {
    Error::new(
        ErrorKind::Timeout,
        "lost the connection to 192.168.1.5:50000",
        "the server is silent",
        "",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::app::Page;

    #[test]
    fn every_scene_can_be_set() {
        for name in names() {
            let mut app = App::default();
            set(&mut app, name).unwrap();
            let is_login = ["login", "wrong", "stranger", "changed"].contains(&name);
            assert_eq!(app.page == Page::Login, is_login, "{name}");
        }
        assert!(set(&mut App::default(), "nowhere").is_none());
    }
}
