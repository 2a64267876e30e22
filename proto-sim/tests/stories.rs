//! What a client and a server go through: the scenarios of QUIC's interoperability tests, and
//! those of our own.

use std::time::Duration;

use proto_core::time::Instant;
use proto_sim::link::{LinkConfig, Loss};
use proto_sim::plan::Event;
use proto_sim::rng::Chance;
use proto_sim::world::Pair;

#[test]
fn a_small_file_arrives_within_four_round_trips() {
    let mut pair = Pair::new(1);
    pair.drive_for(ms(200));
    pair.get(100_000);
    pair.drive();
    assert!(pair.elapsed() <= ms(200 + 4 * 40), "it ended at {:?}", pair.elapsed());
}

#[test]
fn a_long_round_trip_is_no_obstacle() {
    let mut pair = Pair::new(2).link(&LinkConfig::clean(ms(750)));
    pair.get(2_000_000);
    pair.put(1_000_000);
    pair.drive();
}

#[test]
fn several_transfers_share_a_path() {
    let mut pair = Pair::new(3).link(&wan());
    for len in [2_000_000, 3_000_000, 5_000_000] {
        pair.get(len);
    }
    pair.drive();
    // 10 MB at 1.25 MB/s take 8 s.
    assert!(pair.elapsed() < Duration::from_secs(12), "it took {:?}", pair.elapsed());
}

#[test]
fn many_tiny_files_arrive_one_after_another() {
    let mut pair = Pair::new(4);
    (0..300).for_each(|_| pair.get(32));
    pair.drive();
}

#[test]
fn empty_files_arrive_too() {
    let mut pair = Pair::new(5);
    pair.get(0);
    pair.put(0);
    pair.drive();
}

#[test]
fn a_path_that_vanishes_again_and_again_is_waited_for() {
    let mut pair = Pair::new(6).link(&wan());
    pair.get(10_000_000);
    for _ in 0..4 {
        pair.drive_for(Duration::from_secs(5));
        pair.set_link(&dead());
        pair.drive_for(Duration::from_secs(2));
        pair.set_link(&wan());
    }
    pair.drive();
    assert!(pair.elapsed() < Duration::from_secs(40), "it took {:?}", pair.elapsed());
}

#[test]
fn a_third_of_all_datagrams_may_get_lost_while_the_path_is_proven() {
    for seed in 0..50 {
        let mut pair = Pair::new(seed).link(&lossy(30));
        pair.get(1_000);
        pair.drive();
        assert!(pair.elapsed() < Duration::from_secs(60), "it took {:?}", pair.elapsed());
    }
}

#[test]
fn some_loss_both_ways_costs_time_and_nothing_else() {
    for percent in [1, 2, 5, 10] {
        let mut pair = Pair::new(u64::from(percent)).link(&lossy(percent));
        pair.get(2_000_000);
        pair.put(500_000);
        pair.drive();
    }
}

#[test]
fn damaged_datagrams_are_no_more_than_lost_ones() {
    for percent in [2, 30] {
        let corrupt = Chance::percent(percent);
        let mut pair = Pair::new(7).link(&LinkConfig { corrupt, ..wan() });
        pair.get(200_000);
        pair.put(200_000);
        pair.drive();
    }
}

#[test]
fn a_client_whose_port_changes_every_five_seconds_is_followed() {
    let mut pair = Pair::new(8).link(&wan());
    pair.get(10_000_000);
    pair.drive_for(Duration::from_secs(1));
    while !pair.is_content() {
        pair.happen(Event::Rebind);
        pair.drive_for(Duration::from_secs(5));
    }
    pair.drive();
    assert!(pair.elapsed() < Duration::from_secs(31), "it took {:?}", pair.elapsed());
}

#[test]
fn a_client_that_moves_while_it_is_held_is_found_when_it_proceeds() {
    let mut pair = Pair::new(9).link(&wan());
    pair.get(3_000_000);
    pair.drive_for(Duration::from_secs(1));
    pair.happen(Event::Hold(0));
    pair.drive_for(Duration::from_secs(10));
    pair.happen(Event::Rebind);
    pair.drive_for(Duration::from_secs(10));
    pair.happen(Event::Proceed(0));
    pair.drive();
    assert!(pair.elapsed() < Duration::from_secs(35), "it took {:?}", pair.elapsed());
}

#[test]
fn a_stranger_who_replays_datagrams_changes_nothing() {
    let mut pair = Pair::new(10).link(&wan());
    pair.get(2_000_000);
    for _ in 0..20 {
        pair.drive_for(ms(50));
        pair.happen(Event::Spoof);
    }
    pair.drive();
    assert!(pair.elapsed() < Duration::from_secs(8), "it took {:?}", pair.elapsed());
}

#[test]
fn a_path_that_becomes_narrow_is_noticed_both_ways() {
    for mtu in [1200, 1300, 1452] {
        let mut pair = Pair::new(11).link(&LinkConfig { mtu: 65_507, ..wan() });
        pair.get(3_000_000);
        pair.put(3_000_000);
        pair.drive_for(ms(700));
        pair.happen(Event::MtuDrops(mtu));
        pair.drive();
        assert!(pair.elapsed() < Duration::from_secs(20), "it took {:?}", pair.elapsed());
    }
}

#[test]
fn acknowledgements_that_get_lost_do_not_stop_the_data() {
    let mut pair = Pair::new(12).link(&wan());
    pair.set_up_link(&lossy(50));
    pair.get(2_000_000);
    pair.drive();
}

#[test]
fn a_broken_control_channel_is_mended_and_transfers_resume() {
    let mut pair = Pair::new(13).link(&wan());
    pair.get(5_000_000);
    pair.put(1_000_000);
    for _ in 0..5 {
        pair.drive_for(ms(900));
        pair.happen(Event::Cut);
    }
    pair.drive();
    // What had arrived is not sent again: at most a checkpoint's worth of each, and a window.
    let (up, down) = pair.link_stats();
    assert!(up.bytes_sent + down.bytes_sent < 9_500_000, "{up:?} {down:?}");
}

#[test]
fn both_processes_may_die_at_any_step() {
    for steps in (1..400).step_by(37) {
        let mut pair = Pair::new(14).link(&wan());
        pair.get(300_000);
        pair.put(300_000);
        for _ in 0..3 {
            pair.drive_bounded(steps);
            pair.happen(Event::Crash(ms(300)));
            pair.drive_bounded(steps);
            pair.happen_to_server(Event::Crash(ms(300)));
        }
        pair.drive();
    }
}

#[test]
fn a_server_that_asks_for_consent_gets_it_once() {
    let mut pair = Pair::new(15).link(&wan()).confirm_at(50);
    pair.get(1_000_000);
    pair.drive();
    // The client takes 700 ms to agree.
    assert!(pair.elapsed() > ms(1_500), "it took only {:?}", pair.elapsed());
}

#[test]
fn a_file_that_changes_under_way_is_fetched_anew() {
    let mut pair = Pair::new(16).link(&wan());
    pair.get(5_000_000);
    pair.drive_for(Duration::from_secs(2));
    pair.happen_to_server(Event::Change(0));
    pair.drive();
}

#[test]
fn a_slow_disk_is_waited_for_and_not_sent_everything_twice() {
    let mut bytes = 0;
    for seed in 17..27 {
        let mut pair = Pair::new(seed).link(&lossy(3)).slow_disks(ms(190));
        pair.get(1_000_000);
        pair.put(1_000_000);
        pair.drive();
        let (up, down) = pair.link_stats();
        bytes += up.bytes_sent + down.bytes_sent;
    }
    assert!(bytes < 10 * 2_600_000, "{bytes}");
}

#[test]
fn a_device_with_little_room_transfers_over_a_bad_link() {
    let mut pair = Pair::new(19).link(&lossy(10)).device();
    pair.get(300_000);
    pair.put(300_000);
    pair.drive();
}

#[test]
fn datagrams_that_are_slower_than_the_round_trip_arrive() {
    // 64 KiB take 65 ms, a ping a tenth of a millisecond.
    let slow = LinkConfig { rate: Some(1_000_000), ..LinkConfig::clean(Duration::from_micros(50)) };
    for percent in [0, 5] {
        let loss = Loss::Random(Chance::percent(percent));
        let mut pair = Pair::new(20).link(&LinkConfig { loss, ..slow.clone() });
        pair.put(1_000_000);
        pair.drive();
        assert!(pair.elapsed() < Duration::from_secs(8), "it took {:?}", pair.elapsed());
    }
}

#[test]
fn a_machine_that_slept_goes_on_at_once() {
    for event in [Event::Pause(Duration::from_secs(17)), Event::Rebind] {
        let mut pair = Pair::new(18).link(&wan());
        pair.get(3_000_000);
        pair.drive_for(Duration::from_secs(1));
        pair.happen(Event::Pause(Duration::from_secs(17)));
        pair.happen(event);
        pair.drive_for(Duration::from_secs(17));
        pair.drive();
        assert!(pair.elapsed() < Duration::from_secs(30), "it took {:?}", pair.elapsed());
    }
}

/// 10 Mbit/s, 40 ms, a queue of 40 datagrams.
fn wan() -> LinkConfig {
    LinkConfig { rate: Some(1_250_000), queue: 60_000, mtu: 1472, ..LinkConfig::clean(ms(20)) }
}

fn lossy(percent: u32) -> LinkConfig {
    LinkConfig { loss: Loss::Random(Chance::percent(percent)), ..wan() }
}

fn dead() -> LinkConfig {
    let always = (Instant::ZERO, Instant::from_micros(u64::MAX));
    LinkConfig { blackouts: vec![always], ..wan() }
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
