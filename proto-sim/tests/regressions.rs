//! Seeds of worlds that failed once, each with the claim that it refuted.
//!
//! What a seed means changes when worlds learn new faults: what was learnt from one is told in
//! `stories.rs` too, where it cannot fade.

use proto_sim::plan::Options;
use proto_sim::room::run_room;
use proto_sim::world::run_world;

#[test]
fn a_sink_whose_address_changed_while_nothing_came_is_found_again() {
    worlds(&[8, 25, 30]);
}

#[test]
fn a_narrow_path_is_noticed_though_pings_come_through() {
    worlds(&[61, 352, 629, 765, 896, 927, 940, 1208, 1287, 1310, 1397]);
}

#[test]
fn a_narrow_path_is_noticed_behind_what_was_lost_before_it_narrowed() {
    worlds(&[2170]);
}

#[test]
fn datagrams_that_take_longer_than_the_time_out_are_not_sent_for_ever() {
    worlds(&[2965]);
}

#[test]
fn a_long_silence_does_not_outlast_its_cause() {
    worlds(&[1964, 2170]);
}

#[test]
fn a_person_with_several_streams_is_heard_once_in_each() {
    rooms(&[2471, 3205, 3666, 4717, 5266]);
}

#[track_caller]
fn worlds(seeds: &[u64]) {
    for &seed in seeds {
        assert_eq!(run_world(seed, &Options::default()).failure, None, "seed {seed}");
    }
}

#[track_caller]
fn rooms(seeds: &[u64]) {
    for &seed in seeds {
        assert_eq!(run_room(seed, &Options::default()).failure, None, "seed {seed}");
    }
}
