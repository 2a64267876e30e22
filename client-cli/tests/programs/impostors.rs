//! Things that no server of ours would say to a client.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::common::{Cli, Server, noise, read};

/// Takes every connection, says this, and hangs up.
fn impostor(words: &[u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let words = words.to_vec();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // The client may be gone before everything is said.
            let _ = stream.write_all(&words);
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    address
}

/// Whatever answers there and is no server of ours is named so: exit code 3.
#[test]
fn whatever_is_not_haversack_is_told() {
    let other = "something other than a Haversack server of this version answers there";
    let answers: [(&[u8], &str); 6] = [
        (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", other),
        (b"SSH-2.0-OpenSSH_9.0\r\n", other),
        (b"\x15\x03\x01\x00\x02\x02\x46", other),
        (&[0; 200], other),
        (&noise(5, 70_000), other),
        (b"", "It may be full or stopping"),
    ];
    for (answer, next) in answers {
        let address = impostor(answer).to_string();
        let cli = Cli::new();
        let ran = cli.run(&["get", &address, "notes.pdf", "--timeout", "2"]).expect(3);
        ran.explains([&format!("cannot talk to {address}"), "(", next]);
        assert!(!cli.path("notes.pdf").exists());
    }
}

/// Passes connections on to the server. Of what the server says next after `tamper` is set, one bit
/// is changed.
fn tampered_way(server: SocketAddr, tamper: &Arc<AtomicBool>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let tamper = Arc::clone(tamper);
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(server).unwrap());
            let (listening, speaking) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || copy(listening, speaking, &AtomicBool::new(false)));
            let tamper = Arc::clone(&tamper);
            thread::spawn(move || copy(server, client, &tamper));
        }
    });
    address
}

fn copy(mut from: TcpStream, mut to: TcpStream, tamper: &AtomicBool) {
    let mut buffer = [0; 16_384];
    while let Ok(len @ 1..) = from.read(&mut buffer) {
        if tamper.swap(false, Ordering::Relaxed) {
            buffer[len / 2] ^= 1;
        }
        if to.write_all(&buffer[..len]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// A single bit that is changed on the way is noticed, never shown, and ends that connection only.
#[test]
fn what_was_tampered_with_is_not_shown_and_said_again() {
    let server = Server::start();
    let tamper = Arc::default();
    let address = tampered_way(server.address, &tamper).to_string();
    let mut leah = Cli::new().chat(&address, "leah");
    let text = "y".repeat(1000);

    tamper.store(true, Ordering::Relaxed);
    leah.type_line(&text);

    leah.err.wait_for(&["cannot talk to", "a message's seal is broken", "trying again"]);
    leah.out.wait_for(&[&format!("leah: {text}")]);
    let told = leah.finish().expect(0).out;
    assert_eq!(told.matches("yyy").count(), told.matches(&text).count() * (1000 / 3), "{told}");
    assert_eq!(told.matches(&text).count(), 1, "{told}");
}

/// Garbage that reaches a client's UDP port is not answered and disturbs no download.
#[cfg(target_os = "linux")]
#[test]
fn a_client_answers_no_garbage_on_udp() {
    let server = Server::with(&["--limit-rate", "4M"]);
    let content = noise(7, 4 << 20);
    server.share("big.bin", &content);
    let cli = Cli::new();
    let get = cli.start(&["get", &server.at(), "big.bin"]);
    get.err.wait_for(&["R  big.bin"]);
    let ports = udp_ports(get.id());
    assert!(!ports.is_empty(), "a download has a UDP port");

    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    for seed in 0..500 {
        let mut datagram = noise(seed, usize::try_from(seed * 131 % 1500).unwrap());
        if let Some(first) = datagram.first_mut() {
            *first = 0x40 | *first & 0x3F;
        }
        for port in &ports {
            socket.send_to(&datagram, ("127.0.0.1", *port)).unwrap();
        }
    }

    assert!(socket.recv_from(&mut [0; 2048]).is_err(), "a stranger was answered");
    get.finish().expect(0);
    assert!(read(&cli.path("big.bin")) == content);
}

/// The UDP ports that a process has.
#[cfg(target_os = "linux")]
fn udp_ports(id: u32) -> Vec<u16> {
    let files = std::fs::read_dir(format!("/proc/{id}/fd")).unwrap();
    let links = files.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
    let sockets: Vec<String> = links
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.into()))
        .collect();
    let tables =
        ["udp", "udp6"].map(|table| std::fs::read_to_string(format!("/proc/{id}/net/{table}")));
    let tables: String = tables.into_iter().flatten().collect();
    let port_of = |line: &str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let is_ours = sockets.iter().any(|socket| fields.get(9) == Some(&socket.as_str()));
        let (_, port) = fields.get(1).filter(|_| is_ours)?.rsplit_once(':')?;
        u16::from_str_radix(port, 16).ok()
    };
    tables.lines().filter_map(port_of).collect()
}
