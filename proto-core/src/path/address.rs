//! Where the peer is, and whether it has proven to be there.
//!
//! The session's secrets prove who sent a datagram, never from where: every address, the first
//! included, may be sent at most three times what came from it until it answers a challenge
//! (RFC 9000 section 8), unless TCP's handshake has proven that host already. Only clients move; a
//! server stays where its clients found it.

use core::time::Duration;

use crate::limits::AMPLIFICATION_FACTOR;
use crate::time::Instant;

/// An internet address and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// IPv6, or IPv4 mapped into it.
    pub ip: [u8; 16],
    /// The UDP port.
    pub port: u16,
}

impl Address {
    /// Makes an IPv4 address.
    pub const fn v4(ip: [u8; 4], port: u16) -> Self {
        let [a, b, c, d] = ip;
        Self { ip: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d], port }
    }

    /// Whether a peer may be there: no multicast, broadcast, or nowhere (RFC 9000 section 21.5).
    pub fn is_somewhere(&self) -> bool {
        let nowhere = [0; 16] == self.ip || self.mapped() == Some([0; 4]);
        let many = self.ip[0] == 0xFF
            || self.mapped().is_some_and(|ip| ip == [0xFF; 4] || ip[0] & 0xF0 == 0xE0);
        !nowhere && !many && self.port != 0
    }

    /// Whether it is this machine itself.
    pub fn is_loopback(&self) -> bool {
        self.mapped().is_some_and(|ip| ip[0] == 127)
            || self.ip == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    }

    fn mapped(&self) -> Option<[u8; 4]> {
        let [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d] = self.ip else { return None };
        Some([a, b, c, d])
    }
}

/// One address of the peer and what it may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) to: Address,
    proven: bool,
    /// Whether it may be sent anything: its user gave the address, or TCP has proven the host.
    trusted: bool,
    received: u64,
    sent: u64,
}

impl Route {
    const fn new(to: Address, trusted: bool) -> Self {
        Self { to, proven: false, trusted, received: 0, sent: 0 }
    }

    pub(super) const fn is_proven(&self) -> bool {
        self.proven
    }

    pub(super) const fn prove(&mut self) {
        self.proven = true;
    }

    /// Whether so many more bytes may be sent there.
    pub(super) const fn can_send(&self, len: usize) -> bool {
        //= docs/PROTOCOL.md#addresses
        //# sent at most three times the bytes that came from it
        let allowed = self.received.saturating_mul(AMPLIFICATION_FACTOR);
        self.proven || self.trusted || self.sent + len as u64 <= allowed
    }

    pub(super) const fn on_sent(&mut self, len: usize) {
        self.sent += len as u64;
    }
}

/// What a datagram's source means for the route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Where the peer is known to be, or a straggler from where it was.
    Known,
    /// The first datagram of all.
    First,
    /// The peer has another port now, or another address altogether.
    Moved {
        /// Whether the host is another, so that nothing known of the path holds.
        host: bool,
        /// Where it was, if that was proven: to be asked too.
        from: Option<Address>,
    },
    /// A place where nobody may be sent to, or too soon after the last move.
    Refused,
}

/// The peer's addresses: where it is, and where it was last known for sure.
#[derive(Clone, Debug)]
pub(super) struct Routes {
    /// Whether the peer may move.
    follows: bool,
    proven_host: Option<[u8; 16]>,
    current: Option<Route>,
    fallback: Option<Route>,
    moved_at: Option<Instant>,
}

impl Routes {
    pub(super) const fn new(follows: bool, proven_host: Option<[u8; 16]>) -> Self {
        Self { follows, proven_host, current: None, fallback: None, moved_at: None }
    }

    /// Begins with an address that this side's user gave.
    pub(super) const fn open(&mut self, to: Address) {
        self.current = Some(Route::new(to, true));
    }

    pub(super) const fn current(&self) -> Option<&Route> {
        self.current.as_ref()
    }

    pub(super) const fn current_mut(&mut self) -> Option<&mut Route> {
        self.current.as_mut()
    }

    /// Whether the current address waits for proof while another is known for sure.
    pub(super) fn may_revert(&self) -> bool {
        self.fallback.is_some() && self.current.is_some_and(|route| !route.proven)
    }

    /// Looks where an authentic datagram came from; `newest` if no later one came before it.
    pub(super) fn on_datagram(
        &mut self,
        now: Instant,
        from: Address,
        len: usize,
        newest: bool,
        patience: Duration,
    ) -> Source {
        let Some(current) = self.current.as_mut() else {
            if !from.is_somewhere() {
                return Source::Refused;
            }
            let mut route = Route::new(from, self.proven_host == Some(from.ip));
            route.received = len as u64;
            self.current = Some(route);
            return Source::First;
        };
        if current.to == from {
            current.received = current.received.saturating_add(len as u64);
            return Source::Known;
        }
        if !self.follows || !newest {
            return Source::Known;
        }
        let inwards = from.is_loopback() && !current.to.is_loopback();
        let hasty = self.moved_at.is_some_and(|at| now.since(at) < patience);
        let back = self.fallback.filter(|route| route.to == from);
        if !from.is_somewhere() || inwards || (hasty && back.is_none()) {
            return Source::Refused;
        }
        let host = current.to.ip != from.ip;
        let trusted = self.proven_host == Some(from.ip);
        let mut next = back.unwrap_or(Route::new(from, trusted));
        next.received = next.received.saturating_add(len as u64);
        let left = core::mem::replace(current, next);
        if left.proven {
            self.fallback = Some(left);
        }
        self.fallback = self.fallback.filter(|route| route.to != from);
        self.moved_at = Some(now);
        Source::Moved { host, from: left.proven.then_some(left.to) }
    }

    /// Gives the current address up and returns to the last proven one.
    /// Says whether that is another host; `None` if there is nowhere to return to.
    pub(super) fn revert(&mut self) -> Option<bool> {
        let fallback =
            self.fallback.take_if(|_| self.current.is_some_and(|route| !route.proven))?;
        let left = self.current.replace(fallback)?;
        Some(left.to.ip != fallback.to.ip)
    }

    /// The current address answered.
    pub(super) const fn prove(&mut self) {
        if let Some(route) = self.current.as_mut() {
            route.prove();
        }
        self.fallback = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: Address = Address::v4([192, 0, 2, 1], 1000);
    const PORT: Address = Address::v4([192, 0, 2, 1], 1001);
    const AWAY: Address = Address::v4([198, 51, 100, 7], 1000);
    const PTO: Duration = Duration::from_millis(100);

    fn at(millis: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(millis)
    }

    fn at_home() -> Routes {
        let mut routes = Routes::new(true, None);
        assert_eq!(routes.on_datagram(at(0), HOME, 1200, true, PTO), Source::First);
        routes
    }

    #[test]
    fn an_unproven_address_is_sent_three_times_what_came_from_it() {
        let mut routes = at_home();
        let route = routes.current_mut().unwrap();
        assert!(route.can_send(3600));
        assert!(!route.can_send(3601));
        route.on_sent(3600);
        assert!(!route.can_send(1));
        route.prove();
        assert!(route.can_send(1 << 20));
    }

    #[test]
    fn a_host_that_tcp_has_proven_is_sent_anything_and_another_host_is_not() {
        let mut routes = Routes::new(true, Some(HOME.ip));
        routes.on_datagram(at(0), HOME, 26, true, PTO);
        assert!(routes.current().unwrap().can_send(1 << 20));
        assert!(!routes.current().unwrap().is_proven());
        routes.on_datagram(at(1000), AWAY, 26, true, PTO);
        assert!(!routes.current().unwrap().can_send(1200));
    }

    #[test]
    fn a_new_port_and_a_new_host_are_told_apart() {
        let mut routes = at_home();
        routes.prove();
        let moved = routes.on_datagram(at(1000), PORT, 50, true, PTO);
        assert_eq!(moved, Source::Moved { host: false, from: Some(HOME) });
        assert!(!routes.current().unwrap().is_proven());
        let moved = routes.on_datagram(at(2000), AWAY, 50, true, PTO);
        assert_eq!(moved, Source::Moved { host: true, from: None });
        assert!(routes.may_revert());
        routes.revert().unwrap();
        assert_eq!(routes.current().unwrap().to, HOME);
        assert!(routes.current().unwrap().is_proven());
        assert!(!routes.may_revert());
    }

    #[test]
    fn the_way_back_is_open_at_once() {
        let mut routes = at_home();
        routes.prove();
        routes.on_datagram(at(1000), AWAY, 50, true, PTO);
        let hasty = routes.on_datagram(at(1001), PORT, 50, true, PTO);
        assert_eq!(hasty, Source::Refused);
        let back = routes.on_datagram(at(1001), HOME, 50, true, PTO);
        assert_eq!(back, Source::Moved { host: true, from: None });
        assert!(routes.current().unwrap().is_proven());
    }

    #[test]
    fn stragglers_and_servers_do_not_move_anything() {
        let mut routes = at_home();
        assert_eq!(routes.on_datagram(at(1), AWAY, 50, false, PTO), Source::Known);
        let mut client = Routes::new(false, None);
        client.open(HOME);
        assert_eq!(client.on_datagram(at(1), AWAY, 50, true, PTO), Source::Known);
        assert_eq!(client.current().unwrap().to, HOME);
    }

    #[test]
    fn nobody_is_sent_to_places_that_are_not_one_peers() {
        let bad = [
            Address::v4([0; 4], 9),
            Address::v4([255; 4], 9),
            Address::v4([224, 0, 0, 1], 9),
            Address::v4([192, 0, 2, 9], 0),
            Address::v4([127, 0, 0, 1], 9),
            Address { ip: [0; 16], port: 9 },
            Address { ip: [0xFF; 16], port: 9 },
            Address { ip: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], port: 9 },
        ];
        for address in bad {
            let mut routes = at_home();
            assert_eq!(routes.on_datagram(at(1), address, 50, true, PTO), Source::Refused);
        }
    }
}
