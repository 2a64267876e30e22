//! The key that makes somebody the same person tomorrow.

use core::fmt;

use x25519_dalek::StaticSecret;

use crate::ids::PublicKey;

/// A long-lived X25519 private key, wiped from memory when dropped.
#[derive(Clone)]
pub struct StaticKey(StaticSecret);

impl StaticKey {
    /// The public half: what others know one by.
    pub fn public(&self) -> PublicKey {
        PublicKey(x25519_dalek::PublicKey::from(&self.0).to_bytes())
    }

    /// The secret bytes, to be stored where only their owner reads.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl From<[u8; 32]> for StaticKey {
    /// Takes 32 secret, random bytes: any will do.
    fn from(bytes: [u8; 32]) -> Self {
        Self(StaticSecret::from(bytes))
    }
}

impl fmt::Debug for StaticKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaticKey(..)")
    }
}
