//! Numbers far from all that has arrived.

use super::link::Link;
use super::pair::{CLIENT, SERVER};
use super::*;

#[test]
fn after_a_blackout_of_any_length_the_first_datagram_that_arrives_is_opened() {
    let dark = |link: &mut Link| link.dark = true;
    let client_deaf = |link: &mut Link| link.deaf = Some(CLIENT);
    let server_deaf = |link: &mut Link| link.deaf = Some(SERVER);
    for black_out in [dark, client_deaf, server_deaf] {
        for hours in [0, 1, 48] {
            let mut pair = running();
            black_out(&mut pair.link);
            pair.run(Duration::from_secs(1 + 3600 * hours));
            assert!(!pair.is_delivered());
            (pair.link.dark, pair.link.deaf) = (false, None);
            pair.run_until_delivered(ms(60_000));

            let [client, server] = [pair.client.path.stats(), pair.server.path.stats()];
            assert_eq!((client.dropped_forged, server.dropped_forged), (0, 0), "{hours} h");
            let sent = client.packets_sent.max(server.packets_sent);
            assert!(hours < 48 || 1 << 16 < sent, "more than two bytes tell apart: {sent}");
        }
    }
}

#[test]
fn whoever_used_many_numbers_in_vain_says_them_at_length_until_one_is_acknowledged() {
    let mut pair = Pair::new(ms(20));
    pair.run(ms(500));
    let room = pair.client.path.payload_len(TransferId(1), 0);
    for _ in 0..100_000 {
        pair.client.path.recovery.take_number(|| 0);
    }
    assert_eq!(pair.client.path.payload_len(TransferId(1), 0), room - 2);

    pair.upload(100_000);
    pair.run_until_delivered(ms(1000));

    assert_eq!(pair.server.path.stats().dropped_forged, 0);
    assert_eq!(pair.client.path.payload_len(TransferId(1), 0), room);
}

/// Both ends are in the middle of sending something.
fn running() -> Pair {
    let mut pair = Pair::new(ms(20));
    pair.upload(5_000_000);
    pair.download(5_000_000);
    pair.run(ms(250));
    pair
}
