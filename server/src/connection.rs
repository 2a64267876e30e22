//! One client's connection, from its first byte to its last: a task that owns the stream.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use log::Level;
use proto_core::chat::LinkId;
use proto_core::link::{Established, LinkError};
use proto_core::wire::{LoginRefusal, ToClient};
use proto_std::channel::Receiver;
use proto_std::clock;
use proto_std::engine::EngineEvent;
use proto_std::future::timeout;
use proto_std::net::TcpStream;
use proto_std::race::{Alarm, Either, race};
use proto_std::storage::Entry;
use proto_std::stream::{Input, SecureStream, Turn};
use proto_std::task::spawn;

use crate::admission::TurnedAway;
use crate::hall::Hall;
use crate::room::{Heard, Wish};
use crate::traffic::{News, Traffic};

/// How long a key exchange may take.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// How long a client that is being sent away may take to hear it.
const FAREWELL_PATIENCE: Duration = Duration::from_secs(3);

/// Things heard from the engine before somebody else is.
const HEEDED: usize = 64;

/// Serves a client until the connection ends.
pub async fn serve(hall: Arc<Hall>, tcp: TcpStream, from: SocketAddr) {
    let link = match hall.link() {
        Ok(link) => link,
        Err(why) => return hall.turn_away(from, why.to_string()),
    };
    let mut stream = SecureStream::new(tcp, link);
    let (number, dropped) = hall.begin_handshake();
    let shaking = timeout(HANDSHAKE_PATIENCE, shake(&hall, &mut stream));
    let shaken = race(dropped.recv(), shaking).await;
    hall.end_handshake(number);
    let why = match shaken {
        // Of many who try at once, the one with the right secret shall not stand out.
        Either::Right(Ok(Ok(_))) if !hall.may_try(from.ip()) => TurnedAway::Guessing.to_string(),
        Either::Right(Ok(Ok(established))) => {
            return Box::pin(talk(&hall, stream, established, from)).await;
        }
        Either::Right(Ok(Err(Broken::Gone))) => return,
        Either::Right(Ok(Err(Broken::Link(error)))) => {
            if error == LinkError::WrongSecret {
                hall.on_wrong_secret(from.ip());
            }
            error.to_string()
        }
        Either::Right(Err(_)) => "no handshake within 10 s".to_owned(),
        Either::Left(_) => "too many handshakes at once".to_owned(),
    };
    hall.turn_away(from, why);
}

/// Why there is no secure link.
enum Broken {
    /// The client went away by itself.
    Gone,
    /// The client is not one of ours.
    Link(LinkError),
}

async fn shake(hall: &Hall, stream: &mut SecureStream) -> Result<Established, Broken> {
    let mut heard = false;
    loop {
        hall.keep_promise(stream.link());
        match stream.input().map_err(Broken::Link)? {
            Input::Established(established) => return Ok(established),
            Input::Identified(_) | Input::Record(_) | Input::Progress => {}
            Input::Nothing => match stream.turn().await {
                Ok(Turn::Moved) => heard = true,
                Ok(Turn::Closed) if heard => {
                    let why = stream.ended().err().unwrap_or(LinkError::Truncated);
                    return Err(Broken::Link(why));
                }
                // Whoever only looks whether the port is open is no event.
                Ok(Turn::Closed) | Err(_) => return Err(Broken::Gone),
            },
        }
    }
}

async fn talk(
    hall: &Arc<Hall>,
    mut stream: SecureStream,
    established: Established,
    from: SocketAddr,
) {
    let (id, bell) = match hall.room.connect(established.peer) {
        Ok(seat) => seat,
        Err(why) => {
            hall.turn_away(from, "the room is full".to_owned());
            return refuse(stream, why).await;
        }
    };
    hall.shelf.on_arrival();
    let mut connection = Connection {
        hall,
        id,
        traffic: Traffic::open(hall, established, from.ip()),
        listing: None,
        parked: Vec::new(),
        alarm: Alarm::new(),
    };
    let ended = connection.run(&mut stream, &bell).await;
    let traffic = connection.traffic;
    let watching = Arc::clone(hall);
    spawn(async move { traffic.finish(&watching).await });
    let name = hall.room.name(id);
    if matches!(ended, Ended::Closed) {
        stream.farewell(FAREWELL_PATIENCE).await;
    }
    hall.room.disconnect(id);
    match ended {
        Ended::Closed | Ended::Gone => {}
        Ended::Broken(why) => {
            let who = name.unwrap_or_else(|| from.to_string());
            hall.report.say(Level::Warn, format!("{who} ({from}) is cut off: {why}"));
        }
    }
}

/// Tells a client why it cannot come in.
async fn refuse(mut stream: SecureStream, why: LoginRefusal) {
    stream.push(&ToClient::Refused(why));
    stream.farewell(FAREWELL_PATIENCE).await;
}

/// A client that is connected.
struct Connection<'h> {
    hall: &'h Arc<Hall>,
    id: LinkId,
    traffic: Traffic,
    /// The list that is being sent, and how far it is.
    listing: Option<(Arc<Vec<Entry>>, usize)>,
    /// What the room could not hear yet.
    parked: Vec<u8>,
    alarm: Alarm,
}

/// How a connection ends.
enum Ended {
    /// The room ended it.
    Closed,
    /// The client went away.
    Gone,
    /// The client broke the rules, or does not read.
    Broken(String),
}

/// Something to attend to.
enum Stir {
    Stream(io::Result<Turn>),
    Bell,
    News(Option<Box<News>>),
    Alarm,
}

impl Connection<'_> {
    async fn run(&mut self, stream: &mut SecureStream, bell: &Receiver<()>) -> Ended {
        // Whether the stream had nothing when it was last asked.
        let mut is_dry = false;
        loop {
            if let Err(why) = self.listen(stream).await {
                return Ended::Broken(why);
            }
            let ending = self.hall.room.pull(self.id, stream);
            self.send_listing(stream);
            if ending.is_some() {
                return Ended::Closed;
            }
            let deadline = stream.deadline();
            if deadline.is_some_and(|deadline| clock::now() >= deadline) {
                return Ended::Broken("it does not read".into());
            }
            let record = stream.record_deadline();
            if is_dry && record.is_some_and(|deadline| clock::now() >= deadline) {
                return Ended::Broken("it does not finish what it began to say".into());
            }
            self.alarm.set(deadline);
            self.alarm.set(record);
            let stir = self.stir(stream, bell).await;
            is_dry = !matches!(stir, Stir::Stream(_));
            match stir {
                Stir::Stream(Ok(Turn::Moved)) | Stir::Bell | Stir::Alarm => {}
                Stir::Stream(Ok(Turn::Closed) | Err(_)) => return Ended::Gone,
                Stir::News(Some(news)) => {
                    if let Err(how) = self.heed(stream, *news).await {
                        return Ended::Broken(how.into());
                    }
                }
                Stir::News(None) => self.traffic.on_end(),
            }
        }
    }

    /// Hears what the engine has to tell, one thing after the other: what of it is for the client
    /// shares a record.
    async fn heed(&mut self, stream: &mut SecureStream, news: News) -> Result<(), Box<str>> {
        let mut news = news;
        for left in (0..HEEDED).rev() {
            if let EngineEvent::Misbehaved { how } = news {
                return Err(how);
            }
            if let Some(message) = self.traffic.on_news(self.hall, news).await {
                stream.push(&ToClient::Transfer(message));
            }
            let more = (left > 0 && stream.can_push()).then(|| self.traffic.more()).flatten();
            let Some(next) = more else { break };
            news = next;
        }
        Ok(())
    }

    async fn stir(&mut self, stream: &mut SecureStream, bell: &Receiver<()>) -> Stir {
        let can_push = stream.can_push();
        let network = race(stream.turn(), bell.recv());
        let news = async {
            if can_push { self.traffic.next().await } else { std::future::pending().await }
        };
        let rest = race(news, self.alarm.ring());
        match race(network, rest).await {
            Either::Left(Either::Left(turn)) => Stir::Stream(turn),
            Either::Left(Either::Right(_)) => Stir::Bell,
            Either::Right(Either::Left(news)) => Stir::News(news.map(Box::new)),
            Either::Right(Either::Right(())) => Stir::Alarm,
        }
    }

    /// Takes everything that came in, unless the room is too busy to hear it.
    async fn listen(&mut self, stream: &mut SecureStream) -> Result<(), String> {
        let mut wishes = Vec::new();
        if !self.parked.is_empty() {
            let parked = std::mem::take(&mut self.parked);
            self.hear(&parked, &mut wishes)?;
        }
        while self.parked.is_empty() {
            match stream.input().map_err(|error| error.to_string())? {
                Input::Record(record) => self.hear(record, &mut wishes)?,
                Input::Nothing => break,
                Input::Identified(_) | Input::Established(_) | Input::Progress => {}
            }
        }
        for wish in wishes {
            match wish {
                Wish::Files => {
                    let files = self.hall.shelf.list().await.unwrap_or_default();
                    self.listing = Some((files, 0));
                }
                Wish::Transfer(message) => {
                    let name = self.hall.room.name(self.id).unwrap_or_default();
                    self.traffic.on_message(self.hall, name, *message).await;
                }
            }
        }
        Ok(())
    }

    fn hear(&mut self, record: &[u8], wishes: &mut Vec<Wish>) -> Result<(), String> {
        match self.hall.room.hear(self.id, record, wishes) {
            Heard::All => Ok(()),
            Heard::Parked(dealt_with) => {
                self.parked.extend_from_slice(&record[dealt_with..]);
                Ok(())
            }
            Heard::Malformed => Err("it sent a malformed message".into()),
        }
    }

    fn send_listing(&mut self, stream: &mut SecureStream) {
        let Some((files, next)) = &mut self.listing else { return };
        while stream.can_push() {
            let Some(file) = files.get(*next) else {
                stream.push(&ToClient::FilesEnd);
                self.listing = None;
                return;
            };
            *next += 1;
            let Entry { name, size, stamp } = file.clone();
            stream.push(&ToClient::File { name, size, stamp });
        }
    }
}
