//! The control channel on the board's TCP connection: the core's link, and one record on its way.

use proto_core::limits::{RECORD_HEADER_LEN, TAG_LEN};
use proto_core::link::{Link, LinkError, LinkOutput};
use proto_core::wire::{ToServer, encode};

use crate::network::{Network, Stream};
use crate::profile::RECORD_LEN;

/// A link and what it has to send.
pub(crate) struct Control {
    /// The link.
    pub(crate) link: Link,
    record: [u8; RECORD_LEN],
    /// Bytes of the record that are sent, and that are ready to be sent.
    sent: usize,
    ready: usize,
}

impl Control {
    /// Wraps a link.
    pub(crate) fn new(link: Link) -> Self {
        Self { link, record: [0; RECORD_LEN], sent: 0, ready: 0 }
    }

    /// Takes what arrived on the stream; the link's next output besides what is to be sent.
    pub(crate) fn next(&mut self, network: &mut Network<'_>) -> Result<LinkOutput<'_>, LinkError> {
        let space = self.link.space();
        let len = network.receive(space);
        self.link.received(len);
        match self.link.poll_output()? {
            LinkOutput::Transmit(bytes) => {
                // The handshake takes turns: nothing else is on its way.
                self.record[..bytes.len()].copy_from_slice(bytes);
                self.ready = bytes.len();
                self.sent = network.send(&self.record[..self.ready]);
                Ok(LinkOutput::Transmit(&[]))
            }
            output => Ok(output),
        }
    }

    /// Whether a message can be said now.
    pub(crate) const fn is_free(&self) -> bool {
        self.sent == self.ready && self.link.can_seal()
    }

    /// Says a message. Ask [`Self::is_free`] first.
    pub(crate) fn say(&mut self, network: &mut Network<'_>, message: &ToServer<'_>) {
        let room = &mut self.record[RECORD_HEADER_LEN..RECORD_LEN - TAG_LEN];
        let len = encode(message, room).expect("a record has room for any message of a client");
        let whole = RECORD_HEADER_LEN + len + TAG_LEN;
        self.link.seal_whole(&mut self.record[..whole]);
        (self.sent, self.ready) = (0, whole);
        self.flush(network);
    }

    /// Gives the network what it takes.
    pub(crate) fn flush(&mut self, network: &mut Network<'_>) {
        if self.sent < self.ready {
            self.sent += network.send(&self.record[self.sent..self.ready]);
        }
    }

    /// What the end of the stream means, if it has ended.
    pub(crate) fn ended(&self, network: &Network<'_>) -> Option<Result<(), LinkError>> {
        (network.stream() == Stream::Ended).then(|| self.link.ended())
    }
}
