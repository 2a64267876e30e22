//! Every way to end, at any moment, exactly once on each side.

use core::time::Duration;

use super::link::Weather;
use super::pair::Pair;
use crate::flow::Busy;
use crate::ids::TransferId;
use crate::secure::Role;
use crate::text::FileName;
use crate::wire::AbortReason;

const ID: TransferId = TransferId(1);

#[test]
fn either_side_cancels_at_any_moment_and_both_end_once() {
    for role in [Role::Client, Role::Server] {
        for millis in (0..240).step_by(7) {
            let mut pair = Pair::new(Weather { lost: 50, ..Weather::FAIR }, millis);
            pair.share("file", 300_000).get(1, "file");
            pair.run_for(Duration::from_millis(millis));

            let now = pair.now;
            pair.end(role).flow.cancel(now, ID, AbortReason::Cancelled);
            pair.finish(60);

            let begun = millis >= 10 || role == Role::Client;
            assert_eq!(pair.client.ends(1), 1, "{role:?} at {millis} ms");
            assert!(!begun || pair.server.ends(1) <= 1);
            if pair.client.ended(1).is_some() && millis >= 10 {
                assert_eq!(pair.server.ends(1), 1, "{role:?} at {millis} ms");
            }
        }
    }
}

#[test]
fn both_cancel_at_once_and_each_ends_by_itself() {
    let mut pair = Pair::new(Weather::FAIR, 1);
    pair.share("file", 3_000_000).get(1, "file");
    pair.run_for(Duration::from_millis(100));

    pair.client.flow.cancel(pair.now, ID, AbortReason::Cancelled);
    pair.server.flow.cancel(pair.now, ID, AbortReason::Stalled);
    pair.finish(60);

    assert_eq!(pair.client.ended(1), Some((AbortReason::Cancelled, false)));
    assert_eq!(pair.server.ended(1), Some((AbortReason::Stalled, false)));
    assert_eq!((pair.client.ends(1), pair.server.ends(1)), (1, 1));
}

#[test]
fn a_file_that_is_not_there_is_refused_with_the_reason() {
    let mut pair = Pair::new(Weather::FAIR, 2);
    pair.get(1, "nothing");

    pair.finish(60);

    assert_eq!(pair.client.ended(1), Some((AbortReason::NoSuchFile, true)));
    assert_eq!(pair.server.ended(1), Some((AbortReason::NoSuchFile, false)));
}

#[test]
fn a_source_that_cannot_read_tells_its_sink() {
    let mut pair = Pair::new(Weather::FAIR, 3);
    pair.share("file", 3_000_000).get(1, "file");
    pair.run_for(Duration::from_millis(100));

    pair.server.disk_fails = true;
    pair.finish(60);

    assert_eq!(pair.client.ended(1), Some((AbortReason::DiskFailed, true)));
    assert_eq!(pair.server.ended(1), Some((AbortReason::DiskFailed, false)));
}

#[test]
fn a_sink_that_cannot_write_tells_its_source() {
    let mut pair = Pair::new(Weather::FAIR, 4);
    pair.put(1, "file", 3_000_000);
    pair.run_for(Duration::from_millis(100));

    pair.server.disk_fails = true;
    pair.finish(60);

    assert_eq!(pair.client.ended(1), Some((AbortReason::NoSpace, true)));
    assert_eq!(pair.server.ended(1), Some((AbortReason::NoSpace, false)));
}

#[test]
fn what_is_late_never_meets_the_next_transfer_of_the_same_id() {
    let mut pair = Pair::new(Weather { jitter: Duration::from_millis(5), ..Weather::FAIR }, 5);
    for millis in [60, 70, 80] {
        pair.put(1, "old", 3_000_001);
        pair.run_for(Duration::from_millis(millis));
        pair.client.flow.cancel(pair.now, ID, AbortReason::Cancelled);
        pair.drain();
    }

    pair.put(1, "new", 3_000_000);
    pair.run_until(60, |pair| pair.client.finished(1));

    assert_eq!(pair.client.ends(1), 4);
    let (_, last) = pair.server.parts.last_key_value().unwrap();
    assert_eq!(*last, pair.client.files["new"].content);
}

#[test]
fn a_full_table_refuses_at_home_and_away() {
    let mut pair = Pair::new(Weather::FAIR, 6);
    pair.server.obliging = false;
    for id in 0..8 {
        pair.get(id, "file");
    }
    let name = FileName::parse("file").unwrap();
    let one_more = pair.client.flow.get(pair.now, TransferId(8), &name, None, false, false);
    assert_eq!(one_more, Err(Busy));

    pair.run_for(Duration::from_secs(1));
    pair.client.flow.cancel(pair.now, TransferId(0), AbortReason::Cancelled);
    pair.drain();
    let get = crate::wire::Transfer::Get {
        id: TransferId(9),
        name,
        held: None,
        hold: false,
        confirmed: false,
        stop_at: None,
    };
    pair.server.flow.handle_message(pair.now, &get).unwrap();
    pair.drain();

    let busy = crate::wire::Transfer::Abort { id: TransferId(9), why: AbortReason::Busy };
    assert!(pair.server.said.contains(&busy));
}
