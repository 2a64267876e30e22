//! Who is measured, and the two roles each plays.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::{haversack, quic, tcp, tls};

/// A program that moves a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// This project: encrypted, verified.
    Haversack,
    /// `sendfile`-less TCP: no encryption, no verification.
    Tcp,
    /// TLS 1.3 over TCP, by rustls.
    Tls,
    /// QUIC, by quinn with its default settings.
    Quinn,
}

/// Which end of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Serves the file until it is killed.
    Serve,
    /// Fetches the file and exits.
    Fetch,
}

impl Peer {
    /// Plays one role in this process.
    pub fn play(self, role: Role, file: &Path, meeting: &Path) -> Result<(), Box<dyn Error>> {
        match (self, role) {
            (Self::Tcp, Role::Serve) => tcp::serve(file, meeting),
            (Self::Tcp, Role::Fetch) => tcp::fetch(file, meeting),
            (Self::Tls, Role::Serve) => tls::serve(file, meeting),
            (Self::Tls, Role::Fetch) => tls::fetch(file, meeting),
            (Self::Quinn, Role::Serve) => quic::serve(file, meeting),
            (Self::Quinn, Role::Fetch) => quic::fetch(file, meeting),
            (Self::Haversack, _) => Err("haversack plays in programs of its own".into()),
        }
    }

    /// The command that plays one role.
    pub fn command(
        self,
        role: Role,
        file: &Path,
        meeting: &Path,
    ) -> std::io::Result<std::process::Command> {
        if self == Self::Haversack {
            return haversack::command(role, file, meeting);
        }
        let mut command = std::process::Command::new(std::env::current_exe()?);
        command.args(["--role", if role == Role::Serve { "serve" } else { "fetch" }]);
        command.args(["--peer", &self.to_string()]);
        command.arg("--file").arg(file).arg("--meeting").arg(meeting);
        Ok(command)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Haversack => "haversack",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Quinn => "quinn",
        })
    }
}

impl FromStr for Peer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "haversack" => Ok(Self::Haversack),
            "tcp" => Ok(Self::Tcp),
            "tls" => Ok(Self::Tls),
            "quinn" => Ok(Self::Quinn),
            _ => Err(format!("no peer is called {text}: haversack, tcp, tls, quinn are")),
        }
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
