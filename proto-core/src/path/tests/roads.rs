//! Paths of different kinds: their sizes, their rates, their tricks.

use super::*;

/// Whoever may decide about the window.
const CONTROLLERS: &[ControllerKind] = &[
    ControllerKind::Cubic,
    #[cfg(feature = "dual")]
    ControllerKind::Dual,
];

#[test]
fn a_loopback_carries_the_largest_datagrams_unpaced() {
    let mut pair = Pair::new(Duration::from_micros(20));
    pair.link.mtu = 65_507;
    pair.run(ms(10));
    assert_eq!(pair.client.path.datagram_len(), 65_487);
    let begun = pair.now;
    pair.upload(100_000_000);
    pair.run_until_delivered(ms(1000));
    let micros = crate::time::micros(pair.now.since(begun));
    assert!(micros < 50_000, "100 MB in {micros} us");
}

#[test]
fn a_path_that_stops_carrying_large_datagrams_carries_small_ones() {
    let mut pair = Pair::new(ms(10));
    pair.link.rate = Some((1250, 50_000));
    pair.upload(3_000_000);
    pair.run(ms(300));
    assert_eq!(pair.client.path.datagram_len(), 1452);
    pair.link.mtu = 1300;
    pair.run(ms(20_000));
    pair.assert_delivered();
    assert_eq!(pair.client.path.stats().black_holes, 1);
    assert_eq!(pair.client.path.datagram_len(), 1200);
}

#[test]
fn heavy_loss_is_hardly_ever_taken_for_a_black_hole_and_not_for_long() {
    for &kind in CONTROLLERS {
        let mut mistakes = 0;
        for seed in 1..=40 {
            let mut pair = Pair::controlled(kind, ms(10), seed);
            pair.link.loss = 150;
            pair.upload(1_000_000);
            pair.run(ms(60_000));
            pair.assert_delivered();
            mistakes += pair.client.path.stats().black_holes;
            assert_eq!(pair.client.path.datagram_len(), 1452, "a mistake is taken back");
        }
        assert!(mistakes <= 1, "{kind:?}: {mistakes} of 40");
    }
}

#[test]
fn a_bottleneck_is_filled_and_its_queue_is_not_flooded() {
    let mut pair = Pair::new(ms(20));
    pair.link.rate = Some((1250, 50_000));
    pair.run(ms(500));
    let begun = pair.now;
    pair.upload(10_000_000);
    pair.run_until_delivered(ms(30_000));
    let millis = pair.now.since(begun).as_millis();
    assert!(millis < 10_000_000 / 1250 * 11 / 10, "{millis} ms");
    let stats = pair.client.path.stats();
    assert!(stats.packets_lost * 50 < stats.data_sent, "{stats:?}");
}

#[test]
fn reordering_is_learnt_and_costs_little() {
    let time = |kind, jitter| {
        let mut pair = Pair::controlled(kind, ms(40), 1);
        pair.link.rate = Some((12_500, 500_000));
        pair.link.jitter = jitter;
        pair.run(ms(1000));
        let begun = pair.now;
        pair.upload(20_000_000);
        pair.run_until_delivered(ms(60_000));
        (pair.now.since(begun).as_millis(), *pair.client.path.stats())
    };
    for &kind in CONTROLLERS {
        let (clean, _) = time(kind, ms(0));
        let (jittery, stats) = time(kind, ms(5));
        assert!(jittery * 3 < clean * 4, "{clean} ms clean, {jittery} ms reordered: {stats:?}");
        assert!(stats.packets_late > 0, "{stats:?}");
        // Only CUBIC takes a few losses for congestion.
        assert!(kind != ControllerKind::Cubic || stats.cuts_undone > 0, "{stats:?}");
    }
}

#[test]
fn persistent_congestion_starts_over_from_the_smallest_window() {
    let mut pair = Pair::new(ms(20));
    pair.upload(20_000_000);
    pair.run(ms(400));
    pair.link.dark = true;
    // What is under way still arrives.
    pair.run(ms(50));
    let before = pair.client.path.window();
    pair.run(ms(5000));
    assert_eq!(pair.client.path.window(), before, "time-outs alone do not shrink the window");
    pair.link.dark = false;
    while pair.client.path.window() == before {
        pair.run(ms(1));
    }
    assert!(pair.client.path.window() <= 8 * 1452, "{}", pair.client.path.window());
}

#[test]
fn a_host_that_tcp_has_proven_gets_a_first_window_before_it_answers_but_not_all_of_it_at_once() {
    let sent = |host| {
        let mut pair = Pair::proven(ms(50), host);
        pair.download(100_000);
        // The hello takes 50 ms, and the answer to a challenge another 100.
        let counts = [51, 98].map(|time| {
            pair.run(ms(time));
            pair.server.path.stats().data_sent
        });
        assert!(!pair.server.path.is_proven());
        counts
    };
    let [at_once, in_time] = sent(Some(HOME.ip));
    assert!(at_once <= 13, "{at_once}");
    assert!(in_time >= 16, "{in_time}");
    assert!(sent(None)[1] < in_time);
}

#[test]
fn early_data_flows_before_the_address_is_proven() {
    let mut pair = Pair::new(ms(50));
    pair.download(8_000);
    pair.run(ms(116));
    assert!(!pair.server.path.is_proven());
    pair.assert_delivered();
}
