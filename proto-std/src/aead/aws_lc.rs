//! AES-GCM with AVX-512, where it builds with a C compiler and nothing else.

pub(super) use aws_lc_rs::aead::{
    AES_128_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};

/// Decrypts in place; whether the tag was right.
pub(super) fn open(
    key: &LessSafeKey,
    nonce: Nonce,
    aad: &[u8],
    text: &mut [u8],
    tag: &[u8],
) -> bool {
    key.open_in_place_separate_tag(nonce, Aad::from(aad), tag, text).is_ok()
}
