//! What goes over which wire, and what wires do to it: a proxy stands between client and server.

use std::net::UdpSocket;
use std::time::Duration;

use proto_sim::link::{LinkConfig, Loss};
use proto_sim::proxy::Proxy;
use proto_sim::rng::Chance;

use crate::common::{Cli, Server, noise, read, wait_until};

fn proxy(server: &Server, config: LinkConfig) -> Proxy {
    Proxy::start(([127, 0, 0, 1], 0).into(), server.address, config, 7).unwrap()
}

/// Row 31: the request goes over TCP, the bytes over UDP.
#[test]
fn requests_go_over_tcp_and_bytes_over_udp() {
    let server = Server::start();
    let content = noise(1, 2 << 20);
    server.share("big.bin", &content);
    let link = proxy(&server, LinkConfig::clean(Duration::from_millis(1)));
    let cli = Cli::new();

    cli.run(&["get", &link.addr().to_string(), "big.bin"]).expect(0);

    assert!(read(&cli.path("big.bin")) == content);
    let down = link.stats().down;
    assert!(down.bytes_sent >= content.len() as u64, "{down:?}");
    assert!(down.bytes_sent < content.len() as u64 * 5 / 4, "{down:?}");
}

/// Row 32: client and server shake hands over UDP once a file is wanted, before a byte of it counts:
/// hello, answer, third leg.
#[test]
fn udp_shakes_hands_before_a_file_is_sent() {
    let server = Server::start();
    server.share("empty.txt", b"");
    let link = proxy(&server, LinkConfig::clean(Duration::from_millis(1)));
    let address = link.addr().to_string();
    let mut leah = Cli::new().chat(&address, "leah");
    assert_eq!(link.stats().up.sent, 0, "who only chats needs no UDP");
    leah.type_line("/get empty.txt");
    leah.out.wait_for(&["empty.txt is complete"]);
    wait_until("hello, answer and third leg", || {
        let stats = link.stats();
        stats.up.arrived >= 2 && stats.down.arrived >= 1
    });
}

/// Row 40: UDP is made reliable: a lossy, reordering, duplicating, corrupting link delivers every
/// byte.
#[test]
fn a_bad_link_delivers_every_byte() {
    let server = Server::start();
    let content = noise(2, 2 << 20);
    server.share("big.bin", &content);
    let config = LinkConfig {
        latency: Duration::from_millis(5),
        jitter: Duration::from_millis(2),
        loss: Loss::Random(Chance::percent(8)),
        duplicate: Chance::percent(2),
        reorder: Chance::percent(5),
        reorder_by: Duration::from_millis(8),
        corrupt: Chance::percent(1),
        mtu: 1472,
        ..LinkConfig::default()
    };
    let link = proxy(&server, config);
    let cli = Cli::new();

    cli.run(&["get", &link.addr().to_string(), "big.bin"]).expect(0);

    assert!(read(&cli.path("big.bin")) == content);
    let down = link.stats().down;
    assert!(down.lost > 0, "{down:?}");
    assert!(down.bytes_sent < content.len() as u64 * 3 / 2, "sent far too often: {down:?}");
}

/// Row 40: uploads over a bad link, too.
#[test]
fn a_bad_link_takes_every_byte() {
    let server = Server::with(&["--allow-upload"]);
    let content = noise(3, 2 << 20);
    let config = LinkConfig {
        latency: Duration::from_millis(5),
        loss: Loss::Random(Chance::percent(5)),
        mtu: 1472,
        ..LinkConfig::default()
    };
    let link = proxy(&server, config);
    let cli = Cli::new();
    cli.write("big.bin", &content);
    cli.run(&["put", &link.addr().to_string(), "big.bin"]).expect(0);
    assert!(read(&server.files().join("big.bin")) == content);
}

/// Row 41: a datagram has at most 64 kB, and where the link takes that, it is used.
#[test]
fn datagrams_of_64_kb_are_used_where_the_link_takes_them() {
    let server = Server::start();
    let content = noise(4, 8 << 20);
    server.share("big.bin", &content);
    let link = proxy(&server, LinkConfig::clean(Duration::from_millis(1)));
    let cli = Cli::new();
    cli.run(&["get", &link.addr().to_string(), "big.bin"]).expect(0);
    assert!(read(&cli.path("big.bin")) == content);
    let down = link.stats().down;
    assert_eq!(down.too_long, 0, "a datagram was longer than 65507 bytes");
    assert!(down.bytes_sent / down.sent > 10_000, "{down:?}");
}

/// Row 41: where the link takes less, less is used.
#[test]
fn datagrams_are_as_small_as_the_link_needs() {
    let server = Server::start();
    let content = noise(5, 1 << 20);
    server.share("big.bin", &content);
    let config = LinkConfig { mtu: 1300, ..LinkConfig::clean(Duration::from_millis(1)) };
    let link = proxy(&server, config);
    let cli = Cli::new();
    cli.run(&["get", &link.addr().to_string(), "big.bin"]).expect(0);
    assert!(read(&cli.path("big.bin")) == content);
}

/// A cut TCP connection stops neither the chat nor the download for long.
#[test]
fn a_cut_connection_is_made_again() {
    let server = Server::with(&["--limit-rate", "2M"]);
    let content = noise(6, 6 << 20);
    server.share("big.bin", &content);
    let link = proxy(&server, LinkConfig::clean(Duration::from_millis(1)));
    let home = Cli::new();
    let mut leah = home.chat(&link.addr().to_string(), "leah");
    leah.type_line("/get big.bin");
    leah.out.wait_for(&["R  big.bin"]);

    link.cut_tcp();

    leah.type_line("still here?");
    leah.out.wait_for(&["leah: still here?"]);
    leah.out.wait_for(&["downloaded 100% out of file."]);
    assert!(read(&home.path("big.bin")) == content);
    assert_eq!(leah.out.wait_for_count(&["leah: still here?"], 1).len(), 1);
}

/// Where UDP does not get through there is still chat, and transfers say what is missing.
#[test]
fn without_udp_there_is_still_chat() {
    let server = Server::start();
    server.share("notes.txt", b"x");
    let config = LinkConfig { loss: Loss::Random(Chance::percent(100)), ..LinkConfig::default() };
    let link = proxy(&server, config);
    let cli = Cli::new();
    let address = link.addr().to_string();
    cli.run(&["send", &address, "--name", "leah", "hi"]).expect(0);
    cli.run(&["get", &address, "notes.txt", "--timeout", "6"])
        .expect(9)
        .explains([
            "no files can be sent or received yet",
            "(the server does not answer on UDP)",
            "A firewall may block it",
        ])
        .explains(["the transfer does not move", "(no answer for 6 s)", "may block UDP"]);
    server.screen.wait_for(&["want to download notes.txt"]);
    assert!(!cli.path("notes.txt").exists());
}

/// Garbage on UDP is not answered and disturbs no download.
#[test]
fn garbage_on_udp_is_not_answered_and_disturbs_no_download() {
    let server = Server::with(&["--limit-rate", "4M"]);
    let content = noise(2, 4 << 20);
    server.share("big.bin", &content);
    let cli = Cli::new();
    let get = cli.start(&["get", &server.at(), "big.bin"]);
    get.err.wait_for(&["got a download connection"]);

    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    for seed in 0..500 {
        let len = usize::try_from(seed * 131 % 1500).unwrap();
        let mut datagram = noise(seed, len);
        if let Some(first) = datagram.first_mut() {
            *first = 0x40 | *first & 0x3F;
        }
        socket.send_to(&datagram, server.address).unwrap();
    }

    assert!(socket.recv_from(&mut [0; 2048]).is_err(), "a stranger was answered");
    get.finish().expect(0);
    assert!(read(&cli.path("big.bin")) == content);
}
