//! How much longer a slow peer is waited for before it is probed.
//!
//! A peer acknowledges what it has stored, and its disk may be slow: then new bytes are
//! acknowledged late, and bytes that it has already at once. The quick answers keep the average
//! round trip short, and every new packet would be given up before its time. The peer says itself
//! how long it took, so the longest of late is added to the time-out.

use core::time::Duration;

use crate::path::rtt::MAX_ACK_DELAY;
use crate::time::Instant;

/// How slow the peer was, of late.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    slowest: Duration,
    seen_at: Instant,
}

impl Patience {
    pub(super) const fn new() -> Self {
        Self { slowest: Duration::ZERO, seen_at: Instant::ZERO }
    }

    /// An acknowledgement says that the peer took so long.
    pub(super) fn on_ack(&mut self, now: Instant, delay: Duration) {
        let slow = MAX_ACK_DELAY < delay;
        let slower = self.slowest <= delay || FADES_AFTER <= now.since(self.seen_at);
        if slow && slower {
            (self.slowest, self.seen_at) = (delay.min(MOST), now);
        }
    }

    /// How much longer to wait, from `since` on.
    pub(super) fn extra(&self, since: Instant) -> Duration {
        if since.since(self.seen_at) < FADES_AFTER { self.slowest } else { Duration::ZERO }
    }
}

/// The peer chooses what it says: this is the most that it is believed.
const MOST: Duration = Duration::from_secs(1);
/// How long one slow answer counts.
const FADES_AFTER: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Duration = Duration::ZERO;

    #[test]
    fn a_slow_answer_counts_for_a_while_and_quick_ones_do_not_hide_it() {
        let mut patience = Patience::new();
        patience.on_ack(at(0), ms(25));
        assert_eq!(patience.extra(at(0)), NONE);

        patience.on_ack(at(100), ms(190));
        patience.on_ack(at(200), NONE);
        patience.on_ack(at(300), ms(40));
        assert_eq!(patience.extra(at(5_000)), ms(190));
        assert_eq!(patience.extra(at(5_100)), NONE);
    }

    #[test]
    fn a_peer_is_believed_a_second_at_most() {
        let mut patience = Patience::new();
        patience.on_ack(at(1), ms(60_000));
        assert_eq!(patience.extra(at(1)), ms(1_000));
    }

    fn at(millis: u64) -> Instant {
        Instant::ZERO + ms(millis)
    }

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }
}
