//! Random lives: transfers of all kinds under random weather, with users who change their minds.

use core::time::Duration;
use std::format;

use super::link::{Dice, Weather};
use super::pair::Pair;
use crate::flow::Percent;
use crate::ids::TransferId;
use crate::secure::Role;
use crate::wire::AbortReason;

const LIVES: u64 = 60;
const COUNT: u16 = 6;

#[test]
fn whatever_happens_every_transfer_ends_once_on_each_side_and_what_finished_is_whole() {
    for seed in 0..LIVES {
        let mut dice = Dice(seed);
        let stop = Some(50).filter(|_| dice.below(3) == 0).and_then(Percent::new);
        let mut pair = Pair::with_stop_point(weather(&mut dice), seed, stop);
        pair.client.write_delay = Duration::from_micros(dice.below(5000));

        for id in 0..COUNT {
            begin(&mut pair, &mut dice, id);
            live(&mut pair, &mut dice, id);
        }
        for id in 0..COUNT {
            release(&mut pair, TransferId(id));
        }
        pair.finish(1200);

        for id in 0..COUNT {
            let ends = (pair.client.ends(id), pair.server.ends(id));
            assert_eq!(ends, (1, 1), "seed {seed}, transfer {id}: {:#?}", pair.summary());
            let (up, down) = (format!("up{id}"), format!("down{id}"));
            if pair.server.files.contains_key(&down) && pair.client.finished(id) {
                assert_eq!(pair.client.parts[&id], pair.server.files[&down].content);
            }
            if pair.client.files.contains_key(&up) && pair.server.finished(id) {
                assert_eq!(pair.server.parts[&id], pair.client.files[&up].content);
            }
        }
    }
}

fn weather(dice: &mut Dice) -> Weather {
    Weather {
        delay: Duration::from_micros(100 + dice.below(40_000)),
        jitter: Duration::from_micros(dice.below(2) * dice.below(20_000)),
        lost: dice.below(2) * dice.below(200),
        doubled: dice.below(2) * dice.below(100),
        spoilt: dice.below(2) * dice.below(50),
        rate: 200 + dice.below(20_000),
        longest: if dice.below(2) == 0 { 1500 } else { 1300 },
    }
}

fn begin(pair: &mut Pair, dice: &mut Dice, id: u16) {
    let size = match dice.below(4) {
        0 => 0,
        1 => dice.below(3000) as usize,
        _ => dice.below(1_500_000) as usize,
    };
    if dice.below(2) == 0 {
        pair.put(id, &format!("up{id}"), size);
    } else {
        let name = format!("down{id}");
        pair.share(&name, size);
        pair.get_with(id, &name, None, dice.below(5) == 0, dice.below(2) == 0);
    }
}

/// Some users do something.
fn live(pair: &mut Pair, dice: &mut Dice, newest: u16) {
    for _ in 0..dice.below(6) {
        let id = TransferId(dice.below(u64::from(newest) + 1) as u16);
        let role = if dice.below(2) == 0 { Role::Client } else { Role::Server };
        let now = pair.now;
        let flow = &mut pair.end(role).flow;
        match dice.below(12) {
            0..5 => flow.hold(now, id, true),
            5..9 => flow.hold(now, id, false),
            9 => flow.confirm(now, id),
            10 => flow.cancel(now, id, AbortReason::Cancelled),
            _ => {
                let dark = dice.below(2) == 0;
                pair.client.link.blackout = dark;
                pair.server.link.blackout = dark;
            }
        }
        pair.drain();
        pair.run_for(Duration::from_micros(dice.below(400_000)));
    }
}

/// Lets everything go on.
fn release(pair: &mut Pair, id: TransferId) {
    let now = pair.now;
    pair.client.link.blackout = false;
    pair.server.link.blackout = false;
    pair.client.flow.hold(now, id, false);
    pair.server.flow.hold(now, id, false);
    pair.client.flow.confirm(now, id);
    pair.drain();
}
