//! Secrecy: who the peer is, and that nobody else reads or writes.
//!
//! ```text
//!   TCP   link ── handshake ──> Established: the peer's key, and keys for datagrams
//!           │     (noise)                              │
//!           └──── record: sealed control records       └─> datagram: Sealer, Opener    UDP
//! ```
//!
//! Read in this order: `suite` and `aead` are the ciphers; `key` is who somebody is; `noise` lends
//! our primitives to `noise-protocol`; `handshake` is the three messages; `record` seals what
//! follows on TCP; `datagram_keys`, `packet_number` and `datagram` seal what travels by UDP.

mod aead;
mod datagram;
mod datagram_keys;
mod handshake;
mod key;
mod noise;
mod packet_number;
mod record;
mod suite;
mod wiped;

pub use aead::{Aead, ChaCha, Forged};
pub(crate) use datagram::addressee;
pub use datagram::{Header, OpenError, Opener, Sealer, peek_connection_id};
pub use datagram_keys::{DatagramKeys, Role};
pub(crate) use handshake::{HELLO_LEN, Handshake, PROOF_LEN, REPLY_LEN};
pub use key::StaticKey;
pub use record::RecordBuf;
pub(crate) use record::Records;
pub use suite::{Suite, Suites};
pub(crate) use wiped::Wiped;
