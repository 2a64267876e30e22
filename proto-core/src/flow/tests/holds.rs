//! Pausing, proceeding and confirming.

use core::time::Duration;

use super::link::Weather;
use super::pair::{Pair, held};
use crate::flow::{Percent, State};
use crate::ids::TransferId;

const ID: TransferId = TransferId(1);

#[test]
fn either_side_holds_and_data_flows_only_when_neither_does() {
    let mut pair = slow_download(1);

    pair.client.flow.hold(pair.now, ID, true);
    assert_still(&mut pair);
    assert_eq!(states(&pair), (State::HeldByMe, State::HeldByPeer));

    pair.server.flow.hold(pair.now, ID, true);
    assert_still(&mut pair);
    assert_eq!(states(&pair), (State::HeldByBoth, State::HeldByBoth));

    pair.client.flow.hold(pair.now, ID, false);
    assert_still(&mut pair);
    assert_eq!(states(&pair), (State::HeldByPeer, State::HeldByMe));

    pair.server.flow.hold(pair.now, ID, false);
    pair.finish(60);
    assert_eq!(pair.client.parts[&1], pair.server.files["file"].content);
}

#[test]
fn an_upload_is_held_alike() {
    let mut pair = Pair::new(Weather { rate: 200, ..Weather::FAIR }, 2);
    pair.put(1, "file", 300_000);
    pair.run_for(Duration::from_millis(500));

    pair.server.flow.hold(pair.now, ID, true);
    assert_still(&mut pair);
    pair.client.flow.hold(pair.now, ID, true);
    pair.server.flow.hold(pair.now, ID, false);
    assert_still(&mut pair);

    pair.client.flow.hold(pair.now, ID, false);
    pair.finish(60);
    assert_eq!(pair.server.parts[&1], pair.client.files["file"].content);
}

#[test]
fn holding_twice_is_said_once() {
    let mut pair = slow_download(3);
    let said = pair.client.said.len();

    for _ in 0..3 {
        pair.client.flow.hold(pair.now, ID, true);
        pair.drain();
    }

    assert_eq!(pair.client.said.len(), said + 1);
}

#[test]
fn a_transfer_may_be_held_from_the_start() {
    let mut pair = Pair::new(Weather::FAIR, 4);
    pair.share("file", 100_000).get_with(1, "file", None, true, false);

    pair.run_for(Duration::from_secs(60));
    assert_eq!(pair.client.progress(1).done, 0);
    assert_eq!(states(&pair), (State::HeldByMe, State::HeldByPeer));

    pair.client.flow.hold(pair.now, ID, false);
    pair.finish(10);
    assert!(pair.client.finished(1));
}

#[test]
fn a_held_transfer_never_stalls() {
    let mut pair = slow_download(5);
    pair.client.flow.hold(pair.now, ID, true);

    pair.run_for(Duration::from_secs(3600));

    let stalled = crate::flow::FlowEvent::Stalled { id: ID };
    assert!(!pair.client.events.contains(&stalled) && !pair.server.events.contains(&stalled));
}

#[test]
fn the_server_stops_exactly_at_the_percentage_until_the_client_confirms() {
    for (size, weather) in [
        (300_001, Weather::FAIR),
        (3_000_000, Weather::FAIR),
        (300_001, Weather { lost: 200, ..Weather::FAIR }),
    ] {
        let mut pair = Pair::with_stop_point(weather, 6, Percent::new(50));
        pair.share("file", size).get(1, "file");
        let half = size.div_ceil(2) as u64;

        pair.run_until(300, |pair| pair.client.holds(1).is_some());
        assert_eq!(pair.client.holds(1), Some((false, true, half)));
        assert_eq!(pair.server.holds(1), Some((true, false, half)));
        pair.run_for(Duration::from_secs(60));
        assert_eq!(pair.client.progress(1).done, half);

        pair.server.flow.hold(pair.now, ID, false);
        pair.run_for(Duration::from_secs(5));
        assert_eq!(pair.client.progress(1).done, half, "only the client can confirm");

        pair.client.flow.confirm(pair.now, ID);
        pair.finish(300);
        assert_eq!(pair.client.parts[&1], pair.server.files["file"].content);
    }
}

#[test]
fn the_client_holds_exactly_at_its_own_stop_point() {
    for (size, weather) in [
        (301, Weather::FAIR),
        (3_000_000, Weather::FAIR),
        (300_001, Weather { lost: 200, ..Weather::FAIR }),
    ] {
        let mut pair = Pair::new(weather, 8);
        pair.share("file", size).get_until(1, "file", None, Percent::new(50));
        let half = size.div_ceil(2) as u64;

        pair.run_until(300, |pair| pair.server.holds(1).is_some());
        assert_eq!(pair.client.holds(1), Some((true, false, half)));
        pair.run_for(Duration::from_secs(60));
        assert_eq!(pair.client.progress(1).done, half);

        pair.client.flow.hold(pair.now, ID, false);
        pair.finish(300);
        assert_eq!(pair.client.parts[&1], pair.server.files["file"].content);
    }
}

#[test]
fn a_client_does_not_hold_again_where_a_resume_begins() {
    let mut pair = Pair::new(Weather::FAIR, 10);
    pair.share("file", 100_000);
    pair.client.parts.insert(1, pair.server.files["file"].content[..50_000].to_vec());

    pair.get_until(1, "file", Some(&held(1, &[(0, 50_000)])), Percent::new(50));
    pair.finish(60);

    assert_eq!(pair.client.holds(1), None);
    assert_eq!(pair.client.parts[&1], pair.server.files["file"].content);
}

#[test]
fn both_sides_may_stop_at_the_same_point() {
    let mut pair = Pair::with_stop_point(Weather::FAIR, 9, Percent::new(50));
    pair.share("file", 300_000).get_until(1, "file", None, Percent::new(50));

    let half = 150_000;
    pair.run_until(300, |pair| pair.client.holds(1) == Some((true, true, half)));
    assert_eq!(states(&pair).0, State::HeldByBoth);
    pair.client.flow.confirm(pair.now, ID);
    assert_still(&mut pair);

    pair.client.flow.hold(pair.now, ID, false);
    pair.finish(300);
    assert!(pair.client.finished(1));
}

#[test]
fn a_confirmation_survives_a_resume_and_is_asked_again_without() {
    for confirmed in [true, false] {
        let mut pair = Pair::with_stop_point(Weather::FAIR, 7, Percent::new(50));
        pair.share("file", 100_000);
        pair.client.parts.insert(1, pair.server.files["file"].content[..60_000].to_vec());

        pair.get_with(1, "file", Some(&held(1, &[(0, 60_000)])), false, confirmed);
        pair.run_for(Duration::from_secs(5));

        assert_eq!(pair.client.finished(1), confirmed);
        assert_eq!(pair.client.holds(1).is_some(), !confirmed);
    }
}

#[test]
fn a_confirmation_given_early_means_no_stop() {
    let mut pair =
        Pair::with_stop_point(Weather { rate: 200, ..Weather::FAIR }, 8, Percent::new(50));
    pair.share("file", 300_000).get(1, "file");
    pair.client.flow.confirm(pair.now, ID);

    pair.finish(60);

    assert!(pair.client.finished(1));
    assert_eq!(pair.client.holds(1), None);
}

fn slow_download(seed: u64) -> Pair {
    let mut pair = Pair::new(Weather { rate: 200, ..Weather::FAIR }, seed);
    pair.share("file", 300_000).get(1, "file");
    pair.run_for(Duration::from_millis(500));
    pair
}

/// Nothing more arrives once what was on its way has.
fn assert_still(pair: &mut Pair) {
    pair.run_for(Duration::from_secs(2));
    let before = (pair.client.progress(1).done, pair.server.progress(1).done);
    pair.run_for(Duration::from_secs(20));
    assert_eq!((pair.client.progress(1).done, pair.server.progress(1).done), before);
    assert!(0 < before.0 && before.0 < 300_000);
}

fn states(pair: &Pair) -> (State, State) {
    (pair.client.progress(1).state, pair.server.progress(1).state)
}
