//! A secure channel on a TCP stream: pumps bytes between socket and [`Link`], packs messages into
//! records, and never waits in one direction for the other.
//!
//! The owner's loop is always the same:
//!
//! ```text
//!   loop:  take all inputs  ->  push messages while can_push  ->  turn().await
//! ```
//!
//! A peer that does not read fills the buffer here and nothing else: `can_push` turns false, and
//! whoever produces messages keeps them where they are.

use std::future::poll_fn;
use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_std::net::TcpStream;
use futures::io::{AsyncRead, AsyncWrite};
use proto_core::ids::PublicKey;
use proto_core::limits::{MAX_RECORD_LEN, MAX_WIRE_RECORD_LEN};
use proto_core::link::{EarlyReply, Established, Link, LinkError, LinkOutput, Owed};
use proto_core::secure::RecordBuf;
use proto_core::time::{Duration, Instant};
use proto_core::wire::encode;
use serde::Serialize;

use crate::clock;
use crate::race::{Either, race, sleep_until};

/// Sealed bytes that may wait for the socket before no more messages are taken.
const BACKLOG: usize = 4 * MAX_WIRE_RECORD_LEN;
/// A peer that takes nothing for so long is gone.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// How long a peer may take over one record: a slow line carries the longest one in a second or two.
//= docs/PROTOCOL.md#records
//# A server SHOULD end a connection whose record has begun and is not whole 10 s later.
const RECORD_PATIENCE: Duration = Duration::from_secs(10);

/// A TCP stream and the machine that makes it secure.
pub struct SecureStream {
    stream: TcpStream,
    link: Box<Link>,
    record: Box<RecordBuf>,
    filled: usize,
    sealed: Vec<u8>,
    written: usize,
    /// When the socket last took something, or first should have.
    moved: Instant,
    /// Since when there is nothing to take; what is here then is the beginning of a record.
    begun: Option<Instant>,
    /// What TCP still owes of a reply that is known already, and until when.
    owed: Option<(Owed, Instant)>,
    /// Why the stream is good for nothing.
    failed: Option<LinkError>,
}

/// What came in.
#[derive(Debug)]
pub enum Input<'s> {
    /// The server's key is known: call [`SecureStream::trust`] to go on, or drop the stream.
    Identified(PublicKey),
    /// The handshake is complete.
    Established(Established),
    /// Whole messages, decrypted.
    Record(&'s [u8]),
    /// Something that is of no concern to anybody: ask again.
    Progress,
    /// Nothing more for now.
    Nothing,
}

/// What a turn did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Bytes came or went: look for input, and push what there is.
    Moved,
    /// The peer has closed.
    Closed,
}

impl SecureStream {
    /// Joins a stream and a link.
    pub fn new(stream: TcpStream, link: Link) -> Self {
        drop(stream.set_nodelay(true));
        Self {
            stream,
            link: Box::new(link),
            record: Box::default(),
            filled: 0,
            sealed: Vec::new(),
            written: 0,
            moved: clock::now(),
            begun: None,
            owed: None,
            failed: None,
        }
    }

    /// What came in next.
    ///
    /// # Errors
    /// When the peer does not speak the protocol, or is not who it should be.
    pub fn input(&mut self) -> Result<Input<'_>, LinkError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let output = self.link.poll_output()?;
        if !matches!(output, LinkOutput::Idle) {
            self.begun = None;
        }
        Ok(match output {
            LinkOutput::Transmit(bytes) => {
                if self.sealed.is_empty() {
                    self.moved = clock::now();
                }
                self.sealed.extend_from_slice(bytes);
                Input::Progress
            }
            LinkOutput::Identified(key) => Input::Identified(key),
            LinkOutput::Established(established) => Input::Established(established),
            LinkOutput::Record(bytes) => Input::Record(bytes),
            LinkOutput::Idle => {
                self.begun.get_or_insert_with(clock::now);
                Input::Nothing
            }
        })
    }

    /// Goes on with a server whose key is the right one.
    pub fn trust(&mut self) {
        self.link.trust();
    }

    /// Whether there is room for any message.
    pub fn can_push(&self) -> bool {
        self.sealed.len() - self.written < BACKLOG
    }

    /// Whether everything pushed has left for the socket.
    pub fn is_drained(&self) -> bool {
        self.filled == 0 && self.written == self.sealed.len()
    }

    /// Adds a message to the record that is being filled. Call it when [`Self::can_push`] only.
    ///
    /// # Panics
    /// Before the handshake is complete.
    pub fn push<T: Serialize>(&mut self, message: &T) {
        if self.is_drained() {
            // The peer's patience is counted from when there was something to take.
            self.moved = clock::now();
        }
        let room = &mut self.record.text()[self.filled..];
        if let Ok(len) = encode(message, room) {
            self.filled += len;
            return;
        }
        self.seal();
        self.filled = encode(message, self.record.text()).expect("a message fits an empty record");
    }

    /// What it means that the peer has closed.
    ///
    /// # Errors
    /// When it is no clean end.
    pub fn ended(&self) -> Result<(), LinkError> {
        // Whoever did not even reply may be one of ours that has no time.
        if self.owed.is_some() { Err(LinkError::Truncated) } else { self.link.ended() }
    }

    /// Client: goes on with a reply that came early, to a knock with the hello that leaves here. TCP
    /// must bring the same by `until`. True when the server's key is to be trusted now; false when
    /// TCP has begun to bring the reply already.
    pub fn go_on(&mut self, early: EarlyReply, until: Instant) -> bool {
        if self.link.is_amid_message() {
            return false;
        }
        *self.link = early.link;
        self.owed = Some((early.owed, until));
        true
    }

    /// Whether TCP has not brought in time what is known already.
    pub fn is_unanswered(&self, now: Instant) -> bool {
        self.owed.as_ref().is_some_and(|(_, until)| *until <= now)
    }

    /// Server: the link, to have it keep a promise before its first message is taken.
    pub fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    /// Waits until bytes came or went. Nothing is lost when the wait is given up.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn turn(&mut self) -> io::Result<Turn> {
        self.seal();
        poll_fn(|context| self.poll_turn(context)).await
    }

    /// Sends what is still to be sent, closes, and waits for the peer to close, but not for longer
    /// than `patience`. What the peer still says is read and dropped: a socket that is closed
    /// with unread bytes resets the connection and takes our last words with it.
    pub async fn farewell(mut self, patience: Duration) {
        let until = clock::now() + patience;
        self.finish(until).await;
        while self.hear(until).await {}
    }

    /// Sends what is still to be sent and closes, without a round trip for the peer's goodbye: for
    /// an end to which nothing more is to be said. The system delivers the rest, unless something
    /// unread makes a reset of it.
    pub async fn hang_up(mut self, patience: Duration) {
        self.finish(clock::now() + patience).await;
        while self.hear(clock::now()).await {}
    }

    /// Sends what is still to be sent, and that it was the last.
    async fn finish(&mut self, until: Instant) {
        while !self.is_drained() && self.hear(until).await {}
        drop(self.stream.shutdown(Shutdown::Write));
    }

    /// Waits until bytes came or went, and drops what came. Says whether the peer is still there,
    /// and it is not yet `until`.
    async fn hear(&mut self, until: Instant) -> bool {
        let turn = race(self.turn(), sleep_until(until)).await;
        while matches!(self.input(), Ok(Input::Record(_) | Input::Progress)) {}
        matches!(turn, Either::Left(Ok(Turn::Moved)))
    }

    /// When a peer that takes nothing, or does not reply, is to be given up; `None` while nothing
    /// waits for it.
    pub fn deadline(&self) -> Option<Instant> {
        let write = (!self.is_drained()).then(|| self.moved + WRITE_PATIENCE);
        let reply = self.owed.as_ref().map(|(_, until)| *until);
        [write, reply].into_iter().flatten().min()
    }

    /// When a peer that does not finish its record is to be given up; `None` while it has begun
    /// none. Whoever was busy meanwhile takes a turn first: the rest may have come.
    pub fn record_deadline(&self) -> Option<Instant> {
        self.begun.filter(|_| self.link.is_amid_message()).map(|begun| begun + RECORD_PATIENCE)
    }

    fn seal(&mut self) {
        if self.filled == 0 {
            return;
        }
        debug_assert!(self.filled <= MAX_RECORD_LEN);
        if self.sealed.is_empty() {
            self.moved = clock::now();
        }
        let sealed = self.link.seal(&mut self.record, self.filled);
        self.sealed.extend_from_slice(sealed);
        self.filled = 0;
    }

    fn poll_turn(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Turn>> {
        let mut wrote = false;
        while self.written < self.sealed.len() {
            let waiting = &self.sealed[self.written..];
            match Pin::new(&mut &self.stream).poll_write(context, waiting) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(len)) => {
                    self.written += len;
                    wrote = true;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => break,
            }
        }
        if wrote {
            self.moved = clock::now();
            self.forget_written();
        }
        let space = self.link.space();
        if !space.is_empty() {
            match Pin::new(&mut &self.stream).poll_read(context, space) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Ok(Turn::Closed)),
                Poll::Ready(Ok(len)) => {
                    if !self.link.is_amid_message() {
                        self.begun = None;
                    }
                    self.receive(len);
                    return Poll::Ready(Ok(Turn::Moved));
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {}
            }
        }
        if wrote { Poll::Ready(Ok(Turn::Moved)) } else { Poll::Pending }
    }

    /// Hands what arrived to the link, but for what it knows already.
    fn receive(&mut self, len: usize) {
        let Some((owed, _)) = &mut self.owed else { return self.link.received(len) };
        let space = self.link.space();
        match owed.take(&space[..len]) {
            Ok(known) => {
                space.copy_within(known..len, 0);
                self.link.received(len - known);
                self.owed.take_if(|(owed, _)| owed.is_paid());
            }
            Err(error) => self.failed = Some(error),
        }
    }

    fn forget_written(&mut self) {
        if self.written == self.sealed.len() {
            self.sealed.clear();
            // A burst's memory is given back: there may be thousands of idle streams.
            self.sealed.shrink_to(MAX_WIRE_RECORD_LEN);
        } else {
            self.sealed.drain(..self.written);
        }
        self.written = 0;
    }
}

impl std::fmt::Debug for SecureStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecureStream").field("stream", &self.stream).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
