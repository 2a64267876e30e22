//! Knocking: the first two messages of a handshake by UDP, while TCP still connects.
//!
//! ```text
//!   client                                     server
//!     | -- TCP: SYN ---------------------------> |
//!     | -- UDP: knock(hello) ------------------> |  a Porch keeps the promise
//!     | <-------------------------- TCP: SYN, ACK |
//!     | <------------------- UDP: answer(reply) - |
//!     | -- TCP: hello, proof, records ---------> |  one round trip earlier
//!     | <-------- TCP: the same reply, records - |
//! ```
//!
//! Only whoever knows the server's key can knock, so that the server's port stays silent to
//! strangers (the idea of `mac1` in the `WireGuard` paper, section 5.4.4), and an answer is
//! not longer than its knock. A promise is kept once: keys are never used twice. The client's side is in
//! `early`, the server's in `porch`.

mod early;
mod porch;

use hkdf::Hkdf;
use sha2::Sha256;

use super::{Link, Step};
use crate::ids::PublicKey;
use crate::limits::RECORD_HEADER_LEN;
use crate::secure::{HELLO_LEN, REPLY_LEN, addressee};

pub use early::{EarlyReply, Owed};
pub use porch::Porch;

/// The first byte of a knock.
const KNOCK: u8 = 0xCB;
/// The first byte of an answer.
const ANSWER: u8 = 0xC1;
/// Bytes of the proof that its sender knows the server's key.
const MAC_LEN: usize = 16;

/// Bytes of an answer: its type and the reply.
pub const ANSWER_LEN: usize = 1 + REPLY_LEN;
/// Bytes of a knock: its type, the hello, the proof, and zeros, so that nobody is sent more than
/// came.
pub const KNOCK_LEN: usize = ANSWER_LEN;
const _: () = assert!(
    addressee([KNOCK, 0]).is_none() && addressee([ANSWER, 0]).is_none(),
    "no sealed datagram begins like them"
);
const _: () = assert!(1 + HELLO_LEN + MAC_LEN <= KNOCK_LEN);

impl Link {
    /// Client: what to send by UDP to a server whose key is known, before the first poll.
    ///
    /// # Panics
    /// After the hello has left.
    pub fn knock(&self, server: &PublicKey) -> [u8; KNOCK_LEN] {
        assert!(self.step == Step::Greet, "whoever knocks has not been let in");
        let hello = &self.outbox[RECORD_HEADER_LEN..][..HELLO_LEN];
        let mut knock = [0; KNOCK_LEN];
        knock[0] = KNOCK;
        knock[1..][..HELLO_LEN].copy_from_slice(hello);
        knock[1 + HELLO_LEN..][..MAC_LEN].copy_from_slice(&mac(hello, server));
        knock
    }

    /// Server: the hello, if it has come and was not replied to.
    pub fn greeting(&self) -> Option<&[u8; HELLO_LEN]> {
        if self.step == Step::AwaitHello { self.inbox.peek() } else { None }
    }
}

/// Proves that whoever made it knows the server's key.
pub(super) fn mac(hello: &[u8], server: &PublicKey) -> [u8; MAC_LEN] {
    //= docs/PROTOCOL.md#knocking
    //# mac = HMAC-SHA256(the server's public key, "haversack knock" | hello), the first 16 bytes
    let mut said = [0; 15 + HELLO_LEN];
    said[..15].copy_from_slice(b"haversack knock");
    said[15..].copy_from_slice(hello);
    // HKDF-Extract is HMAC (RFC 5869 section 2.2).
    let (mac, _) = Hkdf::<Sha256>::extract(Some(&server.0), &said);
    *mac.first_chunk().expect("a hash is longer")
}

/// The hello in a knock, if it is one.
fn read<'d>(datagram: &'d [u8], server: &PublicKey) -> Option<&'d [u8; HELLO_LEN]> {
    let (&KNOCK, rest) = datagram.split_first()? else { return None };
    if datagram.len() != KNOCK_LEN {
        return None;
    }
    let (hello, rest) = rest.split_first_chunk()?;
    let proof: &[u8; MAC_LEN] = rest.first_chunk()?;
    // Nothing secret is compared: whoever has the server's public key can compute it.
    (mac(hello, server) == *proof).then_some(hello)
}
