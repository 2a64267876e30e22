//! Who may try to come in: bounds on connections, before any key is known.
//!
//! Addresses of this machine and of private networks are trusted not to flood; public ones get a
//! few connections at once and a few dozen new ones in ten minutes, of IPv6 whole networks. The key
//! exchange itself is bounded too: when too many are under way, the oldest makes room.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use proto_core::time::Instant;

/// New connections from one public address within [`PERIOD`].
const NEW_PER_PERIOD: u32 = 64;
const PERIOD: Duration = Duration::from_secs(600);
/// Addresses remembered; beyond that the ones without connections are forgotten.
const REMEMBERED: usize = 10_000;

/// Counts connections.
#[derive(Debug)]
pub struct Admission {
    most: usize,
    most_per_address: usize,
    live: usize,
    sources: HashMap<IpAddr, Source>,
}

#[derive(Clone, Copy, Debug)]
struct Source {
    live: usize,
    new: u32,
    since: Instant,
}

/// Why a connection is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnedAway {
    /// The house is full.
    Full,
    /// Too many from that address.
    TooMany,
    /// Too many wrong secrets from that address.
    Guessing,
}

impl fmt::Display for TurnedAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the house is full",
            Self::TooMany => "too many connections from that address",
            Self::Guessing => "too many wrong secrets from that address",
        })
    }
}

impl Admission {
    /// Lets `most` connections in, `most_per_address` of them from one public address.
    pub fn new(most: usize, most_per_address: usize) -> Self {
        Self { most, most_per_address, live: 0, sources: HashMap::new() }
    }

    /// Somebody comes. Whoever is let in must be let out with [`Admission::leave`].
    ///
    /// # Errors
    /// Why not.
    pub fn enter(&mut self, now: Instant, from: IpAddr) -> Result<(), TurnedAway> {
        if self.live >= self.most {
            return Err(TurnedAway::Full);
        }
        if !is_near(from) {
            self.forget_idle(now);
            let fresh = Source { live: 0, new: 0, since: now };
            let source = self.sources.entry(source_of(from)).or_insert(fresh);
            if now.since(source.since) >= PERIOD {
                (source.new, source.since) = (0, now);
            }
            if source.live >= self.most_per_address || source.new >= NEW_PER_PERIOD {
                return Err(TurnedAway::TooMany);
            }
            source.live += 1;
            source.new += 1;
        }
        self.live += 1;
        Ok(())
    }

    /// Somebody who was let in is gone.
    pub fn leave(&mut self, from: IpAddr) {
        self.live = self.live.saturating_sub(1);
        if let Some(source) = self.sources.get_mut(&source_of(from)) {
            source.live = source.live.saturating_sub(1);
        }
    }

    /// Connections that are in.
    pub const fn live(&self) -> usize {
        self.live
    }

    fn forget_idle(&mut self, now: Instant) {
        if self.sources.len() >= REMEMBERED {
            self.sources.retain(|_, source| source.live > 0 && now.since(source.since) < PERIOD);
        }
        if self.sources.len() >= REMEMBERED {
            self.sources.retain(|_, source| source.live > 0);
        }
    }
}

/// Whether an address is on this machine or in a private network.
fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Whose address it is: of IPv6 the network (64 bits), all of which one person may have.
pub(crate) fn source_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let network = u128::from(v6) >> 64 << 64;
            Ipv6Addr::from(network).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_micros(1);
    const FAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));
    const NEAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn one_public_address_cannot_take_the_house() {
        let mut door = Admission::new(1000, 16);
        for _ in 0..16 {
            door.enter(NOW, FAR).unwrap();
        }
        assert_eq!(door.enter(NOW, FAR), Err(TurnedAway::TooMany));
        door.leave(FAR);
        door.enter(NOW, FAR).unwrap();
        assert_eq!(door.live(), 16);
    }

    #[test]
    fn coming_and_going_is_bounded_too() {
        let mut door = Admission::new(1000, 16);
        for _ in 0..NEW_PER_PERIOD {
            door.enter(NOW, FAR).unwrap();
            door.leave(FAR);
        }
        assert_eq!(door.enter(NOW, FAR), Err(TurnedAway::TooMany));
        door.enter(NOW + PERIOD, FAR).unwrap();
    }

    #[test]
    fn one_network_cannot_take_the_house_either() {
        let mut door = Admission::new(1000, 16);
        let address = |number: u128| IpAddr::from((0x2001_0db8_u128 << 96 | number).to_be_bytes());
        for number in 0..16 {
            door.enter(NOW, address(number)).unwrap();
        }
        assert_eq!(door.enter(NOW, address(16)), Err(TurnedAway::TooMany));
        door.enter(NOW, address(1 << 64)).unwrap();
        door.leave(address(7));
        door.enter(NOW, address(16)).unwrap();
    }

    #[test]
    fn neighbours_are_bounded_by_the_house_alone() {
        let mut door = Admission::new(1000, 1);
        for _ in 0..1000 {
            door.enter(NOW, NEAR).unwrap();
        }
        assert_eq!(door.enter(NOW, NEAR), Err(TurnedAway::Full));
    }

    #[test]
    fn memory_does_not_grow_with_the_number_of_strangers() {
        let mut door = Admission::new(1000, 16);
        for number in 0..50_000_u32 {
            let stranger = IpAddr::from((0x2600_0000_u32 << 2 | number).to_be_bytes());
            door.enter(NOW, stranger).unwrap();
            door.leave(stranger);
        }
        assert!(door.sources.len() <= REMEMBERED);
    }
}
