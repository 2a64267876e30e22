//! Getting to know each other, and what may go wrong with it.

use std::vec;

use super::pair::{CLIENT, End, Pair, SERVER, config, flipped, key};
use crate::ids::PacketNumber;
use crate::limits::{DATAGRAM_HEADER_LEN, TAG_LEN};
use crate::link::{HELLO_LEN, Link, LinkConfig, LinkError, PROOF_LEN};
use crate::secure::{ChaCha, Header, Opener, Sealer, Suite, Suites};

#[test]
fn both_ends_learn_who_the_other_is_and_can_talk() {
    let mut pair = Pair::new();
    pair.drive();

    let [client, server] = pair.established();
    assert_eq!(client.peer, key(SERVER).public());
    assert_eq!(server.peer, key(CLIENT).public());
    assert_eq!((client.local_cid, client.remote_cid), (server.remote_cid, server.local_cid));
    pair.client.say(b"good morning");
    pair.server.say(b"how do you do");
    pair.drive();
    assert_eq!(pair.server.records, [b"good morning"]);
    assert_eq!(pair.client.records, [b"how do you do"]);
}

#[test]
fn the_datagram_keys_of_both_ends_fit() {
    let mut pair = Pair::new();
    pair.drive();
    let [client, server] = pair.established();

    for (from, to) in [(&client, &server), (&server, &client)] {
        let mut datagram = vec![7; DATAGRAM_HEADER_LEN + 5 + TAG_LEN];
        let number = PacketNumber(1);
        Sealer::<ChaCha>::new(&from.keys).seal(
            from.remote_cid,
            number,
            Header::Short,
            &mut datagram,
        );
        let mut opener = Opener::<ChaCha>::new(&to.keys);
        assert_eq!(opener.open(None, &mut datagram).unwrap().1, [7; 5]);
    }
}

#[test]
fn aes_is_agreed_upon_when_both_have_it() {
    for (ours, theirs, agreed) in [
        (Suites::ALL, Suites::ALL, Suite::Aes128Gcm),
        (Suites::ALL, Suites::BASE, Suite::ChaCha20Poly1305),
        (Suites::BASE, Suites::ALL, Suite::ChaCha20Poly1305),
    ] {
        let mut pair = Pair::with(
            LinkConfig { suites: ours, ..config(&key(CLIENT), CLIENT) },
            LinkConfig { suites: theirs, ..config(&key(SERVER), SERVER) },
        );
        pair.drive();
        assert!(pair.established().iter().all(|end| end.keys.suite() == agreed));
    }
    let mut pair = Pair::with(
        LinkConfig { suites: Suites::default(), ..config(&key(CLIENT), CLIENT) },
        config(&key(SERVER), SERVER),
    );
    pair.drive();
    assert_eq!(pair.client.error, Some(LinkError::NoCommonSuite));
}

#[test]
fn a_stranger_is_recognised_by_its_first_bytes() {
    let strangers: [&[u8]; 7] = [
        b"GET / HTTP/1.1\r\nHost: haversack\r\n\r\n",
        b"POST / HTTP/1.1\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\0\0\0\0",
        b"\xff",
        &[0x30, 0x01],
    ];
    for stranger in strangers {
        let mut server = End::new(Link::server(config(&key(SERVER), SERVER)));
        server.hear(stranger);
        assert_eq!(server.error, Some(LinkError::NotHaversack));
        assert_eq!(server.sent, b"", "a stranger gets no answer");

        let mut client = End::new(Link::client(config(&key(CLIENT), CLIENT)));
        client.sent.clear();
        client.hear(stranger);
        assert_eq!(client.error, Some(LinkError::NotHaversack));
    }
}

#[test]
fn a_hello_of_the_right_length_that_is_none_is_refused() {
    let mut server = End::new(Link::server(config(&key(SERVER), SERVER)));
    server.hear(&[&[48, 0][..], &[0x5A; HELLO_LEN]].concat());
    assert_eq!(server.error, Some(LinkError::NotHaversack));
    assert_eq!(server.sent, b"");
}

#[test]
fn a_changed_bit_in_any_handshake_message_ends_it() {
    let mut honest = Pair::new();
    honest.drive();
    let (to_server, to_client) = (honest.client.log, honest.server.log);

    for bit in 0..to_server.len() * 8 {
        let mut server = End::new(Link::server(config(&key(SERVER), SERVER)));
        server.hear(&flipped(&to_server, bit));
        assert!(server.error.is_some() && server.established.is_none(), "bit {bit}");
    }
    for bit in 0..to_client.len() * 8 {
        let mut client = End::new(Link::client(config(&key(CLIENT), CLIENT)));
        client.hear(&flipped(&to_client, bit));
        assert!(client.error.is_some() && client.met.is_none(), "bit {bit}");
    }
}

#[test]
fn a_wrong_secret_is_named_at_both_ends() {
    let mut pair = Pair::with(
        LinkConfig { psk: [1; 32], ..config(&key(CLIENT), CLIENT) },
        LinkConfig { psk: [2; 32], ..config(&key(SERVER), SERVER) },
    );
    pair.drive();

    assert_eq!(pair.server.error, Some(LinkError::WrongSecret));
    assert!(pair.server.established.is_none());
    assert_eq!(pair.client.link.ended(), Err(LinkError::WrongSecret));
}

#[test]
fn no_secret_does_not_open_a_server_that_has_one() {
    let mut pair = Pair::with(
        config(&key(CLIENT), CLIENT),
        LinkConfig { psk: [2; 32], ..config(&key(SERVER), SERVER) },
    );
    pair.drive();
    assert_eq!(pair.server.error, Some(LinkError::WrongSecret));
}

#[test]
fn the_proof_waits_for_trust() {
    let mut client = End::new(Link::client(config(&key(CLIENT), CLIENT)));
    let mut server = End::new(Link::server(config(&key(SERVER), SERVER)));
    client.trusting = false;
    server.hear(&core::mem::take(&mut client.sent));
    client.hear(&core::mem::take(&mut server.sent));

    assert_eq!(client.met, Some(key(SERVER).public()));
    assert_eq!(client.sent, b"");
    client.link.trust();
    client.poll();
    assert_eq!(client.sent.len(), 2 + PROOF_LEN);
}

#[test]
fn a_server_that_speaks_before_it_is_trusted_is_refused() {
    let mut client = End::new(Link::client(config(&key(CLIENT), CLIENT)));
    let mut server = End::new(Link::server(config(&key(SERVER), SERVER)));
    client.trusting = false;
    server.hear(&core::mem::take(&mut client.sent));
    client.hear(&core::mem::take(&mut server.sent));
    client.hear(&[1]);
    assert_eq!(client.error, Some(LinkError::Unasked));
}

#[test]
fn a_replayed_handshake_fails() {
    let mut honest = Pair::new_driven();
    honest.client.say(b"pay the bill");
    honest.drive();

    let mut server = End::new(Link::server(config(&key(SERVER), SERVER + 1)));
    server.hear(&honest.client.log);
    assert_eq!(server.error, Some(LinkError::Forged));
    assert!(server.established.is_none() && server.records.is_empty());

    let mut client = End::new(Link::client(config(&key(CLIENT), CLIENT + 1)));
    client.hear(&honest.server.log);
    assert_eq!(client.error, Some(LinkError::Forged));
    assert!(client.met.is_none());
}

#[test]
fn a_server_that_posed_as_another_is_seen_through() {
    let mut pair = Pair::with(config(&key(CLIENT), CLIENT), config(&key(77), SERVER));
    pair.client.trusting = false;
    pair.drive();
    assert_eq!(pair.client.met, Some(key(77).public()));
    assert!(pair.client.established.is_none() && pair.server.established.is_none());
}
