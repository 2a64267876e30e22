//! Stories of files that are not what was sent, or not what was promised.

use proto_core::limits::MAX_FILE_SIZE;

use super::*;

#[test]
fn what_is_not_what_was_sent_gets_no_name() {
    let place = Place::new();
    let (mut arriving, reports) = place.start();
    arriving.begin(3, Stamp(1)).unwrap();
    write(&mut arriving, 0, b"abc");

    arriving.finish(digest(b"xyz"));

    assert!(matches!(finished(&reports), Err(Trouble::WrongDigest)));
    assert!(!place.path("a").exists());
    drop(arriving);
    closed(&reports);
    assert_eq!(place.files(), 0, "nobody can use it");
    assert_eq!(place.sidecars.list().unwrap(), []);
}

#[test]
fn what_is_hashed_is_not_written_again() {
    const GROUP: usize = 1 << 20;
    let place = Place::new();
    let content = content(GROUP + 20);
    let (mut arriving, reports) = place.start();
    arriving.begin(content.len() as u64, Stamp(1)).unwrap();
    write(&mut arriving, 0, &content[..GROUP]);
    arriving.advance(Instant::ZERO, GROUP as u64).unwrap();

    let rest = [&[7; 30][..], &content[GROUP..]].concat();
    write(&mut arriving, GROUP as u64 - 30, &rest);
    arriving.finish(digest(&content));

    finished(&reports).unwrap();
    assert!(std::fs::read(place.path("a")).unwrap() == content, "other bytes than were hashed");
}

#[cfg(unix)]
#[test]
fn a_new_version_without_room_is_not_taken_for_the_old_one() {
    let place = Place::new();
    let (mut arriving, reports) = place.start();
    arriving.begin(9, Stamp(1)).unwrap();
    write(&mut arriving, 0, b"old");
    close(arriving, &reports, &[range(0, 3)]);

    let (mut arriving, reports) = place.start();
    let outcome = arriving.begin(MAX_FILE_SIZE, Stamp(2)).map(drop);
    assert!(matches!(outcome, Err(Trouble::NoSpace)), "{outcome:?}");
    close(arriving, &reports, &[]);

    assert_eq!(place.sidecars.list().unwrap(), [], "none of it is here");
    assert_eq!(place.files(), 0);
}

#[test]
fn what_others_remember_of_a_part_is_not_said_of_the_next_one() {
    const GROUP: usize = 1 << 20;
    let place = Place::new();
    let old = content(3 * GROUP);
    let (mut arriving, reports) = place.start();
    arriving.begin(old.len() as u64, Stamp(1)).unwrap();
    write(&mut arriving, 0, &old[..2 * GROUP]);
    arriving.advance(Instant::ZERO, 2 * GROUP as u64).unwrap();
    close(arriving, &reports, &[range(0, 2 * GROUP as u64)]);

    let elsewhere = tempfile::tempdir().unwrap();
    let sidecars = Some(Sidecars::open(elsewhere.path()).unwrap());
    let sink = SinkFile::open(SinkRequest { sidecars, ..place.request() }).unwrap();
    assert_eq!(sink.held(), None);
    let (mut arriving, reports) = start(sink);
    arriving.begin(old.len() as u64, Stamp(2)).unwrap();
    write(&mut arriving, 0, &vec![0xEE; 2 * GROUP]);
    close(arriving, &reports, &[range(0, 2 * GROUP as u64)]);

    assert_eq!(place.sink().unwrap().held(), None, "those bytes are not here any more");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_another_one_by_now_is_not_hashed_before_that_is_known() {
    let place = Place::new();
    let (old, new) = (content(64 << 20), content(3_000_000));
    let (mut arriving, _reports) = place.start();
    arriving.begin(old.len() as u64 + 5, Stamp(1)).unwrap();
    write(&mut arriving, 0, &old);
    arriving.note(Instant::ZERO, &snapshot(&[range(0, old.len() as u64)]));
    drop(arriving);

    let (mut arriving, reports) = place.start();
    arriving.advance(Instant::ZERO, old.len() as u64).unwrap();
    assert_eq!(arriving.begin(new.len() as u64, Stamp(2)).unwrap(), []);
    write(&mut arriving, 0, &new);
    arriving.advance(Instant::ZERO, new.len() as u64).unwrap();
    arriving.finish(digest(&new));

    finished(&reports).unwrap();
}
