//! Two transfers at once over one link: who gets how much of it.

mod picture;

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Told;
use crate::Fault;
use crate::link::{A, Flow, Link, Queue, SLOT, Shape};
use crate::peer::{Peer, Role};
use crate::process::Process;
use crate::report::{Middle, Table, either};
use crate::server::Server;
use crate::stage::Stage;

const LINK: Shape = Shape::new(20, Duration::from_millis(20));
/// More than a link can carry meanwhile.
const SIZE: u64 = 96 << 20;
/// How long both run.
const TIME: Duration = Duration::from_secs(20);
/// What is not counted: the beginning.
const WARM_UP: Duration = Duration::from_secs(5);
const PICTURE: &str = "share-beside-cubic";
/// Who meets whom, and where.
struct Pair {
    first: Peer,
    second: Option<Peer>,
    queue: f64,
    loss: f64,
}

const PAIRS: [Pair; 7] = [
    Pair { first: Peer::Haversack, second: Some(Peer::Tcp), queue: 0.25, loss: 0.0 },
    Pair { first: Peer::Haversack, second: Some(Peer::Tcp), queue: 1.0, loss: 0.0 },
    Pair { first: Peer::Haversack, second: Some(Peer::Tcp), queue: 4.0, loss: 0.0 },
    Pair { first: Peer::Haversack, second: Some(Peer::Haversack), queue: 1.0, loss: 0.0 },
    Pair { first: Peer::Tcp, second: Some(Peer::Tcp), queue: 1.0, loss: 0.0 },
    Pair { first: Peer::Tcp, second: None, queue: 1.0, loss: 0.05 },
    Pair { first: Peer::Haversack, second: Some(Peer::Tcp), queue: 1.0, loss: 0.05 },
];

/// One meeting.
#[derive(Serialize)]
struct Meeting {
    #[serde(skip)]
    pair: String,
    queue_bdp: f64,
    loss: f64,
    /// Of each, Mbit/s behind the beginning.
    rates: Vec<f64>,
    /// Mean and 99th percentile, ms.
    queue_ms: [f64; 2],
    /// Bytes by slot, of each.
    #[serde(skip)]
    slots: Vec<Vec<u64>>,
}

/// Lets all pairs meet.
pub fn play(stage: &Stage<'_>) -> Result<Told, Fault> {
    let source = stage.source(SIZE)?;
    let mut table = Table::new(&[
        "<who",
        "queue, BDP",
        "loss, %",
        "first, Mbit/s",
        "second, Mbit/s",
        "first's share, %",
        "queue ms, mean / p99",
    ]);
    let mut meetings: Vec<Vec<Meeting>> = PAIRS.iter().map(|_| Vec::new()).collect();
    for seed in 1..=stage.runs {
        for (pair, meetings) in PAIRS.iter().zip(&mut meetings) {
            let meeting = pair.meet(stage, &source, seed as u64)?;
            stage.say(&format!("{} {seed}: {:.1?} Mbit/s", meeting.pair, meeting.rates));
            stage.keep(&meeting.pair, &meeting)?;
            meetings.push(meeting);
        }
    }
    for (pair, meetings) in PAIRS.iter().zip(&meetings) {
        table.row(&pair.row(meetings));
    }
    let picture = picture::draw(&meetings)?;
    let text = format!(
        "{} each way, {} s, of which the first {} s are not counted; {} runs.\n\n{table}\n\
         ![share of the link over time](pictures/{PICTURE}.svg)\n",
        "20 Mbit/s, 20 ms",
        stage.time(TIME).as_secs(),
        stage.time(WARM_UP).as_secs(),
        stage.runs,
    );
    Ok(Told { text, pictures: vec![picture] })
}

impl Pair {
    fn name(&self) -> String {
        let Self { first, second, .. } = self;
        second.map_or_else(|| format!("{first} alone"), |second| format!("{first} beside {second}"))
    }

    fn meet(&self, stage: &Stage<'_>, source: &Path, seed: u64) -> Result<Meeting, Fault> {
        let folder = stage.room()?;
        let shape = Shape { queue: Queue::Bdp(self.queue), ..LINK.loss(self.loss) };
        let link = Link::new(&shape, seed)?;
        let mut ends = Vec::new();
        for (number, peer) in [Some(self.first), self.second].into_iter().flatten().enumerate() {
            let meeting = format!("meeting-{number}");
            let server = Server::start(&link.a, peer, source, folder.path(), &meeting, A)?;
            ends.push((peer, server));
        }
        let from = link.began.elapsed();
        let began = Instant::now();
        let mut clients = Vec::new();
        for (peer, server) in &ends {
            let nowhere = Path::new("/dev/null");
            let command = peer.command(Role::Fetch, nowhere, &server.meeting, A)?;
            let log = server.meeting.with_extension("client-log");
            clients.push(Process::start(&link.b, &command, &log)?);
        }
        thread::sleep(stage.time(TIME).saturating_sub(began.elapsed()));
        clients.into_iter().try_for_each(|client| client.stop().map(drop))?;
        let mut flows = Vec::new();
        for (peer, server) in ends {
            let protocol = if peer == Peer::Haversack { 17 } else { 6 };
            flows.push(Flow { protocol, port: server.port()? });
            server.process.stop()?;
        }
        let report = link.close();
        let until = from + stage.time(TIME);
        let slots = |flow: &Flow| report.flows.slots(*flow, from, until);
        let slots: Vec<Vec<u64>> = flows.iter().map(slots).collect();
        let skipped = (stage.time(WARM_UP).as_millis() / SLOT.as_millis()) as usize;
        let rates = slots.iter().map(|slots| rate(&slots[skipped..])).collect();
        let queue_ms = [report.a_to_b.queue_ms.mean, report.a_to_b.queue_ms.p99];
        let (pair, queue_bdp, loss) = (self.name(), self.queue, self.loss);
        Ok(Meeting { pair, queue_bdp, loss, rates, queue_ms, slots })
    }

    fn row(&self, meetings: &[Meeting]) -> [String; 7] {
        let rate = |number: usize| {
            let rates = meetings.iter().filter_map(|meeting| meeting.rates.get(number).copied());
            Middle::of(rates).map_or_else(|| "–".into(), |all| format!("{all:.1}"))
        };
        let share = |meeting: &Meeting| {
            let all: f64 = meeting.rates.iter().sum();
            meeting.rates.get(1).map(|_| meeting.rates[0] / all.max(1e-9) * 100.0)
        };
        let share = Middle::of(meetings.iter().filter_map(share));
        let queue =
            |at: usize| either(Middle::of(meetings.iter().map(|meeting| meeting.queue_ms[at])), 1);
        [
            self.name(),
            self.queue.to_string(),
            (self.loss * 100.0).to_string(),
            rate(0),
            rate(1),
            share.map_or_else(|| "–".into(), |share| format!("{share:.0}")),
            format!("{} / {}", queue(0), queue(1)),
        ]
    }
}

/// Mbit/s.
fn rate(slots: &[u64]) -> f64 {
    let time = SLOT.as_secs_f64() * slots.len() as f64;
    slots.iter().sum::<u64>() as f64 * 8.0 / time / 1e6
}
