//! Bytes that are overwritten when they are dropped.

use noise_protocol::U8Array;
use zeroize::Zeroize;

/// 32 secret bytes. `noise-protocol` keeps its keys in these, so its states wipe themselves.
#[derive(Clone)]
pub(crate) struct Wiped(pub(crate) [u8; 32]);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl U8Array for Wiped {
    fn new() -> Self {
        Self([0; 32])
    }

    fn new_with(byte: u8) -> Self {
        Self([byte; 32])
    }

    fn from_slice(bytes: &[u8]) -> Self {
        let mut wiped = Self([0; 32]);
        wiped.0.copy_from_slice(bytes);
        wiped
    }

    fn len() -> usize {
        32
    }

    fn as_slice(&self) -> &[u8] {
        &self.0
    }

    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}
