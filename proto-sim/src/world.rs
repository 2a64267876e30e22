//! Whole worlds: several clients, a server, their networks, disks and accidents, on one clock.
//!
//! ```text
//!   client 0: store, end ==up/down links==\
//!                        --control pipes-- server: store, one end per session
//!   client 1: store, end ==up/down links==/
//! ```
//!
//! A world is a function of its seed. Until it heals, everything in its plan goes wrong; after
//! that, everything that was wished for must come true within a bounded time.

mod accidents;
mod client;
mod line;
mod pair;
mod server;

use proto_core::time::{Duration, Instant};

pub use self::pair::Pair;

use self::client::Client;
use self::line::Line;
use self::server::Server;
use crate::plan::{Event, Options, Plan};
use crate::report::{Report, verdict};
use crate::rng::Rng;
use crate::timeline::Timeline;
use crate::trace::Trace;
use crate::truth::Truth;
use crate::witness::Witness;

/// Runs the world of a seed to its end.
pub fn run_world(seed: u64, options: &Options) -> Report {
    let plan = Plan::draw(&Rng::new(seed), options);
    let mut world = World::of_plan(seed, &plan, options.told);
    let failure = verdict(|| world.run());
    let at = world.now;
    Report {
        seed,
        trace: world.trace.hash(),
        simulated: world.now.since(Instant::ZERO),
        transfers: world.clients.iter().map(Client::fulfilled).sum(),
        datagrams: world.clients.iter().map(Client::datagrams).sum(),
        failure: failure.map(|failure| format!("world at {at:?}: {failure}")),
        ..Report::default()
    }
}

/// A world at one moment.
#[derive(Debug)]
struct World {
    now: Instant,
    rng: Rng,
    truth: Truth,
    trace: Trace,
    server: Server,
    clients: Vec<Client>,
    /// The control channel of each client that has one.
    lines: Vec<Option<Line>>,
    /// What will happen, and to which client; to the server where there is none.
    events: Timeline<(Option<usize>, Event)>,
    heals_at: Instant,
    healed: bool,
    /// When everything must have come true.
    deadline: Instant,
}

impl World {
    fn of_plan(seed: u64, plan: &Plan, told: bool) -> Self {
        Witness::forget();
        let rng = Rng::new(seed);
        let mut truth = Truth::new(rng.split("truth"));
        let trace = Trace::new(told);
        trace.tell(Instant::ZERO, || format!("{plan:#?}"));
        let mut events = Timeline::new();
        for &(at, event) in &plan.events {
            events.push(at, (None, event));
        }
        for (number, client) in plan.clients.iter().enumerate() {
            for &(at, event) in &client.events {
                events.push(at, (Some(number), event));
            }
        }
        Self {
            now: Instant::ZERO,
            server: Server::new(plan, &mut truth, &rng.split("server")),
            clients: (0_u16..)
                .zip(&plan.clients)
                .map(|(number, plan)| Client::new(number, plan, &mut truth, &rng))
                .collect(),
            lines: plan.clients.iter().map(|_| None).collect(),
            heals_at: plan.heals_at,
            deadline: plan.heals_at + PATIENCE + ideal(plan) * SLACK,
            healed: false,
            rng: rng.split("world"),
            truth,
            trace,
            events,
        }
    }

    fn run(&mut self) -> Result<(), String> {
        for _ in 0..MOST_STEPS {
            if self.clients.iter().all(Client::is_content) {
                return self.judge();
            }
            let Some(next) = self.next_event() else {
                return Err(format!("at {:?} nothing is to come: {}", self.now, self.wishes()));
            };
            if next > self.deadline {
                let late = self.deadline.since(self.heals_at).as_secs();
                return Err(format!("{late} s after it healed: {}", self.wishes()));
            }
            self.now = self.now.max(next);
            self.step();
        }
        Err(format!("{MOST_STEPS} steps, and at {:?}: {}", self.now, self.wishes()))
    }

    fn step(&mut self) {
        if !self.healed && self.now >= self.heals_at {
            self.heal();
        }
        while let Some((whom, event)) = self.events.pop(self.now) {
            if !self.healed {
                self.happen(whom, event);
            }
        }
        for number in 0..self.clients.len() {
            self.connect(number);
            self.carry_messages(number);
            self.carry_datagrams(number);
            self.wake_client(number);
        }
        self.wake_server();
    }

    /// When anything happens next.
    fn next_event(&self) -> Option<Instant> {
        let heals = Some(self.heals_at).filter(|&at| !self.healed && at != NEVER);
        let server = self.server.next_wake();
        let clients = (0..self.clients.len()).filter_map(|number| self.next_around(number));
        [heals, server, self.events.next()].into_iter().flatten().chain(clients).min()
    }

    /// When anything happens next to a client or on its way to the server.
    fn next_around(&self, number: usize) -> Option<Instant> {
        let client = &self.clients[number];
        let line = self.lines[number].as_ref();
        let (server_notices, client_notices) = line.map_or((None, None), Line::next_notices);
        let to_server = [
            client.up.next_arrival(),
            line.and_then(|line| line.to_server.next_arrival()),
            server_notices,
        ];
        let to_client = [
            client.down.next_arrival(),
            line.and_then(|line| line.to_client.next_arrival()),
            client_notices,
        ];
        let earliest = |times: [Option<Instant>; 3]| times.into_iter().flatten().min();
        [
            earliest(to_server).map(|at| at.max(self.server.asleep_until)),
            earliest(to_client).map(|at| at.max(client.asleep_until)),
            client.next_wake(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Ends all that goes wrong. What the faults left behind stays.
    fn heal(&mut self) {
        self.healed = true;
        self.trace.tell(self.now, || "the world heals".into());
        for client in &mut self.clients {
            client.heal();
        }
        self.server.store.disk.heal();
        self.release();
    }

    /// What must be true when all is done.
    fn judge(&self) -> Result<(), String> {
        for client in &self.clients {
            client.judge(&self.server.store, &self.truth)?;
        }
        Ok(())
    }

    fn wishes(&self) -> String {
        let all: Vec<String> = self.clients.iter().map(Client::describe).collect();
        all.join("; ")
    }
}

/// The longest of what the clients' transfers would take.
fn ideal(plan: &Plan) -> Duration {
    let ideals = plan.clients.iter().map(|client| client.ideal(plan));
    ideals.max().unwrap_or_default()
}

/// Longest time after healing until everything must be on its way: a narrow path is proven by the
/// fourth probe, and between two of them lie ten seconds at most.
const PATIENCE: Duration = Duration::from_secs(40);
/// How many times the ideal time everything may take from then on.
const SLACK: u32 = 3;
/// When a world heals in which nothing goes wrong by itself.
const NEVER: Instant = Instant::from_micros(u64::MAX);
/// Most steps of a world.
const MOST_STEPS: u64 = 2_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calm_world_fulfils_every_wish() {
        let options = Options { faults: false, ..Options::default() };
        let report = run_world(1, &options);
        assert_eq!(report.failure, None);
        assert!(report.transfers > 0);
    }

    #[test]
    fn the_same_seed_is_the_same_world() {
        let options = Options::default();
        assert_eq!(run_world(2, &options), run_world(2, &options));
    }
}
