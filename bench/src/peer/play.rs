//! `bench play`: one role of one peer, in a process of its own.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use argh::FromArgs;

use super::{Peer, Role, kcp, quic, s2n, tar, tcp, tls};
use crate::Fault;

/// play one role of a transfer; `run` does so by itself
#[derive(FromArgs)]
#[argh(subcommand, name = "play")]
pub struct Play {
    /// which peer
    #[argh(option)]
    pub peer: Peer,
    /// serve or fetch
    #[argh(option)]
    role: Role,
    /// the file that is served or written
    #[argh(option)]
    pub file: PathBuf,
    /// where the server writes its address
    #[argh(option)]
    pub meeting: PathBuf,
    /// where it listens
    #[argh(option, default = "String::from(\"127.0.0.1\")")]
    host: String,
}

impl Play {
    /// The server's address.
    pub fn server(&self) -> Result<SocketAddr, Fault> {
        Ok(fs::read_to_string(&self.meeting)?.parse()?)
    }

    /// Where a server listens: on a free port.
    pub fn listen(&self) -> Result<SocketAddr, Fault> {
        Ok(SocketAddr::new(self.host.parse()?, 0))
    }

    /// Any port at the right address for the server.
    pub fn anywhere(server: SocketAddr) -> SocketAddr {
        let unspecified = Ipv4Addr::UNSPECIFIED.into();
        SocketAddr::new(if server.ip().is_loopback() { server.ip() } else { unspecified }, 0)
    }

    /// Tells clients where the server is.
    pub fn meet(&self, server: SocketAddr) -> io::Result<()> {
        // A reader sees the whole address or none.
        let draft = self.meeting.with_extension("draft");
        fs::write(&draft, server.to_string())?;
        fs::rename(draft, &self.meeting)
    }

    /// Plays one role in this process.
    pub fn run(&self) -> Result<(), Fault> {
        match (self.peer, self.role) {
            (Peer::Haversack | Peer::HaversackAgain, _) => {
                Err("haversack plays in programs of its own".into())
            }
            (Peer::Tcp, Role::Serve) => tcp::serve(self, "cubic"),
            (Peer::TcpBbr, Role::Serve) => tcp::serve(self, "bbr"),
            (Peer::Tcp | Peer::TcpBbr, Role::Fetch) => tcp::fetch(self),
            (Peer::Tls, Role::Serve) => tls::serve(self),
            (Peer::Tls, Role::Fetch) => tls::fetch(self),
            (Peer::Quinn | Peer::QuinnBbr, Role::Serve) => quic::serve(self),
            (Peer::Quinn | Peer::QuinnBbr, Role::Fetch) => quic::fetch(self),
            (Peer::S2n, Role::Serve) => s2n::serve(self),
            (Peer::S2n, Role::Fetch) => s2n::fetch(self),
            (Peer::Kcp, Role::Serve) => kcp::serve(self),
            (Peer::Kcp, Role::Fetch) => kcp::fetch(self),
            (Peer::Tar, Role::Serve) => tar::serve(self),
            (Peer::Tar, Role::Fetch) => tar::fetch(self),
        }
    }
}
