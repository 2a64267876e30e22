//! Files through session, server and engine: verified, paused, confirmed, resumed.
#![allow(clippy::unwrap_used, reason = "this is a test")]

mod common;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use common::{Face, House};
use proto_core::ids::TransferId;
use proto_core::text::FileName;
use proto_std::session::{
    Clash, Command, Error, ErrorKind, Event, Get, Percent, Purpose, Put, TransferReport,
    TransferState,
};

const ID: TransferId = TransferId(1);

/// A file that differs in every place, and from others.
fn content(len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed | 1;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    })
    .take(len)
    .collect()
}

fn share(house: &House, name: &str, len: usize) -> Vec<u8> {
    let bytes = content(len, 7);
    fs::write(house.files().join(name), &bytes).unwrap();
    bytes
}

fn downloads(house: &House, who: &str) -> PathBuf {
    let folder = house.dir.path().join("downloads").join(who);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn get(house: &House, who: &str, name: &str) -> Get {
    Get {
        id: ID,
        file: FileName::parse(name).unwrap(),
        folder: downloads(house, who),
        save_as: None,
        clash: Clash::KeepBoth,
        hold: false,
        pause_at: None,
        confirmed: false,
    }
}

/// The next report that is picked; a failure ends the test.
#[track_caller]
fn report<T>(face: &mut Face, mut pick: impl FnMut(&TransferReport) -> Option<T>) -> T {
    face.until(|event| match event {
        Event::Transfer(report) => {
            let picked = pick(&report);
            if picked.is_none()
                && let TransferState::Failed(why) = &report.state
            {
                panic!("{why}");
            }
            picked
        }
        _ => None,
    })
}

#[track_caller]
fn done(face: &mut Face) -> Option<PathBuf> {
    report(face, |report| match &report.state {
        TransferState::Done { path, .. } => Some(path.clone()),
        _ => None,
    })
}

#[track_caller]
fn failure(face: &mut Face) -> Error {
    report(face, |report| match &report.state {
        TransferState::Failed(why) => Some(why.clone()),
        _ => None,
    })
}

#[test]
fn a_file_arrives_as_it_was() {
    let house = House::new();
    let mut leah = house.enter("leah");
    for (number, len) in [0, 1, 100_000, 5_000_000].into_iter().enumerate() {
        let name = format!("file {number}");
        let bytes = share(&house, &name, len);
        leah.command(Command::Get(Box::new(get(&house, "leah", &name))));
        let path = done(&mut leah).unwrap();
        assert!(fs::read(path).unwrap() == bytes, "{len} bytes");
    }
}

#[test]
fn a_file_that_is_there_already_is_kept_replaced_or_enough() {
    let house = House::new();
    let bytes = share(&house, "notes.txt", 1000);
    let folder = downloads(&house, "leah");
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    let mut leah = house.enter("leah");
    let mut ask = |clash| {
        let get = Get { clash, ..get(&house, "leah", "notes.txt") };
        leah.command(Command::Get(Box::new(get)));
        report(&mut leah, |report| report.state.is_final().then(|| report.state.clone()))
    };

    assert!(matches!(ask(Clash::Skip), TransferState::Skipped));
    assert!(matches!(ask(Clash::KeepBoth), TransferState::Done { .. }));
    assert_eq!(fs::read(folder.join("notes.txt")).unwrap(), b"mine");
    assert_eq!(fs::read(folder.join("notes (1).txt")).unwrap(), bytes);
    assert!(matches!(ask(Clash::Overwrite), TransferState::Done { .. }));
    assert_eq!(fs::read(folder.join("notes.txt")).unwrap(), bytes);
}

#[test]
fn a_file_that_is_not_there_is_named_so() {
    let house = House::new();
    let mut leah = house.enter("leah");
    leah.command(Command::Get(Box::new(get(&house, "leah", "nothing"))));
    let why = failure(&mut leah);
    assert_eq!(why.kind, ErrorKind::NotFound);
    assert_eq!(why.why, "File does not exist");
}

#[test]
fn an_upload_is_taken_only_where_it_is_welcome() {
    let house = House::with(|options| options.quota = Some(1 << 20));
    let bytes = content(500_000, 9);
    let path = house.dir.path().join("mine.bin");
    fs::write(&path, &bytes).unwrap();
    let mut leah = house.enter("leah");
    let put = Put { id: ID, path, save_as: None, hold: false };
    leah.command(Command::Put(Box::new(put.clone())));
    assert_eq!(done(&mut leah), None);
    assert!(fs::read(house.files().join("mine.bin")).unwrap() == bytes);

    leah.command(Command::Put(Box::new(put.clone())));
    assert!(failure(&mut leah).why.contains("exists"));
    let large = house.dir.path().join("large.bin");
    fs::write(&large, content(600_000, 3)).unwrap();
    leah.command(Command::Put(Box::new(Put { path: large, ..put.clone() })));
    let why = failure(&mut leah);
    assert_eq!(why.kind, ErrorKind::Refused);
    assert!(why.why.contains("at the server"), "{why}");

    let closed = House::new();
    let mut leah = closed.enter("leah");
    leah.command(Command::Put(Box::new(put)));
    let why = failure(&mut leah);
    assert_eq!(why.kind, ErrorKind::Refused);
    assert!(why.next.to_string().contains("--allow-upload"), "{why}");
}

#[test]
fn a_transfer_on_hold_goes_on_when_its_user_says_so() {
    let house = House::new();
    let bytes = share(&house, "big.bin", 3_000_000);
    let mut leah = house.enter("leah");
    let get = Get { hold: true, ..get(&house, "leah", "big.bin") };
    leah.command(Command::Get(Box::new(get)));
    report(&mut leah, |report| {
        matches!(report.state, TransferState::Paused { mine: true, .. }).then_some(())
    });
    // Twice is as good as once.
    leah.command(Command::Hold { id: ID, set: true });
    leah.command(Command::Hold { id: ID, set: false });
    let path = done(&mut leah).unwrap();
    assert!(fs::read(path).unwrap() == bytes);
}

#[test]
fn a_server_waits_for_each_user_at_its_stop_point() {
    let house = House::with(|options| options.confirm_at = Percent::new(50));
    let bytes = share(&house, "big.bin", 2_000_000);
    let (mut leah, mut dana) = (house.enter("leah"), house.enter("dana"));
    leah.command(Command::Get(Box::new(get(&house, "leah", "big.bin"))));
    let (at, last_byte) = report(&mut leah, |report| match report.state {
        TransferState::Paused { theirs: true, .. } => Some((report.done, report.last_byte)),
        _ => None,
    });
    assert!((1_000_000..1_100_000).contains(&at), "{at}");
    assert!(last_byte.is_some());

    let agreed = Get { confirmed: true, ..get(&house, "dana", "big.bin") };
    dana.command(Command::Get(Box::new(agreed)));
    assert!(fs::read(done(&mut dana).unwrap()).unwrap() == bytes, "one does not wait for another");

    leah.command(Command::Confirm { id: ID });
    assert!(fs::read(done(&mut leah).unwrap()).unwrap() == bytes);
}

#[test]
fn a_user_may_set_a_stop_point_too() {
    let house = House::with(|options| options.limit_rate = Some(4 << 20));
    let bytes = share(&house, "big.bin", 2_000_000);
    let mut leah = house.enter("leah");
    let get = Get { pause_at: Percent::new(30), ..get(&house, "leah", "big.bin") };
    leah.command(Command::Get(Box::new(get)));
    let percent = report(&mut leah, |report| match report.state {
        TransferState::Paused { mine: true, .. } => report.percent(),
        _ => None,
    });
    assert!((30..90).contains(&percent), "{percent}");
    leah.command(Command::Hold { id: ID, set: false });
    assert!(fs::read(done(&mut leah).unwrap()).unwrap() == bytes);
}

#[test]
fn a_download_survives_a_restart_of_the_server() {
    let mut house = House::with(|options| options.limit_rate = Some(2 << 20));
    let bytes = share(&house, "big.bin", 4_000_000);
    let mut leah = house.enter("leah");
    leah.command(Command::Get(Box::new(get(&house, "leah", "big.bin"))));
    report(&mut leah, |report| (report.done > 1_000_000).then_some(()));

    house.stop();
    house.start();

    let resumed = report(&mut leah, |report| match report.state {
        TransferState::Started { resumed_from } => Some(resumed_from),
        _ => None,
    });
    assert!(resumed > 900_000, "only {resumed} bytes were kept");
    assert!(fs::read(done(&mut leah).unwrap()).unwrap() == bytes);
}

#[test]
fn what_was_cancelled_can_be_resumed_in_another_session() {
    let house = House::with(|options| options.limit_rate = Some(2 << 20));
    let bytes = share(&house, "big.bin", 3_000_000);
    let mut leah = house.enter("leah");
    leah.command(Command::Get(Box::new(get(&house, "leah", "big.bin"))));
    report(&mut leah, |report| (report.done > 1_000_000).then_some(()));
    leah.command(Command::Cancel { id: ID, discard: false });
    assert_eq!(failure(&mut leah).kind, ErrorKind::Partial);
    leah.leave();

    let mut leah = house.enter("leah");
    leah.command(Command::Get(Box::new(get(&house, "leah", "big.bin"))));
    let resumed = report(&mut leah, |report| match report.state {
        TransferState::Started { resumed_from } => Some(resumed_from),
        _ => None,
    });
    assert!(resumed > 900_000, "only {resumed} bytes were kept");
    assert!(fs::read(done(&mut leah).unwrap()).unwrap() == bytes);
}

#[test]
fn an_upload_that_nobody_comes_back_for_is_kept_for_a_week() {
    let mut house = House::with(|options| {
        (options.quota, options.limit_rate) = (Some(1 << 30), Some(2 << 20));
    });
    let path = house.dir.path().join("mine.bin");
    fs::write(&path, content(8_000_000, 5)).unwrap();
    let mut config = house.config("leah", Purpose::Use);
    config.limit_rate = Some(2 << 20);
    let mut leah = Face::start(config);
    leah.command(Command::Put(Box::new(Put { id: ID, path, save_as: None, hold: false })));
    report(&mut leah, |report| (report.done > 1_000_000).then_some(()));
    leah.leave();
    let part = house.files().join("mine.bin.haversack-part");
    let theirs = house.files().join("theirs.haversack-part");
    fs::write(&theirs, "of another program").unwrap();

    house.stop();
    house.start();
    assert!(part.exists(), "who comes back soon finds it");

    house.stop();
    for entry in fs::read_dir(house.dir.path().join("server/uploads")).unwrap() {
        let file = fs::File::options().write(true).open(entry.unwrap().path()).unwrap();
        let modified = file.metadata().unwrap().modified().unwrap();
        file.set_modified(modified - Duration::from_secs(8 * 24 * 3600)).unwrap();
    }
    house.start();
    assert!(!part.exists(), "it lies there for ever");
    assert!(theirs.exists());
    assert_eq!(fs::read_dir(house.dir.path().join("server/uploads")).unwrap().count(), 0);
}

#[test]
fn more_files_than_go_at_once_all_arrive() {
    let house = House::new();
    let count: u16 = 60;
    for number in 0..count {
        share(&house, &format!("{number}.bin"), 10_000 + usize::from(number));
    }
    let mut leah = house.enter("leah");
    for number in 0..count {
        let get = get(&house, "leah", &format!("{number}.bin"));
        leah.command(Command::Get(Box::new(Get { id: TransferId(number), ..get })));
    }
    for _ in 0..count {
        done(&mut leah);
    }
    for number in 0..count {
        let path = downloads(&house, "leah").join(format!("{number}.bin"));
        assert_eq!(fs::read(path).unwrap().len(), 10_000 + usize::from(number));
    }
}

#[test]
fn a_chat_goes_on_beside_a_download() {
    let house = House::new();
    let bytes = share(&house, "big.bin", 30_000_000);
    let (mut leah, mut dana) = (house.join("leah"), house.join("dana"));
    leah.command(Command::Get(Box::new(get(&house, "leah", "big.bin"))));
    for number in 0..20 {
        leah.say(&format!("{number}"));
        assert_eq!(dana.heard().1, format!("{number}"));
    }
    assert!(fs::read(done(&mut leah).unwrap()).unwrap() == bytes);
}
