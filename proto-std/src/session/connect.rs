//! One attempt to reach a server: look its name up, connect, shake hands, judge its key.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use async_std::future::timeout;
use async_std::net::{TcpStream, ToSocketAddrs as _};
use proto_core::ids::{ConnectionId, PublicKey};
use proto_core::link::{Established, Link, LinkConfig, LinkError, NO_SECRET};
use proto_core::secure::{StaticKey, Suites};

use super::error::{Error, ErrorKind};
use super::explain;
use crate::address::{Fingerprint, ServerAddr};
use crate::known_servers::KnownServers;
use crate::secret::Secret;
use crate::stream::{Input, SecureStream, Turn};
use crate::{entropy, session::Trust};

/// Longest wait for one address, when a name has several.
const PER_ADDRESS: Duration = Duration::from_secs(5);

/// What an attempt needs: its own copy, because the session goes on beside it.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) server: ServerAddr,
    pub(super) key: StaticKey,
    pub(super) secret: Option<Secret>,
    pub(super) cid: ConnectionId,
    pub(super) suites: Suites,
    pub(super) known: KnownServers,
    pub(super) trust: Trust,
    pub(super) patience: Duration,
}

/// A server that is who it should be.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) stream: SecureStream,
    pub(super) remote: SocketAddr,
    pub(super) established: Established,
    /// Whether its key was seen for the first time.
    pub(super) first_contact: bool,
}

/// Why an attempt failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// It may go better later.
    Transient(Error),
    /// Nobody is there: it may go better later for a server that was there before.
    Down(Error),
    /// It will not go better by itself.
    Final(Error),
    /// Somebody must say whether this key is the right one.
    Unknown(Fingerprint),
}

/// What is thought of a server's key.
enum Judgement {
    Right { first_contact: bool },
    Wrong(Failure),
}

impl Attempt {
    /// Makes the attempt; it takes no longer than `patience`.
    pub(super) async fn run(self) -> Result<Connected, Failure> {
        let what = || format!("cannot reach {}", self.server);
        match timeout(self.patience, self.connect()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::Transient(Error::new(
                ErrorKind::Unreachable,
                what(),
                format!("no answer within {} s", self.patience.as_secs()),
                explain::is_it_running(&self.server),
            ))),
        }
    }

    async fn connect(&self) -> Result<Connected, Failure> {
        let (tcp, remote) = dial(&self.server).await?;
        let link = Link::client(LinkConfig {
            key: &self.key,
            psk: self.secret.as_ref().map_or(NO_SECRET, Secret::key),
            cid: self.cid,
            suites: self.suites,
            entropy: entropy::bytes(),
        });
        let mut stream = SecureStream::new(tcp, link);
        let mut first_contact = false;
        loop {
            match stream.input().map_err(|error| self.broken(error))? {
                Input::Identified(key) => match self.judge(key) {
                    Judgement::Right { first_contact: first } => {
                        first_contact = first;
                        stream.trust();
                    }
                    Judgement::Wrong(failure) => return Err(failure),
                },
                Input::Established(established) => {
                    return Ok(Connected { stream, remote, established, first_contact });
                }
                Input::Record(_) | Input::Progress => {}
                Input::Nothing => match stream.turn().await {
                    Ok(Turn::Moved) => {}
                    Err(error) if error.kind() != io::ErrorKind::ConnectionReset => {
                        return Err(Failure::Transient(explain::lost(&self.server, &error)));
                    }
                    // Whoever hangs up before it has read what we said resets the connection.
                    Ok(Turn::Closed) | Err(_) => {
                        let error = stream.ended().err().unwrap_or(LinkError::Truncated);
                        return Err(self.broken(error));
                    }
                },
            }
        }
    }

    fn judge(&self, key: PublicKey) -> Judgement {
        let key = Fingerprint(key);
        let pinned = match self.known.find(&self.server) {
            Ok(pinned) => pinned,
            Err(error) => {
                let what = format!("cannot read {}", self.known.path().display());
                return Judgement::Wrong(Failure::Final(Error::disk(what, &error)));
            }
        };
        for expected in [self.server.fingerprint(), pinned].into_iter().flatten() {
            if expected != key {
                let error = explain::key_changed(&self.server, expected, key);
                return Judgement::Wrong(Failure::Final(error));
            }
        }
        if pinned.is_some() {
            return Judgement::Right { first_contact: false };
        }
        let vouched_for = self.server.fingerprint().is_some();
        if !vouched_for {
            match self.trust {
                Trust::Accept => {}
                Trust::Ask => return Judgement::Wrong(Failure::Unknown(key)),
                Trust::Refuse => {
                    return Judgement::Wrong(Failure::Final(explain::unknown(&self.server, key)));
                }
            }
        }
        if let Err(error) = self.known.add(&self.server, key) {
            let what = format!("cannot write {}", self.known.path().display());
            return Judgement::Wrong(Failure::Final(Error::disk(what, &error)));
        }
        Judgement::Right { first_contact: !vouched_for }
    }

    fn broken(&self, error: LinkError) -> Failure {
        let explained = explain::handshake(&self.server, error);
        // A server that is being started or stopped closes early too, so only what cannot be
        // an accident is final.
        match error {
            LinkError::NotHaversack | LinkError::Truncated => Failure::Transient(explained),
            _ => Failure::Final(explained),
        }
    }
}

/// Looks the name up and tries its addresses in turn.
pub(super) async fn dial(server: &ServerAddr) -> Result<(TcpStream, SocketAddr), Failure> {
    let addresses = (server.host(), server.port()).to_socket_addrs().await;
    let addresses = match addresses {
        Ok(addresses) => addresses,
        Err(error) => return Err(Failure::Down(explain::unknown_host(server, &error))),
    };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        match timeout(PER_ADDRESS, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok((stream, address)),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    let refused = last.kind() == io::ErrorKind::ConnectionRefused;
    let error = explain::unreachable(server, &last);
    Err(if refused { Failure::Down(error) } else { Failure::Transient(error) })
}

/// Asks a server for its key and goes no further.
pub(super) async fn probe(server: &ServerAddr, patience: Duration) -> Result<Fingerprint, Error> {
    let asked = async {
        let (tcp, _) = dial(server).await?;
        let link = Link::client(LinkConfig {
            key: &StaticKey::from(entropy::bytes()),
            psk: NO_SECRET,
            cid: ConnectionId(0),
            suites: Suites::BASE,
            entropy: entropy::bytes(),
        });
        let mut stream = SecureStream::new(tcp, link);
        let closed = |why| Failure::Final(explain::handshake(server, why));
        loop {
            match stream.input().map_err(closed)? {
                Input::Identified(key) => return Ok(Fingerprint(key)),
                Input::Established(_) | Input::Record(_) | Input::Progress => {}
                Input::Nothing => match stream.turn().await {
                    Ok(Turn::Moved) => {}
                    Ok(Turn::Closed) => return Err(closed(LinkError::Truncated)),
                    Err(error) => return Err(Failure::Final(explain::lost(server, &error))),
                },
            }
        }
    };
    match timeout(patience, asked).await {
        Ok(Ok(fingerprint) | Err(Failure::Unknown(fingerprint))) => Ok(fingerprint),
        Ok(Err(Failure::Transient(error) | Failure::Down(error) | Failure::Final(error))) => {
            Err(error)
        }
        Err(_) => Err(explain::unreachable(server, &io::ErrorKind::TimedOut.into())),
    }
}
