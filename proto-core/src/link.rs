//! The control channel: a byte stream in, messages of an authenticated peer out, and back.
//!
//! ```text
//!   client:  Greet ─> AwaitReply ─> Judge ─trust()─> Prove ─> Announce ─> Open
//!   server:  AwaitHello ─> AwaitProof ─> Announce ─> Open
//!   either:  Failed, from anywhere, for good
//! ```
//!
//! The driver reads into [`Link::space`], says how much with [`Link::received`], and calls
//! [`Link::poll_output`] until it is [`LinkOutput::Idle`]. Everything is a message of `u16`
//! length; lengths are judged before anything is kept, and there is room for one message.

use core::fmt;
use core::ops::Range;

use crate::ids::{ConnectionId, PublicKey};
use crate::limits::RECORD_HEADER_LEN;
use crate::note::note;
use crate::secure::{
    DatagramKeys, HELLO_LEN, Handshake, PROOF_LEN, REPLY_LEN, RecordBuf, Records, Role, StaticKey,
    Suites,
};

mod error;
mod inbox;
mod knock;

pub use error::LinkError;
use inbox::Inbox;
pub use knock::{ANSWER_LEN, EarlyReply, KNOCK_LEN, Owed, Porch};

/// The pre-shared secret of a server that has none.
pub const NO_SECRET: [u8; 32] = [0; 32];

/// What an end brings to a handshake.
#[derive(Clone, Copy)]
pub struct LinkConfig<'a> {
    /// Who this end is.
    pub key: &'a StaticKey,
    /// The server's secret, 256 random bits; [`NO_SECRET`] when anybody may come.
    pub psk: [u8; 32],
    /// What the peer shall write on datagrams for this end.
    pub cid: ConnectionId,
    /// The ciphers that this end has for datagrams.
    pub suites: Suites,
    /// 32 random bytes, used for this handshake and no other.
    pub entropy: [u8; 32],
}

impl fmt::Debug for LinkConfig<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkConfig({:?}, {:?}, ..)", self.cid, self.suites)
    }
}

/// What a handshake yields.
#[derive(Clone, Debug)]
pub struct Established {
    /// Who the peer is.
    pub peer: PublicKey,
    /// The keys of this session's datagrams.
    pub keys: DatagramKeys,
    /// What the peer writes on datagrams for this end.
    pub local_cid: ConnectionId,
    /// What this end writes on datagrams for the peer.
    pub remote_cid: ConnectionId,
}

/// What the driver is to do, or to know.
#[derive(Debug)]
pub enum LinkOutput<'a> {
    /// Send these bytes.
    Transmit(&'a [u8]),
    /// Client: this is the server's key. Call [`Link::trust`] to go on, or drop the link.
    Identified(PublicKey),
    /// The peer is authenticated; records may be sealed from now on.
    Established(Established),
    /// A record's text: whole messages, one or more.
    Record(&'a [u8]),
    /// Nothing more until bytes arrive, or [`Link::trust`].
    Idle,
}

/// One end of a control channel.
// Invariants:
// - `handshake` is there before `Announce` was left, `records` from then on; after a failure
//   neither is.
pub struct Link {
    role: Role,
    step: Step,
    handshake: Option<Handshake>,
    records: Option<Records>,
    inbox: Inbox,
    outbox: [u8; OUTBOX_LEN],
}

/// Longest message of a handshake as it travels.
const OUTBOX_LEN: usize = RECORD_HEADER_LEN + PROOF_LEN;
const _: () = assert!(HELLO_LEN <= PROOF_LEN && REPLY_LEN <= PROOF_LEN);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Greet,
    AwaitReply,
    Judge,
    Prove,
    AwaitHello,
    AwaitProof,
    Announce,
    Open,
    Failed(LinkError),
}

/// An output whose bytes are not borrowed yet.
enum Next {
    Transmit(usize),
    Identified(PublicKey),
    Established(Established),
    Record(Range<usize>),
    Idle,
}

impl Link {
    /// The end that connects: it speaks first, so poll it at once.
    pub fn client(config: LinkConfig<'_>) -> Self {
        let mut link = Self::new(Role::Client, Step::Greet, &config);
        let mut hello = [0; HELLO_LEN];
        let written = link.handshake().write_hello(&mut hello);
        debug_assert!(written.is_ok(), "a hello needs nothing of the peer");
        link.put(&hello);
        link
    }

    /// The end that listens.
    pub fn server(config: LinkConfig<'_>) -> Self {
        Self::new(Role::Server, Step::AwaitHello, &config)
    }

    fn new(role: Role, step: Step, config: &LinkConfig<'_>) -> Self {
        Self {
            role,
            step,
            handshake: Some(Handshake::new(role, config)),
            records: None,
            inbox: Inbox::new(),
            outbox: [0; OUTBOX_LEN],
        }
    }

    /// Where arriving bytes go. Never empty once [`Link::poll_output`] was [`LinkOutput::Idle`].
    pub fn space(&mut self) -> &mut [u8] {
        self.inbox.space()
    }

    /// Tells that `len` bytes were put into [`Link::space`].
    ///
    /// # Panics
    /// When that is more than there was room for.
    pub fn received(&mut self, len: usize) {
        self.inbox.received(len);
    }

    /// What is next. Poll until it is [`LinkOutput::Idle`].
    ///
    /// # Errors
    /// Says how the peer broke the rules; from then on the link says nothing else. Close the
    /// connection without an answer.
    pub fn poll_output(&mut self) -> Result<LinkOutput<'_>, LinkError> {
        match self.advance() {
            Ok(Next::Transmit(len)) => Ok(LinkOutput::Transmit(&self.outbox[..len])),
            Ok(Next::Identified(key)) => Ok(LinkOutput::Identified(key)),
            Ok(Next::Established(established)) => Ok(LinkOutput::Established(established)),
            Ok(Next::Record(range)) => Ok(LinkOutput::Record(self.inbox.bytes(range))),
            Ok(Next::Idle) => Ok(LinkOutput::Idle),
            Err(error) => {
                note!("link: failed");
                self.step = Step::Failed(error);
                self.handshake = None;
                self.records = None;
                Err(error)
            }
        }
    }

    /// Client: the server's key is the right one.
    ///
    /// # Panics
    /// When it is not the time to say so: after [`LinkOutput::Identified`], once.
    pub fn trust(&mut self) {
        assert!(self.step == Step::Judge, "trust() answers Identified, once");
        self.step = Step::Prove;
    }

    /// Seals the first `len` bytes of the record's text; returns what is to be sent.
    ///
    /// # Panics
    /// Before [`LinkOutput::Established`], after an error, or when `len` is 0 or more than
    /// [`MAX_RECORD_LEN`](crate::limits::MAX_RECORD_LEN).
    pub fn seal<'r>(&mut self, record: &'r mut RecordBuf, len: usize) -> &'r [u8] {
        self.records.as_mut().expect("only an established link seals").seal(record, len)
    }

    /// Seals a record in a buffer of its own length, for devices whose messages are short: the
    /// text lies after [`RECORD_HEADER_LEN`] bytes and before
    /// [`TAG_LEN`](crate::limits::TAG_LEN), which this fills in.
    ///
    /// # Panics
    /// As [`Self::seal`] does.
    pub fn seal_whole(&mut self, record: &mut [u8]) {
        self.records.as_mut().expect("only an established link seals").seal_whole(record);
    }

    /// Whether records can be sealed: the link is established and has not failed.
    pub const fn can_seal(&self) -> bool {
        self.records.is_some()
    }

    /// Whether the peer has begun a message and not finished it, all outputs having been polled.
    pub const fn is_amid_message(&self) -> bool {
        !self.inbox.is_empty()
    }

    /// What it means when the byte stream ends here, all outputs having been polled.
    ///
    /// # Errors
    /// When it is no clean end. A client learns this way that its secret is wrong, because a
    /// server that is not convinced says nothing at all.
    pub fn ended(&self) -> Result<(), LinkError> {
        match self.step {
            // Whoever says nothing at all may be one of ours that has no time.
            Step::AwaitReply if self.inbox.is_empty() => Err(LinkError::Truncated),
            Step::Greet | Step::AwaitReply | Step::AwaitHello => Err(LinkError::NotHaversack),
            Step::Judge | Step::Prove | Step::AwaitProof => Err(LinkError::Truncated),
            Step::Failed(error) => Err(error),
            Step::Announce | Step::Open => {
                let heard = self.records.as_ref().is_some_and(|records| records.opened() > 0);
                if !self.inbox.is_empty() {
                    Err(LinkError::Truncated)
                } else if self.role == Role::Client && !heard {
                    Err(LinkError::WrongSecret)
                } else {
                    Ok(())
                }
            }
        }
    }

    fn advance(&mut self) -> Result<Next, LinkError> {
        match self.step {
            Step::Greet => {
                self.step = Step::AwaitReply;
                Ok(Next::Transmit(RECORD_HEADER_LEN + HELLO_LEN))
            }
            Step::AwaitReply => {
                let Some(reply) = self.inbox.message::<REPLY_LEN>()? else { return Ok(Next::Idle) };
                let key = self.handshake().read_reply(&reply)?;
                self.step = Step::Judge;
                Ok(Next::Identified(key))
            }
            Step::Judge if self.inbox.is_empty() => Ok(Next::Idle),
            Step::Judge => Err(LinkError::Unasked),
            Step::Prove => {
                let mut proof = [0; PROOF_LEN];
                self.handshake().write_proof(&mut proof)?;
                self.step = Step::Announce;
                Ok(self.put(&proof))
            }
            Step::AwaitHello => {
                let Some(hello) = self.inbox.message::<HELLO_LEN>()? else { return Ok(Next::Idle) };
                let mut reply = [0; REPLY_LEN];
                self.handshake().read_hello(&hello)?;
                self.handshake().write_reply(&mut reply)?;
                self.step = Step::AwaitProof;
                Ok(self.put(&reply))
            }
            Step::AwaitProof => {
                let proof = self.inbox.message::<PROOF_LEN>().map_err(|_| LinkError::Forged)?;
                let Some(proof) = proof else { return Ok(Next::Idle) };
                self.handshake().read_proof(&proof)?;
                Ok(self.establish())
            }
            Step::Announce => Ok(self.establish()),
            Step::Open => {
                let Some(range) = self.inbox.record()? else { return Ok(Next::Idle) };
                let records = self.records.as_mut().expect("an open link has its keys");
                let len = records
                    .open(self.inbox.bytes_mut(range.clone()))
                    .map_err(|_| LinkError::Forged)?;
                Ok(Next::Record(range.start..range.start + len))
            }
            Step::Failed(error) => Err(error),
        }
    }

    fn establish(&mut self) -> Next {
        let handshake = self.handshake.take().expect("a handshake ends once");
        let (established, records) = handshake.finish();
        note!("link: established, the peer's datagrams bear {:?}", established.local_cid);
        self.records = Some(records);
        self.step = Step::Open;
        Next::Established(established)
    }

    fn handshake(&mut self) -> &mut Handshake {
        self.handshake.as_mut().expect("the steps before Open have their handshake")
    }

    /// Puts a message of the handshake where it is sent from.
    fn put(&mut self, message: &[u8]) -> Next {
        let len = RECORD_HEADER_LEN + message.len();
        #[expect(clippy::cast_possible_truncation, reason = "handshake messages are short")]
        self.outbox[..RECORD_HEADER_LEN].copy_from_slice(&(message.len() as u16).to_le_bytes());
        self.outbox[RECORD_HEADER_LEN..len].copy_from_slice(message);
        Next::Transmit(len)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({:?}, {:?})", self.role, self.step)
    }
}

#[cfg(test)]
mod tests;
