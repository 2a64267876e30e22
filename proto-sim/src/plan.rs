//! What goes wrong in a world, and when: drawn from its seed before it begins.
//!
//! Swarm style: each kind of fault is on or off for the whole world, so that some worlds suffer
//! one thing much and others everything at once. All of it ends when the world heals.

use proto_core::time::{Duration, Instant, micros};

use crate::disk::DiskFaults;
use crate::link::{LinkConfig, Loss};
use crate::rng::{Chance, Rng};

/// Everything that a world's seed decides before it begins.
#[derive(Clone, Debug)]
pub struct Plan {
    /// One entry per client.
    pub clients: Vec<ClientPlan>,
    /// The files that the server shares, by length in bytes: their names are `s0`, `s1`…
    pub shared: Vec<u64>,
    /// Percent at which the server waits for each client to agree.
    pub confirm_at: Option<u8>,
    /// What happens to the server or to everybody.
    pub events: Vec<(Instant, Event)>,
    /// What the server's disk does wrong.
    pub server_disk: DiskFaults,
    /// How long the server's writes take before they are stored.
    pub server_write: Duration,
    /// When all faults end.
    pub heals_at: Instant,
}

/// What the seed decides about one client.
#[derive(Clone, Debug)]
pub struct ClientPlan {
    /// Datagrams towards the server.
    pub up: LinkConfig,
    /// Datagrams from the server.
    pub down: LinkConfig,
    /// Whether it is a device, with little room.
    pub device: bool,
    /// One way, on the control channel.
    pub control: Duration,
    /// What the client wants.
    pub wishes: Vec<Wish>,
    /// What the client's disk does wrong.
    pub disk: DiskFaults,
    /// How long the client's writes take before they are stored.
    pub write: Duration,
    /// What happens to this client.
    pub events: Vec<(Instant, Event)>,
}

/// A transfer that a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The shared file of this number.
    Get(usize),
    /// To upload a file of this length.
    Put(u64),
}

/// Something that happens at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The client's datagrams come from another address from now on.
    Rebind,
    /// Longer datagrams vanish from now on.
    MtuDrops(usize),
    /// The control channel breaks.
    Cut,
    /// The process dies without a word, and starts again after a while.
    Crash(Duration),
    /// The process stands still for a while.
    Pause(Duration),
    /// The side's user sets its hold on a wish, by number; the server's on the session's wish.
    Hold(usize),
    /// The side's user clears it.
    Proceed(usize),
    /// The shared file of this number gets other content.
    Change(usize),
    /// Somebody replays the client's last datagram from an address of their own.
    Spoof,
}

/// Bounds of what may be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether the story is told on standard output.
    pub told: bool,
    /// Whether each seed's trace is.
    pub hashed: bool,
    /// Most clients.
    pub clients: u64,
    /// Longest of most files; one in twenty may be ten times as long.
    pub file_len: u64,
    /// Whether there are faults at all.
    pub faults: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { told: false, hashed: false, clients: 3, file_len: 300_000, faults: true }
    }
}

impl Plan {
    /// Draws a world.
    pub fn draw(rng: &Rng, options: &Options) -> Self {
        let mut own = rng.split("plan");
        let swarm = Swarm::draw(&mut rng.split("swarm"), options.faults);
        let heals_at = Instant::from_micros(own.between(2, 40) * 1_000_000);
        let shared: Vec<u64> =
            (0..own.between(1, 3)).map(|_| file_len(&mut own, options)).collect();
        let clients = own.between(1, options.clients);
        Self {
            clients: (0..clients)
                .map(|number| {
                    let rng = rng.split(&format!("client {number}"));
                    swarm.client(rng, heals_at, shared.len(), options)
                })
                .collect(),
            confirm_at: swarm.confirm.then(|| u8::try_from(own.between(1, 99)).unwrap_or(50)),
            events: swarm.server_events(&mut rng.split("server"), heals_at, shared.len()),
            server_disk: swarm.disk(&mut own),
            server_write: swarm.write(&mut own),
            shared,
            heals_at,
        }
    }
}

impl ClientPlan {
    /// How long this client's transfers would take over its healed link, one after another.
    pub fn ideal(&self, world: &Plan) -> Duration {
        let bytes = self.wishes.iter().map(|&wish| match wish {
            Wish::Get(file) => world.shared[file],
            Wish::Put(len) => len,
        });
        let window = if self.device { 16 } else { 256 } * 1100;
        let turn = self.up.latency + self.down.latency + self.write.max(world.server_write);
        let rate = (window * 1_000_000 / micros(turn).max(1)).min(HEALED_RATE);
        Duration::from_micros(bytes.sum::<u64>() * 1_000_000 / rate)
    }
}

/// Bytes a second of every link once the world healed.
pub const HEALED_RATE: u64 = 1_000_000;

/// Which kinds of fault this world has.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "a swarm is a set of switches")]
struct Swarm {
    loss: bool,
    bursts: bool,
    ack_loss: bool,
    duplicate: bool,
    reorder: bool,
    corrupt: bool,
    blackout: bool,
    rate: bool,
    mtu: bool,
    rebind: bool,
    cut: bool,
    crash: bool,
    pause: bool,
    hold: bool,
    confirm: bool,
    change: bool,
    spoof: bool,
    disk: bool,
    slow_disk: bool,
}

impl Swarm {
    fn draw(rng: &mut Rng, faults: bool) -> Self {
        let mut on = || rng.happens(Chance::percent(30)) && faults;
        Self {
            loss: on(),
            bursts: on(),
            ack_loss: on(),
            duplicate: on(),
            reorder: on(),
            corrupt: on(),
            blackout: on(),
            rate: on(),
            mtu: on(),
            rebind: on(),
            cut: on(),
            crash: on(),
            pause: on(),
            hold: on(),
            confirm: on(),
            change: on(),
            spoof: on(),
            disk: on(),
            slow_disk: on(),
        }
    }

    fn client(&self, mut rng: Rng, heals: Instant, shared: usize, options: &Options) -> ClientPlan {
        let latency = Duration::from_micros(1 << rng.between(7, 17));
        let wishes: Vec<Wish> = (0..rng.between(1, 3))
            .map(|_| match rng.below(3) {
                0 => Wish::Put(file_len(&mut rng, options)),
                _ => Wish::Get(rng.index(shared)),
            })
            .collect();
        ClientPlan {
            up: self.link(&mut rng, latency, heals),
            down: self.link(&mut rng, latency, heals),
            device: rng.happens(Chance::percent(20)),
            control: latency,
            disk: self.disk(&mut rng),
            write: self.write(&mut rng),
            events: self.client_events(&mut rng, heals, wishes.len()),
            wishes,
        }
    }

    fn link(&self, rng: &mut Rng, latency: Duration, heals: Instant) -> LinkConfig {
        let jitters = rng.happens(Chance::percent(50));
        let mtus = [65_507, 65_507, 9000, 1472, 1452, 1400, 1280, 1200];
        LinkConfig {
            latency,
            jitter: if jitters { latency / 2 } else { Duration::ZERO },
            loss: self.losses(rng),
            small_loss: percents(rng, self.ack_loss, 90),
            duplicate: percents(rng, self.duplicate, 50),
            reorder: percents(rng, self.reorder, 50),
            reorder_by: Duration::from_millis(rng.between(1, 50)),
            corrupt: percents(rng, self.corrupt, 30),
            rate: self.rate.then(|| 25_000 << rng.below(10)),
            queue: rng.between(10, 400) * 1000,
            mtu: mtus[rng.index(mtus.len())],
            blackouts: if self.blackout { blackouts(rng, heals) } else { Vec::new() },
        }
    }

    fn losses(&self, rng: &mut Rng) -> Loss {
        if self.bursts {
            return Loss::Bursty {
                turns_bad: Chance::per_million(rng.between(1_000, 50_000).try_into().unwrap_or(0)),
                turns_good: Chance::percent(rng.between(10, 50).try_into().unwrap_or(10)),
                lost: percents(rng, true, 100),
            };
        }
        Loss::Random(percents(rng, self.loss, 30))
    }

    fn disk(&self, rng: &mut Rng) -> DiskFaults {
        if !self.disk {
            return DiskFaults::default();
        }
        let bad = rng.happens(Chance::percent(30));
        let full = rng.happens(Chance::percent(30));
        DiskFaults {
            capacity: full.then(|| rng.between(0, 2_000_000)),
            short: percents(rng, true, 50),
            failing: percents(rng, true, 2),
            bad_byte: bad.then(|| rng.below(300_000)),
        }
    }

    fn write(&self, rng: &mut Rng) -> Duration {
        let slow = rng.duration(Duration::ZERO, Duration::from_millis(200));
        if self.slow_disk { slow } else { Duration::ZERO }
    }

    fn client_events(&self, rng: &mut Rng, heals: Instant, wishes: usize) -> Vec<(Instant, Event)> {
        let mut events = Vec::new();
        let mut at = |rng: &mut Rng, event| events.push((moment(rng, heals), event));
        repeat(rng, self.rebind, 4, |rng| at(rng, Event::Rebind));
        repeat(rng, self.mtu, 2, |rng| {
            let mtu = [1200, 1300, 1452, 9000][rng.index(4)];
            at(rng, Event::MtuDrops(mtu));
        });
        repeat(rng, self.cut, 4, |rng| at(rng, Event::Cut));
        repeat(rng, self.crash, 2, |rng| {
            let away = rng.duration(Duration::ZERO, Duration::from_secs(5));
            at(rng, Event::Crash(away));
        });
        repeat(rng, self.pause, 2, |rng| {
            let away = rng.duration(Duration::ZERO, Duration::from_secs(20));
            at(rng, Event::Pause(away));
        });
        repeat(rng, self.hold, 3, |rng| {
            let wish = rng.index(wishes);
            at(rng, Event::Hold(wish));
            at(rng, Event::Proceed(wish));
        });
        repeat(rng, self.spoof, 4, |rng| at(rng, Event::Spoof));
        events
    }

    fn server_events(&self, rng: &mut Rng, heals: Instant, shared: usize) -> Vec<(Instant, Event)> {
        let mut events = Vec::new();
        let mut at = |rng: &mut Rng, event| events.push((moment(rng, heals), event));
        repeat(rng, self.crash, 2, |rng| {
            let away = rng.duration(Duration::ZERO, Duration::from_secs(5));
            at(rng, Event::Crash(away));
        });
        repeat(rng, self.pause, 2, |rng| {
            let away = rng.duration(Duration::ZERO, Duration::from_secs(20));
            at(rng, Event::Pause(away));
        });
        repeat(rng, self.hold, 2, |rng| {
            let wish = rng.index(3);
            at(rng, Event::Hold(wish));
            at(rng, Event::Proceed(wish));
        });
        repeat(rng, self.change, 2, |rng| {
            let file = rng.index(shared);
            at(rng, Event::Change(file));
        });
        events
    }
}

fn repeat(rng: &mut Rng, on: bool, most: u64, mut event: impl FnMut(&mut Rng)) {
    let times = if on { rng.between(1, most) } else { 0 };
    (0..times).for_each(|_| event(rng));
}

/// A moment before the world heals: rather early, while the transfers run.
fn moment(rng: &mut Rng, heals: Instant) -> Instant {
    let latest = heals.as_micros() >> rng.below(8);
    Instant::from_micros(rng.below(latest))
}

fn blackouts(rng: &mut Rng, heals: Instant) -> Vec<(Instant, Instant)> {
    (0..rng.between(1, 3))
        .map(|_| {
            let from = moment(rng, heals);
            let longest = Duration::from_millis(100 << rng.below(9)).min(Duration::from_secs(30));
            (from, (from + rng.duration(Duration::ZERO, longest)).min(heals))
        })
        .collect()
}

fn percents(rng: &mut Rng, on: bool, most: u32) -> Chance {
    let drawn = u32::try_from(rng.between(1, u64::from(most) * 10_000)).unwrap_or(0);
    if on { Chance::per_million(drawn) } else { Chance::NEVER }
}

fn file_len(rng: &mut Rng, options: &Options) -> u64 {
    match rng.below(20) {
        0 => 0,
        1 => rng.below(options.file_len * 10),
        2 | 3 => rng.below(1200),
        _ => rng.below(options.file_len),
    }
}
