//! What all connections share.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use log::Level;
use proto_core::ids::ConnectionId;
use proto_core::link::{Link, LinkConfig, NO_SECRET};
use proto_core::secure::{Aead as _, StaticKey};
use proto_std::address::Fingerprint;
use proto_std::aead::HostAead;
use proto_std::channel::{Receiver, Sender, bounded};
use proto_std::engine::{Engine, SharedFolder};
use proto_std::session::Percent;
use proto_std::{clock, entropy};

use crate::admission::{Admission, TurnedAway};
use crate::guesses::Guesses;
use crate::report::Report;
use crate::room::Room;
use crate::shelf::Shelf;

/// Key exchanges that may be under way at once; when there is one more, the oldest is dropped.
const HANDSHAKES: usize = 2048;

/// The server behind its door.
#[derive(Debug)]
pub struct Hall {
    /// The room.
    pub room: Arc<Room>,
    /// The list of files.
    pub shelf: Shelf,
    /// The files.
    pub files: Arc<SharedFolder>,
    /// What moves files; `None` when there is no UDP.
    pub engine: Option<Engine>,
    /// Where downloads stop.
    pub confirm_at: Option<Percent>,
    /// The screen.
    pub report: Report,
    /// The public half of its key.
    pub fingerprint: Fingerprint,
    key: StaticKey,
    psk: [u8; 32],
    door: Mutex<Admission>,
    guesses: Mutex<Guesses>,
    handshakes: Mutex<Handshakes>,
}

#[derive(Debug, Default)]
struct Handshakes {
    next: u64,
    open: VecDeque<(u64, Sender<()>)>,
}

/// What a hall is built of.
#[derive(Debug)]
pub struct HallParts {
    /// The room.
    pub room: Arc<Room>,
    /// The list of files.
    pub shelf: Shelf,
    /// The files.
    pub files: Arc<SharedFolder>,
    /// What moves files.
    pub engine: Option<Engine>,
    /// Where downloads stop.
    pub confirm_at: Option<Percent>,
    /// The screen.
    pub report: Report,
    /// The public half of its key.
    pub fingerprint: Fingerprint,
    /// Who the server is.
    pub key: StaticKey,
    /// The secret of the handshake.
    pub psk: [u8; 32],
    /// Who may try to come in.
    pub door: Admission,
}

impl Hall {
    /// Opens the hall.
    pub fn new(parts: HallParts) -> Self {
        Self {
            room: parts.room,
            shelf: parts.shelf,
            files: parts.files,
            engine: parts.engine,
            confirm_at: parts.confirm_at,
            report: parts.report,
            fingerprint: parts.fingerprint,
            key: parts.key,
            psk: parts.psk,
            door: Mutex::new(parts.door),
            guesses: Mutex::default(),
            handshakes: Mutex::default(),
        }
    }

    /// A fresh end of a secure link.
    pub fn link(&self) -> Link {
        let random = || ConnectionId(u32::from_le_bytes(entropy::bytes()));
        Link::server(LinkConfig {
            key: &self.key,
            psk: self.psk,
            cid: self.engine.as_ref().map_or_else(random, Engine::reserve_cid),
            suites: HostAead::suites(),
            entropy: entropy::bytes(),
        })
    }

    /// Somebody knocks; [`Hall::let_out`] must follow when they are let in.
    ///
    /// # Errors
    /// Why not.
    pub fn let_in(&self, from: IpAddr) -> Result<(), TurnedAway> {
        if !self.may_try(from) {
            return Err(TurnedAway::Guessing);
        }
        lock(&self.door).enter(clock::now(), from)
    }

    /// Whether a secret from there is listened to.
    pub fn may_try(&self, from: IpAddr) -> bool {
        lock(&self.guesses).may_try(clock::now(), from)
    }

    /// Somebody does not know the secret. Where there is none, nothing can be guessed.
    pub fn on_wrong_secret(&self, from: IpAddr) {
        if self.psk == NO_SECRET {
            return;
        }
        let forgotten = lock(&self.guesses).on_wrong(clock::now(), from);
        if let Some(forgotten) = forgotten.filter(|forgotten| forgotten.is_power_of_two()) {
            let line = format!("{forgotten} addresses with wrong secrets are forgotten: too many");
            self.report.say(Level::Warn, line);
        }
    }

    /// Somebody is gone.
    pub fn let_out(&self, from: IpAddr) {
        lock(&self.door).leave(from);
    }

    /// A key exchange begins. The receiver ends when it must make room for another; the number
    /// goes back to [`Hall::end_handshake`].
    pub fn begin_handshake(&self) -> (u64, Receiver<()>) {
        let mut handshakes = lock(&self.handshakes);
        if handshakes.open.len() >= HANDSHAKES {
            handshakes.open.pop_front();
        }
        let number = handshakes.next;
        handshakes.next += 1;
        let (alive, ended) = bounded(1);
        handshakes.open.push_back((number, alive));
        (number, ended)
    }

    /// A key exchange has ended.
    pub fn end_handshake(&self, number: u64) {
        lock(&self.handshakes).open.retain(|(open, _)| *open != number);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
