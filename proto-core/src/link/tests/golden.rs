//! Every byte of a session's beginning, for fixed keys and entropy.
//!
//! The bytes were computed by a separate implementation, written from `docs/PROTOCOL.md` and the
//! Noise specification alone. Should a test here fail, the protocol has changed: as soon as a
//! version is released, that takes a new `PROTOCOL_VERSION`, never new bytes.

use std::string::String;
use std::vec;

use super::pair::{End, Pair};
use crate::ids::{ConnectionId, PacketNumber};
use crate::limits::{DATAGRAM_HEADER_LEN, TAG_LEN};
use crate::link::{Established, Link, LinkConfig};
use crate::secure::{ChaCha, Header, Sealer, StaticKey, Suites};

/// Client: `e`, and the tag of nothing.
const HELLO: &str = "3000d4d8ae4528bb21701bacc87964e4b37a5f430d77650383fe07f189bc6f98d6189016\
    2534623f47416bfd936922b2a95a";
/// Server: `e, ee, s, es`, its connection id and suites.
const REPLY: &str = "6300b3f6654948bddb7a43f4cfbe0a748456c4d575f734971e21c6f6ccd52226722c9c5d\
    24e66c25fe4fbcece1bcb176940e16cc15a48a6f697ca4a4aeeb80a84eaaa88cd8f30312\
    db1194c1607822da0b1e46500ec726d57a0bfd428eafd234afec9b6262";
/// Client: `s, se, psk`, its connection id, the suite, the secret.
const PROOF: &str = "6300cbdb70f55359f291eb2c0edbca6e74335cd085798c08567112a8270407e989f88c4f\
    25c7a99c8919fc734357069e9ad243464f41b2fe79db7efb59e8c7ce451bbc9917c158fe\
    01b826146db058d3fa013a5c2430cf77938fd559b22d92c70d4bdba2fc";
/// The client's first record.
const CLIENT_RECORD: &str = "1d0067e777ecf0399d3d5f0b117fcfb3f6896ca627eec63e34b712991dd829";
/// The server's first record.
const SERVER_RECORD: &str = "1d0030ce5a162c5b0929e245311b9e60bb74b3a4bad96e16987cfe2a6e153a";
/// The client's first datagram.
const CLIENT_DATAGRAM: &str = "64250000f7cf4326ea650164ffd8aa5837829d117741591e";
/// The server's first datagram.
const SERVER_DATAGRAM: &str = "541500003a050530dc6ea893386f62f06e03b6dc8edcb090";
/// The client's public key.
const CLIENT_KEY: &str = "f77ff4b10788bfdca62ca0bb160d427cf5762d85f2b5cad6807ec9c3febbde09";
/// The server's public key.
const SERVER_KEY: &str = "18a6f8c1a7fddf22bd410138f79f7298cd38d1d0a542d4266d556be8609d8862";

#[test]
fn the_bytes_of_a_session_do_not_drift() {
    let mut pair = session();
    let hello = hex(&core::mem::take(&mut pair.client.sent));
    pair.server.hear(&unhex(HELLO));
    let reply = hex(&core::mem::take(&mut pair.server.sent));
    pair.client.hear(&unhex(REPLY));
    let proof = hex(&core::mem::take(&mut pair.client.sent));
    pair.server.hear(&unhex(PROOF));
    assert_eq!((hello, reply, proof), (HELLO.into(), REPLY.into(), PROOF.into()));

    let [client, server] = pair.established();
    assert_eq!(hex(&client.peer.0), SERVER_KEY);
    assert_eq!(hex(&server.peer.0), CLIENT_KEY);
    pair.client.say(b"hello, server");
    pair.server.say(b"hello, client");
    assert_eq!(hex(&pair.client.sent), CLIENT_RECORD);
    assert_eq!(hex(&pair.server.sent), SERVER_RECORD);
    assert_eq!(first_datagram(&client, *b"ping"), CLIENT_DATAGRAM);
    assert_eq!(first_datagram(&server, *b"pong"), SERVER_DATAGRAM);
}

fn session() -> Pair {
    let config = |key, cid, entropy| LinkConfig {
        key,
        psk: [30; 32],
        cid: ConnectionId::new(cid),
        suites: Suites::BASE,
        entropy: [entropy; 32],
    };
    let (client, server) = (StaticKey::from([10; 32]), StaticKey::from([20; 32]));
    Pair {
        client: End::new(Link::client(config(&client, 0x1415, 11))),
        server: End::new(Link::server(config(&server, 0x2425, 21))),
    }
}

fn first_datagram(end: &Established, body: [u8; 4]) -> String {
    let mut datagram = vec![0; DATAGRAM_HEADER_LEN + 4 + TAG_LEN];
    datagram[DATAGRAM_HEADER_LEN..][..4].copy_from_slice(&body);
    Sealer::<ChaCha>::new(&end.keys).seal(
        end.remote_cid,
        PacketNumber(0),
        Header::Short,
        &mut datagram,
    );
    hex(&datagram)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digits: vec::Vec<_> = bytes.iter().map(|byte| std::format!("{byte:02x}")).collect();
    digits.concat()
}

pub(super) fn unhex(hex: &str) -> vec::Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
