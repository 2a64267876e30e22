//! Peers that lie, and strangers that listen.

use std::collections::VecDeque;
use std::vec;

use super::pair::Toy;
use super::*;
use crate::ids::PacketNumber;
use crate::limits::TAG_LEN;
use crate::secure::{Header, OpenError};
use crate::wire::frame::Ack;

/// A datagram of the server's with this body, and a number that it has not used.
fn forged(pair: &Pair, number: u64, body: &[u8]) -> vec::Vec<u8> {
    let keys = DatagramKeys::new(crate::secure::Suite::ChaCha20Poly1305, [5; 32], Role::Server);
    let mut datagram = vec![0; Header::Long.size() + body.len() + TAG_LEN];
    datagram[Header::Long.size()..][..body.len()].copy_from_slice(body);
    let to = pair.client.path.local_cid;
    Sealer::<Toy>::new(&keys).seal(to, PacketNumber(number), Header::Long, &mut datagram);
    datagram
}

fn ack(pair: &Pair, number: u64, range: core::ops::RangeInclusive<u64>) -> vec::Vec<u8> {
    let mut body = [0; 32];
    let len = Ack::encode(Duration::ZERO, [range], &mut body).unwrap();
    forged(pair, number, &body[..len])
}

fn running() -> Pair {
    let mut pair = Pair::new(ms(20));
    pair.upload(10_000_000);
    pair.run(ms(500));
    pair
}

#[test]
fn who_acknowledges_what_was_not_sent_is_cut_off() {
    let mut pair = running();
    let mut lie = ack(&pair, 100_000, 0..=1_000_000);
    pair.client.hear(pair.now, pair.server.address, &mut lie);
    pair.run(ms(1));
    let broken = PathEvent::Broken(Violation::AckOfUnsent);
    assert_eq!(pair.client.events.last(), Some(&broken));
    assert_eq!(pair.client.path.next_timeout(), None);
    assert!(!pair.client.path.can_send(pair.now));
}

#[test]
fn who_acknowledges_everything_is_caught() {
    let mut pair = running();
    let sent = pair.client.path.stats().packets_sent;
    let mut lie = ack(&pair, 100_000, 0..=sent);
    pair.client.hear(pair.now, pair.server.address, &mut lie);
    pair.run(ms(1));
    let broken = PathEvent::Broken(Violation::AckOfSkipped);
    assert_eq!(pair.client.events.last(), Some(&broken));
}

#[test]
fn authentic_nonsense_ends_the_path() {
    let mut pair = running();
    let mut nonsense = forged(&pair, 100_000, &[0x55, 1, 2, 3]);
    let result = pair.client.path.handle_datagram(pair.now, pair.server.address, &mut nonsense);
    assert_eq!(result, Err(PacketError::Malformed(BadFrame::UnknownType)));
    assert!(pair.client.path.is_over());
}

#[test]
fn no_authentic_body_makes_it_panic() {
    let pair = running();
    let mut random = 1_u64;
    let mut dice = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(5);
        random >> 33
    };
    for number in 0..5000 {
        let kind = dice() % 7;
        let len = dice() % 40;
        let body: vec::Vec<u8> = core::iter::once(kind)
            .chain((0..len).map(|_| if dice() % 3 == 0 { 0 } else { dice() % 256 }))
            .map(|byte| byte.to_le_bytes()[0])
            .collect();
        let mut datagram = forged(&pair, 100_000 + number, &body);
        let mut client = pair.client.path.clone();
        let _ = client.handle_datagram(pair.now, pair.server.address, &mut datagram);
        while client.poll_settled().is_some() {}
        while client.poll_packet(pair.now).is_some() {}
        client.handle_timeout(pair.now + Duration::from_secs(1));
    }
}

#[test]
fn replays_and_noise_of_any_length_change_nothing() {
    let mut pair = Pair::new(ms(20));
    pair.link.tape = Some(VecDeque::new());
    pair.upload(200_000);
    pair.run(ms(2000));
    let tape = pair.link.tape.take().unwrap();
    let before = *pair.server.path.stats();
    let route = pair.server.path.remote();
    for (_, flight) in tape.iter().filter(|(_, flight)| flight.datagram.len() <= 1452) {
        let elsewhere = Address::v4([203, 0, 113, 5], 7);
        pair.pretend(elsewhere, &mut flight.datagram.clone());
    }
    for len in 0..100 {
        let mut noise = vec![0x40; len];
        let error = pair.server.path.handle_datagram(pair.now, route.unwrap(), &mut noise);
        assert!(matches!(error, Err(PacketError::NotOurs)));
    }
    let mut damaged = tape.back().unwrap().1.datagram.clone();
    if let Some(last) = damaged.last_mut() {
        *last ^= 1;
    }
    let error = pair.client.path.handle_datagram(pair.now, pair.server.address, &mut damaged);
    assert!(matches!(error, Err(PacketError::Unopened(OpenError::Forged) | PacketError::NotOurs)));
    pair.run(ms(1000));
    let after = *pair.server.path.stats();
    assert_eq!(pair.server.path.remote(), route);
    assert!(after.dropped_replayed > before.dropped_replayed);
    assert_eq!(after.packets_sent, before.packets_sent);
    assert_eq!(after.packets_received, before.packets_received);
}

#[test]
fn a_flood_of_challenges_is_answered_once() {
    let mut pair = Pair::new(ms(20));
    pair.run(ms(500));
    let before = pair.client.path.stats().packets_sent;
    for number in 0..1000_u64 {
        let mut body = vec![4; 9];
        body[1..].copy_from_slice(&number.to_le_bytes());
        let mut challenge = forged(&pair, 1000 + number, &body);
        pair.client.hear(pair.now, pair.server.address, &mut challenge);
    }
    pair.run(ms(0));
    assert_eq!(pair.client.path.stats().packets_sent, before + 1);
    assert_eq!(pair.client.path.stats().challenges_dropped, 999);
}

#[test]
fn a_silent_victim_is_sent_little() {
    // The ledger of the pair asserts the three times at every datagram.
    let mut pair = Pair::new(ms(20));
    pair.link.deaf = Some(CLIENT);
    pair.download(1_000_000);
    pair.run(ms(60_000));
    assert!(!pair.server.path.is_proven());
    assert!(pair.server.path.stats().data_sent > 0);
}
