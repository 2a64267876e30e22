//! Clients that know the server's key before they connect, and what may stand between.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use proto_core::link::{ANSWER_LEN, KNOCK_LEN};

use crate::common::{Cli, Server, wait_until};

/// Bytes of a hello and a proof on TCP, with their lengths before them.
const HELLO: usize = 2 + 48;
const PROOF: usize = 2 + 99;

/// One port for TCP and UDP, before the server's.
struct Relay {
    tcp: TcpListener,
    udp: UdpSocket,
    server: SocketAddr,
}

impl Relay {
    fn before(server: &Server) -> Self {
        loop {
            let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
            if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()) {
                return Self { tcp, udp, server: server.address };
            }
        }
    }

    /// The address with the key, as the server prints its own.
    fn uri(&self, server: &Server) -> String {
        format!("haversack://{}#{}", self.tcp.local_addr().unwrap(), server.fingerprint)
    }

    /// Passes knocks on, and their answers back, but for the first ones, which are lost, and for
    /// copies of what was passed on. Gives each that was, once what became of it is settled.
    fn pass_knocks(&self, lost: usize) -> Receiver<Vec<u8>> {
        let (udp, server) = (self.udp.try_clone().unwrap(), self.server);
        let (came, knocks) = channel();
        thread::spawn(move || {
            let (mut knock, mut passed) = ([0; 2048], Vec::new());
            for _ in 0..lost {
                udp.recv(&mut knock).unwrap();
            }
            while let Ok((len, client)) = udp.recv_from(&mut knock) {
                if passed == knock[..len] {
                    continue;
                }
                passed = knock[..len].to_vec();
                let beyond = UdpSocket::bind("127.0.0.1:0").unwrap();
                beyond.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                beyond.send_to(&knock[..len], server).unwrap();
                let mut answer = [0; 2048];
                if let Ok(back) = beyond.recv(&mut answer) {
                    assert_eq!((len, back), (KNOCK_LEN, ANSWER_LEN), "not more than came");
                    udp.send_to(&answer[..back], client).unwrap();
                }
                if came.send(passed.clone()).is_err() {
                    return;
                }
            }
        });
        knocks
    }

    /// Passes connections on. `begin` is called before anything of one; what the server says waits
    /// until the client has said `least` bytes.
    fn pass_tcp(&self, least: usize, begin: impl Fn() + Send + 'static) {
        let (tcp, server) = (self.tcp.try_clone().unwrap(), self.server);
        thread::spawn(move || {
            for client in tcp.incoming() {
                begin();
                let (client, server) = (client.unwrap(), TcpStream::connect(server).unwrap());
                let said = Arc::new(AtomicUsize::new(0));
                let (up, down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let counting = Arc::clone(&said);
                let count = move |len| {
                    counting.fetch_add(len, Ordering::SeqCst);
                };
                let wait = move |_| {
                    wait_until("the client has said enough", || {
                        said.load(Ordering::SeqCst) >= least
                    });
                };
                thread::spawn(move || copy(up, down, count));
                thread::spawn(move || copy(server, client, wait));
            }
        });
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, on_bytes: impl Fn(usize)) {
    let mut buffer = [0; 16_384];
    while let Ok(len @ 1..) = from.read(&mut buffer) {
        on_bytes(len);
        if to.write_all(&buffer[..len]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Whoever knows the server's key has logged in before TCP has brought a byte of the server's.
#[test]
fn whoever_knows_the_key_is_a_round_trip_ahead() {
    knows_the_key(0);
}

/// So has who loses a datagram: a knock leaves twice.
#[test]
fn a_knock_of_which_a_copy_is_lost_is_heard() {
    knows_the_key(1);
}

fn knows_the_key(lost: usize) {
    let server = Server::start();
    let relay = Relay::before(&server);
    let knocks = Mutex::new(relay.pass_knocks(lost));
    let answered = move || {
        // A hello that overtakes its knock spoils it.
        knocks.lock().unwrap().recv_timeout(Duration::from_secs(10)).expect("the client knocks");
    };
    relay.pass_tcp(HELLO + PROOF + 1, answered);
    let cli = Cli::new();

    cli.run(&["users", &relay.uri(&server)]).expect(0);

    // The next time the key is known from the first.
    cli.run(&["users", &relay.tcp.local_addr().unwrap().to_string()]).expect(0);
}

/// Whoever does not know the server's key does not knock.
#[test]
fn a_stranger_does_not_knock() {
    let server = Server::start();
    let relay = Relay::before(&server);
    relay.udp.set_nonblocking(true).unwrap();
    relay.pass_tcp(0, || {});
    Cli::new().run(&["users", &relay.tcp.local_addr().unwrap().to_string()]).expect(0);
    assert!(relay.udp.recv(&mut [0; 2048]).is_err());
}

/// A knock that nobody hears costs nothing but the time that it would have saved.
#[test]
fn a_knock_that_is_lost_is_not_missed() {
    let server = Server::start();
    let relay = Relay::before(&server);
    relay.pass_tcp(0, || {});
    let ran = Cli::new().run(&["users", &relay.uri(&server), "--verbose"]).expect(0);
    assert!(!ran.err.contains("attempt 2"), "{}", ran.err);
    assert_eq!(relay.udp.recv(&mut [0; 2048]).unwrap(), KNOCK_LEN);
}

/// What is wrong is told as ever to whoever has knocked.
#[test]
fn whoever_knocks_with_a_wrong_secret_is_told_so() {
    let secret = Server::new_secret();
    let cli = Cli::new();
    cli.write("secret", secret.as_bytes());
    let server = Server::with(&["--secret-file", cli.path("secret").to_str().unwrap()]);
    let address = format!("haversack://{}#{}", server.address, server.fingerprint);
    let ran = cli.run(&["users", &address]).expect(4);
    assert!(ran.err.contains("the secret is wrong or missing"), "{}", ran.err);
}

/// Somebody on the way who uses a knock up gets nothing for it, and the client comes in all the same.
#[test]
fn a_stolen_knock_only_costs_time() {
    let server = Server::start();
    let relay = Relay::before(&server);
    let knocks = Mutex::new(Some(relay.pass_knocks(0)));
    let address = server.address;
    relay.pass_tcp(0, move || {
        let Some(knocks) = knocks.lock().unwrap().take() else { return };
        let knock = knocks.recv_timeout(Duration::from_secs(10)).expect("the client knocks");
        let mut thief = TcpStream::connect(address).unwrap();
        thief.write_all(&[&[48, 0], &knock[1..HELLO - 1]].concat()).unwrap();
        thief.read_exact(&mut [0; PROOF]).unwrap();
    });

    let ran = Cli::new().run(&["users", &relay.uri(&server), "--verbose"]).expect(0);
    assert!(ran.err.contains("attempt 2"), "{}", ran.err);
}
