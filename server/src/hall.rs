//! What all connections share.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use log::Level;
use proto_core::ids::ConnectionId;
use proto_core::link::{Link, NO_SECRET};
use proto_core::time::Instant;
use proto_std::channel::{Receiver, Sender, bounded};
use proto_std::engine::{Engine, NoFreeId, SharedFolder};
use proto_std::race::sleep_until;
use proto_std::session::Percent;
use proto_std::task::spawn;
use proto_std::{clock, entropy};

use crate::admission::{Admission, TurnedAway};
use crate::guesses::Guesses;
use crate::porch::Porch;
use crate::report::Report;
use crate::room::Room;
use crate::screen::Happening;
use crate::shelf::Shelf;
use crate::tally::{Tally, Told, WINDOW};

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
    porch: Arc<Porch>,
    door: Mutex<Admission>,
    guesses: Mutex<Guesses>,
    tally: Mutex<Tally>,
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
    /// Where links are made.
    pub porch: Arc<Porch>,
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
            porch: parts.porch,
            door: Mutex::new(parts.door),
            guesses: Mutex::default(),
            tally: Mutex::default(),
            handshakes: Mutex::default(),
        }
    }

    /// A fresh end of a secure link.
    ///
    /// # Errors
    /// When no connection id is free.
    pub fn link(&self) -> Result<Link, NoFreeId> {
        let unused = || Ok(ConnectionId::new(u16::from_le_bytes(entropy::bytes())));
        self.engine.as_ref().map_or_else(unused, Engine::reserve_cid).map(|id| self.porch.link(id))
    }

    /// Lets a link whose hello has come keep what its client was promised when it knocked.
    pub fn keep_promise(&self, link: &mut Link) {
        self.porch.keep_promise(link);
    }

    /// Somebody comes; [`Hall::let_out`] must follow when they are let in.
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
        if *self.porch.psk() == NO_SECRET {
            return;
        }
        let forgotten = lock(&self.guesses).on_wrong(clock::now(), from);
        if let Some(forgotten) = forgotten.filter(|forgotten| forgotten.is_power_of_two()) {
            let line = format!("{forgotten} addresses with wrong secrets are forgotten: too many");
            self.report.say(Level::Warn, line);
        }
    }

    /// Tells the screen that somebody is turned away, or counts it.
    pub fn turn_away(self: &Arc<Self>, from: SocketAddr, why: String) {
        let told = lock(&self.tally).count(clock::now(), &why);
        if told == Told::First {
            let hall = Arc::downgrade(self);
            let over = clock::now() + WINDOW;
            spawn(async move {
                sleep_until(over).await;
                if let Some(hall) = hall.upgrade() {
                    hall.tell_rest(over);
                }
            });
        }
        if told != Told::Later {
            self.report.happening(Happening::TurnedAway { from, why });
        }
    }

    /// Tells how many were turned away and not told of, of each reason whose minute is over.
    pub fn tell_rest(&self, now: Instant) {
        for (why, count) in lock(&self.tally).take_rest(now) {
            self.report.happening(Happening::MoreTurnedAway { count, why });
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
