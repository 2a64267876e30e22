//! Things that no client of ours would send.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

#[cfg(unix)]
use crate::common::signal;
use crate::common::{Cli, Server, noise};

/// Garbage on TCP closes that connection and disturbs nobody.
#[test]
fn garbage_on_tcp_disturbs_nobody() {
    let server = Server::start();
    let mut leah = Cli::new().chat(&server.at(), "leah");
    let greetings: [&[u8]; 6] = [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.0\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        &[0; 64],
        &noise(3, 70_000),
        &noise(1, 5000),
    ];
    for greeting in greetings {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        let _ = stream.write_all(greeting);
        let mut answer = Vec::new();
        let ended = stream.read_to_end(&mut answer);
        let kind = ended.as_ref().err().map(std::io::Error::kind);
        let timed_out =
            matches!(kind, Some(std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
        assert!(!timed_out, "the connection was left open");
        assert!(answer.is_empty(), "{answer:?}");
    }
    server.screen.wait_for_count(&["turned away"], greetings.len());
    leah.type_line("still here");
    leah.out.wait_for(&["leah: still here"]);
    Cli::new().run(&["users", &server.at()]).expect(0).prints(&["leah"]);
}

/// A crowd that is turned away does not push everything else off the operator's screen.
#[cfg(unix)]
#[test]
fn a_crowd_that_is_turned_away_is_counted() {
    let mut server = Server::start();
    for _ in 0..30 {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.0\r\n");
        let _ = stream.read_to_end(&mut Vec::new());
    }
    signal(server.id(), "TERM");
    assert_eq!(server.wait(), Some(0));

    server.screen.wait_for(&["20 more turned away within a minute"]);
    let lines = server.screen.all();
    assert_eq!(lines.iter().filter(|line| line.contains(" turned away: ")).count(), 10);
}

/// Somebody who connects and says nothing does not keep others out.
#[test]
fn somebody_who_says_nothing_keeps_nobody_out() {
    let server = Server::start();
    let silent: Vec<_> = (0..20).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    Cli::new().run(&["users", &server.at()]).expect(0);
    drop(silent);
}
