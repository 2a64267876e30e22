//! Listening with TCP and UDP on one port number, and with enough files open for all who come.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use async_std::net::TcpListener;
use socket2::{Domain, Protocol, Socket, Type};

/// Connections that may wait to be accepted.
const WAITING: i32 = 1024;
/// Free ports that are tried until one is free for TCP and UDP alike.
const ATTEMPTS: u32 = 32;

/// Binds a TCP listener whose port a restarted server can take again at once.
///
/// # Errors
/// When the port is taken, or may not be used.
pub fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // On Windows the same option would let two servers share a port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(WAITING)?;
    socket.set_nonblocking(true)?;
    Ok(TcpListener::from(std::net::TcpListener::from(socket)))
}

/// Binds TCP, and with `udp` something else, to the same port number; port 0 takes one that is
/// free for both.
///
/// # Errors
/// When the port is taken, or may not be used.
pub fn tcp_and<U>(
    address: SocketAddr,
    mut udp: impl FnMut(SocketAddr) -> io::Result<U>,
) -> io::Result<(TcpListener, U)> {
    let mut attempts = 0;
    loop {
        let listener = tcp(address)?;
        let bound = listener.local_addr()?;
        match udp(bound) {
            Ok(other) => return Ok((listener, other)),
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => return Err(error),
            Err(error) if address.port() != 0 || attempts >= ATTEMPTS => return Err(error),
            Err(_) => attempts += 1,
        }
    }
}

/// Raises the number of files that this process may have open, as far as it is allowed to. Gives
/// the number that it has.
pub fn raise_open_files() -> Option<u64> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        // macOS refuses "unlimited".
        let wanted = limit.maximum.map_or(65_536, |most| most.min(65_536));
        if limit.current.is_some_and(|current| current < wanted) {
            let raised = Rlimit { current: Some(wanted), maximum: limit.maximum };
            let _ = setrlimit(Resource::Nofile, raised);
        }
        getrlimit(Resource::Nofile).current
    }
    #[cfg(not(unix))]
    None
}

/// The address by which other machines reach this one: that of the interface which leads away.
/// Nothing is sent. `None` without a network.
pub fn outward_address() -> Option<std::net::IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // An address for documentation (RFC 5737): connecting a UDP socket only picks a route.
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_unspecified() && !address.is_loopback()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn localhost() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }

    #[test]
    fn tcp_and_udp_have_one_port() {
        let (tcp, udp) = tcp_and(localhost(), UdpSocket::bind).unwrap();
        assert_eq!(tcp.local_addr().unwrap(), udp.local_addr().unwrap());
    }

    #[test]
    fn a_port_that_is_taken_is_said_to_be() {
        let first = tcp(localhost()).unwrap();
        let error = tcp(first.local_addr().unwrap()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn many_connections_may_be_open() {
        if cfg!(unix) {
            assert!(raise_open_files().unwrap_or(u64::MAX) >= 256);
        }
    }
}
