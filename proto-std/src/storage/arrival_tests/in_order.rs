//! Files that are hashed as they are written, where there is no processor to spare.

use super::*;

const PIECE: usize = 60_000;
const GROUP: usize = 1 << 20;

#[cfg(unix)]
#[test]
fn what_is_hashed_as_it_is_written_is_not_read_again() {
    let place = Place::new();
    let content = content(5 * GROUP + 17);
    let (mut arriving, reports) = begin(&place, &content);
    for index in 0..content.len().div_ceil(PIECE) {
        arrive(&mut arriving, &content, index);
    }
    // Whoever reads these bytes finds others; the last group is read at the end.
    let mut spoiled = content.clone();
    spoiled[..5 * GROUP].fill(7);
    std::fs::write(place.path("a.haversack-part"), spoiled).unwrap();

    arriving.finish(digest(&content));

    finished(&reports).unwrap();
}

#[test]
fn what_comes_in_any_order_is_verified() {
    let place = Place::new();
    let content = content(7 * GROUP);
    let mut pieces: Vec<_> = (0..content.len().div_ceil(PIECE)).collect();
    // Losses that are made good later, here and there; whole groups between them.
    for at in [3, 4, 40, 41, 90, 116] {
        pieces.swap(at, (at * 7 + 5) % 117);
    }
    let (mut arriving, reports) = begin(&place, &content);
    let mut come = vec![false; pieces.len()];
    for index in pieces {
        write_piece(&mut arriving, &content, index);
        come[index] = true;
        let contiguous = come.iter().take_while(|come| **come).count() * PIECE;
        arriving.advance(Instant::ZERO, contiguous.min(content.len()) as u64).unwrap();
    }

    arriving.finish(digest(&content));

    finished(&reports).unwrap();
    assert!(std::fs::read(place.path("a")).unwrap() == content);
}

#[test]
fn what_was_hashed_is_not_written_over_before_anybody_was_told() {
    let place = Place::new();
    let content = content(3 * GROUP);
    let (mut arriving, reports) = begin(&place, &content);
    write(&mut arriving, 0, &content[..700_000]);

    write(&mut arriving, 50_000, &vec![7; 600_000]);
    write(&mut arriving, 700_000, &content[700_000..]);
    write(&mut arriving, GROUP as u64, &[7; 30]);
    arriving.finish(digest(&content));

    finished(&reports).unwrap();
    assert!(std::fs::read(place.path("a")).unwrap() == content, "other bytes than were hashed");
}

#[test]
fn what_the_keeper_was_told_before_it_counted_is_not_counted_back() {
    let place = Place::new();
    let content = content(3 * GROUP);
    let (mut arriving, reports) = begin(&place, &content);
    write(&mut arriving, 0, &content[..2 * GROUP]);
    arriving.save(Instant::ZERO, snapshot(&[range(0, 2 * GROUP as u64)]));
    assert!(matches!(next(&reports), Report::Saved(Ok(()))));

    arriving.advance(Instant::ZERO, GROUP as u64).unwrap();
    write(&mut arriving, 2 * GROUP as u64, &content[2 * GROUP..]);
    arriving.finish(digest(&content));

    finished(&reports).unwrap();
}

#[test]
fn an_interrupted_file_is_hashed_on_from_the_next_group() {
    let place = Place::new();
    let content = content(5 * GROUP);
    let (mut arriving, reports) = begin(&place, &content);
    for index in 0..40 {
        arrive(&mut arriving, &content, index);
    }
    close(arriving, &reports, &[range(0, 40 * PIECE as u64)]);

    let (mut arriving, reports) = begin(&place, &content);
    for index in 40..content.len().div_ceil(PIECE) {
        arrive(&mut arriving, &content, index);
    }
    arriving.finish(digest(&content));

    finished(&reports).unwrap();
    assert!(std::fs::read(place.path("a")).unwrap() == content);
}

#[test]
fn of_another_version_nothing_is_taken_for_hashed() {
    let place = Place::new();
    let old = content(3 * GROUP);
    let (mut arriving, reports) = begin(&place, &old);
    (0..30).for_each(|index| arrive(&mut arriving, &old, index));
    let new: Vec<u8> = old.iter().map(|byte| byte ^ 1).collect();

    arriving.begin(new.len() as u64, Stamp(2)).unwrap();
    (0..new.len().div_ceil(PIECE)).for_each(|index| arrive(&mut arriving, &new, index));
    arriving.finish(digest(&new));

    finished(&reports).unwrap();
    assert!(std::fs::read(place.path("a")).unwrap() == new);
}

/// A disk that takes nothing, as a full one.
#[cfg(target_os = "linux")]
#[test]
fn what_could_not_be_written_is_not_hashed() {
    use super::super::intake::Intake;
    use super::super::part::Part;

    let place = Place::new();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let name = FileName::parse("a").unwrap();
    let mut intake = Intake::new(Arc::new(Part::over(&place.folder, &name, full)), 0, true, true);
    intake.begin(3 * GROUP as u64, false);
    let content = content(GROUP);

    let outcome = intake.take(0, GROUP, &mut [IoSlice::new(&content)]);

    assert!(matches!(outcome, Err(Trouble::NoSpace)), "{outcome:?}");
    assert!(!intake.has_hashed() && intake.written() == 0);
}

fn begin(place: &Place, content: &[u8]) -> (Arriving, Receiver<Report>) {
    let (mut arriving, reports) = start_with(place.sink().unwrap(), true);
    arriving.begin(content.len() as u64, Stamp(1)).unwrap();
    (arriving, reports)
}

/// A piece that follows those before it.
fn arrive(arriving: &mut Arriving, content: &[u8], index: usize) {
    write_piece(arriving, content, index);
    let end = content.len().min((index + 1) * PIECE) as u64;
    arriving.advance(Instant::ZERO, end).unwrap();
}

fn write_piece(arriving: &mut Arriving, content: &[u8], index: usize) {
    let start = index * PIECE;
    write(arriving, start as u64, &content[start..content.len().min(start + PIECE)]);
}
