//! Files that are verified and not kept.

use super::*;

const PIECE: usize = 60_000;
const GROUP: usize = 1 << 20;

#[test]
fn what_passes_in_order_takes_no_room_on_the_disk() {
    let place = Place::new();
    let content = content(5 * GROUP + 17);
    let (mut arriving, reports) = start_discarding(&place);
    arriving.begin(content.len() as u64, Stamp(1)).unwrap();
    for (index, piece) in content.chunks(PIECE).enumerate() {
        let offset = (index * PIECE) as u64;
        write(&mut arriving, offset, piece);
        arriving.advance(Instant::ZERO, offset + piece.len() as u64).unwrap();
    }
    let part = std::fs::File::open(place.path("a.haversack-part")).unwrap();
    assert!(super::super::space::taken(&part).unwrap() <= 2 * GROUP as u64);

    arriving.finish(digest(&content));

    assert!(finished(&reports).is_ok());
    closed(&reports);
    // What is open stays where it is on some systems.
    drop((arriving, part));
    assert_eq!(place.files(), 0);
}

#[test]
fn what_passes_in_any_order_is_verified() {
    let place = Place::new();
    let content = content(7 * GROUP);
    let mut pieces: Vec<_> = content.chunks(PIECE).enumerate().collect();
    // Losses that are made good later, here and there; whole groups between them.
    for at in [3, 4, 40, 41, 90, 116] {
        pieces.swap(at, (at * 7 + 5) % 117);
    }
    let (mut arriving, reports) = start_discarding(&place);
    arriving.begin(content.len() as u64, Stamp(1)).unwrap();
    for (index, piece) in &pieces {
        write(&mut arriving, (index * PIECE) as u64, piece);
    }
    write(&mut arriving, 0, &content[..PIECE]);
    arriving.advance(Instant::ZERO, content.len() as u64).unwrap();
    arriving.finish(digest(&content));

    assert!(finished(&reports).is_ok());
}

#[test]
fn a_group_whose_end_came_first_is_verified() {
    let place = Place::new();
    let content = content(3 * GROUP);
    let (mut arriving, reports) = start_discarding(&place);
    arriving.begin(content.len() as u64, Stamp(1)).unwrap();
    write(&mut arriving, 500_000, &content[500_000..]);
    write(&mut arriving, 0, &content[..500_000]);
    arriving.advance(Instant::ZERO, content.len() as u64).unwrap();

    arriving.finish(digest(&content));

    assert!(finished(&reports).is_ok());
}

#[test]
fn what_is_not_kept_is_not_believed_either() {
    let place = Place::new();
    let content = content(3 * GROUP);
    let (mut arriving, reports) = start_discarding(&place);
    arriving.begin(content.len() as u64, Stamp(1)).unwrap();
    let mut wrong = content.clone();
    wrong[1_500_000] ^= 1;
    write(&mut arriving, 0, &wrong);
    arriving.advance(Instant::ZERO, content.len() as u64).unwrap();

    arriving.finish(digest(&content));

    assert!(matches!(finished(&reports), Err(Trouble::WrongDigest)));
}

fn start_discarding(place: &Place) -> (Arriving, Receiver<Report>) {
    start(SinkFile::open(SinkRequest { exists: Exists::Discard, ..place.request() }).unwrap())
}
