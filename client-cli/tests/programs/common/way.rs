//! Ways to a server that are as slow as a test needs them.

use std::time::Duration;

use proto_sim::link::LinkConfig;
use proto_sim::proxy::Proxy;

use super::Server;

/// A way that is in nobody's way.
pub(crate) fn fast() -> LinkConfig {
    LinkConfig::clean(Duration::from_millis(1))
}

/// A way that carries so many bytes of datagrams a second: how long a file takes is up to the
/// test, not to the machine that it runs on.
pub(crate) fn slow(rate: u64) -> LinkConfig {
    LinkConfig { rate: Some(rate), queue: rate / 4, mtu: 1472, ..fast() }
}

/// Stands between clients and the server.
pub(crate) fn way(server: &Server, config: LinkConfig) -> Proxy {
    Proxy::start(([127, 0, 0, 1], 0).into(), server.address, config, 7).unwrap()
}
