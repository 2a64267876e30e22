//! What a source sends, when, and what it leaves out.

use super::*;

const STAMP: Stamp = Stamp(7);

#[test]
fn a_fresh_download_sends_its_first_mebibyte_before_it_is_accepted() {
    let mut source = Source::<8>::wanted(None, false, None);
    assert_eq!(source.take(100), None);

    source.offer(3 * EARLY_LEN, STAMP, None);
    assert_eq!(source.take(u64::MAX), Some(range(0, EARLY_LEN)));
    assert_eq!(source.take(100), None);

    source.on_accept(&[range(0, 50)]).unwrap();
    assert_eq!(source.take(100), Some(range(EARLY_LEN, EARLY_LEN + 100)));
}

#[test]
fn a_resumed_download_waits_and_leaves_out_what_is_held() {
    let mut source = Source::<8>::wanted(Some(STAMP), false, None);
    source.offer(100, STAMP, None);
    assert!(source.is_resumed());
    assert_eq!(source.take(100), None);

    source.on_accept(&[range(0, 40), range(60, 90)]).unwrap();

    assert_eq!(source.take(100), Some(range(40, 60)));
    assert_eq!(source.take(100), Some(range(90, 100)));
    assert_eq!(source.take(100), None);
}

#[test]
fn it_stops_exactly_at_the_percentage_until_confirmed() {
    let mut source = Source::<8>::wanted(None, false, None);
    source.offer(1001, STAMP, Percent::new(50));
    source.on_accept(&[]).unwrap();
    assert_eq!(source.take(300), Some(range(0, 300)));
    assert_eq!(source.take(300), Some(range(300, 501)));
    assert_eq!(source.take(300), None);
    assert!(!source.is_at_stop_point(), "what is under way must arrive first");

    source.on_acked(range(0, 300));
    source.on_acked(range(300, 501));
    assert!(source.is_at_stop_point());

    source.confirm();
    assert!(!source.is_at_stop_point());
    assert_eq!(source.take(300), Some(range(501, 801)));
}

#[test]
fn the_lower_stop_point_comes_first_and_each_is_passed_by_itself() {
    let mut source = Source::<8>::wanted(None, false, Percent::new(30));
    source.offer(1000, STAMP, Percent::new(50));
    source.on_accept(&[]).unwrap();
    assert_eq!(source.take(9999), Some(range(0, 300)));
    source.on_acked(range(0, 300));
    assert!(!source.is_at_stop_point(), "it is the client that holds there");

    source.go_past_client_stop();
    assert_eq!(source.take(9999), Some(range(300, 500)));
    source.on_acked(range(300, 500));
    assert!(source.is_at_stop_point());

    source.confirm();
    assert_eq!(source.take(9999), Some(range(500, 1000)));
}

#[test]
fn a_resume_beyond_the_clients_stop_point_does_not_stop() {
    let mut source = Source::<8>::wanted(Some(STAMP), false, Percent::new(30));
    source.offer(1000, STAMP, None);
    source.on_accept(&[range(0, 400)]).unwrap();
    assert_eq!(source.take(9999), Some(range(400, 1000)));
}

#[test]
fn a_confirmation_given_before_lasts() {
    let mut source = Source::<8>::wanted(Some(STAMP), true, None);
    source.offer(1000, STAMP, Percent::new(50));
    source.on_accept(&[range(0, 500)]).unwrap();

    assert!(!source.is_at_stop_point());
    assert_eq!(source.take(9999), Some(range(500, 1000)));
}

#[test]
fn what_is_lost_is_sent_again_unless_the_sink_has_it() {
    let mut source = open(1000);
    source.take(1000);
    source.on_have(range(0, 100));
    source.on_have(range(150, 160));

    source.on_lost(range(50, 200));

    assert_eq!(source.take(1000), Some(range(100, 150)));
    assert_eq!(source.take(1000), Some(range(160, 200)));
    assert_eq!(source.take(1000), None);
}

#[test]
fn a_late_acknowledgement_spares_the_resending() {
    let mut source = open(1000);
    source.take(1000);
    source.on_lost(range(0, 100));

    source.on_acked(range(0, 100));

    assert_eq!(source.take(1000), None);
}

#[test]
fn an_acknowledgement_without_room_in_the_books_is_sent_again_and_completes() {
    let mut source = Source::<2>::put(100, STAMP);
    source.on_accept(&[]).unwrap();
    while source.take(10).is_some() {}
    for start in [10, 30, 50, 70, 90] {
        source.on_acked(range(start, start + 10));
    }
    for start in [0, 20, 40, 60, 80] {
        source.on_lost(range(start, start + 10));
    }

    while let Some(sent) = source.take(10) {
        source.on_acked(sent);
    }

    assert!(source.is_complete());
}

#[test]
fn words_out_of_turn_are_misbehaviour() {
    let mut source = Source::<8>::wanted(None, false, None);
    assert_eq!(source.on_accept(&[]), Err(Misbehaviour::OutOfTurn));
    assert_eq!(source.on_done(), Err(Misbehaviour::OutOfTurn));

    source.offer(10, STAMP, None);
    assert_eq!(source.on_done(), Err(Misbehaviour::OutOfTurn));
    assert_eq!(source.on_accept(&[range(0, 11)]), Err(Misbehaviour::BeyondTheEnd));
    assert_eq!(source.on_accept(&[range(0, 10)]), Ok(()));

    assert_eq!(source.on_accept(&[]), Err(Misbehaviour::OutOfTurn));
    assert_eq!(source.on_done(), Ok(()));
}

fn open(size: u64) -> Source<8> {
    let mut source = Source::put(size, STAMP);
    source.on_accept(&[]).unwrap();
    source
}

fn range(start: u64, end: u64) -> ByteRange {
    ByteRange { start, end }
}
