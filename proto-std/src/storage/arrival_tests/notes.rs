//! What is noted of a file, for when its process is killed.

use super::*;

#[test]
fn what_a_killed_process_had_noted_is_there() {
    let place = Place::new();
    let content = content(5 << 20);
    let (mut arriving, reports) = place.start();
    arriving.begin(content.len() as u64, Stamp(1)).unwrap();
    assert!(!arriving.wants_note(at(9)));
    write(&mut arriving, 0, &content[..2_000_000]);
    assert!(arriving.wants_note(at(9)));
    arriving.note(at(9), &snapshot(&[range(0, 2_000_000)]));
    write(&mut arriving, 2_000_000, &content[2_000_000..3_000_000]);
    arriving.advance(Instant::ZERO, 3_000_000).unwrap();
    assert!(!arriving.wants_note(at(10)), "one was just written");
    assert!(arriving.wants_note(at(14)));
    arriving.note(at(14), &snapshot(&[range(0, 3_000_000)]));
    assert!(!arriving.wants_note(at(99)));
    // Nothing is saved by this.
    drop(arriving);
    assert!(reports.iter().next().is_none());

    let sink = place.sink().unwrap();
    assert_eq!(sink.held().unwrap().ranges, [range(0, 3_000_000)]);
    let (mut arriving, reports) = start(sink);
    arriving.begin(content.len() as u64, Stamp(1)).unwrap();
    write(&mut arriving, 3_000_000, &content[3_000_000..]);
    arriving.finish(digest(&content));
    finished(&reports).unwrap();
    assert_eq!(place.sidecars.list().unwrap(), []);
}

#[test]
fn a_small_download_can_do_without_notes_until_it_is_held_and_an_upload_cannot() {
    let place = Place::new();
    let notes = || std::fs::read_dir(place.state.path()).unwrap().count();
    let (mut arriving, _reports) = place.start();
    arriving.begin(9, Stamp(1)).unwrap();
    arriving.spare_notes();
    arriving.note(at(0), &snapshot(&[range(0, 3)]));
    assert_eq!(notes(), 0);

    arriving.note(at(0), &Snapshot { held: true, ..snapshot(&[range(0, 3)]) });
    assert_eq!(notes(), 1);

    let (upload, save_as) = (true, FileName::parse("b").unwrap());
    let upload = SinkRequest { upload, save_as, ..place.request() };
    let (mut arriving, _reports) = start(SinkFile::open(upload).unwrap());
    arriving.begin(9, Stamp(1)).unwrap();
    arriving.spare_notes();
    arriving.note(at(0), &snapshot(&[]));
    assert_eq!(notes(), 2);
}

fn at(ms: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(ms)
}
