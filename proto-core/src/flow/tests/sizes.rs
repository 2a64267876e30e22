//! Files of every awkward size.

use std::vec::Vec;

use super::link::Weather;
use super::pair::Pair;
use crate::flow::EARLY_LEN;
use crate::limits::{DATA_OVERHEAD, HIGH_TRANSFER};

#[test]
fn files_around_a_payloads_length_arrive_whole_both_ways() {
    for size in awkward_sizes() {
        let mut pair = Pair::new(Weather::FAIR, 1);
        pair.share("down", size).get(1, "down").put(2, "up", size);

        pair.finish(60);

        assert!(pair.client.finished(1) && pair.server.finished(1), "download of {size}");
        assert!(pair.client.finished(2) && pair.server.finished(2), "upload of {size}");
        assert_eq!(pair.client.parts[&1], pair.server.files["down"].content);
        assert_eq!(pair.server.parts[&2], pair.client.files["up"].content);
    }
}

#[test]
fn a_transfer_whose_number_needs_a_longer_header_arrives_whole() {
    for id in [HIGH_TRANSFER - 1, HIGH_TRANSFER, u16::MAX] {
        let mut pair = Pair::new(Weather::FAIR, 4);
        pair.share("down", 300_000).get(id, "down");

        pair.finish(60);

        assert!(pair.client.finished(id) && pair.server.finished(id), "transfer {id}");
        assert_eq!(pair.client.parts[&id], pair.server.files["down"].content);
    }
}

#[test]
fn a_clean_link_carries_each_byte_once() {
    let mut pair = Pair::new(Weather { rate: 1 << 20, ..Weather::FAIR }, 2);
    pair.share("file", 300_000).get(1, "file");

    pair.finish(60);

    assert_eq!(pair.server.flow.stats().bytes_sent, 300_000);
    assert_eq!(pair.client.flow.stats().bytes_stored, 300_000);
    assert!(pair.server.flow.stats().bytes_acked <= 300_000);
}

#[test]
fn a_small_file_in_a_session_arrives_within_four_round_trips() {
    let mut pair = Pair::new(Weather { rate: 1 << 20, ..Weather::FAIR }, 3);
    pair.run_for(core::time::Duration::from_secs(1));
    let start = pair.now;
    pair.share("file", 100_000).get(1, "file");

    pair.run_until(60, |pair| pair.client.finished(1));

    let took = pair.now.since(start);
    assert!(took <= core::time::Duration::from_millis(4 * 20 + 5), "took {took:?}");
}

fn awkward_sizes() -> Vec<usize> {
    let payloads = [1200 - DATA_OVERHEAD, 1452 - DATA_OVERHEAD];
    let around = payloads.iter().flat_map(|&n| [n - 1, n, n + 1, 2 * n - 1, 2 * n, 2 * n + 1]);
    let early = usize::try_from(EARLY_LEN).unwrap();
    [0, 1].into_iter().chain(around).chain([early - 1, early, early + 1]).collect()
}
