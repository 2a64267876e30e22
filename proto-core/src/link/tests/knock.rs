//! Whoever knows the server's key is a round trip ahead, and nobody else hears a word.

use std::vec::Vec;

use super::golden::{hex, unhex};
use super::pair::{CLIENT, End, Pair, SERVER, config, flipped, key};
use crate::ids::PublicKey;
use crate::link::knock::mac;
use crate::link::{
    ANSWER_LEN, EarlyReply, HELLO_LEN, KNOCK_LEN, Link, LinkConfig, LinkError, PROOF_LEN, Porch,
    REPLY_LEN,
};
use crate::secure::StaticKey;
use crate::time::{Duration, Instant};

/// Entropy that the server draws for a knock, and for a connection without one.
const DRAWN: u8 = SERVER + 1;
const NOW: Instant = Instant::from_micros(1_000_000);

/// A knock of [`CLIENT`]'s, as a separate implementation computed it.
const KNOCK: &str = "cb2c26344f24845eec6cafc3bd5c3086ffdf363be384a7b50f3809f2483afb6e2dd387b3\
    462a869e233ba42eac638aac7d1b7a79161b1b054ac83a798d11cc6b6400000000000000\
    00000000000000000000000000000000000000000000000000000000";

#[test]
fn the_bytes_of_a_knock_do_not_drift() {
    assert_eq!(hex(&knock(CLIENT)), KNOCK);
    assert_eq!(unhex(KNOCK).len(), KNOCK_LEN);
}

#[test]
fn whoever_knocked_proves_itself_before_tcp_has_brought_the_reply() {
    let mut porch = Porch::<4>::new();
    let answer = answer(&mut porch, NOW, &knock(CLIENT)).unwrap();
    let EarlyReply { link, mut owed } = early(CLIENT, &answer).unwrap();
    let mut client = End::new(link);
    assert_eq!(client.sent, b"", "it waits for trust");
    client.link.trust();
    client.poll();
    assert_eq!(client.sent.len(), 2 + PROOF_LEN);
    client.say(b"good morning");

    let (mut server, kept) = greeted(&mut porch, CLIENT);
    assert!(kept);
    let reply = core::mem::take(&mut server.sent);
    assert_eq!(reply[2..], answer[1..], "TCP brings the very same");
    server.hear(&core::mem::take(&mut client.sent));
    assert_eq!(server.records, [b"good morning"]);
    server.say(b"how do you do");

    assert_eq!(owed.take(&reply), Ok(reply.len()));
    assert!(owed.is_paid());
    client.hear(&server.sent);
    assert_eq!(client.records, [b"how do you do"]);
}

#[test]
fn nobody_who_does_not_know_the_key_gets_an_answer() {
    let mut porch = Porch::<4>::new();
    let knock = knock(CLIENT);
    let said = 1 + HELLO_LEN + 16;
    for bit in 0..said * 8 {
        assert_eq!(answer(&mut porch, NOW, &flipped(&knock, bit)), None, "bit {bit}");
    }
    for len in 0..KNOCK_LEN {
        assert_eq!(answer(&mut porch, NOW, &knock[..len]), None, "{len} bytes");
    }
    assert_eq!(answer(&mut porch, NOW, &[&knock[..], &[0]].concat()), None);
    let stranger = Link::client(config(&key(CLIENT), CLIENT)).knock(&PublicKey([7; 32]));
    assert_eq!(answer(&mut porch, NOW, &stranger), None);
    assert!(answer(&mut porch, NOW, &knock).is_some(), "and none of them took a place");
}

#[test]
fn a_promise_is_kept_once() {
    let mut porch = Porch::<4>::new();
    let first = answer(&mut porch, NOW, &knock(CLIENT)).unwrap();
    assert_eq!(answer(&mut porch, NOW, &knock(CLIENT)), Some(first), "a copy changes nothing");

    assert!(greeted(&mut porch, CLIENT).1);
    let (replayed, kept) = greeted(&mut porch, CLIENT);
    assert!(!kept);
    let EarlyReply { mut owed, .. } = early(CLIENT, &first).unwrap();
    assert_eq!(owed.take(&replayed.sent), Err(LinkError::Forgotten));
}

#[test]
fn copies_of_a_knock_are_answered_a_few_times_and_not_for_long() {
    let mut porch = Porch::<4>::new();
    let answered = (0..100).filter(|_| answer(&mut porch, NOW, &knock(CLIENT)).is_some()).count();
    assert_eq!(answered, 3);
    assert!(greeted(&mut porch, CLIENT).1, "the promise stands");

    assert!(answer(&mut porch, NOW, &knock(CLIENT + 1)).is_some());
    let late = NOW + Duration::from_secs(5);
    assert_eq!(answer(&mut porch, late, &knock(CLIENT + 1)), None);
}

#[test]
fn hellos_that_cannot_be_replied_to_are_bounded_like_others() {
    let mut porch = Porch::<4>::new();
    let server = server_key();
    let mut drawn = 0;
    for seed in 0..100 {
        let mut bad = knock(seed);
        // The tag of the hello is wrong, the mac is right.
        bad[HELLO_LEN] ^= 1;
        let proof = mac(&bad[1..=HELLO_LEN], &server.public());
        bad[1 + HELLO_LEN..][..proof.len()].copy_from_slice(&proof);
        let answer = porch.answer(NOW, &bad, &server.public(), || {
            drawn += 1;
            Some(config(&server, DRAWN))
        });
        assert_eq!(answer, None);
    }
    assert_eq!((drawn, porch.refused()), (4, 96));
}

#[test]
fn what_was_promised_is_wiped_when_it_is_over() {
    let mut porch = Porch::<4>::new();
    assert!((1..=3).all(|client| answer(&mut porch, NOW, &knock(client)).is_some()));
    assert_eq!(porch.secrets().filter(|entropy| **entropy == [DRAWN; 32]).count(), 3);

    assert!(greeted(&mut porch, 1).1);
    assert_eq!(porch.secrets().filter(|entropy| **entropy == [0; 32]).count(), 1);
    answer(&mut porch, NOW + Duration::from_secs(10), &knock(4));
    assert_eq!(porch.secrets().filter(|entropy| **entropy == [0; 32]).count(), 2);
}

#[test]
fn an_answer_of_somebody_else_is_nothing() {
    let another = key(77);
    let mut porch = Porch::<4>::new();
    let knock = Link::client(config(&key(CLIENT), CLIENT)).knock(&another.public());
    let forged =
        porch.answer(NOW, &knock, &another.public(), || Some(config(&another, DRAWN))).unwrap();
    assert!(early(CLIENT, &forged).is_none());
}

#[test]
fn a_knock_that_its_hello_overtook_is_not_answered() {
    let mut porch = Porch::<4>::new();
    assert!(!greeted(&mut porch, CLIENT).1);
    assert_eq!(answer(&mut porch, NOW, &knock(CLIENT)), None);

    assert!(answer(&mut porch, NOW, &knock(CLIENT + 1)).is_some());
    assert!(greeted(&mut porch, CLIENT + 1).1);
    assert_eq!(answer(&mut porch, NOW, &knock(CLIENT + 1)), None, "a copy comes too late as well");
}

#[test]
fn a_promise_holds_for_ten_seconds() {
    let mut porch = Porch::<4>::new();
    answer(&mut porch, NOW, &knock(CLIENT)).unwrap();
    let link = &mut with_hello(CLIENT);
    let server = server_key();
    let config = config(&server, SERVER);
    assert!(!porch.redeem(NOW + Duration::from_secs(10), link, config));
}

#[test]
fn a_crowd_at_the_door_is_bounded_and_counted() {
    let mut porch = Porch::<4>::new();
    for client in 1..=4 {
        assert!(answer(&mut porch, NOW, &knock(client)).is_some());
    }
    assert_eq!(answer(&mut porch, NOW, &knock(5)), None);
    assert_eq!(porch.refused(), 1);
    assert!(greeted(&mut porch, 1).1, "what was promised is kept");
    assert!(answer(&mut porch, NOW, &knock(5)).is_some());

    let later = NOW + Duration::from_secs(10);
    assert!((6..=9).all(|client| answer(&mut porch, later, &knock(client)).is_some()));
}

#[test]
fn what_is_no_answer_to_this_knock_is_nothing() {
    let mut porch = Porch::<4>::new();
    let answered = answer(&mut porch, NOW, &knock(CLIENT)).unwrap();
    for bit in 0..answered.len() * 8 {
        assert!(early(CLIENT, &flipped(&answered, bit)).is_none(), "bit {bit}");
    }
    for len in 0..ANSWER_LEN {
        assert!(early(CLIENT, &answered[..len]).is_none(), "{len} bytes");
    }
    let for_another = answer(&mut porch, NOW, &knock(CLIENT + 1)).unwrap();
    assert!(early(CLIENT, &for_another).is_none());
    assert!(early(CLIENT, &answered).is_some());
}

#[test]
fn what_tcp_owes_may_come_in_pieces_and_must_be_the_same() {
    let mut porch = Porch::<4>::new();
    let answered = answer(&mut porch, NOW, &knock(CLIENT)).unwrap();
    let reply = [&[99, 0][..], &answered[1..]].concat();

    let mut owed = early(CLIENT, &answered).unwrap().owed;
    assert!(reply.iter().all(|byte| !owed.is_paid() && owed.take(&[*byte]) == Ok(1)));
    assert!(owed.is_paid());
    assert_eq!(owed.take(b"a record"), Ok(0), "what follows is the link's");

    for bit in 0..reply.len() * 8 {
        let mut owed = early(CLIENT, &answered).unwrap().owed;
        assert_eq!(owed.take(&flipped(&reply, bit)), Err(LinkError::Forgotten), "bit {bit}");
    }
    assert_eq!(reply.len(), 2 + REPLY_LEN);
}

#[test]
fn without_a_knock_all_is_as_ever() {
    let (server, kept) = greeted(&mut Porch::<4>::new(), CLIENT);
    assert!(!kept);
    let mut pair = Pair { server, ..Pair::new() };
    pair.client.sent.clear();
    pair.drive();
    pair.established();
}

fn server_key() -> StaticKey {
    key(SERVER)
}

fn knock(client: u8) -> [u8; KNOCK_LEN] {
    Link::client(config(&key(CLIENT), client)).knock(&server_key().public())
}

fn answer(porch: &mut Porch<4>, now: Instant, datagram: &[u8]) -> Option<[u8; ANSWER_LEN]> {
    let server = server_key();
    porch.answer(now, datagram, &server.public(), || Some(config(&server, DRAWN)))
}

fn early(client: u8, datagram: &[u8]) -> Option<EarlyReply> {
    EarlyReply::read(config(&key(CLIENT), client), &server_key().public(), datagram)
}

/// A server's link that has heard a hello and was not polled since.
fn with_hello(client: u8) -> Link {
    let hello: Vec<u8> = End::new(Link::client(config(&key(CLIENT), client))).sent;
    let server = server_key();
    let mut link = Link::server(LinkConfig { entropy: [99; 32], ..config(&server, SERVER) });
    link.space()[..hello.len()].copy_from_slice(&hello);
    link.received(hello.len());
    link
}

/// The server behind a client's hello, and whether the client had knocked.
fn greeted(porch: &mut Porch<4>, client: u8) -> (End, bool) {
    let server = server_key();
    let mut link = with_hello(client);
    let kept = porch.redeem(NOW, &mut link, config(&server, SERVER));
    (End::new(link), kept)
}
