//! The server's side: what was answered, until its hello comes over TCP.

use heapless::{HistoryBuf, Vec};

use super::super::{Link, LinkConfig};
use super::{ANSWER, ANSWER_LEN, read};
use crate::ids::{ConnectionId, PublicKey};
use crate::secure::{HELLO_LEN, Handshake, Role, Wiped};
use crate::time::{Duration, Instant};

/// How long an answer is stood by.
//= docs/PROTOCOL.md#knocking
//# A server stands by an answer for 10 s, and for one connection.
const PROMISE: Duration = Duration::from_secs(10);
/// How long copies of a knock are answered, so that their senders have time to come.
const FRESH: Duration = Duration::from_secs(5);
/// How often the same answer is given: networks make copies, and so may others.
const MOST_ANSWERS: u8 = 3;

/// Answers that are stood by, `KNOCKS` at most; when there are more, they get none, and their
/// handshakes take their time.
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
    /// for a new one that has a place here, and its config used for that handshake alone; there is no
    /// answer without one.
    pub fn answer<'k>(
        &mut self,
        now: Instant,
        datagram: &[u8],
        server: &PublicKey,
        fresh: impl FnOnce() -> Option<LinkConfig<'k>>,
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
        let config = fresh()?;
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
    pub(in crate::link) fn secrets(&self) -> impl Iterator<Item = &[u8; 32]> {
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

/// What a link of this config replies.
fn reply(config: &LinkConfig<'_>, hello: &[u8; HELLO_LEN]) -> Option<[u8; ANSWER_LEN]> {
    let mut link = Link::server(*config);
    let mut answer = [ANSWER; ANSWER_LEN];
    link.handshake().read_hello(hello).ok()?;
    let reply = answer.last_chunk_mut().expect("a reply fits an answer");
    link.handshake().write_reply(reply).ok()?;
    Some(answer)
}
