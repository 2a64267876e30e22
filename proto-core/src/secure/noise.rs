//! Our primitives in the clothes that `noise-protocol` asks for.
//!
//! That crate panics on wrong lengths; its callers here hand it arrays of the right ones.

use noise_protocol::{Cipher, DH, Hash, U8Array};
use sha2::Digest as _;
use x25519_dalek::{PublicKey, StaticSecret};

use super::wiped::Wiped;
use super::{Aead, ChaCha, Suite};
use crate::limits::TAG_LEN;

/// `25519`
pub(super) enum X25519 {}

impl DH for X25519 {
    type Key = Wiped;
    type Pubkey = [u8; 32];
    type Output = Wiped;

    fn name() -> &'static str {
        "25519"
    }

    fn genkey() -> Self::Key {
        unreachable!("entropy is handed in: the ephemeral key is set before the handshake begins")
    }

    fn pubkey(key: &Self::Key) -> Self::Pubkey {
        PublicKey::from(&StaticSecret::from(key.0)).to_bytes()
    }

    /// Refuses a public key of low order: the secret would be known to everybody.
    fn dh(key: &Self::Key, peer: &Self::Pubkey) -> Result<Self::Output, ()> {
        let shared = StaticSecret::from(key.0).diffie_hellman(&PublicKey::from(*peer));
        if shared.was_contributory() { Ok(Wiped(shared.to_bytes())) } else { Err(()) }
    }
}

/// `ChaChaPoly`
pub(super) enum ChaChaPoly {}

impl ChaChaPoly {
    fn under(key: &Wiped) -> ChaCha {
        ChaCha::new(Suite::ChaCha20Poly1305, &key.0)
    }
}

impl Cipher for ChaChaPoly {
    type Key = Wiped;

    fn name() -> &'static str {
        "ChaChaPoly"
    }

    fn encrypt(key: &Self::Key, nonce: u64, ad: &[u8], plaintext: &[u8], out: &mut [u8]) {
        let (text, tag) = out.split_at_mut(plaintext.len());
        text.copy_from_slice(plaintext);
        tag.copy_from_slice(&Self::under(key).seal(nonce, ad, text));
    }

    fn encrypt_in_place(
        key: &Self::Key,
        nonce: u64,
        ad: &[u8],
        in_out: &mut [u8],
        plaintext_len: usize,
    ) -> usize {
        let (text, rest) = in_out.split_at_mut(plaintext_len);
        rest[..TAG_LEN].copy_from_slice(&Self::under(key).seal(nonce, ad, text));
        plaintext_len + TAG_LEN
    }

    fn decrypt(
        key: &Self::Key,
        nonce: u64,
        ad: &[u8],
        ciphertext: &[u8],
        out: &mut [u8],
    ) -> Result<(), ()> {
        let (text, tag) = ciphertext.split_last_chunk::<TAG_LEN>().ok_or(())?;
        out.copy_from_slice(text);
        Self::under(key).open(nonce, ad, out, tag).map_err(|_| ())
    }

    fn decrypt_in_place(
        key: &Self::Key,
        nonce: u64,
        ad: &[u8],
        in_out: &mut [u8],
        ciphertext_len: usize,
    ) -> Result<usize, ()> {
        let (text, tag) = in_out[..ciphertext_len].split_last_chunk_mut::<TAG_LEN>().ok_or(())?;
        Self::under(key).open(nonce, ad, text, tag).map_err(|_| ())?;
        Ok(ciphertext_len - TAG_LEN)
    }
}

/// `SHA256`
#[derive(Default)]
pub(super) struct Sha256(sha2::Sha256);

impl Hash for Sha256 {
    type Block = [u8; 64];
    type Output = Wiped;

    fn name() -> &'static str {
        "SHA256"
    }

    fn input(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn result(&mut self) -> Self::Output {
        Wiped::from_slice(&self.0.finalize_reset())
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use noise_protocol::HandshakeState;
    use noise_protocol::patterns::noise_xx_psk3;

    use super::*;

    /// The published test vector of `Noise_XXpsk3_25519_ChaChaPoly_SHA256` (the set that was made
    /// with cacophony): what goes in, and what must come out.
    const PROLOGUE: &[u8] = b"John Galt";
    const PSK: &[u8; 32] = b"This is my Austrian perspective!";
    const KEYS: [[&str; 2]; 2] = [
        [
            "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1",
            "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
        ],
        [
            "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893",
            "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
        ],
    ];
    const HASH: &str = "a477edf6a131bbdb54707f6ea30eab6cd935d9b560f0e5fd1f053a95a99669fb";
    const MESSAGES: [(&[u8], &str); 6] = [
        (
            b"Ludwig von Mises",
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944c9f5ff0e8079630c\
             b7e270c20bbf480821b77a384a645c71a2fd9b3db1c16a5f",
        ),
        (
            b"Murray Rothbard",
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843b123def17f71e6ae\
             8e57e0e1dec5949c5f7415c6f33517398747d821a06dc23ad430aa1fd7381d46195c378a819fd574\
             425462cbb2d4ca339e738a0b7001dc91423fbf55a99af0c6f1df21012ceb2f",
        ),
        (
            b"F. A. Hayek",
            "52187316111b118d4c060364f7b975dc0809b2590779aff2d63113c564f11744493384db7bf32d5a\
             e6686df6ab06d508d2e07caaf1d6afc010b978735fc78900e71ae1d314130d042e729a",
        ),
        (b"Carl Menger", "eaedc672d4c21e0e2955758756fb98f194c4e90d5deb5b6cf30b27"),
        (
            b"Jean-Baptiste Say",
            "522d543c5fe799d09a3d9da7ff54d0dc03c8af1dc7751d2ff708339d2290943e98",
        ),
        (
            b"Eugen B\xf6hm von Bawerk",
            "7d4e2c3873eef6a213b04e72f9df60a91666072d3544c5d96c34a09e2329b5030bee796741",
        ),
    ];

    #[test]
    fn our_primitives_yield_the_published_bytes() {
        let [mut initiator, mut responder] = [0, 1].map(|end| {
            let [key, ephemeral] = KEYS[end].map(|key| Some(Wiped::from_slice(&unhex(key))));
            let mut state = HandshakeState::<X25519, ChaChaPoly, Sha256>::new(
                noise_xx_psk3(),
                end == 0,
                PROLOGUE,
                key,
                ephemeral,
                None,
                None,
            );
            state.push_psk(PSK);
            state
        });
        for (turn, (payload, expected)) in MESSAGES[..3].iter().enumerate() {
            let (writer, reader) = if turn % 2 == 0 {
                (&mut initiator, &mut responder)
            } else {
                (&mut responder, &mut initiator)
            };
            let mut message = vec![0; payload.len() + writer.get_next_message_overhead()];
            writer.write_message(payload, &mut message).unwrap();
            assert_eq!(message, unhex(expected));
            let mut read = vec![0; payload.len()];
            reader.read_message(&message, &mut read).unwrap();
            assert_eq!(read, *payload);
        }
        assert_eq!(initiator.get_hash(), unhex(HASH));
        assert_eq!(responder.get_hash(), unhex(HASH));

        let (mut from_initiator, mut from_responder) = initiator.get_ciphers();
        for (turn, (payload, expected)) in MESSAGES.iter().enumerate().skip(3) {
            let cipher = if turn % 2 == 0 { &mut from_initiator } else { &mut from_responder };
            let mut in_place = [payload, &[0; TAG_LEN][..]].concat();
            let mut apart = in_place.clone();
            let mut again = cipher.clone();
            again.encrypt(payload, &mut apart);
            cipher.encrypt_in_place(&mut in_place, payload.len());
            assert_eq!((in_place, apart), (unhex(expected), unhex(expected)));
        }
    }

    #[test]
    fn a_public_key_of_low_order_is_refused() {
        let secret = Wiped([0x42; 32]);
        let p = [&[0xEDu8][..], &[0xFF; 30], &[0x7F]].concat();
        let near = |offset: u8| {
            let mut key = p.clone();
            key[0] = key[0].wrapping_add(offset);
            key
        };
        let orders = [
            vec![0; 32],
            [&[1][..], &[0; 31]].concat(),
            unhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
            unhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
            near(0xFF),
            near(0),
            near(1),
        ];
        for key in orders {
            assert!(X25519::dh(&secret, &U8Array::from_slice(&key)).is_err(), "{key:02x?}");
        }
    }

    #[test]
    fn a_text_shorter_than_its_tag_is_refused() {
        let key = Wiped([1; 32]);
        for len in 0..TAG_LEN {
            assert!(ChaChaPoly::decrypt(&key, 0, &[], &vec![0; len], &mut []).is_err());
            assert!(ChaChaPoly::decrypt_in_place(&key, 0, &[], &mut vec![0; len], len).is_err());
        }
    }

    fn unhex(hex: &str) -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    }
}
