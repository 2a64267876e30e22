//! The server's files and the transfers.

use std::time::Duration;

use druid::KbKey;
use proto_core::ids::{Stamp, TransferId};
use proto_core::text::FileName;
use proto_std::session::{
    Advice, Clash, Command, Direction, Error, ErrorKind, Event, FileEntry, Get, TransferReport,
    TransferState,
};

use super::pilot::{Pilot, fly};
use crate::commands::FILE_LIST;
use crate::data::dialog::Dialog;
use crate::data::save_as::Verdict;
use crate::data::transfer::{Deed, State};
use crate::data::words;
use crate::errand::Answer;

const SIZE: u64 = 10 << 20;

fn get(command: &Command) -> &Get {
    match command {
        Command::Get(get) => get,
        other => panic!("not a download: {other:?}"),
    }
}

/// The server has one file.
fn share_notes(pilot: &mut Pilot<'_, '_>) {
    let name = FileName::parse("notes.pdf").unwrap();
    pilot.tell(Event::Files(vec![FileEntry { name, size: SIZE, stamp: Stamp(1) }]));
}

/// Begins the download of the first file that is found with `needle`, with the keyboard.
fn download(pilot: &mut Pilot<'_, '_>, needle: &'static str) -> TransferId {
    pilot.edit(move |app| {
        app.room.files.filter = needle.into();
        app.room.files.look();
    });
    pilot.focus(FILE_LIST);
    pilot.press(KbKey::Enter);
    assert_eq!(pilot.app().dialog, Dialog::SaveAs);
    pilot.press(KbKey::Enter);
    get(&pilot.heard()[0]).id
}

const DONE: TransferState =
    TransferState::Done { path: None, digest: None, took: Duration::from_secs(3), synced: None };

fn report(pilot: &mut Pilot<'_, '_>, id: TransferId, done: u64, state: TransferState) {
    pilot.tell(Event::Transfer(Box::new(TransferReport {
        id,
        file: FileName::parse("notes.pdf").unwrap(),
        direction: Direction::Download,
        size: Some(SIZE),
        done,
        rate: 1 << 20,
        last_byte: Some(129),
        state,
    })));
}

/// Row 27.
#[test]
fn a_file_is_picked_and_fetched_under_its_own_name_with_the_keyboard_alone() {
    fly("files", |pilot| {
        pilot.ctrl("e");
        pilot.press(KbKey::Home);
        pilot.press(KbKey::ArrowDown);
        pilot.press(KbKey::Enter);
        assert_eq!(pilot.app().save.name, "floor-plan.svg");
        pilot.press(KbKey::Enter);

        let heard = pilot.heard();
        let get = get(&heard[0]);
        assert_eq!(get.file.as_str(), "floor-plan.svg");
        assert_eq!(get.save_as.as_ref().unwrap().as_str(), "floor-plan.svg");
        assert_eq!((get.clash, get.pause_at), (Clash::KeepBoth, None));
        assert_eq!(pilot.app().dialog, Dialog::None);
    });
}

/// Row 28.
#[test]
fn half_way_is_asked_for_with_a_tick_and_the_name_is_the_users() {
    fly("save-as", |pilot| {
        pilot.edit(|app| {
            app.save.name = "copy.pdf".into();
            app.save.folder = app.downloads.display().to_string();
        });
        // From the name over the folder and its button to the box.
        for _ in 0..3 {
            pilot.press(KbKey::Tab);
        }
        pilot.press(" ");
        assert!(pilot.app().save.pause);
        pilot.press(KbKey::Tab);
        pilot.press(KbKey::Tab);
        pilot.press(KbKey::Enter);

        let heard = pilot.heard();
        assert_eq!(get(&heard[0]).pause_at.unwrap().get(), 50);
        assert_eq!(get(&heard[0]).save_as.as_ref().unwrap().as_str(), "copy.pdf");
    });
}

/// Row 29.
#[test]
fn a_missing_file_type_is_explained_and_not_forbidden() {
    fly("save-as", |pilot| {
        let verdict = pilot.app().save.verdict();
        assert!(matches!(&verdict, Verdict::Odd(why) if why.contains("<name>.<file type>")));
        pilot.edit(|app| app.save.folder = app.downloads.display().to_string());
        pilot.press(KbKey::Enter);
        assert_eq!(get(&pilot.heard()[0]).save_as.as_ref().unwrap().as_str(), "notes");
    });
}

#[test]
fn an_impossible_name_or_folder_keeps_the_dialog_open() {
    fly("save-as", |pilot| {
        pilot.edit(|app| app.save.name = "../x.pdf".into());
        pilot.press(KbKey::Enter);
        assert!(pilot.heard().is_empty());

        pilot.edit(|app| {
            app.save.name = "x.pdf".into();
            app.save.folder = "/no/such/folder".into();
        });
        pilot.press(KbKey::Enter);
        assert!(pilot.heard().is_empty());
        assert_eq!(pilot.app().save.folder_error.as_deref(), Some("There is no such folder"));
        assert_eq!(pilot.app().dialog, Dialog::SaveAs);
    });
}

/// Row 34.
#[test]
fn a_transfers_row_tells_its_steps_in_the_sources_words() {
    fly("empty", |pilot| {
        share_notes(pilot);
        let id = download(pilot, "notes");
        let mut told = Vec::new();
        let mut step = |done, state| {
            report(pilot, id, done, state);
            told.push(pilot.app().room.transfers[0].told.to_string());
        };
        step(0, TransferState::Asked);
        step(0, TransferState::Started { resumed_from: 0 });
        step(SIZE / 4, TransferState::Flowing);
        // The connection falls, and comes back.
        step(SIZE / 4, TransferState::Asked);
        step(SIZE / 4, TransferState::Started { resumed_from: SIZE / 4 });
        step(SIZE / 2, TransferState::Paused { mine: true, theirs: false });
        step(SIZE / 2, TransferState::Flowing);
        step(SIZE, TransferState::Verifying);
        step(SIZE, DONE);

        let proceeding = "user leah confirm proceeding";
        let steps = [
            "",
            "got a download connection",
            "got a download connection",
            "",
            "got a download connection",
            "user leah downloaded 50% out of file. last byte is: 129",
            proceeding,
            proceeding,
            "downloaded 100% out of file.",
        ];
        assert_eq!(told, steps);
    });
}

/// Rows 36 and 38.
#[test]
fn a_download_pauses_proceeds_verifies_and_is_done() {
    fly("empty", |pilot| {
        share_notes(pilot);
        let id = download(pilot, "notes");
        report(pilot, id, SIZE / 2, TransferState::Paused { mine: true, theirs: false });
        let row = pilot.app().room.transfers[0].clone();
        assert_eq!(words::state(&row), "Paused by you  ·  5.0/10.0 MiB");
        assert_eq!(row.deeds(), [Deed::Proceed, Deed::Cancel]);

        // From the list of files one step on: the row itself.
        pilot.focus(FILE_LIST);
        pilot.press(KbKey::Tab);
        pilot.press(" ");
        let heard = pilot.heard();
        assert!(matches!(heard[..], [Command::Hold { set: false, .. }]), "{heard:?}");

        report(pilot, id, SIZE, TransferState::Verifying);
        assert_eq!(pilot.app().room.transfers[0].state, State::Verifying);
        report(pilot, id, SIZE, DONE);
        let row = pilot.app().room.transfers[0].clone();
        let words = "Downloaded and verified  ·  10.0 MiB  ·  in 0:03  ·  last byte 129";
        assert_eq!(words::state(&row), words);
        assert!(pilot.app().toast.as_ref().unwrap().text.contains("verified"));
        assert_ne!(download(pilot, "notes"), id, "another may begin");
    });
}

/// Row 33.
#[test]
fn the_servers_hold_is_proceeded_with_its_owners_consent() {
    fly("empty", |pilot| {
        share_notes(pilot);
        let id = download(pilot, "notes");
        report(pilot, id, SIZE / 2, TransferState::Paused { mine: false, theirs: true });
        assert!(words::state(&pilot.app().room.transfers[0]).starts_with("Paused by the server"));

        pilot.focus(FILE_LIST);
        pilot.press(KbKey::Tab);
        pilot.press(KbKey::Enter);

        let heard = pilot.heard();
        assert!(
            matches!(heard[..], [Command::Hold { set: false, .. }, Command::Confirm { .. }]),
            "{heard:?}"
        );
    });
}

/// Row 37.
#[test]
fn a_cancelled_download_is_no_failure_and_is_fetched_again_on_demand() {
    fly("empty", |pilot| {
        share_notes(pilot);
        let id = download(pilot, "notes");
        report(pilot, id, SIZE / 4, TransferState::Flowing);

        pilot.focus(FILE_LIST);
        pilot.press(KbKey::Tab);
        pilot.press(KbKey::Delete);
        assert!(matches!(pilot.heard()[..], [Command::Cancel { discard: true, .. }]));
        // What was under way before the session heard of it, and its answer.
        report(pilot, id, SIZE / 4, TransferState::Flowing);
        let told = Error::new(ErrorKind::Partial, "cannot download", "it was cancelled", "");
        report(pilot, id, SIZE / 4, TransferState::Failed(told));
        assert_eq!(pilot.app().room.transfers[0].state, State::Cancelled);
        assert!(pilot.app().toast.is_none());

        pilot.press(" ");
        let heard = pilot.heard();
        assert_ne!(get(&heard[0]).id, id);
        assert_eq!(get(&heard[0]).file.as_str(), "notes.pdf");
        assert_eq!(pilot.app().room.transfers.len(), 1);
    });
}

#[test]
fn a_download_that_was_done_before_it_could_be_cancelled_is_done() {
    fly("empty", |pilot| {
        share_notes(pilot);
        let id = download(pilot, "notes");
        pilot.focus(FILE_LIST);
        pilot.press(KbKey::Tab);
        pilot.press(KbKey::Delete);
        report(pilot, id, SIZE, DONE);

        assert!(matches!(pilot.app().room.transfers[0].state, State::Done { .. }));
    });
}

/// Row 30.
#[test]
fn a_failure_is_told_with_its_reason() {
    fly("empty", |pilot| {
        pilot.edit(|app| app.start_download("gone.pdf"));
        pilot.press(KbKey::Enter);
        let id = get(&pilot.heard()[0]).id;
        let why = Error::new(
            ErrorKind::NotFound,
            "cannot download gone.pdf",
            "File does not exist",
            Advice::SeeFiles,
        );
        report(pilot, id, 0, TransferState::Failed(why));

        assert_eq!(words::state(&pilot.app().room.transfers[0]), "File does not exist.");
        let toast = pilot.app().toast.clone().unwrap();
        assert!(toast.is_error && toast.text.contains("File does not exist"));
    });
}

#[test]
fn a_list_that_changes_all_the_time_is_asked_for_once_at_a_time() {
    fly("files", |pilot| {
        for _ in 0..20 {
            pilot.tell(Event::FilesChanged);
        }
        assert!(matches!(pilot.heard()[..], [Command::Files]));
        pilot.tell(Event::Files(Vec::new()));
        assert!(matches!(pilot.heard()[..], [Command::Files]), "it changed meanwhile");
        pilot.tell(Event::Files(Vec::new()));
        assert!(pilot.heard().is_empty());
        pilot.tell(Event::FilesChanged);
        assert!(matches!(pilot.heard()[..], [Command::Files]));
    });
}

#[test]
fn when_all_rows_are_taken_the_dialog_stays_and_says_so() {
    fly("empty", |pilot| {
        share_notes(pilot);
        let first = download(pilot, "notes");
        for _ in 1..64 {
            download(pilot, "notes");
        }
        pilot.focus(FILE_LIST);
        pilot.press(KbKey::Enter);
        pilot.press(KbKey::Enter);
        assert!(pilot.heard().is_empty());
        assert_eq!((pilot.app().room.transfers.len(), pilot.app().dialog), (64, Dialog::SaveAs));
        assert!(pilot.app().toast.as_ref().unwrap().text.contains("Too many transfers"));

        report(pilot, first, 0, TransferState::Skipped);
        pilot.press(KbKey::Enter);
        assert!(matches!(pilot.heard()[..], [Command::Get(_)]));
        let rows = &pilot.app().room.transfers;
        assert!(rows.len() == 64 && rows.iter().all(|row| row.id != first));
    });
}

#[test]
fn trouble_with_an_errand_is_told_with_what_why_and_what_next() {
    fly("files", |pilot| {
        let error = Error::new(ErrorKind::Other, "cannot show /in", "no program", "Look yourself.");
        pilot.answer(Answer::Trouble(error));

        let toast = pilot.app().toast.clone().unwrap();
        assert_eq!(
            (&*toast.text, toast.is_error),
            ("Cannot show /in: no program. Look yourself.", true)
        );
    });
}

#[test]
fn a_folder_that_was_looked_up_for_another_dialog_begins_nothing() {
    fly("save-as", |pilot| {
        let (file, typed) = ("other.pdf".into(), pilot.app().save.folder.clone());
        let found = Ok(pilot.app().downloads.clone());
        pilot.answer(Answer::Folder { file, typed, found });

        assert!(pilot.heard().is_empty());
        assert_eq!(pilot.app().dialog, Dialog::SaveAs);
    });
}

#[test]
fn the_list_is_asked_for_again_when_it_changed() {
    fly("files", |pilot| {
        pilot.tell(Event::FilesChanged);
        assert!(matches!(pilot.heard()[..], [Command::Files]));
        pilot.press(KbKey::F5);
        assert!(pilot.heard().iter().any(|command| matches!(command, Command::Files)));
    });
}

#[test]
fn an_upload_says_what_is_wrong_with_its_path() {
    fly("upload", |pilot| {
        pilot.press(KbKey::Enter);
        assert!(pilot.app().upload.path_error.is_some());
        pilot.edit(|app| app.upload.path = "/no/such/file".into());
        pilot.press(KbKey::Enter);
        assert_eq!(pilot.app().upload.path_error.as_deref(), Some("There is no such file"));
        pilot.edit(|app| app.upload.path = "/".into());
        pilot.press(KbKey::Enter);
        assert!(pilot.app().upload.path_error.as_ref().unwrap().contains("folder"));
        assert!(pilot.heard().is_empty());
    });
}

#[test]
fn an_upload_is_put_under_its_own_name() {
    fly("upload", |pilot| {
        let file = pilot.app().downloads.join("plan.svg");
        std::fs::write(&file, "<svg/>").unwrap();
        pilot.edit(move |app| app.upload.path = format!("file://{}", file.display()));
        pilot.press(KbKey::Enter);

        let heard = pilot.heard();
        let Command::Put(put) = &heard[0] else { panic!("not an upload: {heard:?}") };
        assert_eq!(put.save_as.as_ref().unwrap().as_str(), "plan.svg");
        assert_eq!(pilot.app().room.transfers[0].direction, Direction::Upload);
    });
}
