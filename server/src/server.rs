//! The server as a whole: opens everything, serves until it is told to stop, closes everything.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use log::Level;
use proto_core::chat::{HubConfig, Rate, Receipt};
use proto_core::ids::ConnectionId;
use proto_core::secure::StaticKey;
use proto_std::address::{Fingerprint, ServerAddr};
use proto_std::channel::Receiver;
use proto_std::engine::{Doorkeeper, Engine, EngineConfig, MOST_LINGERING, SharedFolder, Uploads};
use proto_std::net::TcpListener;
use proto_std::race::{Either, race, sleep_until};
use proto_std::secret::Secret;
use proto_std::storage::{self, Folder, Sidecars};
use proto_std::task::{self, JoinHandle};
use proto_std::{clock, identity, listen, state};

use crate::admission::Admission;
use crate::hall::{Hall, HallParts};
use crate::options::Options;
use crate::porch::Porch;
use crate::report::Report;
use crate::room::Room;
use crate::shelf::Shelf;
use crate::store::{self, Memory, Store};
use crate::tally::WINDOW;
use crate::{connection, ready};

/// Connections beyond those of the room that may wait at the door.
const WAITING: usize = 64;
const _: () = assert!(
    2 * (crate::room::LINKS + WAITING + MOST_LINGERING) <= ConnectionId::COUNT,
    "every connection has an id, those too that linger, and most that are drawn are free"
);
/// How long everybody has to hear the goodbye.
const FAREWELL: Duration = Duration::from_secs(4);
/// How long an unfinished upload is kept for whoever comes back to finish it.
const ABANDONED: Duration = Duration::from_secs(7 * 24 * 3600);

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    hall: Arc<Hall>,
    listener: TcpListener,
    address: SocketAddr,
    fingerprint: Fingerprint,
    has_secret: bool,
    store: std::thread::JoinHandle<()>,
    timer: Receiver<()>,
}

/// Why a server cannot start, or stopped.
#[derive(Debug)]
pub enum Fault {
    /// It cannot listen there.
    Listen(String),
    /// A folder, a file or the store cannot be used.
    Disk(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(why) | Self::Disk(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Fault {}

impl Server {
    /// Opens folder, state and sockets. Clients may connect from then on.
    ///
    /// # Errors
    /// Which of them cannot be opened, why, and what to do.
    pub fn open(options: &Options, report: Report) -> Result<Self, Fault> {
        let disk = |what: &str, path: &std::path::Path, error: &dyn fmt::Display| {
            Fault::Disk(format!("cannot use the {what} {} ({error})", path.display()))
        };
        listen::raise_open_files();
        let folder = Folder::create(&options.files)
            .map_err(|error| disk("shared folder", &options.files, &error))?;
        let folder = Arc::new(folder);
        state::make_private_dir(&options.state)
            .map_err(|error| disk("state folder", &options.state, &error))?;
        let key_path = options.state.join("server.key");
        let key: StaticKey = identity::load_or_create(&key_path)
            .map_err(|error| disk("key", &key_path, &error))?
            .into();
        let store_path = options.state.join("room.redb");
        let (store, memory) =
            Store::open(&store_path).map_err(|error| disk("store", &store_path, &error))?;
        let (room, timer, store) = open_room(options, &memory, store, &report)?;
        let uploads = uploads(options, &folder, &report)
            .map_err(|error| disk("state folder", &options.state, &error))?;
        let porch = Arc::new(Porch::new(key, Secret::key_or_none(options.secret.as_ref())));
        let fingerprint = Fingerprint(porch.public());
        let (listener, engine) = bind(options, Arc::clone(&porch))?;
        let address = listener.local_addr().map_err(|error| Fault::Listen(error.to_string()))?;
        let hall = Hall::new(HallParts {
            room,
            shelf: Shelf::new(Arc::clone(&folder)),
            files: Arc::new(SharedFolder::new(folder, uploads)),
            engine,
            confirm_at: options.confirm_at,
            report,
            door: Admission::new(options.max_clients + WAITING, options.max_per_address),
            porch,
        });
        Ok(Self {
            hall: Arc::new(hall),
            listener,
            address,
            fingerprint,
            has_secret: options.secret.is_some(),
            store,
            timer,
        })
    }

    /// Where it listens, with TCP and UDP.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its key, for people to compare.
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Its address, with everything that a client needs to trust it.
    pub fn uri(&self) -> String {
        let host = self.address.ip();
        let host = if host.is_unspecified() { "127.0.0.1".to_owned() } else { host.to_string() };
        ServerAddr::new(host, self.address.port(), Some(self.fingerprint)).to_uri()
    }

    /// Says on the screen that it is ready and how to join.
    pub async fn announce(&self, options: &Options) {
        let files = self.hall.shelf.list().await.unwrap_or_default();
        let lines = ready::announcement(self, options, files.len(), self.hall.shelf.refused());
        for line in lines {
            self.hall.report.say(Level::Info, line);
        }
        if self.has_secret {
            self.hall.report.say(Level::Info, "Everybody who joins must know the secret.");
        }
    }

    /// Serves until `stop` is done, then says goodbye to everybody and closes.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { hall, listener, store, timer, .. } = self;
        let room = Arc::clone(&hall.room);
        let time = task::spawn(async move { room.keep_time(&timer).await });
        let watching = Arc::clone(&hall);
        let watch = task::spawn(async move {
            let Hall { shelf, room, .. } = &*watching;
            shelf.watch(|| room.is_empty(), || room.files_changed()).await;
        });
        match race(stop, accept(&hall, &listener)).await {
            Either::Left(()) | Either::Right(()) => {}
        }
        drop(listener);
        close(&hall, store, [time, watch]).await;
    }
}

/// Says goodbye, and waits until it is heard and everything is on disk.
async fn close(hall: &Hall, store: std::thread::JoinHandle<()>, tasks: [JoinHandle<()>; 2]) {
    hall.report.say(Level::Info, "The server is shutting down.");
    hall.room.shutdown();
    let until = clock::now() + FAREWELL;
    while !hall.room.is_empty() && clock::now() < until {
        sleep_until(clock::now() + Duration::from_millis(10)).await;
    }
    for task in tasks {
        task.cancel().await;
    }
    if let Some(engine) = hall.engine.clone() {
        task::spawn_blocking(move || engine.stop()).await;
    }
    hall.room.close_store();
    // What a panic took with it is not to be had any more; everything else is on disk.
    drop(task::spawn_blocking(move || store.join()).await);
    hall.tell_rest(clock::now() + WINDOW);
    hall.report.finish();
}

/// Takes whoever comes.
async fn accept(hall: &Arc<Hall>, listener: &TcpListener) {
    loop {
        let (tcp, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Too many open files, or a client that was gone before it was taken.
                hall.report.say(Level::Debug, format!("cannot accept a connection: {error}"));
                sleep_until(clock::now() + Duration::from_millis(50)).await;
                continue;
            }
        };
        if let Err(why) = hall.let_in(from.ip()) {
            hall.turn_away(from, why.to_string());
            continue;
        }
        let hall = Arc::clone(hall);
        task::spawn(async move {
            let guest = Guest { hall: &hall, from };
            connection::serve(Arc::clone(&hall), tcp, from).await;
            drop(guest);
        });
    }
}

/// Somebody who was let in; lets them out whatever happens.
struct Guest<'h> {
    hall: &'h Hall,
    from: SocketAddr,
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        self.hall.let_out(self.from.ip());
    }
}

type OpenRoom = (Arc<Room>, Receiver<()>, std::thread::JoinHandle<()>);

fn open_room(
    options: &Options,
    memory: &Memory,
    store: Store,
    report: &Report,
) -> Result<OpenRoom, Fault> {
    let rate = Rate {
        burst: options.message_rate.saturating_mul(2).max(HubConfig::DEFAULT.rate.burst),
        per_second: options.message_rate,
    };
    let config = HubConfig { uploads: options.quota.is_some(), rate, ..HubConfig::DEFAULT };
    let (room, timer) = Room::new(config, options.max_clients, memory, report.clone())
        .map_err(|why| Fault::Disk(format!("cannot use the store: {why}")))?;
    let settling = Arc::downgrade(&room);
    let settled = move |receipt: Receipt, outcome| settling.upgrade()?.on_settled(receipt, outcome);
    let (queue, thread) = store::spawn(store, settled)
        .map_err(|error| Fault::Disk(format!("cannot start a thread ({error})")))?;
    room.set_store(queue);
    Ok((room, timer, thread))
}

/// Opens what is remembered of uploads, and clears away what nobody came back for.
fn uploads(
    options: &Options,
    folder: &Arc<Folder>,
    report: &Report,
) -> io::Result<Option<Uploads>> {
    let Some(quota) = options.quota else { return Ok(None) };
    let sidecars = Sidecars::open(&options.state.join("uploads"))?;
    for name in storage::sweep(folder, &sidecars, ABANDONED)? {
        let days = ABANDONED.as_secs() / (24 * 3600);
        let line = format!("removed an unfinished upload, {name}: nothing came for {days} days");
        report.say(Level::Info, line);
    }
    Ok(Some(Uploads { max_size: quota, quota, sidecars }))
}

fn bind(options: &Options, porch: Arc<Porch>) -> Result<(TcpListener, Option<Engine>), Fault> {
    let (limit_rate, door) = (options.limit_rate, Some(porch as Arc<dyn Doorkeeper>));
    let start =
        |bind| Engine::start(EngineConfig { bind, limit_rate, door: door.clone() }).map(Some);
    listen::tcp_and(options.listen, start).map_err(|error| {
        let next = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "Another program, perhaps another haversack-server, uses that port: stop it, or \
                 choose another port with --listen."
            }
            io::ErrorKind::PermissionDenied => "Choose a port above 1023 with --listen.",
            io::ErrorKind::AddrNotAvailable => {
                "This machine has no such address: --listen 0.0.0.0:50000 takes them all."
            }
            _ => "Choose another address with --listen.",
        };
        Fault::Listen(format!("cannot listen on {} ({error}). {next}", options.listen))
    })
}
