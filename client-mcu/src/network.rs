//! One TCP connection and one UDP socket, over whatever device the board has.

use core::net::SocketAddrV4;

use proto_core::path::Address;
use proto_core::time::Instant;
use smoltcp::iface::SocketStorage;
use smoltcp::iface::{Config, Interface, PollIngressSingleResult, SocketHandle, SocketSet};
use smoltcp::phy::Device;
use smoltcp::socket::{tcp, udp};
use smoltcp::storage::PacketMetadata;
use smoltcp::time;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr, IpEndpoint};

use crate::board::Board;
use crate::orders::Orders;
use crate::profile::{DATAGRAM_LEN, TCP_BUFFER_LEN};

/// What the network keeps its bytes in.
pub(crate) struct Memory<'m> {
    sockets: [SocketStorage<'m>; 2],
    stream: [[u8; TCP_BUFFER_LEN]; 2],
    datagrams: [OneDatagram; 2],
}

/// Room for one datagram. A frame at a time is taken from the device, so that one is enough.
struct OneDatagram {
    bytes: [u8; DATAGRAM_LEN],
    origin: [PacketMetadata<udp::UdpMetadata>; 1],
}

impl Memory<'_> {
    /// Memory with nothing in it.
    pub(crate) const fn new() -> Self {
        Self {
            sockets: [SocketStorage::EMPTY; 2],
            stream: [[0; TCP_BUFFER_LEN]; 2],
            datagrams: [const {
                OneDatagram { bytes: [0; DATAGRAM_LEN], origin: [PacketMetadata::EMPTY] }
            }; 2],
        }
    }
}

impl OneDatagram {
    fn buffer(&mut self) -> udp::PacketBuffer<'_> {
        udp::PacketBuffer::new(&mut self.origin[..], &mut self.bytes[..])
    }
}

/// The network as the client sees it.
pub(crate) struct Network<'m> {
    interface: Interface,
    sockets: SocketSet<'m>,
    stream: SocketHandle,
    datagrams: SocketHandle,
}

/// How the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Nobody has answered yet.
    Connecting,
    /// Bytes may come.
    Open,
    /// No more bytes come.
    Ended,
}

/// The first port that nobody has a right to.
const FIRST_PORT: u16 = 49_152;

impl<'m> Network<'m> {
    /// Brings the network up.
    pub(crate) fn start<B: Board>(
        board: &mut B,
        memory: &'m mut Memory<'m>,
        orders: &Orders<'_>,
    ) -> Self {
        let mut config = Config::new(EthernetAddress(board.mac()).into());
        config.random_seed = u64::from_le_bytes(board.random());
        let now = smoltcp_time(board.now());
        let mut interface = Interface::new(config, board.nic(), now);
        interface.update_ip_addrs(|addresses| {
            // There is room for one.
            let _ = addresses.push(IpCidr::Ipv4(orders.ip));
        });
        if let Some(gateway) = orders.gateway {
            // There is room for one.
            let _ = interface.routes_mut().add_default_ipv4_route(gateway);
        }
        let mut sockets = SocketSet::new(&mut memory.sockets[..]);
        let [arrived, leaving] = &mut memory.stream;
        let stream = sockets.add(tcp::Socket::new(
            tcp::SocketBuffer::new(&mut arrived[..]),
            tcp::SocketBuffer::new(&mut leaving[..]),
        ));
        let [arrived, leaving] = &mut memory.datagrams;
        let datagrams = sockets.add(udp::Socket::new(arrived.buffer(), leaving.buffer()));
        Self { interface, sockets, stream, datagrams }
    }

    /// Begins to connect, from ports that were not used before.
    pub(crate) fn dial<B: Board>(&mut self, board: &mut B, server: SocketAddrV4) {
        let port = FIRST_PORT + u16::from_le_bytes(board.random()) % (u16::MAX - FIRST_PORT);
        let datagrams = self.sockets.get_mut::<udp::Socket<'_>>(self.datagrams);
        datagrams.close();
        datagrams.bind(port).expect("a closed socket can be bound");
        let stream = self.sockets.get_mut::<tcp::Socket<'_>>(self.stream);
        stream.abort();
        stream.set_nagle_enabled(false);
        stream
            .connect(self.interface.context(), (*server.ip(), server.port()), port)
            .expect("a closed socket can be connected");
    }

    /// Takes one frame and sends what is to be sent; says whether there was one.
    pub(crate) fn turn(&mut self, nic: &mut impl Device, now: Instant) -> bool {
        let now = smoltcp_time(now);
        let took = self.interface.poll_ingress_single(now, nic, &mut self.sockets);
        self.interface.poll_egress(now, nic, &mut self.sockets);
        !matches!(took, PollIngressSingleResult::None)
    }

    /// Sends what is to be sent.
    pub(crate) fn flush(&mut self, nic: &mut impl Device, now: Instant) {
        self.interface.poll_egress(smoltcp_time(now), nic, &mut self.sockets);
    }

    /// When the network itself has something to do.
    pub(crate) fn wakes_at(&mut self, now: Instant) -> Option<Instant> {
        let at = self.interface.poll_at(smoltcp_time(now), &self.sockets)?;
        Some(Instant::from_micros(u64::try_from(at.total_micros()).unwrap_or(0)))
    }

    /// How the connection is.
    pub(crate) fn stream(&self) -> Stream {
        let stream = self.sockets.get::<tcp::Socket<'_>>(self.stream);
        match stream.state() {
            tcp::State::SynSent | tcp::State::SynReceived => Stream::Connecting,
            _ if stream.may_recv() || stream.can_recv() => Stream::Open,
            _ => Stream::Ended,
        }
    }

    /// Takes bytes of the stream; returns how many.
    pub(crate) fn receive(&mut self, out: &mut [u8]) -> usize {
        self.sockets.get_mut::<tcp::Socket<'_>>(self.stream).recv_slice(out).unwrap_or(0)
    }

    /// Gives bytes to the stream; returns how many it took.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> usize {
        self.sockets.get_mut::<tcp::Socket<'_>>(self.stream).send_slice(bytes).unwrap_or(0)
    }

    /// Ends the stream from this side.
    pub(crate) fn close(&mut self) {
        self.sockets.get_mut::<tcp::Socket<'_>>(self.stream).close();
    }

    /// Whether the server has acknowledged everything that was said.
    pub(crate) fn is_heard(&self) -> bool {
        self.sockets.get::<tcp::Socket<'_>>(self.stream).send_queue() == 0
    }

    /// Takes a datagram; returns its length and where it came from.
    pub(crate) fn receive_datagram(&mut self, out: &mut [u8]) -> Option<(usize, Address)> {
        let datagrams = self.sockets.get_mut::<udp::Socket<'_>>(self.datagrams);
        let (len, from) = datagrams.recv_slice(out).ok()?;
        let IpAddress::Ipv4(ip) = from.endpoint.addr;
        Some((len, Address::v4(ip.octets(), from.endpoint.port)))
    }

    /// Sends a datagram now. What the device does not take is lost, as on any network.
    pub(crate) fn send_datagram(
        &mut self,
        nic: &mut impl Device,
        now: Instant,
        to: Address,
        bytes: &[u8],
    ) {
        let [.., a, b, c, d] = to.ip;
        let to = IpEndpoint::new(IpAddress::v4(a, b, c, d), to.port);
        let _ = self.sockets.get_mut::<udp::Socket<'_>>(self.datagrams).send_slice(bytes, to);
        self.flush(nic, now);
    }
}

fn smoltcp_time(now: Instant) -> time::Instant {
    time::Instant::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}
