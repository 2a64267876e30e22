//! The three messages after which both ends know who the other one is.
//!
//! ```text
//!   client                                    server
//!     | -- hello   e ------------------------> |      48 bytes
//!     | <- reply   e, ee, s, es + ServerPart - |      99 bytes
//!     |    the client decides about the key    |
//!     | -- proof   s, se, psk + ClientPart --> |      99 bytes
//! ```
//!
//! `Noise_XXpsk3_25519_ChaChaPoly_SHA256`. Messages have one length each, so that their types
//! keep `noise-protocol` from the lengths at which it would panic.

use hkdf::Hkdf;
use noise_protocol::patterns::noise_xx_psk3;
use noise_protocol::{ErrorKind, HandshakeState, U8Array};
use sha2::Sha256;

use super::noise::{ChaChaPoly, X25519};
use super::record::Records;
use super::wiped::Wiped;
use super::{DatagramKeys, Role, Suite, Suites, noise};
use crate::ids::{ConnectionId, PublicKey};
use crate::limits::{CONNECTION_ID_LEN, PROTOCOL_VERSION, TAG_LEN};
use crate::link::{Established, LinkConfig, LinkError};

/// Bytes of a public key.
const KEY_LEN: usize = 32;
/// What the server says under cover of its reply: its connection id and suites.
const SERVER_PART_LEN: usize = CONNECTION_ID_LEN + 1;
/// What the client says under cover of its proof: its connection id, the suite, a secret.
const CLIENT_PART_LEN: usize = CONNECTION_ID_LEN + 1 + 32;

/// Length of the first message.
pub(crate) const HELLO_LEN: usize = KEY_LEN + TAG_LEN;
/// Length of the second message.
pub(crate) const REPLY_LEN: usize = KEY_LEN + KEY_LEN + TAG_LEN + SERVER_PART_LEN + TAG_LEN;
/// Length of the third message.
pub(crate) const PROOF_LEN: usize = KEY_LEN + TAG_LEN + CLIENT_PART_LEN + TAG_LEN;

/// A handshake under way. After an error it is good for nothing and must be dropped.
pub(crate) struct Handshake {
    noise: HandshakeState<X25519, ChaChaPoly, noise::Sha256>,
    role: Role,
    local_cid: ConnectionId,
    suites: Suites,
    secret: Wiped,
    agreed: Option<(ConnectionId, Suite)>,
}

impl Handshake {
    pub(crate) fn new(role: Role, config: &LinkConfig<'_>) -> Self {
        let [ephemeral, secret] = draw(&config.entropy, config.key.as_bytes());
        let mut noise = HandshakeState::new(
            noise_xx_psk3(),
            role == Role::Client,
            prologue(PROTOCOL_VERSION),
            Some(Wiped(*config.key.as_bytes())),
            Some(ephemeral),
            None,
            None,
        );
        noise.push_psk(&config.psk);
        Self { noise, role, local_cid: config.cid, suites: config.suites, secret, agreed: None }
    }

    /// Client: the first message.
    pub(crate) fn write_hello(&mut self, out: &mut [u8; HELLO_LEN]) -> Result<(), LinkError> {
        self.noise.write_message(&[], out).map_err(|error| blame(&error))
    }

    /// Server: takes the first message. Its tag covers the prologue, so that another version of
    /// the protocol is noticed here.
    pub(crate) fn read_hello(&mut self, hello: &[u8; HELLO_LEN]) -> Result<(), LinkError> {
        self.noise.read_message(hello, &mut []).map_err(|_| LinkError::NotHaversack)
    }

    /// Server: the second message.
    pub(crate) fn write_reply(&mut self, out: &mut [u8; REPLY_LEN]) -> Result<(), LinkError> {
        let [c0, c1] = self.local_cid.to_wire();
        let part: [u8; SERVER_PART_LEN] = [c0, c1, self.suites.to_wire()];
        self.noise.write_message(&part, out).map_err(|error| blame(&error))
    }

    /// Client: takes the second message; returns the server's key.
    pub(crate) fn read_reply(&mut self, reply: &[u8; REPLY_LEN]) -> Result<PublicKey, LinkError> {
        let mut part = [0; SERVER_PART_LEN];
        self.noise.read_message(reply, &mut part).map_err(|error| blame(&error))?;
        let [cid @ .., suites] = part;
        let remote_cid = ConnectionId::from_wire(cid).ok_or(LinkError::BadConnectionId)?;
        let suite = Suites::best_common(self.suites, Suites::from_wire(suites))
            .ok_or(LinkError::NoCommonSuite)?;
        self.agreed = Some((remote_cid, suite));
        Ok(self.peer())
    }

    /// Client: the third message.
    pub(crate) fn write_proof(&mut self, out: &mut [u8; PROOF_LEN]) -> Result<(), LinkError> {
        let (_, suite) = self.agreed.expect("the reply was read");
        let mut part = Part([0; CLIENT_PART_LEN]);
        part.0[..CONNECTION_ID_LEN].copy_from_slice(&self.local_cid.to_wire());
        part.0[CONNECTION_ID_LEN] = suite.to_wire();
        part.0[CONNECTION_ID_LEN + 1..].copy_from_slice(&self.secret.0);
        self.noise.write_message(&part.0, out).map_err(|error| blame(&error))
    }

    /// Server: takes the third message.
    pub(crate) fn read_proof(&mut self, proof: &[u8; PROOF_LEN]) -> Result<(), LinkError> {
        let mut part = Part([0; CLIENT_PART_LEN]);
        self.noise.read_message(proof, &mut part.0).map_err(|error| {
            // The key comes before the psk in the message: once it was read, only the psk can
            // be wrong, or the message was damaged past it.
            match (error.kind(), self.noise.get_rs()) {
                (ErrorKind::Decryption, Some(_)) => LinkError::WrongSecret,
                _ => blame(&error),
            }
        })?;
        let (cid, rest) = part.0.split_first_chunk().expect("an id comes first");
        let (suite, secret) = rest.split_first().expect("then a suite");
        let remote_cid = ConnectionId::from_wire(*cid).ok_or(LinkError::BadConnectionId)?;
        let suite = Suite::from_wire(*suite)
            .filter(|&suite| self.suites.contains(suite))
            .ok_or(LinkError::NoCommonSuite)?;
        self.secret = Wiped::from_slice(secret);
        self.agreed = Some((remote_cid, suite));
        Ok(())
    }

    /// What the handshake yields once its third message went over.
    pub(crate) fn finish(self) -> (Established, Records) {
        assert!(self.noise.completed(), "all three messages went over");
        let (remote_cid, suite) = self.agreed.expect("every handshake agrees on a suite");
        let secret = extract(self.noise.get_hash(), &self.secret);

        let (from_client, from_server) = self.noise.get_ciphers();
        let (from_client, from_server) = (from_client.extract().0, from_server.extract().0);
        let records = match self.role {
            Role::Client => Records::new(&from_client.0, &from_server.0),
            Role::Server => Records::new(&from_server.0, &from_client.0),
        };
        let established = Established {
            peer: self.peer(),
            keys: DatagramKeys::new(suite, secret.0, self.role),
            local_cid: self.local_cid,
            remote_cid,
        };
        (established, records)
    }

    fn peer(&self) -> PublicKey {
        PublicKey(self.noise.get_rs().expect("the message with the peer's key was read"))
    }
}

/// The client's part in the clear, wiped when dropped.
struct Part([u8; CLIENT_PART_LEN]);

impl Drop for Part {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// What both ends must agree on before a word is said.
fn prologue(version: u16) -> [u8; 13] {
    let mut prologue = *b"haversack/1\0\0";
    prologue[11..].copy_from_slice(&version.to_le_bytes());
    prologue
}

/// The ephemeral key and the secret of a session. The static key is mixed in, so that poor
/// entropy is not the end of secrecy (RFC 8937's idea).
fn draw(entropy: &[u8; 32], key: &[u8; 32]) -> [Wiped; 2] {
    let (_, hkdf) = Hkdf::<Sha256>::extract(Some(entropy), key);
    [&b"haversack ephemeral"[..], b"haversack session"].map(|purpose| {
        let mut drawn = Wiped([0; 32]);
        hkdf.expand(purpose, &mut drawn.0).expect("32 bytes are few enough");
        drawn
    })
}

/// The secret of the datagrams: the client's, bound to this very handshake, so that a client
/// whose entropy repeats itself does not repeat its keys.
fn extract(transcript: &[u8], secret: &Wiped) -> Wiped {
    //= docs/PROTOCOL.md#datagram-keys
    //# secret = HKDF-Extract(salt = handshake hash, input = the client's secret)
    let (mut extracted, _) = Hkdf::<Sha256>::extract(Some(transcript), &secret.0);
    let wiped = Wiped::from_slice(&extracted);
    zeroize::Zeroize::zeroize(extracted.as_mut_slice());
    wiped
}

/// Whose fault a failed message is.
fn blame(error: &noise_protocol::Error) -> LinkError {
    match error.kind() {
        ErrorKind::DH => LinkError::WeakKey,
        ErrorKind::Decryption => LinkError::Forged,
        ErrorKind::NeedPSK | ErrorKind::TooShort => {
            unreachable!("the psk is pushed at the start and lengths are in the types")
        }
    }
}

#[cfg(test)]
mod tests {
    use noise_protocol::{CipherState, DH, Hash};

    use super::*;
    use crate::link::NO_SECRET;
    use crate::secure::StaticKey;

    #[test]
    fn a_hello_with_a_key_of_low_order_gets_no_reply() {
        let mut one = [0; 32];
        one[0] = 1;
        for weak in [[0; 32], one] {
            let mut server = handshake(Role::Server);
            server.read_hello(&hello(weak, PROTOCOL_VERSION)).unwrap();
            assert_eq!(server.write_reply(&mut [0; REPLY_LEN]), Err(LinkError::WeakKey));
        }
    }

    #[test]
    fn another_version_of_the_protocol_is_noticed_at_the_first_message() {
        let key = X25519::pubkey(&Wiped([9; 32]));
        let mut server = handshake(Role::Server);
        assert_eq!(server.read_hello(&hello(key, PROTOCOL_VERSION)), Ok(()));
        for version in [PROTOCOL_VERSION - 1, PROTOCOL_VERSION + 1, u16::MAX] {
            let hello = hello(key, version);
            let mut server = handshake(Role::Server);
            assert_eq!(server.read_hello(&hello), Err(LinkError::NotHaversack));
        }
    }

    #[test]
    fn a_suite_that_was_not_offered_is_refused() {
        let (mut client, mut server) = (handshake(Role::Client), handshake(Role::Server));
        let mut hello = [0; HELLO_LEN];
        client.write_hello(&mut hello).unwrap();
        server.read_hello(&hello).unwrap();
        let mut reply = [0; REPLY_LEN];
        server.write_reply(&mut reply).unwrap();
        client.read_reply(&reply).unwrap();
        client.agreed = Some((ConnectionId::new(0), Suite::Aes128Gcm));
        let mut proof = [0; PROOF_LEN];
        client.write_proof(&mut proof).unwrap();
        assert_eq!(server.read_proof(&proof), Err(LinkError::NoCommonSuite));
    }

    #[test]
    fn an_id_with_which_no_datagram_begins_is_refused() {
        let (mut client, mut server) = (handshake(Role::Client), handshake(Role::Server));
        let mut hello = [0; HELLO_LEN];
        client.write_hello(&mut hello).unwrap();
        server.read_hello(&hello).unwrap();
        let mut reply = [0; REPLY_LEN];
        server.noise.write_message(&[0x80, 0, 1], &mut reply).unwrap();
        assert_eq!(client.read_reply(&reply), Err(LinkError::BadConnectionId));

        let mut proof = [0; PROOF_LEN];
        let mut part = [0; CLIENT_PART_LEN];
        part[..2].copy_from_slice(&[0x3F, 0x40]);
        client.noise.write_message(&part, &mut proof).unwrap();
        assert_eq!(server.read_proof(&proof), Err(LinkError::BadConnectionId));
    }

    #[test]
    fn equal_entropy_of_two_persons_draws_different_keys() {
        let [one, _] = draw(&[1; 32], &[1; 32]);
        let [two, secret] = draw(&[1; 32], &[2; 32]);
        assert_ne!(one.0, two.0);
        assert_ne!(two.0, secret.0);
    }

    fn handshake(role: Role) -> Handshake {
        let key = StaticKey::from([3; 32]);
        let cid = ConnectionId::new(1);
        let (suites, entropy) = (Suites::BASE, [role as u8; 32]);
        Handshake::new(role, &LinkConfig { key: &key, psk: NO_SECRET, cid, suites, entropy })
    }

    /// A first message as anybody can make it, straight from the Noise specification: its tag
    /// is under a key that follows from public values.
    fn hello(key: [u8; 32], version: u16) -> [u8; HELLO_LEN] {
        let digest = |parts: &[&[u8]]| {
            let mut hash = noise::Sha256::default();
            for part in parts {
                hash.input(part);
            }
            hash.result()
        };
        let name = digest(&[b"Noise_XXpsk3_25519_ChaChaPoly_SHA256"]);
        let hash = digest(&[&digest(&[&name.0, &prologue(version)]).0, &key]);
        let (_, cipher_key) = noise::Sha256::hkdf(&name.0, &key);
        let mut hello = [0; HELLO_LEN];
        hello[..KEY_LEN].copy_from_slice(&key);
        CipherState::<ChaChaPoly>::new(&cipher_key.0, 0).encrypt_ad(
            &hash.0,
            &[],
            &mut hello[KEY_LEN..],
        );
        hello
    }
}
