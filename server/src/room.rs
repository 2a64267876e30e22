//! The room as the server's tasks share it: one hub behind one lock.
//!
//! ```text
//!   link task --hear--> [ hub ] --Store--> store thread --stored--> [ hub ] --Ready--> bells
//!   link task <--pull-- [     ]                                        |
//!   timer    --tick-->  [     ] --Event--> screen                      +--> parked link tasks
//! ```
//!
//! The lock is held for the length of a call and never across an await: nothing in here waits
//! for a disk, a socket or a terminal.

mod rows;

use std::collections::HashMap;
use std::sync::mpsc::Sender as Queue;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use log::Level;
use proto_core::chat::{
    Ending, Hub, HubConfig, HubEvent, HubOutput, LinkId, MessageRecord, PersonRecord, Receipt,
};
use proto_core::ids::PublicKey;
use proto_core::text::Name;
use proto_core::time::Instant;
use proto_core::wire::{LoginRefusal, ToServer, Transfer, decode};
use proto_std::channel::{Receiver, Sender, bounded};
use proto_std::clock;
use proto_std::race::{Either, race, sleep_until};
use proto_std::stream::SecureStream;

use crate::report::Report;
use crate::screen::Happening;
use crate::skeleton;
use crate::store::{Bundle, Memory, StoreError};

/// Identities that the room remembers; once there are so many, strangers are refused.
pub const PEOPLE: usize = 16_384;
/// Connections that the room can have.
pub const LINKS: usize = 4096;

/// Stack for building a hub: it is moved into its box from there.
const HUB_STACK: usize = 64 << 20;

/// The room.
pub struct Room {
    state: Mutex<State>,
    report: Report,
    /// Connections beyond which whoever comes is told that the house is full.
    most: usize,
    /// Rung when the timer must look at its deadline again.
    timer: Sender<()>,
}

struct State {
    hub: Box<Hub<PEOPLE, LINKS>>,
    seats: HashMap<LinkId, Seat>,
    /// Links that wait until the hub can hear again.
    parked: Vec<Sender<()>>,
    /// Who has the names that look like that.
    looks: HashMap<String, (PublicKey, Name)>,
    store: Option<Queue<Bundle<Receipt>>>,
    wake_at: Option<Instant>,
}

/// What the room knows of a link's task.
struct Seat {
    key: PublicKey,
    bell: Sender<()>,
    ending: Option<Ending>,
}

/// What a link asked for that is not the room's business.
#[derive(Debug)]
pub enum Wish {
    /// The list of files.
    Files,
    /// Something about a transfer.
    Transfer(Box<Transfer>),
}

/// What became of a record.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// All of it is dealt with.
    All,
    /// The room is busy storing: come back with what is behind this many bytes once the bell
    /// rings.
    Parked(usize),
    /// It was not what a client may say.
    Malformed,
}

impl Room {
    /// Furnishes the room with what is remembered. The receiver is for [`Room::keep_time`].
    ///
    /// # Errors
    /// When what is remembered makes no sense: better no server than one that forgets.
    pub fn new(
        config: HubConfig,
        most: usize,
        memory: &Memory,
        report: Report,
    ) -> Result<(Arc<Self>, Receiver<()>), String> {
        let hub = build_hub(config).ok_or("there is not enough memory")?;
        let (timer, rung) = bounded(1);
        let state = State {
            hub,
            seats: HashMap::new(),
            parked: Vec::new(),
            looks: HashMap::new(),
            store: None,
            wake_at: None,
        };
        let room = Self { state: Mutex::new(state), report, most, timer };
        {
            let State { hub, looks, .. } = &mut *room.lock();
            restore(hub, looks, memory)?;
        }
        Ok((Arc::new(room), rung))
    }

    /// Where the room sends what is to be stored.
    pub fn set_store(&self, store: Queue<Bundle<Receipt>>) {
        self.lock().store = Some(store);
    }

    /// Lets go of the store, so that its thread can end.
    pub fn close_store(&self) {
        self.lock().store = None;
    }

    /// The store has settled everything up to that receipt. After a failure, says up to which
    /// receipt nothing may be stored any more.
    pub fn on_settled(&self, receipt: Receipt, outcome: Result<(), StoreError>) -> Option<Receipt> {
        let mut state = self.lock();
        let void = match outcome {
            Ok(()) => {
                state.hub.stored(clock::now(), receipt);
                None
            }
            Err(error) => {
                self.report.say(Level::Error, format!("cannot store messages: {error}"));
                Some(state.hub.not_stored(clock::now(), receipt))
            }
        };
        self.drain(&mut state);
        void
    }

    /// A secure link stands. The receiver rings when there is something to do for it.
    ///
    /// # Errors
    /// When the house is full.
    pub fn connect(&self, key: PublicKey) -> Result<(LinkId, Receiver<()>), LoginRefusal> {
        let mut state = self.lock();
        if state.seats.len() >= self.most {
            return Err(LoginRefusal::Full);
        }
        let id = state.hub.connect(clock::now(), key)?;
        let (bell, rung) = bounded(1);
        state.seats.insert(id, Seat { key, bell, ending: None });
        self.drain(&mut state);
        Ok((id, rung))
    }

    /// A link is gone.
    pub fn disconnect(&self, id: LinkId) {
        let mut state = self.lock();
        state.seats.remove(&id);
        state.hub.disconnect(clock::now(), id);
        self.drain(&mut state);
    }

    /// Takes a record of whole messages from a link; what it asks for of others goes to `wishes`.
    pub fn hear(&self, id: LinkId, record: &[u8], wishes: &mut Vec<Wish>) -> Heard {
        let mut state = self.lock();
        let mut rest = record;
        while !rest.is_empty() {
            if !state.hub.can_hear() {
                let State { seats, parked, .. } = &mut *state;
                parked.extend(seats.get(&id).map(|seat| seat.bell.clone()));
                return Heard::Parked(record.len() - rest.len());
            }
            let Ok((message, behind)) = decode::<ToServer<'_>>(rest) else {
                return Heard::Malformed;
            };
            rest = behind;
            let now = clock::now();
            if let ToServer::Login { name, .. } = &message
                && state.looks_like_another(id, name)
            {
                self.tell(HubEvent::Refused { name: name.clone(), why: LoginRefusal::LookAlike });
                state.hub.refuse(now, id, LoginRefusal::LookAlike);
                self.drain(&mut state);
                continue;
            }
            match state.hub.handle_message(now, clock::wall(), id, message) {
                Ok(HubEvent::LoggedIn { name, mode, joined }) => {
                    state.remember_look(id, &name);
                    self.tell(HubEvent::LoggedIn { name, mode, joined });
                }
                Ok(HubEvent::AskedFiles) => wishes.push(Wish::Files),
                Ok(HubEvent::Transfer(transfer)) => {
                    wishes.push(Wish::Transfer(Box::new(transfer)));
                }
                Ok(event) => self.tell(event),
                Err(goodbye) => {
                    let name = state.hub.name(id).map_or("somebody", |name| name.as_str());
                    self.report.say(Level::Warn, format!("{name} is sent away: {goodbye:?}"));
                }
            }
            self.drain(&mut state);
        }
        Heard::All
    }

    /// Gives a link what there is for it, as far as its stream has room. Once the link is to be
    /// closed and has everything, says why.
    pub fn pull(&self, id: LinkId, stream: &mut SecureStream) -> Option<Ending> {
        let mut state = self.lock();
        let now = clock::now();
        let mut ending = None;
        while stream.can_push() {
            let Some(message) = state.hub.poll_message(now, id) else {
                ending = state.seats.get(&id).and_then(|seat| seat.ending);
                break;
            };
            stream.push(&message);
        }
        self.drain(&mut state);
        ending
    }

    /// The name of whoever is logged in over a link.
    pub fn name(&self, id: LinkId) -> Option<String> {
        self.lock().hub.name(id).map(|name| name.as_str().to_owned())
    }

    /// The shared files changed.
    pub fn files_changed(&self) {
        let mut state = self.lock();
        state.hub.files_changed();
        self.drain(&mut state);
    }

    /// Says goodbye to everybody.
    pub fn shutdown(&self) {
        let mut state = self.lock();
        state.hub.shutdown(clock::now());
        self.drain(&mut state);
    }

    /// Whether nobody is connected.
    pub fn is_empty(&self) -> bool {
        self.lock().seats.is_empty()
    }

    /// Lets the room look at the clock whenever it must.
    pub async fn keep_time(&self, rung: &Receiver<()>) {
        loop {
            let wake_at = self.lock().wake_at;
            let sleep = async {
                match wake_at {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            match race(rung.recv(), sleep).await {
                // The deadline was moved: look at it again.
                Either::Left(Ok(())) => {}
                Either::Left(Err(_)) => return,
                Either::Right(()) => {
                    let mut state = self.lock();
                    state.wake_at = None;
                    self.drain(&mut state);
                }
            }
        }
    }

    /// A panic elsewhere must not close the room: every call leaves it whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what the hub says, as it must be done after every call.
    fn drain(&self, state: &mut State) {
        let State { hub, seats, parked, store, wake_at, .. } = state;
        loop {
            match hub.poll_output(clock::now()) {
                HubOutput::Store(record, receipt) => {
                    let bundle = (rows::of(&record), receipt);
                    if let Some(store) = store {
                        drop(store.send(bundle));
                    }
                }
                HubOutput::Ready(id) => {
                    if let Some(seat) = seats.get(&id) {
                        let _ = seat.bell.try_send(());
                    }
                }
                HubOutput::Close(id, ending) => {
                    if let Some(seat) = seats.get_mut(&id) {
                        seat.ending = Some(ending);
                        let _ = seat.bell.try_send(());
                    }
                }
                HubOutput::Event(event) => self.tell(event),
                HubOutput::Wait(at) => {
                    if wake_at.is_none_or(|earlier| at < earlier) {
                        *wake_at = Some(at);
                        let _ = self.timer.try_send(());
                    }
                    break;
                }
                HubOutput::Idle => break,
            }
        }
        if !parked.is_empty() && hub.can_hear() {
            for bell in parked.drain(..) {
                let _ = bell.try_send(());
            }
        }
    }

    /// Tells the screen.
    fn tell(&self, event: HubEvent<'_>) {
        self.report.happening(match event {
            HubEvent::LoggedIn { name, joined: true, .. } => {
                Happening::Joined { name: name.as_str().to_owned() }
            }
            HubEvent::Left { name } => Happening::Left { name: name.as_str().to_owned() },
            HubEvent::Said { from, to, text } => Happening::Said {
                from: from.as_str().to_owned(),
                to,
                text: text.as_str().to_owned(),
            },
            HubEvent::Refused { name, why } => {
                let line = format!("{name} is not let in: {why:?}");
                return self.report.say(Level::Info, line);
            }
            HubEvent::Rejected { from, why, .. } => {
                let line = format!("a message from {from} is rejected: {why:?}");
                return self.report.say(Level::Debug, line);
            }
            HubEvent::LoggedIn { name, .. } => {
                return self.report.say(Level::Debug, format!("{name} uses the server"));
            }
            HubEvent::Quiet | HubEvent::AskedFiles | HubEvent::Transfer(_) => return,
        });
    }
}

impl State {
    /// Whether somebody else has a name that this one would be taken for. The very same name is
    /// the hub's business.
    fn looks_like_another(&self, id: LinkId, name: &Name) -> bool {
        let Some(seat) = self.seats.get(&id) else { return false };
        let owner = self.looks.get(&skeleton::of(name.as_str()));
        owner.is_some_and(|(key, owned)| *key != seat.key && owned != name)
    }

    fn remember_look(&mut self, id: LinkId, name: &Name) {
        if let Some(seat) = self.seats.get(&id) {
            self.looks.insert(skeleton::of(name.as_str()), (seat.key, name.clone()));
        }
    }
}

fn build_hub(config: HubConfig) -> Option<Box<Hub<PEOPLE, LINKS>>> {
    let build = move || Box::new(Hub::new(config));
    thread::Builder::new().stack_size(HUB_STACK).spawn(build).ok()?.join().ok()
}

fn restore(
    hub: &mut Hub<PEOPLE, LINKS>,
    looks: &mut HashMap<String, (PublicKey, Name)>,
    memory: &Memory,
) -> Result<(), String> {
    let damaged = |what: &str, why: &dyn std::fmt::Display| {
        format!("what is remembered of {what} is damaged: {why}")
    };
    for bytes in &memory.people {
        let record = PersonRecord::decode(bytes).map_err(|why| damaged("people", &why))?;
        hub.restore_person(&record).map_err(|why| damaged("people", &why))?;
        looks.insert(skeleton::of(record.name.as_str()), (record.key, record.name));
    }
    for bytes in &memory.messages {
        let record = MessageRecord::decode(bytes).map_err(|why| damaged("messages", &why))?;
        hub.restore_message(&record).map_err(|why| damaged("messages", &why))?;
    }
    Ok(())
}

impl std::fmt::Debug for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Room").finish_non_exhaustive()
    }
}
