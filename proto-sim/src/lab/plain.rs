//! A cipher that does nothing: the laboratory's network has no enemies, and time is short there.

use proto_core::limits::TAG_LEN;
use proto_core::secure::{Aead, Forged, Suite, Suites};

/// The cipher.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plain;

impl Aead for Plain {
    fn suites() -> Suites {
        Suites::BASE
    }

    fn new(_: Suite, _: &[u8; 32]) -> Self {
        Self
    }

    fn seal(&self, _: u64, _: &[u8], _: &mut [u8]) -> [u8; TAG_LEN] {
        [0; TAG_LEN]
    }

    fn open(&self, _: u64, _: &[u8], _: &mut [u8], _: &[u8; TAG_LEN]) -> Result<(), Forged> {
        Ok(())
    }
}
