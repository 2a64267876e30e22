//! Two links, their drivers and a perfect wire.

use std::vec::Vec;

use crate::ids::{ConnectionId, PublicKey};
use crate::link::{Established, Link, LinkConfig, LinkError, LinkOutput, NO_SECRET};
use crate::secure::{RecordBuf, StaticKey, Suites};

pub(super) const CLIENT: u8 = 10;
pub(super) const SERVER: u8 = 20;

pub(super) fn key(seed: u8) -> StaticKey {
    StaticKey::from([seed; 32])
}

pub(super) fn config(key: &StaticKey, entropy: u8) -> LinkConfig<'_> {
    LinkConfig {
        key,
        psk: NO_SECRET,
        cid: ConnectionId::new(u16::from(entropy)),
        suites: Suites::BASE,
        entropy: [entropy; 32],
    }
}

pub(super) fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

/// One end with a driver that writes down everything.
pub(super) struct End {
    pub(super) link: Link,
    pub(super) trusting: bool,
    pub(super) met: Option<PublicKey>,
    pub(super) established: Option<Established>,
    pub(super) records: Vec<Vec<u8>>,
    pub(super) error: Option<LinkError>,
    /// What is to be sent.
    pub(super) sent: Vec<u8>,
    /// What was ever sent.
    pub(super) log: Vec<u8>,
}

impl End {
    pub(super) fn new(link: Link) -> Self {
        let mut end = Self {
            link,
            trusting: true,
            met: None,
            established: None,
            records: Vec::new(),
            error: None,
            sent: Vec::new(),
            log: Vec::new(),
        };
        end.poll();
        end
    }

    pub(super) fn hear(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.error.is_none() {
            let space = self.link.space();
            let len = space.len().min(bytes.len());
            space[..len].copy_from_slice(&bytes[..len]);
            self.link.received(len);
            bytes = &bytes[len..];
            self.poll();
        }
    }

    pub(super) fn poll(&mut self) {
        loop {
            match self.link.poll_output() {
                Ok(LinkOutput::Transmit(bytes)) => {
                    self.sent.extend_from_slice(bytes);
                    self.log.extend_from_slice(bytes);
                }
                Ok(LinkOutput::Identified(key)) => {
                    self.met = Some(key);
                    if self.trusting {
                        self.link.trust();
                    }
                }
                Ok(LinkOutput::Established(established)) => self.established = Some(established),
                Ok(LinkOutput::Record(text)) => self.records.push(text.to_vec()),
                Ok(LinkOutput::Idle) => return,
                Err(error) => {
                    self.error = Some(error);
                    return;
                }
            }
        }
    }

    pub(super) fn say(&mut self, text: &[u8]) {
        let mut record = RecordBuf::new();
        record.text()[..text.len()].copy_from_slice(text);
        let sealed = self.link.seal(&mut record, text.len());
        self.sent.extend_from_slice(sealed);
        self.log.extend_from_slice(sealed);
    }
}

/// Two ends and a perfect wire.
pub(super) struct Pair {
    pub(super) client: End,
    pub(super) server: End,
}

impl Pair {
    pub(super) fn new() -> Self {
        Self::with(config(&key(CLIENT), CLIENT), config(&key(SERVER), SERVER))
    }

    pub(super) fn new_driven() -> Self {
        let mut pair = Self::new();
        pair.drive();
        pair
    }

    pub(super) fn with(client: LinkConfig<'_>, server: LinkConfig<'_>) -> Self {
        Self { client: End::new(Link::client(client)), server: End::new(Link::server(server)) }
    }

    pub(super) fn drive(&mut self) {
        while !(self.client.sent.is_empty() && self.server.sent.is_empty()) {
            self.server.hear(&core::mem::take(&mut self.client.sent));
            self.client.hear(&core::mem::take(&mut self.server.sent));
        }
    }

    pub(super) fn established(&self) -> [Established; 2] {
        [&self.client, &self.server].map(|end| end.established.clone().unwrap())
    }
}
