//! What the congestion controller promises, on a few links of the acceptance grid.

use std::thread;
use std::time::Duration;

use proto_core::path::congestion::ControllerKind;
use proto_sim::lab::{Cell, File, Guest, Outcome, Place, Rates};
use proto_sim::link::{LinkConfig, Loss};
use proto_sim::rng::Chance;

#[test]
fn a_link_that_loses_one_in_twenty_is_filled_and_its_queue_is_not() {
    for place in [Place::Before, Place::After] {
        let loss = Loss::Random(Chance::percent(5));
        let outcome = run(Cell { loss, place, ..link() });
        assert!(outcome.used > 0.97, "{outcome:?}");
        assert!(outcome.wait.0 < Duration::from_millis(12), "{outcome:?}");
        assert!(outcome.sent < 1.09, "{outcome:?}");
    }
}

#[test]
fn a_clean_link_is_filled_and_loses_nothing() {
    let outcome = run(link());
    assert!(outcome.used > 0.97, "{outcome:?}");
    assert!(outcome.wait.1 < Duration::from_millis(25), "{outcome:?}");
    assert_eq!(outcome.drops, 0, "{outcome:?}");
}

#[test]
fn a_link_that_loses_in_bursts_is_filled() {
    let loss = Loss::Bursty {
        turns_bad: Chance::per_million(13_000),
        turns_good: Chance::percent(25),
        lost: Chance::ALWAYS,
    };
    let outcome = run(Cell { loss, ..link() });
    assert!(outcome.used > 0.95, "{outcome:?}");
}

#[test]
fn a_shallow_queue_is_not_flooded() {
    let outcome = run(Cell { buffer: 25, ..link() });
    assert!(outcome.used > 0.95, "{outcome:?}");
    assert!(outcome.sent < 1.04, "{outcome:?}");
}

#[test]
fn a_long_way_is_filled_within_two_round_trips() {
    let outcome = run(Cell::new(20_000_000, Duration::from_millis(600)));
    assert!(outcome.start < 2.0 * 0.6, "{outcome:?}");
}

#[test]
fn a_short_way_is_filled_by_programs_that_are_late() {
    for micros in [50, 300] {
        let late = Duration::from_micros(micros);
        let time = Duration::from_secs(5);
        let outcome = run(Cell { late, time, ..Cell::new(300_000_000, Duration::from_millis(1)) });
        assert!(outcome.used > 0.95, "{outcome:?}");
        assert!(outcome.sent < 1.04, "{outcome:?}");
        // Two in a thousand of three seconds.
        assert!(outcome.start_drops < 156, "{outcome:?}");
    }
}

#[test]
fn a_fast_link_of_ten_milliseconds_is_filled_by_programs_that_are_late() {
    let (late, loss) = (Duration::from_micros(500), Loss::Random(Chance::percent(1)));
    let outcome = run(Cell { late, loss, ..Cell::new(100_000_000, Duration::from_millis(10)) });
    assert!(outcome.used > 0.96, "{outcome:?}");
    assert!(outcome.wait.0 < Duration::from_millis(3), "{outcome:?}");
    assert!(outcome.sent < 1.04, "{outcome:?}");
}

#[test]
fn programs_that_are_a_millisecond_late_cost_little_of_a_link() {
    for (mbit, rtt, lost) in [(100, 10, 1), (300, 5, 0), (50, 80, 0)] {
        let (late, loss) = (Duration::from_millis(1), Loss::Random(Chance::percent(lost)));
        let cell = Cell::new(mbit * 1_000_000, Duration::from_millis(rtt));
        let outcome = run(Cell { late, loss, ..cell });
        assert!(outcome.used > 0.9, "{mbit} Mbit/s {rtt} ms: {outcome:?}");
        assert!(outcome.sent < 1.035, "{mbit} Mbit/s {rtt} ms: {outcome:?}");
        assert!(outcome.wait.0 < Duration::from_millis(5), "{mbit} Mbit/s {rtt} ms: {outcome:?}");
    }
}

#[test]
fn a_file_over_a_bad_link_is_late_by_little_more_than_the_round_trip_that_finds_the_rate() {
    // 10 Mbit/s, 200 ms, 5 % lost: nine tenths of it and their headers take 8.15 s.
    let neck =
        LinkConfig { rate: Some(1_250_000), queue: 250_000, ..LinkConfig::clean(Duration::ZERO) };
    let loss = Loss::Random(Chance::percent(5));
    let way = LinkConfig { loss, ..LinkConfig::clean(Duration::from_millis(100)) };
    let file = File { size: 10 << 20, neck, way, seed: 0 };

    let most = most_of_it(&file, 40);
    assert!(most[20] < Duration::from_millis(8_150 + 500), "{most:?}");
}

#[test]
fn a_start_leaves_no_long_queue() {
    for (rate, millis) in [(10_000_000, 100), (50_000_000, 80), (20_000_000, 600)] {
        let rtt = Duration::from_millis(millis);
        let outcome = run(Cell { time: Duration::from_secs(1), ..Cell::new(rate, rtt) });
        assert!(outcome.start_wait < rtt / 4, "{outcome:?}");
        assert_eq!(outcome.start_drops, 0, "{outcome:?}");
    }
}

#[test]
fn jitter_is_no_queue() {
    let jitter = Duration::from_millis(10);
    let outcome = run(Cell { jitter, ..link() });
    assert!(outcome.used > 0.95, "{outcome:?}");
}

#[test]
fn a_policer_is_not_taken_for_a_lossy_link() {
    // It holds three datagrams, so that what it drops never waited.
    let outcome = run(Cell { buffer: 0, ..Cell::new(10_000_000, Duration::from_millis(50)) });
    assert!(outcome.sent < 1.1, "{outcome:?}");
    assert!(outcome.used > 0.75, "{outcome:?}");
}

#[test]
fn acknowledgements_in_bunches_promise_nothing() {
    for millis in [10, 15] {
        let bunch = Duration::from_millis(millis);
        let rtt = Duration::from_millis(50);
        let outcome = run(Cell { bunch, buffer: 400, ..Cell::new(10_000_000, rtt) });
        assert!(outcome.sent < 1.05, "{outcome:?}");
        assert!(outcome.used > 0.9, "{outcome:?}");
    }
}

#[test]
fn a_link_that_becomes_twenty_times_slower_is_believed_at_once() {
    let then = vec![(Duration::from_secs(8), 1_000_000)];
    let rates = Rates { first: 20_000_000, then };
    let rtt = Duration::from_millis(50);
    let outcome = run(Cell { rates, ..Cell::new(20_000_000, rtt) });
    // What was on the way alone takes a second.
    assert!(outcome.over < Duration::from_secs(3), "{outcome:?}");
    assert!(outcome.used > 0.95, "{outcome:?}");
}

#[test]
fn beside_cubic_each_gets_its_share() {
    for sign in [-1, 1] {
        // One run gives a quarter to three fifths, by the moment at which the second one comes.
        let outcomes = [0, 1, 2, 3, 4, 5, 6, 7].map(|moment| {
            let after = sign * (3000 + 370 * moment);
            let guest = Some(Guest { controller: ControllerKind::Cubic, after });
            run(Cell { guest, time: Duration::from_secs(40), ..link() })
        });
        let share = outcomes.iter().map(|outcome| outcome.share).sum::<f64>() / 8.0;
        assert!((0.3..0.7).contains(&share), "{outcomes:?}");
        assert!(outcomes.iter().all(|outcome| outcome.used > 0.95), "{outcomes:?}");
    }
}

#[test]
fn beside_itself_each_gets_its_share() {
    let guest = Some(Guest { controller: ControllerKind::default(), after: 3000 });
    let outcome = run(Cell { guest, time: Duration::from_secs(90), ..link() });
    assert!((0.4..0.6).contains(&outcome.share), "{outcome:?}");
}

/// 10 Mbit/s, 100 ms, a queue of one bandwidth-delay product.
fn link() -> Cell {
    Cell { time: Duration::from_secs(20), ..Cell::new(10_000_000, Duration::from_millis(100)) }
}

/// Runs where there is room for large machines on the stack.
fn run(cell: Cell) -> Outcome {
    let worker = thread::Builder::new().stack_size(64 << 20);
    let running = worker.spawn(move || cell.run(None)).expect("the system has threads to give");
    running.join().expect("the experiment ends")
}

/// When nine tenths of a file have arrived, in rising order over many seeds.
fn most_of_it(file: &File, seeds: u64) -> Vec<Duration> {
    let runs: Vec<File> = (1..=seeds).map(|seed| File { seed, ..file.clone() }).collect();
    let worker = thread::Builder::new().stack_size(64 << 20);
    let running = worker.spawn(move || runs.iter().map(|file| file.run().times[1]).collect());
    let mut times: Vec<Duration> =
        running.expect("the system has threads to give").join().expect("the files arrive");
    times.sort_unstable();
    times
}
