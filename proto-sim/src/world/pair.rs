//! One client and its server, for stories: nothing goes wrong but what the story tells.

use proto_core::time::{Duration, Instant};

use super::{NEVER, World};
use crate::disk::DiskFaults;
use crate::link::{LinkConfig, LinkStats};
use crate::plan::{ClientPlan, Event, Plan, Wish};

/// A client and a server.
#[derive(Debug)]
pub struct Pair {
    world: World,
}

impl Pair {
    /// Makes a pair with 20 ms of link between them, each way.
    pub fn new(seed: u64) -> Self {
        let link = LinkConfig::clean(Duration::from_millis(20));
        let client = ClientPlan {
            up: link.clone(),
            down: link,
            device: false,
            control: Duration::from_millis(20),
            wishes: Vec::new(),
            disk: DiskFaults::default(),
            write: Duration::ZERO,
            events: Vec::new(),
        };
        let plan = Plan {
            clients: vec![client],
            shared: Vec::new(),
            confirm_at: None,
            events: Vec::new(),
            server_disk: DiskFaults::default(),
            server_write: Duration::ZERO,
            heals_at: NEVER,
        };
        Self { world: World::of_plan(seed, &plan, std::env::var_os("PAIR_TOLD").is_some()) }
    }

    /// Both directions of the link are like that from now on; so is the control channel's time.
    #[must_use]
    pub fn link(mut self, config: &LinkConfig) -> Self {
        self.set_link(config);
        self
    }

    /// The server waits for the client's consent at that percentage of each download.
    #[must_use]
    pub fn confirm_at(mut self, percent: u8) -> Self {
        self.world.server.confirm_at = Some(percent);
        self
    }

    /// The client is a small device.
    #[must_use]
    pub fn device(mut self) -> Self {
        self.world.clients[0].device = true;
        self
    }

    /// Both disks take that long for a write.
    #[must_use]
    pub fn slow_disks(mut self, write: Duration) -> Self {
        self.world.server.write_time = write;
        self.world.clients[0].write_time = write;
        self
    }

    /// Both directions of the link are like that from now on; so is the control channel's time.
    pub fn set_link(&mut self, config: &LinkConfig) {
        let client = &mut self.world.clients[0];
        client.control = config.latency;
        client.up.configure(config.clone());
        client.down.configure(config.clone());
    }

    /// What reaches the server is like that from now on.
    pub fn set_up_link(&mut self, config: &LinkConfig) {
        self.world.clients[0].up.configure(config.clone());
    }

    /// What reaches the client is like that from now on.
    pub fn set_down_link(&mut self, config: &LinkConfig) {
        self.world.clients[0].down.configure(config.clone());
    }

    /// The client wants a file of that length.
    pub fn get(&mut self, len: u64) {
        let world = &mut self.world;
        let number = world.server.store.shared.len();
        let stamp = world.truth.create(len);
        world.server.store.share(&format!("s{number}"), stamp, &world.truth);
        world.clients[0].wish(0, Wish::Get(number), world.now, &mut world.truth);
    }

    /// The client has a file of that length to upload.
    pub fn put(&mut self, len: u64) {
        let world = &mut self.world;
        world.clients[0].wish(0, Wish::Put(len), world.now, &mut world.truth);
    }

    /// Something happens to the client.
    pub fn happen(&mut self, event: Event) {
        self.world.happen(Some(0), event);
    }

    /// Something happens to the server.
    pub fn happen_to_server(&mut self, event: Event) {
        self.world.happen(None, event);
    }

    /// Goes on to the next thing that happens; false when nothing will.
    pub fn step(&mut self) -> bool {
        let Some(next) = self.world.next_event() else {
            return false;
        };
        self.world.now = self.world.now.max(next);
        self.world.step();
        true
    }

    /// Goes on for so long.
    pub fn drive_for(&mut self, time: Duration) {
        let end = self.world.now + time;
        while self.world.next_event().is_some_and(|next| next <= end) {
            self.step();
        }
        self.world.now = end;
    }

    /// Goes on until every wish came true, and checks the files.
    #[track_caller]
    pub fn drive(&mut self) {
        let deadline = self.world.now + PATIENCE;
        while !self.is_content() {
            assert!(self.step(), "nothing is to come: {}", self.world.wishes());
            assert!(self.world.now < deadline, "it takes too long: {}", self.world.wishes());
        }
        self.world.judge().expect("every file is what it should be");
    }

    /// Goes on for at most so many steps, and says whether every wish came true.
    pub fn drive_bounded(&mut self, steps: u64) -> bool {
        (0..steps).any(|_| self.is_content() || !self.step()) && self.is_content()
    }

    /// Whether every wish came true.
    pub fn is_content(&self) -> bool {
        self.world.clients[0].is_content()
    }

    /// The time since the beginning.
    pub fn elapsed(&self) -> Duration {
        self.world.now.since(Instant::ZERO)
    }

    /// What the link did, towards the server and towards the client.
    pub fn link_stats(&self) -> (LinkStats, LinkStats) {
        (self.world.clients[0].up.stats(), self.world.clients[0].down.stats())
    }
}

/// Longest time that any story takes.
const PATIENCE: Duration = Duration::from_secs(300);
