//! Datagrams sealed by one end and opened by the other.

use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::super::datagram_keys::Role;
use super::super::{ChaCha, Forged, Suite, Suites};
use super::*;
use crate::limits::{MIN_DATAGRAM_LEN, NEAR_PACKETS, PACKETS_PER_KEY};

const CID: ConnectionId = ConnectionId::new(0x0403);

#[test]
fn what_one_end_seals_the_other_opens() {
    let (mut client, mut server) = (sealer(Role::Client), opener(Role::Server));
    for header in [Header::Short, Header::Long] {
        for (number, len) in [1, 2, 63, 64, 65, 1166, 65_485].into_iter().enumerate() {
            let number = PacketNumber(number as u64);
            let mut datagram = sealed_with(&mut client, number, header, len);

            assert_eq!(datagram.len(), header.size() + len + TAG_LEN);
            assert_eq!(peek_connection_id(&datagram), Some(CID));
            let (opened, body) = server.open(Some(PacketNumber(0)), &mut datagram).unwrap();
            assert_eq!(opened, number);
            assert_eq!(body, vec![0xAB; len]);
        }
    }
}

#[test]
fn the_two_directions_have_different_keys() {
    let mut datagram = sealed(&mut sealer(Role::Client), PacketNumber(0), 10);
    assert_eq!(
        opener(Role::Client).open(None, &mut datagram).unwrap_err(),
        OpenError::Forged,
        "a datagram that is reflected to its sender is refused"
    );
}

#[test]
fn every_length_and_every_first_byte_that_is_not_ours_is_refused() {
    let mut server = opener(Role::Server);
    for (first, least) in [(0x40, MIN_DATAGRAM_LEN), (0x80, MIN_DATAGRAM_LEN + 2)] {
        for len in 0..least {
            let mut datagram = vec![first; len];
            assert_eq!(peek_connection_id(&datagram), None);
            assert_eq!(server.open(None, &mut datagram).unwrap_err(), OpenError::NotOurs);
        }
        assert!(peek_connection_id(&vec![first; least]).is_some());
        assert!(peek_connection_id(&vec![first; MAX_DATAGRAM_LEN]).is_some());
        assert_eq!(peek_connection_id(&vec![first; MAX_DATAGRAM_LEN + 1]), None);
    }
    for first in (0..=0x3F).chain(0xC0..=0xFF) {
        let mut datagram = sealed(&mut sealer(Role::Client), PacketNumber(0), 10);
        datagram[0] = first;
        assert_eq!(peek_connection_id(&datagram), None);
        assert_eq!(server.open(None, &mut datagram).unwrap_err(), OpenError::NotOurs);
    }
    assert_eq!(server.forgeries(), 0);
}

#[test]
fn a_changed_bit_anywhere_is_noticed_and_changes_nothing() {
    let mut server = opener(Role::Server);
    for (number, header) in [(5, Header::Short), (6, Header::Long)] {
        let seen = Some(PacketNumber(number - 1));
        let genuine = sealed_with(&mut sealer(Role::Client), PacketNumber(number), header, 3);
        for bit in 0..genuine.len() * 8 {
            let mut forged = genuine.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            let error = server.open(seen, &mut forged).unwrap_err();
            let is_marked = !matches!(bit, 6 | 7);
            assert_eq!(error == OpenError::NotOurs, !is_marked, "bit {bit}: {error}");
        }

        let mut genuine = genuine;
        let (opened, body) = server.open(seen, &mut genuine).unwrap();
        assert_eq!((opened.0, &*body), (number, &[0xAB; 3][..]));
    }
}

#[test]
fn nobody_makes_a_short_header_long_or_a_long_one_short() {
    let (mut client, mut server) = (sealer(Role::Client), opener(Role::Server));
    let mut short = sealed_with(&mut client, PacketNumber(7), Header::Short, 10);
    short.splice(4..4, [0, 0]);
    let mut long = sealed_with(&mut client, PacketNumber(8), Header::Long, 10);
    long.drain(4..6);
    for mut datagram in [short, long] {
        datagram[0] ^= 0xC0;
        assert_eq!(server.open(None, &mut datagram).unwrap_err(), OpenError::Forged);
    }
}

#[test]
fn a_forged_datagram_before_the_real_one_does_not_harm_it() {
    let mut server = opener(Role::Server);
    let real = sealed(&mut sealer(Role::Client), PacketNumber(PACKETS_PER_KEY), 100);
    let mut forged = real.clone();
    *forged.last_mut().unwrap() ^= 1;

    let seen = Some(PacketNumber(PACKETS_PER_KEY - 1));
    for _ in 0..3 {
        assert_eq!(server.open(seen, &mut forged.clone()).unwrap_err(), OpenError::Forged);
    }
    assert_eq!(server.forgeries(), 3);
    assert!(server.open(seen, &mut real.clone()).is_ok());
}

#[test]
fn keys_change_at_the_boundary_and_stragglers_still_open() {
    for header in [Header::Short, Header::Long] {
        let (mut client, mut server) = (sealer(Role::Client), opener(Role::Server));
        let before = PacketNumber(PACKETS_PER_KEY - 1);
        let after = PacketNumber(PACKETS_PER_KEY);
        let mut seal = |number| sealed_with(&mut client, number, header, 10);
        let (mut straggler, mut first) = (seal(before), seal(after));
        let mut late = seal(PacketNumber(PACKETS_PER_KEY - NEAR_PACKETS));

        let seen = Some(PacketNumber(PACKETS_PER_KEY - NEAR_PACKETS));
        assert_eq!(server.open(seen, &mut first).unwrap().0, after);
        assert_eq!(server.open(Some(after), &mut straggler).unwrap().0, before);
        assert!(server.open(Some(after), &mut late).is_ok(), "a sealer goes back where it must");
    }
}

#[test]
fn twenty_epochs_pass_without_a_break() {
    let (mut client, mut server) = (sealer(Role::Client), opener(Role::Server));
    let mut largest = None;
    for epoch in 0..20 {
        let (first, last) = (epoch * PACKETS_PER_KEY, (epoch + 1) * PACKETS_PER_KEY - 1);
        // Within an epoch the numbers jump, and beyond its end they go on.
        for (number, header) in [(first, Header::Short), (last, Header::Long)] {
            let number = PacketNumber(number);
            let mut datagram = sealed_with(&mut client, number, header, 10);
            assert_eq!(server.open(largest, &mut datagram).unwrap().0, number);
            largest = Some(number);
        }
    }
}

#[test]
fn a_number_more_than_an_epoch_away_is_out_of_reach() {
    let (mut client, mut server) = (sealer(Role::Client), opener(Role::Server));
    let mut seal = |number| sealed_with(&mut client, PacketNumber(number), Header::Long, 10);
    for number in [2 * PACKETS_PER_KEY, 3 * PACKETS_PER_KEY, 4 * PACKETS_PER_KEY - 1] {
        assert_eq!(server.open(None, &mut seal(number)).unwrap_err(), OpenError::OutOfReach);
    }
    // Once three epochs on, those before the last one are gone.
    for epoch in 0..4 {
        let number = epoch * PACKETS_PER_KEY;
        assert!(server.open(Some(PacketNumber(number)), &mut seal(number)).is_ok());
    }
    let seen = Some(PacketNumber(3 * PACKETS_PER_KEY));
    let error = server.open(seen, &mut seal(PACKETS_PER_KEY)).unwrap_err();
    assert_eq!(error, OpenError::OutOfReach);
}

#[test]
fn a_number_jumps_no_further_than_its_low_bits_tell() {
    for (number, header) in [(1 << 16, Header::Short), (1 << 32, Header::Long)] {
        let mut datagram = sealed_with(&mut sealer(Role::Client), PacketNumber(number), header, 10);
        assert_eq!(
            opener(Role::Server).open(None, &mut datagram).unwrap_err(),
            OpenError::Forged,
            "it reads as number 0, and its nonce is another one"
        );
    }
}

#[test]
fn a_datagram_for_somebody_else_is_refused() {
    let mut client =
        Sealer::<ChaCha>::new(&DatagramKeys::new(Suite::ChaCha20Poly1305, [8; 32], Role::Client));
    let mut datagram = sealed(&mut client, PacketNumber(0), 10);
    assert_eq!(opener(Role::Server).open(None, &mut datagram).unwrap_err(), OpenError::Forged);

    let mut readdressed = sealed(&mut sealer(Role::Client), PacketNumber(0), 10);
    readdressed[1] ^= 1;
    assert_eq!(opener(Role::Server).open(None, &mut readdressed).unwrap_err(), OpenError::Forged);
}

#[test]
fn keys_that_were_attacked_too_often_are_given_up() {
    let mut server = opener(Role::Server);
    server.forgeries = MAX_FORGERIES;
    let mut datagram = sealed(&mut sealer(Role::Client), PacketNumber(0), 10);
    assert_eq!(server.open(None, &mut datagram).unwrap_err(), OpenError::Exhausted);
}

#[test]
fn a_second_suite_has_its_own_cipher() {
    let seal = |suite| {
        let keys = DatagramKeys::new(suite, [9; 32], Role::Server);
        let mut datagram = vec![0xAB; MIN_DATAGRAM_LEN + 9];
        Sealer::<Toy>::new(&keys).seal(CID, PacketNumber(0), Header::Short, &mut datagram);
        datagram
    };
    for suite in [Suite::ChaCha20Poly1305, Suite::Aes128Gcm] {
        let keys = DatagramKeys::new(suite, [9; 32], Role::Client);
        let mut opener = Opener::<Toy>::new(&keys);
        assert!(opener.open(None, &mut seal(suite)).is_ok());
    }
    assert_ne!(seal(Suite::ChaCha20Poly1305), seal(Suite::Aes128Gcm));
}

proptest! {
    #[test]
    fn no_bytes_whatever_open_or_panic(
        seen in proptest::option::of(any::<u64>()),
        ours in any::<bool>(),
        mut garbage in proptest::collection::vec(any::<u8>(), 1..100),
    ) {
        if ours {
            garbage[0] = garbage[0] & 0xBF ^ 0x40;
        }
        let mut server = opener(Role::Server);
        prop_assert!(server.open(seen.map(PacketNumber), &mut garbage).is_err());
    }
}

/// What the bytes on the wire are, for ever; computed with another implementation.
#[test]
fn sealed_datagrams_do_not_drift() {
    let mut client = sealer(Role::Client);
    let mut server = sealer(Role::Server);
    let golden = |sealer: &mut Sealer<ChaCha>, number, header| {
        let datagram = sealed_with(sealer, PacketNumber(number), header, 4);
        let hex: Vec<_> = datagram.iter().map(|byte| std::format!("{byte:02x}")).collect();
        hex.concat()
    };
    let (short, long) = (Header::Short, Header::Long);
    assert_eq!(golden(&mut client, 0, short), "440300004f6fc3d92c6eb5c8c6d53d1ec774d6c993da9452");
    assert_eq!(golden(&mut server, 0, short), "44030000ccb189999e94e8fae173b0af34a6776785dea462");
    assert_eq!(
        golden(&mut client, 1, long),
        "84030100000031296967f05efdb2a3149c142f9d3530867f7c39"
    );
    assert_eq!(
        golden(&mut client, 0x0123_4567_89AB, short),
        "4403ab890bf061d1060ad86fa07a41b5a22ce3a0cef6d632"
    );
    assert_eq!(
        golden(&mut client, 0x0123_4567_89AB, long),
        "8403ab8967450bf061d1a97259ac5a963b07b4f26d441a3db3bd"
    );
}

/// A cipher with two suites, the second of which protects nothing at all.
#[derive(Clone)]
enum Toy {
    Real(ChaCha),
    Sum(u8),
}

impl Aead for Toy {
    fn suites() -> Suites {
        Suites::ALL
    }

    fn new(suite: Suite, key: &[u8; 32]) -> Self {
        match suite {
            Suite::ChaCha20Poly1305 => Self::Real(ChaCha::new(suite, key)),
            Suite::Aes128Gcm => Self::Sum(key[0]),
        }
    }

    fn seal(&self, nonce: u64, aad: &[u8], text: &mut [u8]) -> [u8; TAG_LEN] {
        match self {
            Self::Real(cipher) => cipher.seal(nonce, aad, text),
            Self::Sum(key) => {
                for byte in text.iter_mut() {
                    *byte ^= key;
                }
                let sum = text.iter().chain(aad).fold(*key, |sum, byte| sum.wrapping_add(*byte));
                [sum; TAG_LEN]
            }
        }
    }

    fn open(
        &self,
        nonce: u64,
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Forged> {
        match self {
            Self::Real(cipher) => cipher.open(nonce, aad, text, tag),
            Self::Sum(key) => {
                let sum = text.iter().chain(aad).fold(*key, |sum, byte| sum.wrapping_add(*byte));
                for byte in text.iter_mut() {
                    *byte ^= key;
                }
                if *tag == [sum; TAG_LEN] { Ok(()) } else { Err(Forged) }
            }
        }
    }
}

fn keys(role: Role) -> DatagramKeys {
    DatagramKeys::new(Suite::ChaCha20Poly1305, [7; 32], role)
}

fn sealer(role: Role) -> Sealer<ChaCha> {
    Sealer::new(&keys(role))
}

fn opener(role: Role) -> Opener<ChaCha> {
    Opener::new(&keys(role))
}

/// A datagram with a short header, whose body is `len` bytes of `0xAB`.
fn sealed(sealer: &mut Sealer<ChaCha>, number: PacketNumber, len: usize) -> Vec<u8> {
    sealed_with(sealer, number, Header::Short, len)
}

/// The same with this header.
fn sealed_with(
    sealer: &mut Sealer<ChaCha>,
    number: PacketNumber,
    header: Header,
    len: usize,
) -> Vec<u8> {
    let mut datagram = vec![0xAB; header.size() + len + TAG_LEN];
    sealer.seal(CID, number, header, &mut datagram);
    datagram
}
