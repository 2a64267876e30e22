//! Going on where another session stopped.

use super::link::Weather;
use super::pair::{Pair, held};
use crate::flow::FlowEvent;
use crate::ids::{Stamp, TransferId};

const ID: TransferId = TransferId(1);

#[test]
fn a_resume_sends_only_what_is_missing() {
    let mut pair = Pair::new(Weather { rate: 1 << 20, ..Weather::FAIR }, 1);
    pair.share("file", 500_000);
    let mut part = pair.server.files["file"].content.clone();
    part[200_000..210_000].fill(0);
    part[400_000..].fill(0);
    pair.client.parts.insert(1, part);

    let ranges = held(1, &[(0, 200_000), (210_000, 400_000)]);
    pair.get_with(1, "file", Some(&ranges), false, false);
    pair.finish(60);

    assert!(pair.client.finished(1));
    assert_eq!(offered(&pair), Some(true));
    assert_eq!(pair.server.flow.stats().bytes_sent, 110_000);
    assert_eq!(pair.client.parts[&1], pair.server.files["file"].content);
}

#[test]
fn a_changed_source_starts_over_and_says_so() {
    let mut pair = Pair::new(Weather::FAIR, 2);
    pair.share("file", 500_000);
    pair.client.parts.insert(1, std::vec![9; 300_000]);

    pair.get_with(1, "file", Some(&held(77, &[(0, 300_000)])), false, false);
    pair.finish(60);

    assert_eq!(offered(&pair), Some(false));
    assert!(pair.client.finished(1));
    assert_eq!(pair.client.parts[&1], pair.server.files["file"].content);
}

#[test]
fn what_is_held_whole_is_only_verified() {
    let mut pair = Pair::new(Weather::FAIR, 3);
    pair.share("file", 100_000);
    pair.client.parts.insert(1, pair.server.files["file"].content.clone());

    pair.get_with(1, "file", Some(&held(1, &[(0, 100_000)])), false, false);
    pair.finish(60);

    assert!(pair.client.finished(1) && pair.server.finished(1));
    assert_eq!(pair.server.flow.stats().bytes_sent, 0);
}

#[test]
fn a_wrong_part_is_found_out_at_the_end() {
    let mut pair = Pair::new(Weather::FAIR, 4);
    pair.share("file", 100_000);
    pair.client.parts.insert(1, std::vec![9; 50_000]);

    pair.get_with(1, "file", Some(&held(1, &[(0, 50_000)])), false, false);
    pair.finish(60);

    let wrong = crate::wire::AbortReason::WrongDigest;
    assert_eq!(pair.client.ended(1), Some((wrong, false)));
    assert_eq!(pair.server.ended(1), Some((wrong, true)));
}

#[test]
fn an_interrupted_download_is_resumed_with_what_it_held() {
    let mut first = Pair::new(Weather { lost: 100, rate: 500, ..Weather::FAIR }, 5);
    first.share("file", 400_000).get(1, "file");
    first.run_until(60, |pair| pair.client.progress(1).done > 200_000);
    let ranges = first.client.flow.held(ID);
    let left: u64 = 400_000 - ranges.iter().map(|range| range.end - range.start).sum::<u64>();

    let mut second = Pair::new(Weather { rate: 1 << 20, ..Weather::FAIR }, 6);
    second.share("file", 400_000);
    second.client.parts.insert(1, first.client.parts[&1].clone());
    let ranges = crate::wire::Held { stamp: Stamp(1), ranges };
    second.get_with(1, "file", Some(&ranges), false, false);
    second.finish(60);

    assert_eq!(second.server.flow.stats().bytes_sent, left);
    assert_eq!(second.client.parts[&1], second.server.files["file"].content);
}

fn offered(pair: &Pair) -> Option<bool> {
    pair.client.events.iter().find_map(|event| match event {
        FlowEvent::Offered { resumed, .. } => Some(*resumed),
        _ => None,
    })
}
