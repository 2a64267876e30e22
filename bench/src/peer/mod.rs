//! Who is measured, and the two roles each plays.
//!
//! Except for Haversack, which comes in programs of its own, this program plays them itself. A
//! server writes its address to the meeting point when clients may come.

mod haversack;
mod kcp;
mod play;
mod quic;
mod s2n;
mod tar;
mod tcp;
mod tls;

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::str::FromStr;

pub use haversack::{Haversack, build};
pub use play::Play;

/// A program that moves a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// This project: encrypted, verified, synced.
    Haversack,
    /// The same from a server that hashed the file before, for somebody else.
    HaversackAgain,
    /// TCP with CUBIC: no encryption, no verification.
    Tcp,
    /// TCP with BBR.
    TcpBbr,
    /// TLS 1.3 over TCP with CUBIC, by rustls.
    Tls,
    /// QUIC, by quinn with its default settings (CUBIC).
    Quinn,
    /// QUIC, by quinn with BBR, large windows and full packets.
    QuinnBbr,
    /// QUIC, by s2n-quic with its default settings (CUBIC).
    S2n,
    /// KCP in its fastest profile, without congestion control: no encryption.
    Kcp,
    /// A folder as a `tar` stream over TCP with CUBIC.
    Tar,
}

/// Which end of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Serves until it is killed.
    Serve,
    /// Fetches and exits.
    Fetch,
}

impl Peer {
    /// Each with its name.
    const NAMES: [(Self, &str); 10] = [
        (Self::Haversack, "haversack"),
        (Self::HaversackAgain, "haversack-again"),
        (Self::Tcp, "tcp"),
        (Self::TcpBbr, "tcp-bbr"),
        (Self::Tls, "tls"),
        (Self::Quinn, "quinn"),
        (Self::QuinnBbr, "quinn-bbr"),
        (Self::S2n, "s2n-quic"),
        (Self::Kcp, "kcp"),
        (Self::Tar, "tar"),
    ];

    /// Whether this machine has what it takes.
    pub fn is_possible(self) -> bool {
        let controllers = "/proc/sys/net/ipv4/tcp_available_congestion_control";
        let has_bbr = || fs::read_to_string(controllers).is_ok_and(|list| list.contains("bbr"));
        self != Self::TcpBbr || has_bbr()
    }

    /// Whether it is this project, in programs of its own.
    pub fn is_haversack(self) -> bool {
        matches!(self, Self::Haversack | Self::HaversackAgain)
    }

    /// The command that plays one role.
    pub fn command(
        self,
        role: Role,
        file: &Path,
        meeting: &Path,
        host: &str,
    ) -> io::Result<Command> {
        if self.is_haversack() {
            let programs = Haversack { state: meeting.with_extension("state") };
            return match role {
                Role::Serve => {
                    let folder = if file.is_dir() { file } else { file.parent().unwrap_or(file) };
                    Ok(programs.serve(folder, meeting, host))
                }
                Role::Fetch => programs.fetch(meeting, file),
            };
        }
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["play", "--role", if role == Role::Serve { "serve" } else { "fetch" }]);
        command.args(["--peer", &self.to_string(), "--host", host]);
        command.arg("--file").arg(file).arg("--meeting").arg(meeting);
        Ok(command)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Self::NAMES.iter().find(|(peer, _)| peer == self);
        f.pad(named.expect("every peer has a name").1)
    }
}

impl FromStr for Peer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::NAMES.iter().find(|(_, name)| *name == text);
        named.map(|(peer, _)| *peer).ok_or_else(|| {
            let names = Self::NAMES.map(|(_, name)| name).join(", ");
            format!("no peer is called {text}; there are {names}")
        })
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "serve" => Ok(Self::Serve),
            "fetch" => Ok(Self::Fetch),
            _ => Err(format!("no role is called {text}: serve and fetch are")),
        }
    }
}
