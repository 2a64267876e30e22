//! How long whole files take on known links, over many seeds.

use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

use proto_core::limits::DATA_OVERHEAD;
use proto_core::time::{Duration, micros};

use super::file::{Arrived, DATAGRAM, File};
use super::grid::KNOWN;
use super::table::STACK;
use crate::link::{LinkConfig, Loss};
use crate::rng::Chance;

/// Sends a file of 12 MiB over each known link, once for each seed, and prints by how much later
/// than the link could do it three tenths of it, nine tenths and all of it arrive, and what is
/// sent for 10 000 bytes.
pub fn run(seeds: u64, only: &str) {
    println!(
        "| link | three tenths late by ms: 10 %, median, 90 % | nine tenths | all | sent for 10 000 |"
    );
    println!("|---|---|---|---|---|");
    for (name, rate, rtt, per_mille) in KNOWN.into_iter().filter(|link| link.0.contains(only)) {
        let all = arrivals(&link(name, rate, rtt, per_mille), seeds);
        // What is lost, and the headers, take their time as well.
        let whole = u64::from(DATAGRAM);
        let could = |part: u64| {
            let gross = SIZE * part / 10 * whole / (whole - DATA_OVERHEAD as u64);
            rtt / 2 + gross * 1000 / u64::from(1000 - per_mille) * 8 / rate
        };
        let late = |mark: usize, part| {
            let times = all.iter().map(|arrived| micros(arrived.times[mark]).cast_signed());
            percentiles(times.map(|time| (time - could(part).cast_signed()) / 1000).collect())
        };
        let [some, most, all_of_it] = [late(0, 3), late(1, 9), late(2, 10)];
        let sent = all.iter().map(|arrived| (arrived.sent * 10_000 / SIZE).cast_signed());
        println!(
            "| {name} | {some:?} | {most:?} | {all_of_it:?} | {:?} |",
            percentiles(sent.collect())
        );
    }
}

/// The tenth, fiftieth and ninetieth percentile.
fn percentiles(mut values: Vec<i64>) -> [i64; 3] {
    values.sort_unstable();
    [1, 5, 9].map(|tenth| values[(values.len() - 1) * tenth / 10])
}

/// The bottleneck, and what goes wrong behind it.
fn link(name: &str, rate: u64, rtt: u64, per_mille: u32) -> [LinkConfig; 2] {
    let (duplicated, reordered) = match name {
        "BAD" => (10_000, 10_000),
        "WIFI" => (0, 5_000),
        _ => (0, 0),
    };
    let neck = LinkConfig {
        rate: Some(rate * 1_000_000 / 8),
        queue: (rate * rtt / 8).max(3 * 1500),
        ..LinkConfig::clean(Duration::ZERO)
    };
    let way = LinkConfig {
        loss: Loss::Random(Chance::per_million(per_mille * 1000)),
        duplicate: Chance::per_million(duplicated),
        reorder: Chance::per_million(reordered),
        // Ten packets' time.
        reorder_by: Duration::from_micros((10 * 1500 * 8 / rate).max(500)),
        ..LinkConfig::clean(Duration::from_micros(rtt / 2))
    };
    [neck, way]
}

fn arrivals([neck, way]: &[LinkConfig; 2], seeds: u64) -> Vec<Arrived> {
    let (next, done) = (Mutex::new(1..=seeds), Mutex::new(Vec::new()));
    let work = || {
        while let Some(seed) = { next.lock().expect("nobody panics").next() } {
            let arrived = File { size: SIZE, neck: neck.clone(), way: way.clone(), seed }.run();
            done.lock().expect("nobody panics").push(arrived);
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            let worker = thread::Builder::new().stack_size(STACK);
            worker.spawn_scoped(scope, work).expect("the system has threads to give");
        }
    });
    done.into_inner().expect("nobody panics")
}

const SIZE: u64 = 12 << 20;
