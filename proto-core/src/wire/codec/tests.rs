//! Bytes of control messages that must never change, and bytes that must be refused.

use core::fmt::Write as _;
use std::string::String;

use proptest::prelude::*;

use super::*;
use crate::ids::{Digest, Ordinal, Seq, Stamp, TransferId};
use crate::limits::{MAX_FILE_SIZE, MAX_MESSAGE_LEN};
use crate::percent::Percent;
use crate::text::{FileName, Name, Text};
use crate::time::UnixMillis;
use crate::wire::{
    AbortReason, Audience, ByteRange, Goodbye, Held, LoginRefusal, Mode, Rejection, ToClient,
    ToServer, Transfer,
};

fn name() -> Name {
    Name::parse("leah").unwrap()
}

fn file() -> FileName {
    FileName::parse("a.txt").unwrap()
}

fn text() -> Text<'static> {
    Text::parse("hi").unwrap()
}

const STAMP: Stamp = Stamp(0x1234);
const ID: TransferId = TransferId(300);

fn hex<T: Serialize>(message: &T) -> String {
    let mut buffer = [0; MAX_MESSAGE_LEN];
    let len = encode(message, &mut buffer).unwrap();
    let mut hex = String::new();
    for byte in &buffer[..len] {
        write!(hex, "{byte:02x}").unwrap();
    }
    hex
}

#[track_caller]
fn golden<T: Serialize + for<'a> Deserialize<'a> + PartialEq + fmt::Debug>(cases: &[(T, &str)]) {
    for (message, bytes) in cases {
        assert_eq!(hex(message), *bytes, "{message:?}");
    }
}

#[test]
fn every_message_to_the_server_has_its_bytes() {
    let cases: [(ToServer<'_>, &str); 10] = [
        (
            ToServer::Login { name: name(), mode: Mode::Use, stream: 300, first: Seq(1) },
            "00046c65616801ac0201",
        ),
        (
            ToServer::Login {
                name: name(),
                mode: Mode::Join { cursor: None },
                stream: u64::MAX,
                first: Seq(2),
            },
            "00046c6561680000ffffffffffffffffff0102",
        ),
        (
            ToServer::Login {
                name: name(),
                mode: Mode::Join { cursor: Some(Ordinal(7)) },
                stream: 0,
                first: Seq(2),
            },
            "00046c6561680001070002",
        ),
        (ToServer::Say { seq: Seq(1), to: Audience::All, text: text() }, "010100026869"),
        (ToServer::Who, "02"),
        (ToServer::Files, "03"),
        (ToServer::Transfer(Transfer::Done { id: ID }), "0407ac02"),
        (ToServer::Ping(5), "0505"),
        (ToServer::Pong(u32::MAX), "06ffffffff0f"),
        (ToServer::Leave, "07"),
    ];
    for (message, bytes) in cases {
        assert_eq!(hex(&message), bytes, "{message:?}");
    }
    let private = ToServer::Say { seq: Seq(1), to: Audience::One(name()), text: text() };
    assert_eq!(hex(&private), "010101046c656168026869");
}

#[test]
fn every_message_to_a_client_has_its_bytes() {
    let at = UnixMillis(1000);
    let cases: [(ToClient<'_>, &str); 17] = [
        (
            ToClient::Welcome {
                name: name(),
                cursor: Ordinal(3),
                heard: Seq(2),
                at,
                uploads: true,
            },
            "00046c6561680302e80701",
        ),
        (ToClient::Refused(LoginRefusal::NameTaken), "0100"),
        (
            ToClient::Said {
                ordinal: Ordinal(4),
                at,
                from: name(),
                to: Audience::All,
                seq: Seq(0),
                text: text(),
            },
            "0204e807046c6561680000026869",
        ),
        (ToClient::Joined { name: name(), at }, "03046c656168e807"),
        (ToClient::Left { name: name(), at }, "04046c656168e807"),
        (ToClient::Heard(Seq(9)), "0509"),
        (ToClient::Rejected { seq: Seq(9), why: Rejection::NoSuchUser }, "060900"),
        (ToClient::Present(name()), "07046c656168"),
        (ToClient::PresentEnd, "08"),
        (ToClient::File { name: file(), size: 1, stamp: STAMP }, "0905612e74787401b424"),
        (ToClient::FilesEnd, "0a"),
        (ToClient::FilesChanged, "0b"),
        (ToClient::Transfer(Transfer::Done { id: ID }), "0c07ac02"),
        (ToClient::Ping(1), "0d01"),
        (ToClient::Pong(1), "0e01"),
        (ToClient::Goodbye(Goodbye::Shutdown), "0f00"),
        (ToClient::PeopleChanged, "10"),
    ];
    for (message, bytes) in cases {
        assert_eq!(hex(&message), bytes, "{message:?}");
    }
}

#[test]
fn every_message_about_a_transfer_has_its_bytes() {
    let mut ranges = heapless::Vec::new();
    ranges.push(ByteRange { start: 0, end: 128 }).unwrap();
    let held = Some(Held { stamp: STAMP, ranges: ranges.clone() });
    golden(&[
        (
            Transfer::Get {
                id: ID,
                name: file(),
                held: None,
                hold: false,
                confirmed: true,
                stop_at: None,
            },
            "00ac0205612e74787400000100",
        ),
        (
            Transfer::Get {
                id: ID,
                name: file(),
                held,
                hold: true,
                confirmed: false,
                stop_at: Percent::new(50),
            },
            "00ac0205612e74787401b4240100800101000132",
        ),
        (
            Transfer::Put { id: ID, name: file(), size: 5, stamp: STAMP, hold: false },
            "01ac0205612e74787405b42400",
        ),
        (Transfer::Offer { id: ID, size: 5, stamp: STAMP, resumed: true }, "02ac0205b42401"),
        (Transfer::Accept { id: ID, held: ranges }, "03ac0201008001"),
        (
            Transfer::Digest { id: TransferId(1), digest: Digest([0xAB; 32]) },
            "0401abababababababababababababababababababababababababababababababab",
        ),
        (Transfer::Hold { id: ID, set: true }, "05ac0201"),
        (Transfer::Confirm { id: ID }, "06ac02"),
        (Transfer::Done { id: ID }, "07ac02"),
        (Transfer::Abort { id: ID, why: AbortReason::Cancelled }, "08ac0200"),
        (Transfer::Limit { rate: 1 << 20 }, "09808040"),
    ]);
}

#[test]
fn every_reason_has_its_number() {
    golden(&[
        (LoginRefusal::NameTaken, "00"),
        (LoginRefusal::LookAlike, "01"),
        (LoginRefusal::Full, "02"),
        (LoginRefusal::TooMany, "03"),
        (LoginRefusal::OtherName, "04"),
    ]);
    golden(&[
        (Rejection::NoSuchUser, "00"),
        (Rejection::TooFast, "01"),
        (Rejection::NotStored, "02"),
    ]);
    golden(&[
        (Goodbye::Shutdown, "00"),
        (Goodbye::Replaced, "01"),
        (Goodbye::Silent, "02"),
        (Goodbye::Misbehaved, "03"),
        (Goodbye::Flooding, "04"),
    ]);
    golden(&[
        (AbortReason::Cancelled, "00"),
        (AbortReason::NoSuchFile, "01"),
        (AbortReason::NotPermitted, "02"),
        (AbortReason::NoUploads, "03"),
        (AbortReason::Exists, "04"),
        (AbortReason::TooLarge, "05"),
        (AbortReason::NoSpace, "06"),
        (AbortReason::DiskFailed, "07"),
        (AbortReason::SourceChanged, "08"),
        (AbortReason::WrongDigest, "09"),
        (AbortReason::Busy, "0a"),
        (AbortReason::Stalled, "0b"),
        (AbortReason::Misbehaved, "0c"),
    ]);
}

#[test]
fn a_record_holds_several_messages() {
    let record = [0x02, 0x05, 0x07, 0x03];

    let (first, rest) = decode::<ToServer<'_>>(&record).unwrap();
    let (second, rest) = decode::<ToServer<'_>>(rest).unwrap();
    let (third, rest) = decode::<ToServer<'_>>(rest).unwrap();

    assert_eq!((first, second, third), (ToServer::Who, ToServer::Ping(7), ToServer::Files));
    assert_eq!(rest, []);
    assert_eq!(decode::<ToServer<'_>>(rest), Err(Malformed::Truncated));
}

#[test]
fn a_message_cut_anywhere_is_truncated() {
    let message = ToServer::Say { seq: Seq(1 << 40), to: Audience::One(name()), text: text() };
    let mut buffer = [0; 64];
    let len = encode(&message, &mut buffer).unwrap();

    for cut in 0..len {
        assert_eq!(decode::<ToServer<'_>>(&buffer[..cut]), Err(Malformed::Truncated), "{cut}");
    }
    for room in 0..len {
        assert_eq!(encode(&message, &mut [0; 64][..room]), Err(NoRoom), "{room}");
    }
}

#[test]
fn every_unknown_variant_is_refused() {
    for tag in 8..=u8::MAX {
        assert!(decode::<ToServer<'_>>(&[tag; 300]).is_err(), "{tag}");
    }
    for tag in 17..=u8::MAX {
        assert!(decode::<ToClient<'_>>(&[tag; 300]).is_err(), "{tag}");
    }
    for tag in 10..=u8::MAX {
        assert!(decode::<Transfer>(&[tag; 300]).is_err(), "{tag}");
    }
}

#[test]
fn a_length_beyond_its_bytes_is_refused_at_once() {
    for shift in 0..64 {
        for length in [(1_u64 << shift) - 1, 1 << shift, u64::MAX - (1 << shift), u64::MAX] {
            let mut say = [0; 16];
            say[..3].copy_from_slice(&[0x01, 0x01, 0x00]);
            let end = 3 + encode(&length, &mut say[3..]).unwrap();
            assert!(decode::<ToServer<'_>>(&say[..end]).is_err(), "text of {length}");

            let mut accept = [0; 16];
            accept[..2].copy_from_slice(&[0x03, 0x01]);
            let end = 2 + encode(&length, &mut accept[2..]).unwrap();
            if length != 0 {
                assert!(decode::<Transfer>(&accept[..end]).is_err(), "{length} ranges");
            }
        }
    }
}

#[test]
fn an_overlong_number_means_the_same_and_is_never_written() {
    let (message, rest) = decode::<ToServer<'_>>(&[0x05, 0x87, 0x00]).unwrap();
    assert_eq!((&message, rest), (&ToServer::Ping(7), &[][..]));
    assert_eq!(hex(&message), "0507");

    assert!(decode::<ToServer<'_>>(&[0x05, 0xff, 0xff, 0xff, 0xff, 0x1f]).is_err());
    assert!(decode::<ToServer<'_>>(&[0x05, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]).is_err());
}

#[test]
fn ranges_that_no_sink_can_hold_are_refused() {
    let beyond = MAX_FILE_SIZE + 1;
    let bad: [&[(u64, u64)]; 7] = [
        &[(0, 0)],
        &[(5, 4)],
        &[(0, beyond)],
        &[(0, u64::MAX)],
        &[(0, 4), (4, 8)],
        &[(8, 9), (0, 4)],
        &[(0, 4), (2, 8)],
    ];
    for ranges in bad {
        let list: heapless::Vec<(u64, u64), 32> = ranges.iter().copied().collect();
        let mut bytes = [0; 64];
        bytes[..2].copy_from_slice(&[0x03, 0x01]);
        let end = 2 + encode(&list, &mut bytes[2..]).unwrap();
        assert_eq!(decode::<Transfer>(&bytes[..end]), Err(Malformed::Invalid), "{ranges:?}");
    }
    let mut bytes = [0; 64];
    bytes[..2].copy_from_slice(&[0x02, 0x01]);
    let end = 2 + encode(&(beyond, 0_u64, false), &mut bytes[2..]).unwrap();
    assert_eq!(decode::<Transfer>(&bytes[..end]), Err(Malformed::Invalid));
}

#[test]
fn text_and_names_that_break_their_rules_are_refused() {
    assert_eq!(decode::<ToServer<'_>>(&[0x01, 0x01, 0x00, 0x00]), Err(Malformed::Invalid));
    assert_eq!(decode::<ToServer<'_>>(&[0x01, 0x01, 0x00, 0x01, 0x00]), Err(Malformed::Invalid));
    assert_eq!(decode::<ToServer<'_>>(&[0x01, 0x01, 0x00, 0x01, 0xff]), Err(Malformed::Invalid));
    assert_eq!(decode::<ToServer<'_>>(&[0x00, 0x01, b' ', 0x01, 0, 1]), Err(Malformed::Invalid));
}

proptest! {
    #[test]
    fn any_bytes_decode_to_what_encodes_to_a_fixed_point(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        tag in 0_u8..18,
    ) {
        let mut bytes = bytes;
        bytes.insert(0, tag);
        let mut buffer = [0; MAX_MESSAGE_LEN];
        if let Ok((message, _)) = decode::<ToServer<'_>>(&bytes) {
            let len = encode(&message, &mut buffer).unwrap();
            let again = decode::<ToServer<'_>>(&buffer[..len]).unwrap();
            prop_assert_eq!(again, (message, &[][..]));
        }
        if let Ok((message, _)) = decode::<ToClient<'_>>(&bytes) {
            let len = encode(&message, &mut buffer).unwrap();
            let again = decode::<ToClient<'_>>(&buffer[..len]).unwrap();
            prop_assert_eq!(again, (message, &[][..]));
        }
        if let Ok((message, _)) = decode::<Transfer>(&bytes) {
            let len = encode(&message, &mut buffer).unwrap();
            let again = decode::<Transfer>(&buffer[..len]).unwrap();
            prop_assert_eq!(again, (message, &[][..]));
        }
    }
}
