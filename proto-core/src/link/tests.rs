use std::vec;
use std::vec::Vec;

use super::*;
use crate::ids::PacketNumber;
use crate::limits::{DATAGRAM_HEADER_LEN, MAX_RECORD_LEN, MAX_WIRE_RECORD_LEN, TAG_LEN};
use crate::secure::{ChaCha, Opener, Sealer, Suite};

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
        Sealer::<ChaCha>::new(&from.keys).seal(from.remote_cid, number, &mut datagram);
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
    assert_eq!(client.link.ended(), Err(LinkError::NotHaversack));
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

const CLIENT: u8 = 10;
const SERVER: u8 = 20;

fn key(seed: u8) -> StaticKey {
    StaticKey::from([seed; 32])
}

fn config(key: &StaticKey, entropy: u8) -> LinkConfig<'_> {
    LinkConfig {
        key,
        psk: NO_SECRET,
        cid: ConnectionId(u32::from(entropy)),
        suites: Suites::BASE,
        entropy: [entropy; 32],
    }
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
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

/// One end with a driver that writes down everything.
struct End {
    link: Link,
    trusting: bool,
    met: Option<PublicKey>,
    established: Option<Established>,
    records: Vec<Vec<u8>>,
    error: Option<LinkError>,
    /// What is to be sent.
    sent: Vec<u8>,
    /// What was ever sent.
    log: Vec<u8>,
}

impl End {
    fn new(link: Link) -> Self {
        let mut end = Self {
            link,
            trusting: true,
            met: None,
            established: None,
            records: Vec::new(),
            error: None,
            sent: Vec::new(),
            log: Vec::new(),
        };
        end.poll();
        end
    }

    fn hear(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.error.is_none() {
            let space = self.link.space();
            let len = space.len().min(bytes.len());
            space[..len].copy_from_slice(&bytes[..len]);
            self.link.received(len);
            bytes = &bytes[len..];
            self.poll();
        }
    }

    fn poll(&mut self) {
        loop {
            match self.link.poll_output() {
                Ok(LinkOutput::Transmit(bytes)) => {
                    self.sent.extend_from_slice(bytes);
                    self.log.extend_from_slice(bytes);
                }
                Ok(LinkOutput::Identified(key)) => {
                    self.met = Some(key);
                    if self.trusting {
                        self.link.trust();
                    }
                }
                Ok(LinkOutput::Established(established)) => self.established = Some(established),
                Ok(LinkOutput::Record(text)) => self.records.push(text.to_vec()),
                Ok(LinkOutput::Idle) => return,
                Err(error) => {
                    self.error = Some(error);
                    return;
                }
            }
        }
    }

    fn say(&mut self, text: &[u8]) {
        let mut record = RecordBuf::new();
        record.text()[..text.len()].copy_from_slice(text);
        let sealed = self.link.seal(&mut record, text.len());
        self.sent.extend_from_slice(sealed);
        self.log.extend_from_slice(sealed);
    }
}

/// Two ends and a perfect wire.
struct Pair {
    client: End,
    server: End,
}

impl Pair {
    fn new() -> Self {
        Self::with(config(&key(CLIENT), CLIENT), config(&key(SERVER), SERVER))
    }

    fn new_driven() -> Self {
        let mut pair = Self::new();
        pair.drive();
        pair
    }

    fn with(client: LinkConfig<'_>, server: LinkConfig<'_>) -> Self {
        Self { client: End::new(Link::client(client)), server: End::new(Link::server(server)) }
    }

    fn drive(&mut self) {
        while !(self.client.sent.is_empty() && self.server.sent.is_empty()) {
            self.server.hear(&core::mem::take(&mut self.client.sent));
            self.client.hear(&core::mem::take(&mut self.server.sent));
        }
    }

    fn established(&self) -> [Established; 2] {
        [&self.client, &self.server].map(|end| end.established.clone().unwrap())
    }
}
