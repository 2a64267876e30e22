//! TCP beside the link: it passes as it is, byte for byte, until it is cut.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::{Shared, Way, lock};

/// Takes connections and passes each on, until the proxy stops.
pub(super) fn spawn_acceptor(
    tcp: TcpListener,
    upstream: SocketAddr,
    shared: &Arc<Shared>,
) -> io::Result<()> {
    tcp.set_nonblocking(true)?;
    let shared = Arc::clone(shared);
    let accept = move || {
        let mut id = 0;
        while !shared.is_stopped() {
            match tcp.accept() {
                Ok((client, _)) => {
                    id += 1;
                    // A client whose server cannot be reached sees its connection close.
                    let _ = forward(id, client, upstream, &shared);
                }
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
        }
    };
    thread::Builder::new().name("proxy-tcp".into()).spawn(accept).map(drop)
}

fn forward(
    id: u64,
    client: TcpStream,
    upstream: SocketAddr,
    shared: &Arc<Shared>,
) -> io::Result<()> {
    client.set_nonblocking(false)?;
    let server = TcpStream::connect(upstream)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
        lock(&shared.streams).push(stream.try_clone()?);
    }
    spawn_copier((id, Way::Up), client.try_clone()?, server.try_clone()?, shared)?;
    spawn_copier((id, Way::Down), server, client, shared)
}

fn spawn_copier(
    (id, way): (u64, Way),
    mut from: TcpStream,
    mut to: TcpStream,
    shared: &Arc<Shared>,
) -> io::Result<()> {
    let shared = Arc::clone(shared);
    let copy = move || {
        let mut buffer = vec![0; 16_384];
        while let Ok(len @ 1..) = from.read(&mut buffer) {
            shared.keep(|capture| capture.stream(id, way, &buffer[..len]));
            if to.write_all(&buffer[..len]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    };
    thread::Builder::new().name("proxy-copy".into()).spawn(copy).map(drop)
}
