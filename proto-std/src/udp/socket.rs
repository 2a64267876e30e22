//! The system's UDP socket, set up for bulk.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use quinn_udp::{Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Type};

use super::receiving;
use super::sending::{self, Wire};
use super::{Batch, Inbox, Sent, UdpStats};

/// A socket that never blocks and never fragments.
#[derive(Debug)]
pub struct Socket {
    io: UdpSocket,
    state: UdpSocketState,
    stats: UdpStats,
}

impl Socket {
    /// Binds a socket. An unspecified IPv6 address serves IPv4 too; where there is no IPv6 at all
    /// it becomes the unspecified IPv4 address.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let io = match open(address) {
            Err(error) if address.is_ipv6() && address.ip().is_unspecified() => {
                open(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())))
                    .map_err(|_| error)?
            }
            other => other?,
        };
        let state = UdpSocketState::new(UdpSockRef::from(&io))?;
        Ok(Self { io, state, stats: UdpStats::default() })
    }

    /// Sends a batch; what is blocked stays in it.
    pub fn send(&mut self, batch: &mut Batch) -> Sent {
        let mut stats = self.stats;
        let sent = sending::send(self, batch, &mut stats);
        self.stats = stats;
        sent
    }

    /// Receives what is there; false when there is nothing. Errors are about datagrams sent before
    /// and end nothing.
    pub fn receive(&mut self, inbox: &mut Inbox) -> bool {
        receiving::receive(&mut self.stats, || {
            let socket = UdpSockRef::from(&self.io);
            inbox.fill(|buffers, meta| self.state.recv(socket, buffers, meta))
        })
    }

    /// Where it is bound.
    ///
    /// # Errors
    /// As the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    /// Longest datagram worth receiving: where buffers are small, a few long ones overflow them.
    pub fn longest_wanted(&self) -> u16 {
        let buffer = socket2::SockRef::from(&self.io).recv_buffer_size();
        if buffer.is_ok_and(|len| len < ROOMY) { MODERATE } else { u16::MAX }
    }

    /// Datagrams that one call sends by offload; 1 without it.
    pub fn most_segments(&self) -> usize {
        self.state.max_gso_segments()
    }

    /// Length of a datagram that was too long for the system since it was asked last.
    pub fn take_too_long(&mut self) -> Option<usize> {
        self.stats.too_long.take()
    }

    /// What became of datagrams so far.
    pub fn stats(&self) -> UdpStats {
        self.stats
    }

    /// The socket itself, to wait for it.
    pub fn io(&self) -> &UdpSocket {
        &self.io
    }
}

impl Wire for Socket {
    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        self.state.try_send(UdpSockRef::from(&self.io), transmit)
    }

    fn most_segments(&self) -> usize {
        self.state.max_gso_segments()
    }

    fn restore_offload(&mut self) {
        if let Ok(state) = UdpSocketState::new(UdpSockRef::from(&self.io)) {
            self.state = state;
        }
    }
}

fn open(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket =
        socket2::Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.bind(&address.into())?;
    enlarge(&socket);
    Ok(socket.into())
}

/// Makes the buffers as large as the system lets us: what overflows here would look like loss on
/// the path.
fn enlarge(socket: &socket2::Socket) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        // Past the limit for everybody, where we are somebody.
        use rustix::net::sockopt;
        let _ = sockopt::set_socket_recv_buffer_size_force(socket, BUFFER_LEN);
        let _ = sockopt::set_socket_send_buffer_size_force(socket, BUFFER_LEN);
    }
    let is_small = |size: io::Result<usize>| size.is_ok_and(|size| size < BUFFER_LEN);
    if is_small(socket.recv_buffer_size()) {
        let _ = socket.set_recv_buffer_size(BUFFER_LEN);
    }
    if is_small(socket.send_buffer_size()) {
        let _ = socket.set_send_buffer_size(BUFFER_LEN);
    }
}

/// A receive buffer that holds a few batches of the longest datagrams.
const ROOMY: usize = 2 << 20;
/// A datagram that many of fit a small buffer: one of an Ethernet of jumbo frames.
const MODERATE: u16 = 8952;
/// The buffers that are asked for.
const BUFFER_LEN: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv6Addr};

    use proto_core::limits::MAX_DATAGRAM_LEN;

    use super::super::here;
    use super::*;

    #[test]
    fn a_batch_arrives_datagram_by_datagram() {
        let (mut a, mut b) = (bind(), bind());
        let mut batch = Batch::new(40);
        for byte in 0..40_u8 {
            let range = batch.push(b.local_addr().unwrap(), None, 1200).unwrap();
            batch.bytes_mut()[range].fill(byte);
        }

        assert_eq!(a.send(&mut batch), Sent::All);

        let mut inbox = Inbox::new();
        let mut arrived = Vec::new();
        while arrived.len() < 40 {
            if b.receive(&mut inbox) {
                for datagram in inbox.datagrams() {
                    assert_eq!(datagram.from, a.local_addr().unwrap());
                    assert_eq!(datagram.range.len(), 1200);
                    arrived.push(inbox.bytes()[datagram.range][0]);
                }
            }
        }
        assert!(arrived.into_iter().eq(0..40));
    }

    #[test]
    fn a_datagram_of_almost_64_kib_passes_over_loopback() {
        let (mut a, mut b) = (bind(), bind());
        let mut batch = Batch::new(1);
        batch.push(b.local_addr().unwrap(), None, LONGEST).unwrap();
        assert_eq!(a.send(&mut batch), Sent::All);
        let mut inbox = Inbox::new();
        while !b.receive(&mut inbox) {}
        assert_eq!(inbox.datagrams().next().unwrap().range.len(), LONGEST);
    }

    /// Loopback takes 64 KiB with its headers, and those of IPv6 are longer.
    const LONGEST: usize = if cfg!(windows) { 65_536 - 48 } else { MAX_DATAGRAM_LEN };

    #[test]
    fn nobody_listening_does_not_end_receiving() {
        let (mut a, gone) = (bind(), bind().local_addr().unwrap());
        let mut batch = Batch::new(1);
        for _ in 0..3 {
            batch.push(gone, None, 10).unwrap();
            assert_eq!(a.send(&mut batch), Sent::All);
            assert!(!a.receive(&mut Inbox::new()));
        }
        assert_eq!(a.stats().sent, 3);
    }

    #[test]
    fn one_socket_serves_both_families() {
        let mut server = Socket::bind((Ipv6Addr::UNSPECIFIED, 0).into()).unwrap();
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = server.local_addr().unwrap().port();
        client.send_to(&[0; 10], (Ipv4Addr::LOCALHOST, port)).unwrap();

        let mut inbox = Inbox::new();
        while !server.receive(&mut inbox) {}
        let datagram = inbox.datagrams().next().unwrap();
        assert_eq!(datagram.from.ip().to_canonical(), IpAddr::from(Ipv4Addr::LOCALHOST));
        let mut batch = Batch::new(1);
        batch.push(datagram.from, datagram.to, 20).unwrap();
        assert_eq!(server.send(&mut batch), Sent::All);
        assert_eq!(server.stats().sent, 1);

        assert_eq!(client.recv(&mut [0; 99]).unwrap(), 20);
    }

    fn bind() -> Socket {
        Socket::bind(here()).unwrap()
    }
}
