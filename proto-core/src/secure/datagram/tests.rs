//! Datagrams sealed by one end and opened by the other.

use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::super::datagram_keys::Role;
use super::super::{ChaCha, Forged, Suite, Suites};
use super::*;
use crate::limits::PACKETS_PER_KEY;

const CID: ConnectionId = ConnectionId::new(0x0403_0201);

#[test]
fn what_one_end_seals_the_other_opens() {
    let (mut client, mut server) = (sealer(Role::Client), opener(Role::Server));
    for len in [1, 2, 63, 64, 65, 1166, 65_482] {
        let number = PacketNumber(len as u64);
        let mut datagram = sealed(&mut client, number, len);

        assert_eq!(peek_connection_id(&datagram), Some(CID));
        let (opened, body) = server.open(Some(PacketNumber(0)), &mut datagram).unwrap();
        assert_eq!(opened, number);
        assert_eq!(body, vec![0xAB; len]);
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
    for len in 0..MIN_DATAGRAM_LEN {
        let mut datagram = vec![0x40; len];
        assert_eq!(peek_connection_id(&datagram), None);
        assert_eq!(server.open(None, &mut datagram).unwrap_err(), OpenError::NotOurs);
    }
    for first in (0..=0x3F).chain(0x80..=0xFF) {
        let mut datagram = sealed(&mut sealer(Role::Client), PacketNumber(0), 10);
        datagram[0] = first;
        assert_eq!(peek_connection_id(&datagram), None);
        assert_eq!(server.open(None, &mut datagram).unwrap_err(), OpenError::NotOurs);
    }
    assert_eq!(peek_connection_id(&vec![0x40; MAX_DATAGRAM_LEN + 1]), None);
    assert_eq!(server.forgeries(), 0);
}

#[test]
fn a_changed_bit_anywhere_is_noticed_and_changes_nothing() {
    let mut server = opener(Role::Server);
    let genuine = sealed(&mut sealer(Role::Client), PacketNumber(5), 3);
    for bit in (0..6).chain(8..genuine.len() * 8) {
        let mut forged = genuine.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        let error = server.open(Some(PacketNumber(4)), &mut forged).unwrap_err();
        assert!(matches!(error, OpenError::Forged | OpenError::OutOfReach), "bit {bit}: {error}");
    }

    let mut genuine = genuine;
    let (number, body) = server.open(Some(PacketNumber(4)), &mut genuine).unwrap();
    assert_eq!((number, &*body), (PacketNumber(5), &[0xAB; 3][..]));
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
    let (mut client, mut server) = (sealer(Role::Client), opener(Role::Server));
    let before = PacketNumber(PACKETS_PER_KEY - 1);
    let after = PacketNumber(PACKETS_PER_KEY);
    let mut straggler = sealed(&mut client, before, 10);
    let mut first = sealed(&mut client, after, 10);
    let mut late = sealed(&mut client, PacketNumber(PACKETS_PER_KEY - 2), 10);

    assert_eq!(server.open(Some(PacketNumber(9)), &mut first).unwrap().0, after);
    assert_eq!(server.open(Some(after), &mut straggler).unwrap().0, before);
    assert!(server.open(Some(after), &mut late).is_ok(), "a sealer goes back where it must");
}

#[test]
fn twenty_epochs_pass_without_a_break() {
    let (mut client, mut server) = (sealer(Role::Client), opener(Role::Server));
    let mut largest = None;
    for epoch in 0..20 {
        for number in [epoch * PACKETS_PER_KEY, (epoch + 1) * PACKETS_PER_KEY - 1] {
            let number = PacketNumber(number);
            let mut datagram = sealed(&mut client, number, 10);
            assert_eq!(server.open(largest, &mut datagram).unwrap().0, number);
            largest = Some(number);
        }
    }
}

#[test]
fn a_number_more_than_an_epoch_away_is_out_of_reach() {
    let (mut client, mut server) = (sealer(Role::Client), opener(Role::Server));
    for number in [2 * PACKETS_PER_KEY, 3 * PACKETS_PER_KEY, 4 * PACKETS_PER_KEY - 1] {
        let mut datagram = sealed(&mut client, PacketNumber(number), 10);
        assert_eq!(server.open(None, &mut datagram).unwrap_err(), OpenError::OutOfReach);
    }
    // Once three epochs on, those before the last one are gone.
    for epoch in 0..4 {
        let number = PacketNumber(epoch * PACKETS_PER_KEY);
        assert!(server.open(Some(number), &mut sealed(&mut client, number, 10)).is_ok());
    }
    let seen = Some(PacketNumber(3 * PACKETS_PER_KEY));
    let mut old = sealed(&mut client, PacketNumber(PACKETS_PER_KEY), 10);
    assert_eq!(server.open(seen, &mut old).unwrap_err(), OpenError::OutOfReach);
}

#[test]
fn a_number_jumps_no_further_than_its_low_bits_tell() {
    let mut datagram = sealed(&mut sealer(Role::Client), PacketNumber(1 << 63), 10);
    assert_eq!(
        opener(Role::Server).open(None, &mut datagram).unwrap_err(),
        OpenError::Forged,
        "it reads as number 0, and its nonce is another one"
    );
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
        Sealer::<Toy>::new(&keys).seal(CID, PacketNumber(0), &mut datagram);
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
            garbage[0] = garbage[0] & 0x3F | 0x40;
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
    let golden = |sealer: &mut Sealer<ChaCha>, number| {
        let datagram = sealed(sealer, PacketNumber(number), 4);
        let hex: Vec<_> = datagram.iter().map(|byte| std::format!("{byte:02x}")).collect();
        hex.concat()
    };
    assert_eq!(golden(&mut client, 0), "440302010000004f6fc3d97fa8b0a993309a605c574baaebc6fc5f");
    assert_eq!(golden(&mut server, 0), "44030201000000ccb189992868fa79f472b9aecdf38ada3f14eaaa");
    assert_eq!(
        golden(&mut client, 0x0123_4567_89AB),
        "44030201ab89670bf061d1441c80ee8f29009d361b4397bad8b4e4"
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

/// A datagram whose body is `len` bytes of `0xAB`.
fn sealed(sealer: &mut Sealer<ChaCha>, number: PacketNumber, len: usize) -> Vec<u8> {
    let mut datagram = vec![0xAB; DATAGRAM_HEADER_LEN + len + TAG_LEN];
    sealer.seal(CID, number, &mut datagram);
    datagram
}
