//! The client's side: an answer that came early, and the copy of it that TCP brings.

use super::super::{Link, LinkConfig, LinkError, Next};
use super::ANSWER;
use crate::ids::PublicKey;
use crate::limits::RECORD_HEADER_LEN;
use crate::secure::REPLY_LEN;

/// A client's link that has read an early reply, and the copy of it that TCP still owes.
#[derive(Debug)]
pub struct EarlyReply {
    /// The link: it waits for [`Link::trust`].
    pub link: Link,
    /// What the server's first bytes on TCP must be.
    pub owed: Owed,
}

impl EarlyReply {
    /// Reads a datagram that came after a knock with this very `config`, at the server with this
    /// key; `None` when it is no answer to it, which anybody may have sent.
    pub fn read(config: LinkConfig<'_>, server: &PublicKey, datagram: &[u8]) -> Option<Self> {
        let (&ANSWER, reply) = datagram.split_first()? else { return None };
        let reply: &[u8; REPLY_LEN] = reply.try_into().ok()?;
        let mut link = Link::client(config);
        let owed = Owed::new(reply);
        // The hello leaves over TCP, from the link whose place this one takes.
        link.advance().ok()?;
        link.space()[..owed.bytes.len()].copy_from_slice(&owed.bytes);
        link.received(owed.bytes.len());
        match link.advance() {
            Ok(Next::Identified(key)) if key == *server => Some(Self { link, owed }),
            _ => None,
        }
    }
}

/// The reply as TCP will bring it, to a link that knows it already.
#[derive(Debug)]
pub struct Owed {
    bytes: [u8; RECORD_HEADER_LEN + REPLY_LEN],
    seen: usize,
}

impl Owed {
    fn new(reply: &[u8; REPLY_LEN]) -> Self {
        let mut bytes = [0; RECORD_HEADER_LEN + REPLY_LEN];
        #[expect(clippy::cast_possible_truncation, reason = "a reply is short")]
        bytes[..RECORD_HEADER_LEN].copy_from_slice(&(REPLY_LEN as u16).to_le_bytes());
        bytes[RECORD_HEADER_LEN..].copy_from_slice(reply);
        Self { bytes, seen: 0 }
    }

    /// How many of the `arrived` bytes belong to the reply: the link does not get them.
    ///
    /// # Errors
    /// When the server replies something else: it forgot, or never said, what came early.
    pub fn take(&mut self, arrived: &[u8]) -> Result<usize, LinkError> {
        let len = arrived.len().min(self.bytes.len() - self.seen);
        if self.bytes[self.seen..][..len] != arrived[..len] {
            return Err(LinkError::Forgotten);
        }
        self.seen += len;
        Ok(len)
    }

    /// Whether all of it has come.
    pub const fn is_paid(&self) -> bool {
        self.seen == self.bytes.len()
    }
}
