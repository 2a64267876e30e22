//! One connection, from the moment it stands until nobody believes in it any more.

use proto_core::chat::LinkId;
use proto_core::time::{Duration, Instant};

use crate::pipe::Pipe;

/// One connection. Each end notices at its own time that it is gone.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) number: u64,
    pub(super) member: usize,
    /// The hub's name for it, as long as the hub believes in it.
    pub(super) link: Option<LinkId>,
    /// Whether the client believes in it.
    pub(super) held_by_client: bool,
    /// Messages; `None` is the end.
    pub(super) to_hub: Pipe<Option<Vec<u8>>>,
    pub(super) to_client: Pipe<Option<Vec<u8>>>,
    /// Whether the hub has something for it, as far as it said.
    pub(super) ready: bool,
    /// Messages that its buffer takes.
    pub(super) room: usize,
}

impl Wire {
    pub(super) fn new(number: u64, member: usize, link: LinkId, latency: Duration) -> Self {
        Self {
            number,
            member,
            link: Some(link),
            held_by_client: true,
            to_hub: Pipe::new(latency),
            to_client: Pipe::new(latency),
            ready: false,
            room: 20,
        }
    }

    /// Breaks: what is under way is lost, and each end reads the end. An end that nothing
    /// reaches now, reads it later or never.
    pub(super) fn cut(&mut self, now: Instant) {
        for pipe in [&mut self.to_hub, &mut self.to_client] {
            pipe.clear();
            pipe.send(now, None);
        }
    }

    pub(super) fn next_arrival(&self) -> Option<Instant> {
        [self.to_hub.next_arrival(), self.to_client.next_arrival()].into_iter().flatten().min()
    }

    /// Whether nobody needs it any more.
    pub(super) fn is_over(&self) -> bool {
        self.link.is_none() && !self.held_by_client
    }
}
