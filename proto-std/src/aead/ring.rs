//! Small, and builds for every host.

pub(super) use ring::aead::{AES_128_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

/// Decrypts in place; whether the tag was right.
pub(super) fn open(
    key: &LessSafeKey,
    nonce: Nonce,
    aad: &[u8],
    text: &mut [u8],
    tag: &[u8],
) -> bool {
    let Ok(tag) = tag.try_into() else { return false };
    key.open_in_place_separate_tag(nonce, Aad::from(aad), tag, text, 0..).is_ok()
}
