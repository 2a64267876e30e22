//! Links nobody would think of: every fault at random, changing all the time.

use super::*;

#[test]
fn whatever_the_link_does_the_bytes_arrive_once_it_rests() {
    for seed in 1..=SEEDS {
        survive(seed);
    }
}

fn survive(seed: u64) {
    let mut pair = Pair::seeded(ms(1), seed);
    let up = pair.link.dice() % 400_000;
    let down = pair.link.dice() % 400_000;
    pair.upload(up);
    pair.download(down);
    for _ in 0..pair.link.dice() % 12 {
        stir(&mut pair);
        let time = ms(pair.link.dice() % 3000);
        pair.run(time);
    }
    rest(&mut pair);
    pair.run(ms(200_000));
    assert!(pair.is_delivered(), "seed {seed}: {:?}", pair.client.path.stats());
    for end in [&pair.client, &pair.server] {
        assert!(!end.path.is_over(), "seed {seed}");
        // A client that has everything need not be found again.
        if pair.server.path.remote() != Some(pair.client.address) {
            continue;
        }
        assert_eq!(end.path.packets_in_flight(), 0, "seed {seed}");
    }
}

/// Makes the link another one.
fn stir(pair: &mut Pair) {
    let mut dice = |most: u64| pair.link.dice() % (most + 1);
    let rate = (50 + dice(2000), 3000 + dice(100_000));
    let faults = [dice(300), dice(100), dice(100)];
    let (latency, jitter, mtu) = (ms(dice(200)), ms(dice(30)), 1200 + dice(8000));
    let (dark, deaf, rated) = (dice(5) == 0, dice(20), dice(1) == 0);
    let moved = dice(3);
    let port = 4000 + dice(3);
    [pair.link.loss, pair.link.repeat, pair.link.damage] = faults;
    (pair.link.latency, pair.link.jitter, pair.link.dark) = (latency, jitter, dark);
    pair.link.mtu = usize::try_from(mtu).unwrap();
    pair.link.deaf = usize::try_from(deaf).ok().filter(|&end| end < 2);
    pair.link.rate = rated.then_some(rate);
    if moved == 0 {
        pair.client.address.port = u16::try_from(port).unwrap();
    } else if moved == 1 {
        pair.client.address.ip[15] = u8::try_from(port % 10).unwrap() + 1;
        pair.client.path.revalidate(pair.now);
    }
}

/// Makes it an ordinary one.
fn rest(pair: &mut Pair) {
    [pair.link.loss, pair.link.repeat, pair.link.damage] = [10, 0, 0];
    (pair.link.latency, pair.link.jitter, pair.link.dark) = (ms(20), ms(0), false);
    (pair.link.deaf, pair.link.rate, pair.link.mtu) = (None, None, 1452);
}

const SEEDS: u64 = 40;
