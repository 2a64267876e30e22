//! An imperfect link between real programs: a UDP proxy on real sockets, and beside it, on the
//! same port number, plain TCP forwarding.
//!
//! ```text
//!  client ==UDP==> listen | up link   | own socket per client ==UDP==> upstream
//!         <==UDP==        | down link |                       <==UDP==
//!  client --TCP--> listen |  as it is |                       --TCP--> upstream
//! ```
//!
//! The only place of this crate that reads a clock. Threads end when the proxy is dropped.

mod capture;
mod tcp;

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use proto_core::time::Instant;

use crate::link::{Link, LinkConfig, LinkStats};
use crate::rng::Rng;

pub use capture::{Capture, Way};

/// A running proxy.
#[derive(Debug)]
pub struct Proxy {
    addr: SocketAddr,
    shared: Arc<Shared>,
    wake: mpsc::SyncSender<Input>,
}

/// What both directions did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProxyStats {
    /// From clients to the server.
    pub up: LinkStats,
    /// From the server to clients.
    pub down: LinkStats,
}

impl Proxy {
    /// Listens on a UDP and a TCP port of the same number (0 picks one that both have free), and
    /// passes what it hears to `upstream`. Both directions of UDP suffer `config`.
    pub fn start(
        listen: SocketAddr,
        upstream: SocketAddr,
        config: LinkConfig,
        seed: u64,
    ) -> io::Result<Self> {
        let (udp, tcp) = bind(listen)?;
        let addr = udp.local_addr()?;
        let rng = Rng::new(seed);
        let shared = Arc::new(Shared::default());
        let (inputs, received) = mpsc::sync_channel(INPUTS);
        let mover = Mover {
            listen: udp.try_clone()?,
            upstream,
            up: Link::new(config.clone(), rng.split("up")),
            down: Link::new(config, rng.split("down")),
            clients: BTreeMap::new(),
            inputs: inputs.clone(),
            shared: Arc::clone(&shared),
            clock: Clock::start(),
        };
        thread::Builder::new().name("proxy".into()).spawn(move || mover.run(&received))?;
        spawn_reader(udp, &shared, inputs.clone(), Input::Up)?;
        tcp::spawn_acceptor(tcp, upstream, &shared)?;
        Ok(Self { addr, shared, wake: inputs })
    }

    /// Where clients shall connect to.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Changes what both directions suffer from now on.
    pub fn configure(&self, config: LinkConfig) {
        let _ = self.wake.send(Input::Configure(config));
    }

    /// Cuts every TCP connection that stands. New ones are taken.
    pub fn cut_tcp(&self) {
        for stream in lock(&self.shared.streams).drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Keeps what comes from now on, at most `room` bytes.
    pub fn record(&self, room: usize) {
        *lock(&self.shared.capture) = Some(Capture::with_room(room));
    }

    /// What was kept since [`Self::record`]; nothing is kept any more.
    pub fn recorded(&self) -> Capture {
        lock(&self.shared.capture).take().unwrap_or_default()
    }

    /// What the links did so far.
    pub fn stats(&self) -> ProxyStats {
        *lock(&self.shared.stats)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        self.cut_tcp();
    }
}

#[derive(Debug, Default)]
struct Shared {
    stopped: AtomicBool,
    streams: Mutex<Vec<TcpStream>>,
    stats: Mutex<ProxyStats>,
    capture: Mutex<Option<Capture>>,
}

impl Shared {
    fn keep(&self, keep: impl FnOnce(&mut Capture)) {
        if let Some(capture) = &mut *lock(&self.capture) {
            keep(capture);
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

enum Input {
    Up(SocketAddr, Vec<u8>),
    Down(SocketAddr, Vec<u8>),
    Configure(LinkConfig),
}

/// The thread that owns both links and every socket towards the server.
struct Mover {
    listen: UdpSocket,
    upstream: SocketAddr,
    up: Link<SocketAddr>,
    down: Link<SocketAddr>,
    clients: BTreeMap<SocketAddr, UdpSocket>,
    inputs: mpsc::SyncSender<Input>,
    shared: Arc<Shared>,
    clock: Clock,
}

impl Mover {
    fn run(mut self, received: &mpsc::Receiver<Input>) {
        while !self.shared.is_stopped() {
            if let Ok(input) = received.recv_timeout(self.patience()) {
                self.take(input);
                received.try_iter().take(INPUTS).for_each(|input| self.take(input));
            }
            self.deliver();
            *lock(&self.shared.stats) = ProxyStats { up: self.up.stats(), down: self.down.stats() };
        }
    }

    fn take(&mut self, input: Input) {
        let now = self.clock.now();
        match input {
            Input::Up(from, bytes) => {
                self.shared.keep(|capture| capture.datagram(Way::Up, &bytes));
                self.up.send(now, from, &bytes);
            }
            Input::Down(to, bytes) => {
                self.shared.keep(|capture| capture.datagram(Way::Down, &bytes));
                self.down.send(now, to, &bytes);
            }
            Input::Configure(config) => {
                self.up.configure(config.clone());
                self.down.configure(config);
            }
        }
    }

    /// Sends on what has arrived. As on any network, what cannot be sent is lost.
    fn deliver(&mut self) {
        let now = self.clock.now();
        while let Some((client, bytes)) = self.up.poll_arrival(now) {
            if let Ok(socket) = self.socket(client) {
                let _ = socket.send(&bytes);
            }
        }
        while let Some((client, bytes)) = self.down.poll_arrival(now) {
            let _ = self.listen.send_to(&bytes, client);
        }
    }

    fn socket(&mut self, client: SocketAddr) -> io::Result<&UdpSocket> {
        if !self.clients.contains_key(&client) {
            let local = SocketAddr::new(self.listen.local_addr()?.ip(), 0);
            let socket = UdpSocket::bind(local)?;
            socket.connect(self.upstream)?;
            let down = move |_, bytes| Input::Down(client, bytes);
            spawn_reader(socket.try_clone()?, &self.shared, self.inputs.clone(), down)?;
            self.clients.insert(client, socket);
        }
        Ok(&self.clients[&client])
    }

    fn patience(&self) -> Duration {
        let next = [self.up.next_arrival(), self.down.next_arrival()].into_iter().flatten().min();
        next.map_or(POLL, |at| at.since(self.clock.now()).min(POLL))
    }
}

/// Reads a socket until the proxy stops. A datagram that finds the queue full is lost.
fn spawn_reader(
    socket: UdpSocket,
    shared: &Arc<Shared>,
    inputs: mpsc::SyncSender<Input>,
    input: impl Fn(SocketAddr, Vec<u8>) -> Input + Send + 'static,
) -> io::Result<()> {
    socket.set_read_timeout(Some(POLL))?;
    let shared = Arc::clone(shared);
    let read = move || {
        let mut buffer = vec![0; 65_536];
        while !shared.is_stopped() {
            if let Ok((len, from)) = socket.recv_from(&mut buffer) {
                let _ = inputs.try_send(input(from, buffer[..len].to_vec()));
            }
        }
    };
    thread::Builder::new().name("proxy-udp".into()).spawn(read).map(drop)
}

/// Finds a port number that is free for both protocols.
fn bind(listen: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let mut tries = if listen.port() == 0 { 50 } else { 1 };
    loop {
        let udp = UdpSocket::bind(listen)?;
        tries -= 1;
        match TcpListener::bind(udp.local_addr()?) {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) if tries == 0 => return Err(error),
            Err(_) => {}
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct Clock(std::time::Instant);

#[expect(clippy::disallowed_methods, reason = "real sockets live in real time, here only")]
impl Clock {
    fn start() -> Self {
        Self(std::time::Instant::now())
    }

    fn now(&self) -> Instant {
        let micros = std::time::Instant::now().duration_since(self.0).as_micros();
        Instant::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

/// Longest sleep before a thread looks whether the proxy stopped.
const POLL: Duration = Duration::from_millis(50);
/// Datagrams that wait for the thread that owns the links.
const INPUTS: usize = 4096;

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;
    use crate::link::Loss;
    use crate::rng::Chance;

    #[test]
    fn datagrams_pass_both_ways_and_each_client_has_its_own_way_back() {
        let server = UdpSocket::bind(LOOPBACK).unwrap();
        let proxy = start(server.local_addr().unwrap(), LinkConfig::default());
        let clients = [client(&proxy), client(&proxy)];
        for (client, name) in clients.iter().zip([b"a", b"b"]) {
            client.send(name).unwrap();
            let mut heard = [0; 9];
            let (len, from) = server.recv_from(&mut heard).unwrap();
            server.send_to(&heard[..len], from).unwrap();
        }

        for (client, name) in clients.iter().zip([b"a", b"b"]) {
            let mut heard = [0; 9];
            assert_eq!(client.recv(&mut heard).unwrap(), 1);
            assert_eq!(heard[0], name[0]);
        }
    }

    #[test]
    fn a_dead_link_passes_nothing() {
        let server = UdpSocket::bind(LOOPBACK).unwrap();
        server.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let loss = Loss::Random(Chance::ALWAYS);
        let config = LinkConfig { loss, ..LinkConfig::default() };
        let proxy = start(server.local_addr().unwrap(), config);
        client(&proxy).send(b"lost").unwrap();

        assert!(server.recv(&mut [0; 9]).is_err());
    }

    #[test]
    fn tcp_passes_as_it_is_until_it_is_cut() {
        let server = TcpListener::bind(LOOPBACK).unwrap();
        let proxy = start(server.local_addr().unwrap(), LinkConfig::default());
        let mut client = TcpStream::connect(proxy.addr()).unwrap();
        let (mut accepted, _) = server.accept().unwrap();
        client.write_all(b"hello").unwrap();
        let mut heard = [0; 5];
        accepted.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"hello");

        proxy.cut_tcp();

        assert_eq!(client.read(&mut heard).unwrap_or(0), 0);
    }

    #[test]
    fn a_capture_has_what_went_both_ways_and_says_when_it_is_full() {
        let server = UdpSocket::bind(LOOPBACK).unwrap();
        let listener = TcpListener::bind(server.local_addr().unwrap()).unwrap();
        let proxy = start(server.local_addr().unwrap(), LinkConfig::default());
        for (room, complete) in [(100, true), (11, false)] {
            proxy.record(room);
            let client = client(&proxy);
            client.send(b"up").unwrap();
            let (_, from) = server.recv_from(&mut [0; 9]).unwrap();
            server.send_to(b"down", from).unwrap();
            client.recv(&mut [0; 9]).unwrap();
            let mut stream = TcpStream::connect(proxy.addr()).unwrap();
            let (mut accepted, _) = listener.accept().unwrap();
            for part in [b"he", b"y!"] {
                stream.write_all(part).unwrap();
                accepted.read_exact(&mut [0; 2]).unwrap();
            }
            accepted.write_all(b"yes?").unwrap();
            stream.read_exact(&mut [0; 4]).unwrap();

            let capture = proxy.recorded();

            assert_eq!(capture.is_complete(), complete);
            assert_eq!(capture.datagrams(Way::Up).collect::<Vec<_>>(), [b"up"]);
            assert_eq!(capture.datagrams(Way::Down).collect::<Vec<_>>(), [b"down"]);
            assert_eq!(capture.streams(Way::Up).collect::<Vec<_>>(), [b"hey!"]);
            assert_eq!(capture.streams(Way::Down).count(), usize::from(complete));
            assert_eq!(capture.pieces().count(), 3 + usize::from(complete));
        }
    }

    fn start(upstream: SocketAddr, config: LinkConfig) -> Proxy {
        Proxy::start(LOOPBACK.parse().unwrap(), upstream, config, 7).unwrap()
    }

    fn client(proxy: &Proxy) -> UdpSocket {
        let client = UdpSocket::bind(LOOPBACK).unwrap();
        client.connect(proxy.addr()).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        client
    }

    const LOOPBACK: &str = "127.0.0.1:0";
}
