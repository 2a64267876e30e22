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
