//! A wire between a client and a server that can be shut: what comes down it waits in the sockets.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use socket2::{Domain, SockRef, Socket, Type};

/// A valve for one connection.
#[derive(Debug)]
pub struct Valve {
    pub address: SocketAddr,
    shut: Arc<(Mutex<bool>, Condvar)>,
}

impl Valve {
    /// Waits for a client and connects it to the server.
    pub fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shut = Arc::new((Mutex::new(false), Condvar::new()));
        let gate = Arc::clone(&shut);
        thread::spawn(move || {
            let client = listener.accept().unwrap().0;
            // A size that is set does not grow: the system holds as little as it can.
            let server_side = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            server_side.set_recv_buffer_size(BUFFER).unwrap();
            server_side.connect(&server.into()).unwrap();
            let server_side = TcpStream::from(server_side);
            SockRef::from(&client).set_send_buffer_size(BUFFER).unwrap();
            let (up_from, up_to) = (client.try_clone().unwrap(), server_side.try_clone().unwrap());
            thread::spawn(move || carry(up_from, up_to, || {}));
            carry(server_side, client, || drop(gate.1.wait_while(gate.0.lock().unwrap(), |s| *s)));
        });
        Self { address, shut }
    }

    /// Lets nothing more down, or everything.
    pub fn set_shut(&self, shut: bool) {
        *self.shut.0.lock().unwrap() = shut;
        self.shut.1.notify_all();
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, wait: impl Fn()) {
    let mut buffer = [0; 4096];
    loop {
        wait();
        let Ok(len @ 1..) = from.read(&mut buffer) else { break };
        if to.write_all(&buffer[..len]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Bytes that a socket may hold.
const BUFFER: usize = 16 << 10;
