//! Two paths over a link that loses, reorders, repeats, damages and forgets; in virtual time.

mod attack;
mod far;
mod link;
mod pair;
mod roads;
mod roam;
mod swarm;

use core::time::Duration;

use pair::{CLIENT, HOME, Pair};

use super::*;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn a_clean_path_delivers_and_then_rests() {
    let mut pair = Pair::new(ms(20));
    pair.upload(1_000_000);
    pair.run(ms(3000));
    pair.assert_delivered();
    assert_eq!(pair.client.path.stats().packets_lost, 0);
    assert_eq!(pair.client.path.next_timeout(), None);
    assert_eq!(pair.server.path.next_timeout(), None);
}

#[test]
fn both_ends_prove_each_other_and_find_the_size() {
    let mut pair = Pair::new(ms(20));
    pair.run(ms(500));
    for end in [&pair.client, &pair.server] {
        assert!(end.path.is_proven());
        assert_eq!(end.path.datagram_len(), 1452);
        assert_eq!(end.path.rtt().min(), ms(40));
    }
    assert_eq!(pair.client.events.last(), Some(&PathEvent::Proven { size: 1452 }));
}

#[test]
fn an_end_that_wants_no_long_datagrams_gets_none() {
    let mut pair = Pair::new(ms(20));
    pair.server.path.max_datagram = 1300;
    pair.run(ms(2000));
    assert_eq!(pair.client.path.datagram_len(), BASE_DATAGRAM_LEN);
}

#[test]
fn the_window_starts_at_once_and_doubles() {
    let mut pair = Pair::new(ms(20));
    pair.run(ms(500));
    let begun = pair.now;
    pair.upload(150_000);
    pair.run_until_delivered(ms(1000));
    assert!(pair.now.since(begun) <= ms(4 * 40), "{:?}", pair.now.since(begun));
}

#[test]
fn loss_reordering_repetition_and_damage_change_nothing_in_the_end() {
    for seed in 1..=4 {
        let mut pair = Pair::seeded(ms(10), seed);
        pair.link.loss = 80;
        pair.link.repeat = 30;
        pair.link.damage = 30;
        pair.link.jitter = ms(6);
        pair.upload(600_000);
        pair.download(600_000);
        pair.run(ms(120_000));
        pair.assert_delivered();
        assert!(pair.client.path.stats().dropped_forged > 0);
        assert!(pair.client.path.stats().dropped_replayed > 0);
    }
}

#[test]
fn a_black_out_is_survived_and_nothing_is_sent_in_vain() {
    let mut pair = Pair::new(ms(20));
    pair.upload(2_000_000);
    pair.run(ms(400));
    pair.link.dark = true;
    let before = pair.client.path.stats().packets_sent;
    pair.run(ms(20_000));
    assert!(pair.client.path.stats().packets_sent - before < 400);
    pair.link.dark = false;
    pair.run(ms(30_000));
    pair.assert_delivered();
}

#[test]
fn lost_acknowledgements_delay_but_do_not_stop_it() {
    let mut pair = Pair::new(ms(20));
    pair.upload(1_000_000);
    pair.run(ms(200));
    pair.link.deaf = Some(CLIENT);
    pair.run(ms(2000));
    pair.link.deaf = None;
    pair.run(ms(10_000));
    pair.assert_delivered();
}

#[test]
fn a_lost_tail_is_repaired_by_one_time_out() {
    let mut pair = Pair::new(ms(20));
    pair.run(ms(500));
    pair.upload(2800);
    pair.link.drop_next = 2;
    let begun = pair.now;
    pair.run_until_delivered(ms(1000));
    assert!(pair.now.since(begun) < ms(260), "{:?}", pair.now.since(begun));
    assert_eq!(pair.client.path.stats().cuts, 0);
}

#[test]
fn bytes_that_are_not_stored_are_not_acknowledged() {
    let mut pair = Pair::new(ms(20));
    pair.run(ms(500));
    pair.server.stores = false;
    pair.upload(10_000);
    pair.run(ms(3000));
    assert_eq!(pair.client.acked.len(), 0);
    pair.server.stores = true;
    pair.run(ms(15_000));
    pair.assert_delivered();
}

#[test]
fn pings_into_the_void_end() {
    let mut pair = Pair::new(ms(20));
    pair.run(ms(500));
    pair.upload(1000);
    pair.run(ms(1));
    pair.link.dark = true;
    pair.client.forget();
    pair.run(ms(300_000));
    assert_eq!(pair.client.path.next_timeout(), None);
    assert_eq!(pair.client.path.packets_in_flight(), 0);
}

#[test]
fn silence_of_both_makes_no_traffic() {
    let mut pair = Pair::new(ms(20));
    pair.run(ms(1000));
    let before = (*pair.client.path.stats(), *pair.server.path.stats());
    pair.run(ms(3_600_000));
    assert_eq!(before, (*pair.client.path.stats(), *pair.server.path.stats()));
}

#[test]
fn acknowledgements_do_not_answer_each_other() {
    let mut pair = Pair::new(ms(20));
    pair.upload(500_000);
    pair.run(ms(5000));
    assert_eq!(pair.client.path.stats().acks_sent, 0);
    let data = pair.server.path.stats().data_received;
    assert!(pair.server.path.stats().acks_sent <= data / 2 + 20);
}

#[test]
fn a_peer_that_answers_nothing_is_reported_and_left_alone() {
    let mut pair = Pair::new(ms(20));
    pair.link.dark = true;
    pair.run(ms(5000));
    assert_eq!(pair.client.events, [PathEvent::Unanswered]);
    pair.run(ms(600_000));
    assert_eq!(pair.client.events, [PathEvent::Unanswered]);
    assert_eq!(pair.client.path.next_timeout(), None);
    pair.link.dark = false;
    pair.upload(1000);
    pair.run(ms(1000));
    pair.assert_delivered();
}

#[test]
fn who_waits_for_a_file_asks_until_the_peer_answers() {
    for seconds in [5, 35, 600] {
        let mut pair = Pair::new(ms(20));
        pair.link.dark = true;
        pair.download(1000);
        pair.run(ms(seconds * 1000));
        assert_eq!(pair.client.events, [PathEvent::Unanswered]);
        pair.link.dark = false;
        pair.run_until_delivered(ms(20_000));
    }
}

#[test]
fn who_waits_for_a_file_later_asks_again() {
    let mut pair = Pair::new(ms(20));
    pair.link.dark = true;
    pair.run(ms(600_000));
    assert_eq!(pair.client.path.next_timeout(), None);
    pair.link.dark = false;
    pair.download(1000);
    pair.run_until_delivered(ms(1000));
}

#[test]
fn an_answer_that_waited_while_the_machine_slept_tells_nothing_of_the_way() {
    let mut pair = Pair::new(ms(20));
    pair.upload(4_000_000);
    pair.run(ms(300));
    pair.doze(ms(30_000));
    pair.run(ms(10));
    assert!(pair.client.path.rtt().slower() < ms(1000), "{:?}", pair.client.path.rtt());
    pair.run(ms(60_000));
    pair.assert_delivered();
}

#[test]
fn sleep_is_not_loss() {
    let mut pair = Pair::new(ms(20));
    pair.upload(4_000_000);
    pair.run(ms(300));
    assert!(pair.client.path.in_flight() > 0);
    pair.sleep(ms(3_600_000));
    pair.run(ms(60_000));
    pair.assert_delivered();
    assert_eq!(pair.client.path.stats().packets_lost, 0, "{:?}", pair.client.path.stats());
}

#[test]
fn a_run_is_a_function_of_its_inputs() {
    let run = || {
        let mut pair = Pair::seeded(ms(10), 9);
        pair.link.loss = 50;
        pair.upload(300_000);
        pair.run(ms(20_000));
        (*pair.client.path.stats(), *pair.server.path.stats())
    };
    assert_eq!(run(), run());
}
