//! Protocol limits: the same for everybody, part of the specification.
//!
//! Local capacities (how many transfers a program runs, how long its rings are) are const
//! parameters of the machines instead, and each program chooses them in its own `profile.rs`.

/// Version of the protocol, bound into the handshake's prologue.
pub const PROTOCOL_VERSION: u16 = 1;

/// Longest nickname, in bytes of UTF-8.
pub const MAX_NAME_LEN: usize = 32;
/// Longest message, in bytes of UTF-8.
pub const MAX_TEXT_LEN: usize = 2048;
/// Longest file name, in bytes of UTF-8: what common file systems take.
pub const MAX_FILE_NAME_LEN: usize = 255;

/// Most messages in any queue or history: an outbox, the room's log.
pub const MAX_MESSAGES: usize = 100;

/// Longest plaintext of a control record, either way.
pub const MAX_RECORD_LEN: usize = 4096;
/// Bytes that the cipher adds to a record or a datagram.
pub const TAG_LEN: usize = 16;
/// Bytes of the length that precedes each record.
pub const RECORD_HEADER_LEN: usize = 2;
/// Longest control record on the wire.
pub const MAX_WIRE_RECORD_LEN: usize = RECORD_HEADER_LEN + MAX_RECORD_LEN + TAG_LEN;
/// Longest encoded control message: it must fit a record whole.
pub const MAX_MESSAGE_LEN: usize = MAX_RECORD_LEN;

/// Largest UDP payload over IPv4, so the largest datagram.
pub const MAX_DATAGRAM_LEN: usize = 65_507;
/// Datagram size that every path must carry (IPv6's minimum MTU with room for the headers).
pub const BASE_DATAGRAM_LEN: usize = 1200;
/// Datagram sizes that are probed: base, Ethernet over IPv6 and over IPv4, jumbo, loopback (whose
/// packets of 64 KiB hold so much over IPv6, too).
pub const PROBED_DATAGRAM_LENS: [usize; 5] = [BASE_DATAGRAM_LEN, 1452, 1472, 8952, 65_487];
/// Bytes of a connection id.
pub const CONNECTION_ID_LEN: usize = 2;
/// Bytes of a packet number on the wire: its low ones.
pub const PACKET_NUMBER_LEN: usize = 2;
/// The same where the number may be far from all that has arrived.
pub const LONG_PACKET_NUMBER_LEN: usize = 4;
/// Bytes of a datagram's clear header: connection id, packet number.
pub const DATAGRAM_HEADER_LEN: usize = CONNECTION_ID_LEN + PACKET_NUMBER_LEN;
/// The same with the longer packet number.
pub const LONG_DATAGRAM_HEADER_LEN: usize = CONNECTION_ID_LEN + LONG_PACKET_NUMBER_LEN;
/// How far above the largest acknowledged number a packet of data says its own in short: the other
/// end has opened that one or a later one.
pub const NEAR_PACKETS: u64 = 1 << 14;
/// Offsets from here on are far: they need 48 bits instead of 32.
pub const FAR_OFFSET: u64 = 1 << 32;
/// Transfers from this number on are not named in the first byte of a DATA body.
pub const HIGH_TRANSFER: u16 = 63;
/// Bytes before the payload of a DATA body: type and transfer, offset.
pub const DATA_HEADER_LEN: usize = 1 + 4;
/// The same for a far offset or a high transfer: type, transfer, offset.
pub const LONG_DATA_HEADER_LEN: usize = 1 + 2 + 6;
/// Bytes of ours in a datagram that carries file bytes of a near offset of a low transfer.
pub const DATA_OVERHEAD: usize = DATAGRAM_HEADER_LEN + DATA_HEADER_LEN + TAG_LEN;
/// Most file bytes in one datagram.
pub const MAX_PAYLOAD_LEN: usize = MAX_DATAGRAM_LEN - DATA_OVERHEAD;

/// Largest file: offsets have 48 bits on the wire.
pub const MAX_FILE_SIZE: u64 = (1 << 48) - 1;
/// Most byte ranges in a list of what is already held.
pub const MAX_HELD_RANGES: usize = 32;
/// Most ranges in one acknowledgement.
pub const MAX_ACK_RANGES: usize = 64;
/// Most ranges in one HAVE map.
pub const MAX_HAVE_RANGES: usize = 32;

/// Factor by which bytes sent to an unproven address may exceed bytes received from it
/// (RFC 9000 section 8.1).
pub const AMPLIFICATION_FACTOR: u64 = 3;
/// Packets sealed under one key before the next is derived: half of AES-GCM's confidentiality
/// limit for datagrams of 64 KiB (RFC 9001 section 6.6 and appendix B.1).
pub const PACKETS_PER_KEY: u64 = 1 << 22;
/// Forged datagrams after which an opener trusts its keys no longer (RFC 9001 section 6.6: the
/// lower of the two ciphers' integrity limits).
pub const MAX_FORGERIES: u64 = 1 << 36;
/// Shortest datagram: one byte of body, sealed.
pub const MIN_DATAGRAM_LEN: usize = DATAGRAM_HEADER_LEN + 1 + TAG_LEN;

const _: () = assert!(DATA_OVERHEAD <= 25, "the header is what a lossy link is won or lost by");
const _: () = assert!(MAX_WIRE_RECORD_LEN <= u16::MAX as usize);
const _: () = assert!(MAX_TEXT_LEN + 2 * (MAX_NAME_LEN + 1) + 64 <= MAX_MESSAGE_LEN);
const _: () = assert!(MAX_HELD_RANGES * 20 + MAX_FILE_NAME_LEN + 128 <= MAX_MESSAGE_LEN);
const _: () = assert!(
    LONG_DATAGRAM_HEADER_LEN + 1 + 8 + 3 + 2 + MAX_ACK_RANGES * 16 + TAG_LEN <= BASE_DATAGRAM_LEN,
    "an acknowledgement fits the smallest datagram"
);
const _: () = assert!(MAX_PAYLOAD_LEN <= u16::MAX as usize);
const _: () = assert!(PACKETS_PER_KEY.is_power_of_two() && PACKETS_PER_KEY <= 1 << 23);
const _: () = assert!(
    2 * NEAR_PACKETS <= 1 << (8 * PACKET_NUMBER_LEN - 1),
    "the nearest number is the right one, with as much again to spare for numbers left out"
);
const _: () = assert!(
    1 << (8 * PACKET_NUMBER_LEN) <= PACKETS_PER_KEY,
    "what a short number can mean is of the newest epoch or of one beside it"
);
const _: () = assert!(MAX_FORGERIES <= 1 << 36, "the integrity limit of ChaCha20-Poly1305");
const _: () = assert!(MIN_DATAGRAM_LEN <= BASE_DATAGRAM_LEN);
