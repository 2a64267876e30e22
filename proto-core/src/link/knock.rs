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
//! not longer than its knock. A promise is kept once: keys are never used twice.

use heapless::{HistoryBuf, Vec};
use hkdf::Hkdf;
use sha2::Sha256;

use super::{Link, LinkConfig, LinkError, Next, Step};
use crate::ids::{ConnectionId, PublicKey};
use crate::limits::RECORD_HEADER_LEN;
use crate::secure::{HELLO_LEN, Handshake, REPLY_LEN, Role, Wiped};
use crate::time::{Duration, Instant};

/// The first byte of a knock.
const KNOCK: u8 = 0x4B;
/// The first byte of an answer.
const ANSWER: u8 = 0x41;
/// Bytes of the proof that its sender knows the server's key.
const MAC_LEN: usize = 16;

/// Bytes of an answer: its type and the reply.
pub const ANSWER_LEN: usize = 1 + REPLY_LEN;
/// Bytes of a knock: its type, the hello, the proof, and zeros, so that nobody is sent more than
/// came.
pub const KNOCK_LEN: usize = ANSWER_LEN;
const _: () = assert!(1 + HELLO_LEN + MAC_LEN <= KNOCK_LEN);

/// How long an answer is stood by.
//= docs/PROTOCOL.md#knocking
//# A server stands by an answer for 10 s, and for one connection.
const PROMISE: Duration = Duration::from_secs(10);
/// How long copies of a knock are answered, so that their senders have time to come.
const FRESH: Duration = Duration::from_secs(5);
/// How often the same answer is given: networks make copies, and so may others.
const MOST_ANSWERS: u8 = 3;

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

/// The server's side: what was answered, until its hello comes over TCP. `KNOCKS` at most; when
/// there are more, they get no answer, and their handshakes take their time.
#[derive(Default)]
pub struct Porch<const KNOCKS: usize> {
    /// Those that are over keep their place, wiped, for another.
    promises: Vec<Promise, KNOCKS>,
    /// The latest hellos that came over TCP: a knock that was overtaken is too late.
    greeted: HistoryBuf<[u8; HELLO_LEN], KNOCKS>,
    refused: u64,
}

struct Promise {
    since: Instant,
    hello: [u8; HELLO_LEN],
    /// `None` of a hello that cannot be replied to, and of a place that is free.
    answer: Option<[u8; ANSWER_LEN]>,
    answers: u8,
    cid: ConnectionId,
    entropy: Wiped,
    is_over: bool,
}

impl Promise {
    fn end(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.entropy.0);
        self.is_over = true;
    }

    fn repeat(&mut self, now: Instant) -> Option<[u8; ANSWER_LEN]> {
        if self.answers >= MOST_ANSWERS || now.since(self.since) >= FRESH {
            return None;
        }
        self.answers += 1;
        self.answer
    }
}

impl<const KNOCKS: usize> Porch<KNOCKS> {
    /// Nobody has knocked.
    pub const fn new() -> Self {
        Self { promises: Vec::new(), greeted: HistoryBuf::new(), refused: 0 }
    }

    /// The answer to a datagram, if it is a knock of somebody who knows the key. `fresh` is called
    /// for a new one that has a place here, and its config used for that handshake alone.
    pub fn answer<'k>(
        &mut self,
        now: Instant,
        datagram: &[u8],
        server: &PublicKey,
        fresh: impl FnOnce() -> LinkConfig<'k>,
    ) -> Option<[u8; ANSWER_LEN]> {
        let hello = read(datagram, server)?;
        if self.greeted.as_slice().contains(hello) {
            return None;
        }
        self.expire(now);
        let known = self.promises.iter_mut().find(|known| !known.is_over && known.hello == *hello);
        if let Some(known) = known {
            return known.repeat(now);
        }
        let free = self.promises.iter().position(|promise| promise.is_over);
        if free.is_none() && self.promises.is_full() {
            self.refused += 1;
            return None;
        }
        // Whatever comes of it has its place, so that what it costs is bounded.
        let config = fresh();
        let promise = Promise {
            since: now,
            hello: *hello,
            answer: reply(&config, hello),
            answers: 1,
            cid: config.cid,
            entropy: Wiped(config.entropy),
            is_over: false,
        };
        let answer = promise.answer;
        match free {
            Some(free) => self.promises[free] = promise,
            None => drop(self.promises.push(promise)),
        }
        answer
    }

    /// Whether this link's hello has come and was answered before: then it shakes hands as it was
    /// promised, with `config` for what was not. Call it before the link is polled.
    pub fn redeem(&mut self, now: Instant, link: &mut Link, config: LinkConfig<'_>) -> bool {
        let Some(hello) = link.greeting() else { return false };
        self.greeted.write(*hello);
        self.expire(now);
        let promised = |promise: &&mut Promise| !promise.is_over && promise.hello == *hello;
        let Some(promise) = self.promises.iter_mut().find(promised) else { return false };
        let config = LinkConfig { cid: promise.cid, entropy: promise.entropy.0, ..config };
        link.handshake = Some(Handshake::new(Role::Server, &config));
        promise.end();
        true
    }

    /// Knocks that got no answer because there were too many.
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    #[cfg(test)]
    pub(super) fn secrets(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.promises.iter().map(|promise| &promise.entropy.0)
    }

    fn expire(&mut self, now: Instant) {
        let over = |promise: &&mut Promise| now.since(promise.since) >= PROMISE;
        self.promises.iter_mut().filter(over).for_each(Promise::end);
    }
}

impl<const KNOCKS: usize> core::fmt::Debug for Porch<KNOCKS> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let standing = self.promises.iter().filter(|promise| !promise.is_over).count();
        write!(f, "Porch({standing} promises, {} refused)", self.refused)
    }
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

/// What a link of this config replies.
fn reply(config: &LinkConfig<'_>, hello: &[u8; HELLO_LEN]) -> Option<[u8; ANSWER_LEN]> {
    let mut link = Link::server(*config);
    let mut answer = [ANSWER; ANSWER_LEN];
    link.handshake().read_hello(hello).ok()?;
    let reply = answer.last_chunk_mut().expect("a reply fits an answer");
    link.handshake().write_reply(reply).ok()?;
    Some(answer)
}
