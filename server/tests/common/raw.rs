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
        let mut stream = TcpStream::connect(server).unwrap();
        let mut link = Link::client(LinkConfig {
            key: &StaticKey::from([7; 32]),
            psk: NO_SECRET,
            cid: ConnectionId(1),
            suites: Suites::BASE,
            entropy: [9; 32],
        });
        loop {
            let is_known = match link.poll_output().unwrap() {
                LinkOutput::Transmit(bytes) => {
                    stream.write_all(bytes).unwrap();
                    false
                }
                LinkOutput::Identified(_) => true,
                LinkOutput::Established(_) => return Self { stream, link },
                LinkOutput::Record(_) => panic!("nothing is said before the proof"),
                LinkOutput::Idle => {
                    let len = stream.read(link.space()).unwrap();
                    assert!(len > 0, "the server hangs up");
                    link.received(len);
                    false
                }
            };
            if is_known {
                link.trust();
            }
        }
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

    /// Reads until the server hangs up.
    pub fn wait_for_the_end(&mut self) -> std::io::Result<()> {
        let mut heard = Vec::new();
        self.stream.read_to_end(&mut heard).map(drop)
    }
}
