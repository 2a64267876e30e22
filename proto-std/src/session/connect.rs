//! One attempt to reach a server: look its name up, connect, shake hands, judge its key.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use async_std::future::timeout;
use async_std::net::{TcpStream, ToSocketAddrs as _};
use proto_core::ids::{ConnectionId, PublicKey};
use proto_core::link::{
    ANSWER_LEN, EarlyReply, Established, KNOCK_LEN, Link, LinkConfig, LinkError, NO_SECRET,
};
use proto_core::secure::{StaticKey, Suites};
use zeroize::Zeroizing;

use super::error::{Error, ErrorKind};
use super::explain;
use super::knocker::Knocker;
use crate::address::{Fingerprint, ServerAddr};
use crate::known_servers::KnownServers;
use crate::race::{Either, race};
use crate::secret::Secret;
use crate::stream::{Input, SecureStream, Turn};
use crate::{clock, entropy, session::Trust};

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
    /// Whether it knocks, where it knows the server's key.
    pub(super) knocks: bool,
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
        let until = clock::now() + self.patience;
        let entropy = Zeroizing::new(entropy::bytes());
        let link = Link::client(self.config(&entropy));
        let knock = self.known_key()?.map(|key| (key, link.knock(&key)));
        let (tcp, remote, mut knocker) = dial(&self.server, knock.as_ref()).await?;
        let mut stream = SecureStream::new(tcp, link);
        let mut first_contact = false;
        loop {
            match stream.input().map_err(|error| self.broken(error))? {
                Input::Identified(key) => {
                    knocker = None;
                    first_contact = self.judge(key)?;
                    stream.trust();
                }
                Input::Established(established) => {
                    return Ok(Connected { stream, remote, established, first_contact });
                }
                Input::Record(_) | Input::Progress => {}
                Input::Nothing => match race(stream.turn(), hear(&mut knocker)).await {
                    Either::Left(turn) => self.check(turn, &stream)?,
                    Either::Right((key, said)) => {
                        let early = EarlyReply::read(self.config(&entropy), &key, &said);
                        if early.is_some_and(|early| stream.go_on(early, until)) {
                            knocker = None;
                            first_contact = self.judge(key)?;
                            stream.trust();
                        }
                    }
                },
            }
        }
    }

    fn config(&self, entropy: &[u8; 32]) -> LinkConfig<'_> {
        LinkConfig {
            key: &self.key,
            psk: self.secret.as_ref().map_or(NO_SECRET, Secret::key),
            cid: self.cid,
            suites: self.suites,
            entropy: *entropy,
        }
    }

    /// The key to knock with: the one that the server must have, if that is known.
    fn known_key(&self) -> Result<Option<PublicKey>, Failure> {
        let key = match self.server.fingerprint() {
            _ if !self.knocks => None,
            None => self.pinned()?,
            named => named,
        };
        Ok(key.map(|key| key.0))
    }

    fn check(&self, turn: io::Result<Turn>, stream: &SecureStream) -> Result<(), Failure> {
        match turn {
            Ok(Turn::Moved) => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => {
                Err(Failure::Transient(explain::lost(&self.server, &error)))
            }
            // Whoever hangs up before it has read what we said resets the connection.
            Ok(Turn::Closed) | Err(_) => {
                let error = stream.ended().err().unwrap_or(LinkError::Truncated);
                Err(self.broken(error))
            }
        }
    }

    /// The key that the server had before.
    fn pinned(&self) -> Result<Option<Fingerprint>, Failure> {
        self.known.find(&self.server).map_err(|error| {
            let what = format!("cannot read {}", self.known.path().display());
            Failure::Final(Error::disk(what, &error))
        })
    }

    /// Whether the server's key, which is the right one, was never seen before.
    fn judge(&self, key: PublicKey) -> Result<bool, Failure> {
        let key = Fingerprint(key);
        let pinned = self.pinned()?;
        for expected in [self.server.fingerprint(), pinned].into_iter().flatten() {
            if expected != key {
                let error = explain::key_changed(&self.server, expected, key);
                return Err(Failure::Final(error));
            }
        }
        if pinned.is_some() {
            // Only what is resumed without an address is looked for elsewhere, if that fails.
            if let Err(error) = self.known.on_use(&self.server, key) {
                log::debug!("cannot write {}: {error}", self.known.path().display());
            }
            return Ok(false);
        }
        let vouched_for = self.server.fingerprint().is_some();
        if !vouched_for {
            match self.trust {
                Trust::Accept => {}
                Trust::Ask => return Err(Failure::Unknown(key)),
                Trust::Refuse => {
                    return Err(Failure::Final(explain::unknown(&self.server, key)));
                }
            }
        }
        if let Err(error) = self.known.add(&self.server, key) {
            let what = format!("cannot write {}", self.known.path().display());
            return Err(Failure::Final(Error::disk(what, &error)));
        }
        Ok(!vouched_for)
    }

    fn broken(&self, error: LinkError) -> Failure {
        let explained = explain::handshake(&self.server, error);
        // A server that is being started or stopped closes early too, so only what cannot be
        // an accident is final.
        match error {
            LinkError::NotHaversack | LinkError::Truncated | LinkError::Forgotten => {
                Failure::Transient(explained)
            }
            _ => Failure::Final(explained),
        }
    }
}

/// Waits for something said to a knock: for ever, when there was none.
async fn hear(knocker: &mut Option<Knocker>) -> (PublicKey, [u8; ANSWER_LEN]) {
    match knocker {
        Some(knocker) => knocker.hear().await,
        None => std::future::pending().await,
    }
}

/// A connection, to where, and what waits for the answer to a knock.
type Dialled = (TcpStream, SocketAddr, Option<Knocker>);

/// Looks the name up and tries its addresses in turn; knocks there, if there is something to knock.
async fn dial(
    server: &ServerAddr,
    knock: Option<&(PublicKey, [u8; KNOCK_LEN])>,
) -> Result<Dialled, Failure> {
    let addresses = (server.host(), server.port()).to_socket_addrs().await;
    let addresses = match addresses {
        Ok(addresses) => addresses,
        Err(error) => return Err(Failure::Down(explain::unknown_host(server, &error))),
    };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        let knocker = match knock {
            Some((key, knock)) => Knocker::knock(address, *key, knock).await,
            None => None,
        };
        match timeout(PER_ADDRESS, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok((stream, address, knocker)),
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
        let (tcp, ..) = dial(server, None).await?;
        let link = Link::client(LinkConfig {
            key: &StaticKey::from(entropy::bytes()),
            psk: NO_SECRET,
            cid: ConnectionId::new(0),
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
