//! The core's flow, with a desktop's capacities.

use std::net::{IpAddr, SocketAddr};

pub(super) use proto_core::flow::{
    Arrival, DataPlace, Flow, FlowConfig, FlowEvent, FlowOutput, Progress, Receipt,
};
pub(super) use proto_core::path::{Address, Packet, PathConfig};

use crate::aead::HostAead;
use crate::profile::{HOLES, TRANSFERS, WINDOW};
use crate::shelf::Heap;

/// All transfers of one session.
pub(super) type HostFlow = Flow<HostAead, WINDOW, HOLES, TRANSFERS, Heap>;

const _: () = assert!(size_of::<HostFlow>() <= 16 << 10, "what is large is out of line");

/// An address as the core writes it.
pub(super) fn address(of: SocketAddr) -> Address {
    let ip = match of.ip() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    Address { ip: ip.octets(), port: of.port() }
}

/// An address as the socket takes it: IPv4 has to be mapped for a socket of IPv6, and must not be
/// for one of IPv4.
pub(super) fn socket_address(of: Address, is_ipv6: bool) -> SocketAddr {
    let ip = IpAddr::from(of.ip);
    SocketAddr::new(if is_ipv6 { ip } else { ip.to_canonical() }, of.port)
}
