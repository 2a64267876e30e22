//! Room on the disk that is taken ahead of what arrives.

use super::super::space;
use super::*;

const CAME: usize = 8 << 20;

#[test]
fn a_file_has_room_before_its_bytes_arrive_and_gives_it_back_when_they_do_not() {
    let place = Place::new();
    let (arriving, reports) = half_arrived(place.request());
    assert!(taken(&place) >= 3 * CAME as u64 / 2, "{} bytes", taken(&place));

    close(arriving, &reports, &[range(0, CAME as u64)]);

    assert!(taken(&place) <= CAME as u64 + 65_536, "{} bytes", taken(&place));
    assert_eq!(place.sink().unwrap().held().unwrap().ranges, [range(0, CAME as u64)]);
    let kept = std::fs::read(place.path("a.haversack-part")).unwrap();
    assert!(kept == content(CAME), "{} bytes", kept.len());
}

#[test]
fn a_download_is_as_long_as_what_has_come() {
    let place = Place::new();
    let (_arriving, _reports) = half_arrived(place.request());
    assert_eq!(length(&place), CAME as u64);
}

#[test]
fn an_upload_counts_with_what_it_will_have_whichever_version_comes() {
    let place = Place::new();
    for stamp in [1, 2] {
        let sink = SinkFile::open(SinkRequest { upload: true, ..place.request() }).unwrap();
        sink.claim(4 * CAME as u64).unwrap();
        let (mut arriving, reports) = start(sink);
        arriving.begin(4 * CAME as u64, Stamp(stamp)).unwrap();
        assert_eq!(length(&place), 4 * CAME as u64);

        write(&mut arriving, 0, &content(CAME));
        close(arriving, &reports, &[range(0, CAME as u64)]);
        assert_eq!(length(&place), 4 * CAME as u64);
    }
}

#[test]
fn a_file_that_is_not_kept_takes_no_room() {
    let place = Place::new();
    let request = SinkRequest { exists: Exists::Discard, ..place.request() };
    let (_arriving, _reports) = half_arrived(request);
    assert!(taken(&place) < CAME as u64 / 2, "{} bytes", taken(&place));
}

fn half_arrived(request: SinkRequest) -> (Arriving, Receiver<Report>) {
    let (mut arriving, reports) = start(SinkFile::open(request).unwrap());
    arriving.begin(4 * CAME as u64, Stamp(1)).unwrap();
    write(&mut arriving, 0, &content(CAME));
    arriving.advance(Instant::ZERO, CAME as u64).unwrap();
    // The keeper has done one thing after the other.
    arriving.save(Instant::ZERO, snapshot(&[range(0, CAME as u64)]));
    assert!(matches!(next(&reports), Report::Saved(Ok(()))));
    (arriving, reports)
}

fn taken(place: &Place) -> u64 {
    space::taken(&std::fs::File::open(place.path("a.haversack-part")).unwrap()).unwrap()
}

fn length(place: &Place) -> u64 {
    std::fs::metadata(place.path("a.haversack-part")).unwrap().len()
}
