//! Many transfers at once.

use std::format;
use std::string::String;

use super::link::Weather;
use super::pair::{Pair, TRANSFERS};

#[test]
fn uploads_and_downloads_share_the_path_and_all_arrive() {
    let mut pair = Pair::new(Weather { lost: 30, ..Weather::FAIR }, 1);
    for id in 0..4 {
        pair.share(&name(id), 150_000 + usize::from(id));
        pair.get(2 * id, &name(id));
        pair.put(2 * id + 1, &format!("up{id}"), 150_000 + usize::from(id));
    }

    pair.finish(300);

    for id in 0..4 {
        assert_eq!(pair.client.parts[&(2 * id)], pair.server.files[&name(id)].content);
        assert_eq!(pair.server.parts[&(2 * id + 1)], pair.client.files[&format!("up{id}")].content);
    }
}

#[test]
fn no_transfer_starves_another() {
    let mut pair = Pair::new(Weather { rate: 1000, ..Weather::FAIR }, 2);
    pair.share("large", 20_000_000).get(1, "large");
    pair.run_for(core::time::Duration::from_secs(3));
    for id in 2..5 {
        pair.share(&name(id), 300_000);
        pair.get(id, &name(id));
    }

    pair.run_until(30, |pair| (2..5).all(|id| pair.client.finished(id)));

    let start = pair.client.progress(1).done;
    pair.run_for(core::time::Duration::from_secs(1));
    assert!(pair.client.progress(1).done > start);
}

#[test]
fn equal_transfers_progress_alike() {
    let mut pair = Pair::new(Weather { rate: 1000, ..Weather::FAIR }, 3);
    for id in 0..4 {
        pair.share(&name(id), 5_000_000);
        pair.get(id, &name(id));
    }

    pair.run_for(core::time::Duration::from_secs(8));

    let done = (0..4).map(|id| pair.client.progress(id).done);
    let (least, most) = (done.clone().min().unwrap(), done.max().unwrap());
    assert!(least > 500_000 && most < least + 200_000, "{least} to {most}");
}

#[test]
fn many_small_files_pass_through_a_small_table() {
    let count = 200_u16;
    let mut pair = Pair::new(Weather { lost: 20, rate: 1 << 17, ..Weather::FAIR }, 4);
    for id in 0..count {
        pair.share(&name(id), usize::from(id) * 7);
    }
    let start = pair.now;
    let mut next = 0;
    while next < count || pair.client.flow.is_busy() {
        let under_way = (0..next).filter(|&id| pair.client.ends(id) == 0).count();
        if next < count && under_way < TRANSFERS / 2 {
            pair.get(next, &name(next));
            next += 1;
        } else {
            pair.run_until(60, |pair| {
                (0..next).filter(|&id| pair.client.ends(id) == 0).count() < under_way
            });
        }
    }

    assert!((0..count).all(|id| pair.client.finished(id)), "{:#?}", pair.summary());
    // Each takes a round trip for the request and its bytes, and four go side by side.
    let took = pair.now.since(start);
    assert!(took < core::time::Duration::from_secs(4), "took {took:?}");
}

fn name(id: u16) -> String {
    format!("file{id}")
}
