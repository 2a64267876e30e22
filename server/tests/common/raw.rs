//! A client without a session: it says what no session would.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use proto_core::ids::{ConnectionId, Seq};
use proto_core::link::{Link, LinkConfig, LinkOutput, NO_SECRET};
use proto_core::secure::{RecordBuf, StaticKey, Suites};
use proto_core::text::Name;
use proto_core::wire::{Mode, ToServer, encode};

/// A secure link that somebody holds in bare hands.
pub struct Raw {
    pub stream: TcpStream,
    link: Link,
}

impl Raw {
    /// Shakes hands.
    pub fn connect(server: SocketAddr) -> Self {
        let mut raw = Self::knock(server, NO_SECRET);
        raw.prove();
        raw
    }

    /// Shakes hands as far as the server's key; [`Raw::prove`] does the rest.
    pub fn knock(server: SocketAddr, psk: [u8; 32]) -> Self {
        let mut raw = Self {
            stream: TcpStream::connect(server).unwrap(),
            link: Link::client(LinkConfig {
                key: &StaticKey::from([7; 32]),
                psk,
                cid: ConnectionId::new(1),
                suites: Suites::BASE,
                entropy: [9; 32],
            }),
        };
        while !raw.shake() {}
        raw
    }

    /// Shows who it is, and that it knows the secret.
    pub fn prove(&mut self) {
        self.link.trust();
        while !self.shake() {}
    }

    /// Goes on with the handshake; true when a part of it is done.
    fn shake(&mut self) -> bool {
        match self.link.poll_output().unwrap() {
            LinkOutput::Transmit(bytes) => self.stream.write_all(bytes).unwrap(),
            LinkOutput::Identified(_) | LinkOutput::Established(_) => return true,
            LinkOutput::Record(_) => panic!("nothing is said before the proof"),
            LinkOutput::Idle => {
                let len = self.stream.read(self.link.space()).unwrap();
                assert!(len > 0, "the server hangs up");
                self.link.received(len);
            }
        }
        false
    }

    /// Logs in, to use the server.
    pub fn log_in(&mut self, name: &str) {
        let name = Name::parse(name).unwrap();
        let login = ToServer::Login { name, mode: Mode::Use, stream: 1, first: Seq(1) };
        let sealed = self.seal(&login);
        self.stream.write_all(&sealed).unwrap();
    }

    /// A record with one message.
    pub fn seal(&mut self, message: &ToServer<'_>) -> Vec<u8> {
        let mut record = RecordBuf::default();
        let len = encode(message, record.text()).unwrap();
        self.link.seal(&mut record, len).to_vec()
    }

    /// Waits until the server says something.
    pub fn is_answered(&mut self) -> bool {
        self.stream.read(&mut [0; 64]).unwrap() > 0
    }

    /// Reads until the server hangs up; says how many bytes there were.
    pub fn wait_for_the_end(&mut self) -> std::io::Result<usize> {
        self.stream.read_to_end(&mut Vec::new())
    }
}
