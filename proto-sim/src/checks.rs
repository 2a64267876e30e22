//! What must hold at every moment of every world.

use std::collections::BTreeMap;

use proto_core::ids::PacketNumber;
use proto_core::limits::AMPLIFICATION_FACTOR;
use proto_core::path::Address;
use proto_core::time::Instant;

/// Watches what one end puts out.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    last_packet: Option<PacketNumber>,
    outputs: u64,
    outputs_at: Instant,
    reached: BTreeMap<Address, Reach>,
    limits_strangers: bool,
}

/// What went to and came from an address.
#[derive(Clone, Copy, Debug, Default)]
struct Reach {
    received: u64,
    sent: u64,
    /// Whether somebody there has answered us.
    answered: bool,
}

impl Checks {
    /// Watches an end that must not be used to flood strangers: the server's.
    pub fn of_a_server() -> Self {
        Self { limits_strangers: true, ..Self::default() }
    }

    /// Counts the outputs of one instant: an end that never waits is stuck.
    pub fn on_output(&mut self, now: Instant) {
        if now != self.outputs_at {
            self.outputs = 0;
            self.outputs_at = now;
        }
        self.outputs += 1;
        assert!(self.outputs <= MOST_OUTPUTS, "an end comes to rest at {now:?}");
    }

    /// A datagram came; `heard_at` says where its author had heard from us before.
    pub fn on_received(&mut self, from: Address, len: usize, heard_at: Option<Address>) {
        self.reached.entry(from).or_default().received += len as u64;
        if let Some(there) = heard_at {
            self.reached.entry(there).or_default().answered = true;
        }
    }

    /// A datagram goes.
    pub fn on_sent(&mut self, to: Address, number: PacketNumber, len: usize) {
        assert!(
            self.last_packet.is_none_or(|last| last < number),
            "packet numbers rise: {number:?} after {:?}",
            self.last_packet
        );
        self.last_packet = Some(number);
        let reach = self.reached.entry(to).or_default();
        reach.sent += len as u64;
        assert!(
            !self.limits_strangers
                || reach.answered
                || reach.sent <= AMPLIFICATION_FACTOR * reach.received,
            "an address that never answered gets at most three times its bytes: {to:?} {reach:?}"
        );
    }
}

/// Most outputs at one instant: some windows full, and some events.
const MOST_OUTPUTS: u64 = 20_000;
