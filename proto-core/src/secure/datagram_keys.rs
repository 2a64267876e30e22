//! Where the keys of datagrams come from.

use core::fmt;

use hkdf::Hkdf;
use sha2::Sha256;

use super::wiped::Wiped;
use super::{Aead, Suite};
use crate::ids::PacketNumber;
use crate::limits::PACKETS_PER_KEY;

/// Which end of a session one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The end that connects.
    Client,
    /// The end that listens.
    Server,
}

impl Role {
    /// The other end's role.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// What both ends of a session make their datagram keys from; wiped from memory when dropped.
#[derive(Clone)]
pub struct DatagramKeys {
    suite: Suite,
    secret: Wiped,
    role: Role,
}

impl DatagramKeys {
    /// Keys from a secret of 256 bits that both ends, and nobody else, know; `role` is one's own.
    pub const fn new(suite: Suite, secret: [u8; 32], role: Role) -> Self {
        Self { suite, secret: Wiped(secret), role }
    }

    /// The cipher that both ends agreed on.
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// Which end this is.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The cipher under the key with which `from` seals the packets of an epoch.
    pub(super) fn derive<A: Aead>(&self, from: Role, epoch: u64) -> A {
        //= docs/PROTOCOL.md#datagram-keys
        //# key = HKDF-Expand(secret, "haversack udp 1 " | direction | epoch, 32)
        let direction = [match from {
            Role::Client => 0,
            Role::Server => 1,
        }];
        let info = [b"haversack udp 1 ", &direction[..], &epoch.to_le_bytes()];
        let mut key = Wiped([0; 32]);
        Hkdf::<Sha256>::from_prk(&self.secret.0)
            .and_then(|hkdf| {
                hkdf.expand_multi_info(&info, &mut key.0).map_err(|_| hkdf::InvalidPrkLength)
            })
            .expect("32 bytes go in and come out");
        A::new(self.suite, &key.0)
    }
}

impl fmt::Debug for DatagramKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatagramKeys({:?}, {:?}, ..)", self.suite, self.role)
    }
}

/// The epoch of a packet: which key seals it.
pub(super) const fn epoch(number: PacketNumber) -> u64 {
    number.0 / PACKETS_PER_KEY
}
