//! A room with a disk and a screen, driven as a server drives it.

use super::*;

pub(super) type SmallHub = Hub<8, 8>;

/// Everything around a hub: what was stored, what was told, and a clock.
pub(super) struct Room {
    pub(super) hub: std::boxed::Box<SmallHub>,
    pub(super) now: Instant,
    /// Records as they are on the disk.
    pub(super) people: Vec<Vec<u8>>,
    pub(super) messages: Vec<(u64, Vec<u8>)>,
    /// Records that wait for the disk while it is slow.
    waiting: Vec<Write>,
    pub(super) disk_is_slow: bool,
    pub(super) ready: Vec<LinkId>,
    pub(super) closed: Vec<(LinkId, Ending)>,
    pub(super) told: Vec<String>,
    links: Vec<LinkId>,
}

struct Write {
    people: Vec<PersonRecord>,
    message: Option<(u64, Vec<u8>)>,
    forget: Option<u64>,
    receipt: Receipt,
}

impl Room {
    pub(super) fn new() -> Self {
        Self::with(HubConfig::DEFAULT)
    }

    pub(super) fn with(config: HubConfig) -> Self {
        Self {
            hub: std::boxed::Box::new(Hub::new(config)),
            now: Instant::from_micros(1_000_000),
            people: Vec::new(),
            messages: Vec::new(),
            waiting: Vec::new(),
            disk_is_slow: false,
            ready: Vec::new(),
            closed: Vec::new(),
            told: Vec::new(),
            links: Vec::new(),
        }
    }

    /// Stops the server without a word and starts it again from what was stored.
    pub(super) fn restart(&mut self) {
        self.waiting.clear();
        self.links.clear();
        *self.hub = Hub::new(self.hub.config);
        for person in &self.people {
            self.hub.restore_person(&PersonRecord::decode(person).unwrap()).unwrap();
        }
        for (_, message) in &self.messages {
            self.hub.restore_message(&MessageRecord::decode(message).unwrap()).unwrap();
        }
    }

    pub(super) fn connect(&mut self, who: &str) -> LinkId {
        let link = self.hub.connect(self.now, key(who)).unwrap();
        self.links.push(link);
        self.poll();
        link
    }

    pub(super) fn login(&mut self, who: &str, login: &ToServer<'_>) -> LinkId {
        let &ToServer::Login { mode, stream, first, .. } = login else { panic!("not a login") };
        let link = self.connect(who);
        let login = ToServer::Login { name: name(who), mode, stream, first };
        self.send(link, login).unwrap();
        let welcome = self.pull(link).unwrap();
        assert!(welcome.starts_with("welcome"), "{welcome}");
        link
    }

    pub(super) fn enter(&mut self, who: &str) -> LinkId {
        self.login(who, &join(None, 1))
    }

    pub(super) fn send(&mut self, link: LinkId, message: ToServer<'_>) -> Result<String, Goodbye> {
        let at = UnixMillis(self.now.as_micros() / 1000);
        let event = self.hub.handle_message(self.now, at, link, message);
        let event = event.map(|event| format!("{event:?}"));
        self.poll();
        event
    }

    pub(super) fn say(&mut self, link: LinkId, seq: u64, words: &str) {
        self.send(link, say(seq, Audience::All, words)).unwrap();
    }

    pub(super) fn tell(&mut self, link: LinkId, seq: u64, to: &str, words: &str) {
        self.send(link, say(seq, one(to), words)).unwrap();
    }

    pub(super) fn pass(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
        self.poll();
    }

    /// Does what the hub wants done.
    pub(super) fn poll(&mut self) {
        loop {
            match self.hub.poll_output(self.now) {
                HubOutput::Store(record, receipt) => {
                    self.waiting.push(Write::new(record, receipt));
                    if !self.disk_is_slow {
                        self.flush_once();
                    }
                }
                HubOutput::Ready(link) => self.ready.push(link),
                HubOutput::Close(link, ending) => self.closed.push((link, ending)),
                HubOutput::Event(HubEvent::Left { name }) => {
                    self.told.push(format!("left {name}"));
                }
                HubOutput::Event(event) => panic!("{event:?}"),
                HubOutput::Wait(until) => {
                    assert!(until > self.now, "a hub that waits for the past never rests");
                    return;
                }
                HubOutput::Idle => return,
            }
        }
    }

    /// Stores what waits for the disk.
    pub(super) fn flush(&mut self) {
        self.flush_once();
        self.poll();
    }

    fn flush_once(&mut self) {
        let Some(receipt) = self.waiting.last().map(|write| write.receipt) else { return };
        for write in self.waiting.split_off(0) {
            for person in write.people {
                let mut bytes = [0; MAX_PERSON_RECORD_LEN];
                let len = person.encode(&mut bytes).unwrap();
                self.people.retain(|old| PersonRecord::decode(old).unwrap().key != person.key);
                self.people.push(bytes[..len].to_vec());
            }
            self.messages.extend(write.message);
            self.messages.retain(|(place, _)| Some(*place) != write.forget);
        }
        assert!(self.messages.len() <= MAX_MESSAGES);
        self.hub.stored(self.now, receipt);
    }

    /// The disk refuses what waits for it.
    pub(super) fn fail(&mut self) {
        let receipt = self.waiting[0].receipt;
        self.waiting.clear();
        assert!(self.hub.not_stored(self.now, receipt) >= receipt);
        self.poll();
    }

    /// The next line that a link reads.
    pub(super) fn pull(&mut self, link: LinkId) -> Option<String> {
        self.hub.poll_message(self.now, link).map(|message| line(&message))
    }

    /// Everything that a link reads.
    pub(super) fn drain(&mut self, link: LinkId) -> Vec<String> {
        core::iter::from_fn(|| self.pull(link)).collect()
    }

    pub(super) fn drain_all(&mut self) {
        for link in self.links.clone() {
            self.drain(link);
        }
    }
}

impl Write {
    fn new(record: StoreRecord<'_>, receipt: Receipt) -> Self {
        match record {
            StoreRecord::Person(person) => {
                Self { people: [person].into(), message: None, forget: None, receipt }
            }
            StoreRecord::Message { message, sender, recipient, forget } => {
                let mut bytes = [0; MAX_MESSAGE_RECORD_LEN];
                let len = message.encode(&mut bytes).unwrap();
                Self {
                    people: core::iter::once(sender).chain(recipient).collect(),
                    message: Some((message.place, bytes[..len].to_vec())),
                    forget,
                    receipt,
                }
            }
        }
    }
}

pub(super) fn name(who: &str) -> Name {
    Name::parse(who).unwrap()
}

pub(super) fn key(who: &str) -> PublicKey {
    let mut key = [0; 32];
    key[..who.len()].copy_from_slice(who.as_bytes());
    PublicKey(key)
}

pub(super) fn text(words: &str) -> Text<'_> {
    Text::parse(words).unwrap()
}

pub(super) fn one(who: &str) -> Audience {
    Audience::One(name(who))
}

pub(super) fn say(seq: u64, to: Audience, words: &str) -> ToServer<'_> {
    ToServer::Say { seq: Seq(seq), to, text: text(words) }
}

/// A login into the room that goes on after `cursor`, with messages numbered from `first` on.
pub(super) fn join(cursor: Option<u64>, first: u64) -> ToServer<'static> {
    let mode = Mode::Join { cursor: cursor.map(Ordinal) };
    ToServer::Login { name: name("?"), mode, stream: 77, first: Seq(first) }
}

/// A login of a script.
pub(super) fn using() -> ToServer<'static> {
    ToServer::Login { name: name("?"), mode: Mode::Use, stream: 88, first: Seq(1) }
}

/// A message as a line that tests can compare.
pub(super) fn line(message: &ToClient<'_>) -> String {
    match message {
        ToClient::Welcome { name, cursor, heard, .. } => {
            format!("welcome {name} at {}, heard {}", cursor.0, heard.0)
        }
        ToClient::Refused(why) => format!("refused {why:?}"),
        ToClient::Said { ordinal, from, to, seq, text, .. } => {
            let to = match to {
                Audience::All => String::new(),
                Audience::One(name) => format!(" to {name}"),
            };
            let mine = if *seq == Seq(0) { String::new() } else { format!(" ({})", seq.0) };
            format!("{} {from}{mine}{to}: {}", ordinal.0, text.as_str())
        }
        ToClient::Joined { name, .. } => format!("+ {name}"),
        ToClient::Left { name, .. } => format!("- {name}"),
        ToClient::Heard(seq) => format!("heard {}", seq.0),
        ToClient::Rejected { seq, why } => format!("rejected {} {why:?}", seq.0),
        ToClient::Present(name) => format!("is {name}"),
        ToClient::PresentEnd => "end".to_string(),
        ToClient::FilesChanged => "files changed".to_string(),
        ToClient::PeopleChanged => "people changed".to_string(),
        ToClient::Ping(_) => "ping".to_string(),
        ToClient::Pong(number) => format!("pong {number}"),
        ToClient::Goodbye(why) => format!("goodbye {why:?}"),
        ToClient::File { .. } | ToClient::FilesEnd | ToClient::Transfer(_) => {
            panic!("the hub does not say {message:?}")
        }
    }
}
