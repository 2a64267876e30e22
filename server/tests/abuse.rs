//! Strangers, nonsense and crowds: the room does not notice.
#![allow(clippy::unwrap_used, reason = "this is a test")]

mod common;

use std::io::ErrorKind::{TimedOut, WouldBlock};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use common::raw::Raw;
use common::valve::Valve;
use common::{Face, House};
use proto_core::wire::ToServer;
use proto_std::secret::Secret;
use proto_std::session::{Event, Purpose};

fn stranger(house: &House, words: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(house.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    stream.write_all(words).unwrap();
    stream
}

#[test]
fn whatever_is_not_haversack_is_hung_up_on_without_a_word() {
    let house = House::new();
    let mut leah = house.join("leah");
    let nonsense: [&[u8]; 5] = [
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        &[0; 4096],
        &[0xFF; 10_000],
    ];
    for words in nonsense {
        // A server that hangs up at once may leave the rest of the nonsense unread.
        let mut stream = TcpStream::connect(house.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        drop(stream.write_all(words));
        let mut answer = Vec::new();
        let ended = stream.read_to_end(&mut answer).map_err(|error| error.kind());
        assert!(!matches!(ended, Err(WouldBlock | TimedOut)), "the connection was left open");
        assert!(answer.is_empty(), "{answer:?}");
    }
    leah.say("is anybody disturbed?");
    assert_eq!(leah.heard().1, "is anybody disturbed?");
}

#[test]
fn connections_that_say_nothing_hold_nobody_up() {
    let house = House::new();
    let idle: Vec<TcpStream> = (0..300).map(|_| stranger(&house, b"")).collect();
    let half: Vec<TcpStream> = (0..100).map(|_| stranger(&house, &[0x20])).collect();
    let mut leah = house.join("leah");
    leah.say("room enough");
    assert_eq!(leah.heard().1, "room enough");
    drop((idle, half));
}

#[test]
fn a_reader_who_does_not_read_slows_nobody_and_is_told_what_was_missed() {
    let house = House::with(|options| options.message_rate = 100_000);
    let wire = Valve::before(house.address);
    let mut config = house.config("slow", Purpose::Join);
    config.server = wire.address.to_string().parse().unwrap();
    let mut slow = Face::start(config);
    slow.online();
    let (mut leah, mut dana) = (house.join("leah"), house.join("dana"));
    wire.set_shut(true);
    let long = "x".repeat(2000);
    let (rounds, burst) = (6000, 50);
    for round in 0..rounds {
        leah.say(&format!("{round} {long}"));
        if round % burst == burst - 1 {
            for expected in round + 1 - burst..=round {
                let (_, text) = dana.heard();
                assert!(text.starts_with(&format!("{expected} ")));
            }
            leah.until(|event| match event {
                Event::Delivered { token } => (token == round + 1).then_some(()),
                _ => None,
            });
        }
    }

    wire.set_shut(false);
    let (mut seen, mut missed) = (0, 0);
    let mut last = None;
    while last != Some(rounds - 1) {
        match slow.next() {
            Event::Said { text, .. } => {
                let number: u64 = text.split(' ').next().unwrap().parse().unwrap();
                assert!(last.is_none_or(|last| number > last), "{number} after {last:?}");
                last = Some(number);
                seen += 1;
            }
            Event::Missed { count } => missed += count,
            _ => {}
        }
    }
    assert!(missed > 0, "the buffers are too large for this test");
    assert_eq!(seen + missed, rounds, "each message is seen, or counted as missed");
}

#[test]
fn a_full_house_says_so() {
    let house = House::with(|options| options.max_clients = 2);
    let (_leah, _dana) = (house.join("leah"), house.join("dana"));
    let error = Face::start(house.config("noa", Purpose::Join)).failure();
    assert!(error.why.contains("full"), "{error}");
}

#[test]
fn half_a_message_holds_no_place_for_long() {
    let house = House::with(|options| options.max_clients = 1);
    let mut slow = Raw::connect(house.address);
    slow.log_in("slow");
    let record = slow.seal(&ToServer::Who);
    slow.stream.write_all(&record[..5]).unwrap();

    // Sooner than a server wonders about one that says nothing at all.
    slow.stream.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
    slow.wait_for_the_end().expect("the server hangs up");

    house.enter("leah").leave();
}

#[test]
fn whoever_guesses_secrets_is_not_listened_to_for_a_while() {
    let secret = Secret::new([7; 32]);
    let house = House::with(|options| options.secret = Some(secret.clone()));
    let start = |secret: Secret| {
        let mut config = house.config("leah", Purpose::Join);
        (config.secret, config.timeout) = (Some(secret), Duration::from_secs(2));
        Face::start(config)
    };
    let mut leah = start(secret);
    leah.online();

    let held_off = (0..20).any(|number| {
        let error = start(Secret::new([100 + number; 32])).failure();
        error.why.contains("hung up")
    });

    assert!(held_off, "guesses are not counted");
    leah.say("still here");
    assert_eq!(leah.heard().1, "still here");
}

#[test]
fn one_who_guesses_on_many_connections_at_once_learns_nothing_more() {
    let house = House::with(|options| options.secret = Some(Secret::new([7; 32])));
    let knock = |psk: u8| Raw::knock(house.address, [psk; 32]);
    let mut friend = knock(7);
    friend.prove();
    friend.log_in("leah");
    assert!(friend.is_answered(), "the secret is right");
    let mut right = knock(7);
    let mut wrong: Vec<Raw> = (100..120).map(knock).collect();

    for guess in &mut wrong {
        guess.prove();
        guess.wait_for_the_end().expect("a wrong secret is hung up on");
    }
    right.prove();

    right.stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let ended = right.wait_for_the_end();
    assert_eq!(ended.expect("a right one is, too"), 0, "it can be told from a wrong one");
}
