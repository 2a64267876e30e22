//! Links that lose, double, reorder and spoil.

use core::time::Duration;

use super::link::Weather;
use super::pair::Pair;
use crate::flow::{FlowEvent, STALLED_AFTER};
use crate::ids::TransferId;

#[test]
fn files_arrive_whole_through_every_weather() {
    let weathers = [
        Weather { lost: 10, ..Weather::FAIR },
        Weather { lost: 100, ..Weather::FAIR },
        Weather { lost: 300, ..Weather::FAIR },
        Weather { jitter: Duration::from_millis(15), ..Weather::FAIR },
        Weather { doubled: 300, ..Weather::FAIR },
        Weather { spoilt: 100, ..Weather::FAIR },
        Weather {
            lost: 150,
            doubled: 150,
            spoilt: 50,
            jitter: Duration::from_millis(30),
            ..Weather::FAIR
        },
    ];
    for (seed, weather) in weathers.into_iter().enumerate() {
        let mut pair = Pair::new(weather, seed as u64);
        pair.share("down", 400_000).get(1, "down").put(2, "up", 400_000);

        pair.finish(600);

        assert_eq!(pair.client.parts[&1], pair.server.files["down"].content, "{weather:?}");
        assert_eq!(pair.server.parts[&2], pair.client.files["up"].content, "{weather:?}");
        assert_eq!((pair.client.ends(1), pair.server.ends(1)), (1, 1));
        assert_eq!((pair.client.ends(2), pair.server.ends(2)), (1, 1));
    }
}

#[test]
fn a_slow_disk_costs_time_and_nothing_else() {
    let mut pair = Pair::new(Weather { lost: 50, ..Weather::FAIR }, 9);
    pair.client.write_delay = Duration::from_millis(30);
    pair.share("file", 500_000).get(1, "file");

    pair.finish(600);

    assert_eq!(pair.client.parts[&1], pair.server.files["file"].content);
}

#[test]
fn a_blackout_stalls_a_transfer_which_then_goes_on_by_itself() {
    let mut pair = Pair::new(Weather { rate: 100, ..Weather::FAIR }, 4);
    pair.share("file", 500_000).get(1, "file");
    pair.run_until(60, |pair| pair.client.progress(1).done > 100_000);
    let stalled = FlowEvent::Stalled { id: TransferId(1) };
    let proceeding = FlowEvent::Proceeding { id: TransferId(1) };

    blackout(&mut pair, true);
    pair.run_for(STALLED_AFTER / 2);
    assert!(!pair.client.events.contains(&stalled));
    pair.run_for(STALLED_AFTER);
    for end in [&pair.client, &pair.server] {
        assert!(end.events.contains(&stalled) && !end.events.contains(&proceeding));
    }

    blackout(&mut pair, false);
    pair.finish(120);
    for end in [&pair.client, &pair.server] {
        assert!(end.events.contains(&proceeding) && end.finished(1));
    }
    assert_eq!(pair.client.parts[&1], pair.server.files["file"].content);
}

#[test]
fn have_maps_make_up_for_lost_acknowledgements() {
    let mut pair = Pair::new(Weather::FAIR, 5);
    pair.share("file", 2_000_000);
    pair.run_for(Duration::from_secs(1));
    pair.client.link.weather.lost = 600;
    pair.get(1, "file");

    pair.finish(600);

    assert!(pair.client.flow.stats().haves_sent > 0);
    assert_eq!(pair.client.parts[&1], pair.server.files["file"].content);
}

#[test]
fn a_day_of_darkness_ends_a_transfer_on_both_sides() {
    let mut pair = Pair::new(Weather { rate: 100, ..Weather::FAIR }, 6);
    pair.share("file", 500_000).get(1, "file");
    pair.run_until(60, |pair| pair.client.progress(1).done > 100_000);

    blackout(&mut pair, true);
    pair.run_until(25 * 3600, |pair| !pair.client.flow.is_busy() && !pair.server.flow.is_busy());

    assert_eq!((pair.client.ends(1), pair.server.ends(1)), (1, 1));
}

fn blackout(pair: &mut Pair, on: bool) {
    pair.client.link.blackout = on;
    pair.server.link.blackout = on;
}

#[test]
fn more_holes_than_there_are_books_for_are_refused_and_filled_later() {
    let mut pair = Pair::new(Weather { rate: 1 << 17, ..Weather::FAIR }, 8);
    pair.share("file", 5_000_000).get(1, "file");
    pair.run_until(60, |pair| pair.client.progress(1).done > 500_000);

    pair.server.link.weather.lost = 500;
    pair.run_for(Duration::from_millis(20));
    pair.server.link.weather.lost = 0;
    pair.finish(60);

    assert!(pair.client.flow.stats().chunks_refused > 0);
    assert_eq!(pair.client.parts[&1], pair.server.files["file"].content);
}
