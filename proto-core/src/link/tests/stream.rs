//! The stream of records: cut anywhere, damaged, repeated, ended.

use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::pair::{CLIENT, End, Pair, SERVER, config, flipped, key};
use crate::limits::{MAX_RECORD_LEN, MAX_WIRE_RECORD_LEN, RECORD_HEADER_LEN, TAG_LEN};
use crate::link::{Link, LinkError};

#[test]
fn every_way_to_cut_the_stream_gives_the_same() {
    let stream = a_stream_to_the_server();
    for split in 0..=stream.len() {
        let mut server = End::new(Link::server(config(&key(SERVER), SERVER)));
        server.hear(&stream[..split]);
        server.hear(&stream[split..]);
        assert_eq!(server.records, [&b"one"[..], b"two", &[3; MAX_RECORD_LEN], b"four"]);
    }
}

#[test]
fn a_stream_of_single_bytes_gives_the_same() {
    let mut server = End::new(Link::server(config(&key(SERVER), SERVER)));
    for byte in a_stream_to_the_server() {
        server.hear(&[byte]);
    }
    assert_eq!(server.records, [&b"one"[..], b"two", &[3; MAX_RECORD_LEN], b"four"]);
    assert_eq!(server.link.ended(), Ok(()));
}

#[test]
fn every_record_too_short_to_hold_anything_is_refused() {
    for len in 0..=16_u8 {
        let mut pair = Pair::new();
        pair.drive();
        pair.server.hear(&[&[len, 0][..], &vec![0; len.into()]].concat());
        assert_eq!(pair.server.error, Some(LinkError::TooShort), "length {len}");
    }
}

#[test]
fn a_record_too_long_is_refused_before_it_is_read() {
    for len in [MAX_RECORD_LEN + TAG_LEN + 1, 0xFFFF] {
        let mut pair = Pair::new();
        pair.drive();
        pair.server.hear(&u16::try_from(len).unwrap().to_le_bytes());
        assert_eq!(pair.server.error, Some(LinkError::TooLong));
    }
}

#[test]
fn a_record_sealed_in_its_own_length_is_the_same_record() {
    let mut pair = Pair::new();
    pair.drive();
    let mut whole = [&[0; RECORD_HEADER_LEN][..], b"short", &[0; TAG_LEN]].concat();
    pair.client.link.seal_whole(&mut whole);
    pair.server.hear(&whole);
    pair.client.say(b"next");
    pair.drive();
    assert_eq!(pair.server.records, [&b"short"[..], b"next"]);
}

#[test]
fn records_of_every_length_arrive() {
    let mut pair = Pair::new();
    pair.drive();
    for len in (1..200).chain(4090..=MAX_RECORD_LEN) {
        pair.client.say(&vec![0x77; len]);
        pair.drive();
        assert_eq!(pair.server.records.pop(), Some(vec![0x77; len]));
    }
}

#[test]
fn a_record_forged_repeated_or_out_of_order_ends_the_link() {
    let records = || {
        let mut pair = Pair::new();
        pair.drive();
        pair.client.say(b"first");
        let first = core::mem::take(&mut pair.client.sent);
        pair.client.say(b"second");
        let second = core::mem::take(&mut pair.client.sent);
        (pair.server, first, second)
    };
    let (mut server, first, _) = records();
    for bit in 16..first.len() * 8 {
        let mut server = records().0;
        server.hear(&flipped(&first, bit));
        assert_eq!(server.error, Some(LinkError::Forged), "bit {bit}");
    }
    server.hear(&first);
    server.hear(&first);
    assert_eq!((server.records.len(), server.error), (1, Some(LinkError::Forged)));

    let (mut server, first, second) = records();
    server.hear(&second);
    server.hear(&first);
    assert_eq!((server.records.len(), server.error), (0, Some(LinkError::Forged)));

    let (mut client, first) = {
        let (_, first, _) = records();
        (Pair::new_driven().client, first)
    };
    client.hear(&first);
    assert_eq!(client.error, Some(LinkError::Forged), "a reflected record is refused");
}

#[test]
fn a_failed_link_stays_failed() {
    let mut pair = Pair::new();
    pair.drive();
    pair.server.hear(&[0, 0]);
    let space = pair.server.link.space();
    let len = space.len().min(10);
    pair.server.link.received(len);
    assert_eq!(pair.server.link.poll_output().unwrap_err(), LinkError::TooShort);
    assert_eq!(pair.server.link.ended(), Err(LinkError::TooShort));
    assert!(!pair.server.link.can_seal());
}

#[test]
fn what_an_early_end_means_depends_on_when_it_comes() {
    let mut client = End::new(Link::client(config(&key(CLIENT), CLIENT)));
    assert_eq!(client.link.ended(), Err(LinkError::Truncated));
    client.link.space()[0] = 99;
    client.link.received(1);
    assert_eq!(client.link.ended(), Err(LinkError::NotHaversack));

    let mut client = End::new(Link::client(config(&key(CLIENT), CLIENT)));
    let mut server = End::new(Link::server(config(&key(SERVER), SERVER)));
    server.hear(&core::mem::take(&mut client.sent));
    assert_eq!(server.link.ended(), Err(LinkError::Truncated));
    client.trusting = false;
    client.hear(&core::mem::take(&mut server.sent));
    assert_eq!(client.link.ended(), Err(LinkError::Truncated));

    let mut pair = Pair::new_driven();
    assert_eq!(pair.server.link.ended(), Ok(()));
    assert_eq!(pair.client.link.ended(), Err(LinkError::WrongSecret));
    pair.server.say(b"welcome");
    pair.drive();
    assert_eq!(pair.client.link.ended(), Ok(()));
    pair.server.say(b"cut in the middle");
    pair.client.hear(&pair.server.sent[..9]);
    assert_eq!(pair.client.link.ended(), Err(LinkError::Truncated));
}

#[test]
fn there_is_always_room_once_idle() {
    let mut pair = Pair::new_driven();
    pair.client.say(&[1; MAX_RECORD_LEN]);
    let record = core::mem::take(&mut pair.client.sent);
    assert_eq!(record.len(), MAX_WIRE_RECORD_LEN);
    for byte in record {
        assert!(!pair.server.link.space().is_empty());
        pair.server.hear(&[byte]);
    }
    assert_eq!(pair.server.records.len(), 1);
}

proptest! {
    #[test]
    fn no_bytes_whatever_make_a_link_panic(
        honest in 0..280_usize,
        garbage in proptest::collection::vec(any::<u8>(), 1..300),
    ) {
        let stream = a_short_stream_to_the_server();
        let honest = honest.min(stream.len());
        let mut server = End::new(Link::server(config(&key(SERVER), SERVER)));
        server.hear(&stream[..honest]);
        server.hear(&garbage);
        prop_assert!(server.records.len() <= 2);
    }
}

/// A handshake and two records, as the server receives them.
fn a_short_stream_to_the_server() -> Vec<u8> {
    let mut pair = Pair::new_driven();
    pair.client.say(b"one");
    pair.client.say(b"two");
    pair.client.log
}

/// A handshake, three short records and one of full length, as the server receives them.
fn a_stream_to_the_server() -> Vec<u8> {
    let mut pair = Pair::new();
    pair.drive();
    for text in [&b"one"[..], b"two", &[3; MAX_RECORD_LEN], b"four"] {
        pair.client.say(text);
    }
    pair.drive();
    pair.client.log
}
