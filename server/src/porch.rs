//! Where clients knock that know the server's key: what they are answered is kept a moment.

use std::sync::{Mutex, PoisonError};

use proto_core::ids::{ConnectionId, PublicKey};
use proto_core::link::{self, ANSWER_LEN, Link, LinkConfig};
use proto_core::secure::{Aead as _, StaticKey};
use proto_std::aead::HostAead;
use proto_std::engine::Doorkeeper;
use proto_std::{clock, entropy};

/// Knocks that may be answered before their connections stand.
const KNOCKS: usize = 128;

/// The server's porch, and how links are made there.
#[derive(Debug)]
pub struct Porch {
    key: StaticKey,
    public: PublicKey,
    psk: [u8; 32],
    promises: Mutex<link::Porch<KNOCKS>>,
}

impl Porch {
    /// The porch of a server with this key and secret.
    pub fn new(key: StaticKey, psk: [u8; 32]) -> Self {
        Self { public: key.public(), key, psk, promises: Mutex::new(link::Porch::new()) }
    }

    /// The public half of its key.
    pub const fn public(&self) -> PublicKey {
        self.public
    }

    /// The secret of the handshake.
    pub const fn psk(&self) -> &[u8; 32] {
        &self.psk
    }

    /// A fresh end of a secure link, which the client shall call `cid`.
    pub fn link(&self, cid: ConnectionId) -> Link {
        Link::server(self.config(cid))
    }

    /// Lets a link whose hello has come keep what was answered to its client's knock.
    pub fn keep_promise(&self, link: &mut Link) {
        if link.greeting().is_none() {
            return;
        }
        let mut promises = self.promises.lock().unwrap_or_else(PoisonError::into_inner);
        promises.redeem(clock::now(), link, self.config(ConnectionId::new(0)));
    }

    fn config(&self, cid: ConnectionId) -> LinkConfig<'_> {
        let (suites, entropy) = (HostAead::suites(), entropy::bytes());
        LinkConfig { key: &self.key, psk: self.psk, cid, suites, entropy }
    }
}

impl Doorkeeper for Porch {
    fn answer(
        &self,
        knock: &[u8],
        reserve: &mut dyn FnMut() -> Option<ConnectionId>,
    ) -> Option<[u8; ANSWER_LEN]> {
        let mut promises = self.promises.lock().unwrap_or_else(PoisonError::into_inner);
        let before = promises.refused();
        let answer =
            promises.answer(clock::now(), knock, &self.public, || Some(self.config(reserve()?)));
        let refused = promises.refused();
        if refused > before && refused.is_power_of_two() {
            log::warn!("{refused} knocks got no answer: too many at once");
        }
        answer
    }
}
