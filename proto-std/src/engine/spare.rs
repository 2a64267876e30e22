//! Room for the next flow, made while nobody waits.
//!
//! A flow is large. Memory that is used for the first time, the stack that it is made on included,
//! costs a few milliseconds, which would lie between the wish for a file and its first byte.

use proto_core::ids::ConnectionId;
use proto_core::secure::{DatagramKeys, Role, Suite};
use proto_core::time::Instant;

use super::flow::{FlowConfig, HostFlow, PathConfig};

/// Room for one flow, if it is ready: it holds one that nobody uses.
#[derive(Default)]
pub(super) struct Spare(pub(super) Option<Box<HostFlow>>);

impl Spare {
    /// Gets the room ready, unless it is.
    pub(super) fn prepare(&mut self, now: Instant) {
        if self.0.is_none() {
            self.0 = Some(self.make(nobodys(), now));
        }
    }

    /// Makes a flow, in the room if it is ready.
    ///
    /// Kept apart: a flow passes over the stack while it is made, and a function with so large a
    /// frame touches all of it at each call.
    #[cold]
    #[inline(never)]
    pub(super) fn make(&mut self, config: FlowConfig, now: Instant) -> Box<HostFlow> {
        let flow = HostFlow::new(config, now);
        match self.0.take() {
            Some(mut room) => {
                *room = flow;
                room
            }
            None => Box::new(flow),
        }
    }
}

/// What a flow is made of that nobody uses.
fn nobodys() -> FlowConfig {
    let keys = DatagramKeys::new(Suite::ChaCha20Poly1305, [0; 32], Role::Client);
    let path = PathConfig::new(keys, ConnectionId::new(0), ConnectionId::new(0), [0; 16]);
    FlowConfig { path, confirm_at: None }
}
