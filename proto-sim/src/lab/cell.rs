//! One experiment: a link, what is wrong with it, and who shares it.

use proto_core::path::congestion::ControllerKind;
use proto_core::time::{Duration, Instant, micros};

use super::end::End;
use super::rates::Rates;
use super::road::{Gauge, Road};
use crate::link::Loss;
use crate::rng::Chance;

/// An experiment.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What the bottleneck passes.
    pub rates: Rates,
    /// The round trip of an empty link.
    pub rtt: Duration,
    /// Percent of a bandwidth-delay product that the queue holds; two datagrams at least.
    pub buffer: u64,
    /// Which datagrams the link loses. Acknowledgements are lost alike.
    pub loss: Loss,
    /// Where.
    pub place: Place,
    /// Most time by which the link delays datagrams at random.
    pub jitter: Duration,
    /// How late a program is given the processor, at most; one time in a hundred, ten times that.
    pub late: Duration,
    /// Acknowledgements wait for the end of so much time and then come close together, as on
    /// radio and cable.
    pub bunch: Duration,
    /// Who decides about the window.
    pub controller: ControllerKind,
    /// Who shares the link.
    pub guest: Option<Guest>,
    /// How long it is measured.
    pub time: Duration,
    /// What chance is drawn from.
    pub seed: u64,
}

/// Another flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guest {
    /// Who decides about its window.
    pub controller: ControllerKind,
    /// How long after the first one it begins; negative if so long before it.
    pub after: i64,
}

/// Where datagrams are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before the bottleneck: what is lost leaves room there.
    Before,
    /// Behind it: what is lost has taken its room.
    After,
}

/// What came out.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Share of the bottleneck that was used, once the start was over.
    pub used: f64,
    /// Share of what passed that was ours.
    pub share: f64,
    /// What the guest got of the bottleneck.
    pub guest: f64,
    /// Bytes sent for a byte stored, headers included.
    pub sent: f64,
    /// Mean wait in the queue, and the 99th percentile.
    pub wait: (Duration, Duration),
    /// How long the queue was longer than it may be on the mean.
    pub over: Duration,
    /// The 99th percentile of the start.
    pub start_wait: Duration,
    /// Seconds of the link that the start left unused.
    pub start: f64,
    /// Datagrams that found the queue full in the start.
    pub start_drops: u64,
    /// Datagrams that found the queue full afterwards.
    pub drops: u64,
}

struct Flow {
    source: End,
    sink: End,
}

struct Run {
    road: Road,
    flows: Vec<Flow>,
    now: Instant,
    scratch: Vec<u8>,
    /// How often to tell what the controllers think.
    told: Option<Duration>,
}

impl Cell {
    /// A clean link with a queue of one bandwidth-delay product.
    pub fn new(rate: u64, rtt: Duration) -> Self {
        Self {
            rates: Rates::steady(rate),
            rtt,
            buffer: 100,
            loss: Loss::Random(Chance::NEVER),
            place: Place::After,
            jitter: Duration::ZERO,
            late: Duration::ZERO,
            bunch: Duration::ZERO,
            controller: ControllerKind::default(),
            guest: None,
            time: Duration::from_secs(30),
            seed: 1,
        }
    }

    /// Bytes that the queue holds.
    pub(super) fn queue(&self) -> u64 {
        (self.rates.most() / 8 * micros(self.rtt) / 1_000_000 * self.buffer / 100).max(3 * 1500)
    }

    /// How likely a datagram is lost, on the whole.
    pub(super) fn share_lost(&self) -> Chance {
        match self.loss {
            Loss::Random(chance) => chance,
            Loss::Bursty { turns_bad, turns_good, lost } => {
                let turns = u64::from(turns_bad.parts() + turns_good.parts()).max(1);
                let parts = u64::from(turns_bad.parts()) * u64::from(lost.parts()) / turns;
                Chance::per_million(u32::try_from(parts).unwrap_or(u32::MAX))
            }
        }
    }

    /// How long the start may take.
    fn start(&self) -> Duration {
        Duration::from_secs(3).max(self.rtt * 15)
    }

    /// Runs the experiment. `told` prints what the controllers think, so often.
    pub fn run(&self, told: Option<Duration>) -> Outcome {
        let now = Instant::from_micros(1_000_000);
        let mut run = Run {
            road: Road::new(self, now),
            flows: Vec::new(),
            now,
            scratch: vec![0; 2048],
            told,
        };
        let (first, second) = match self.guest {
            Some(Guest { after, .. }) if after < 0 => (1, Some((0, after.unsigned_abs()))),
            Some(Guest { after, .. }) => (0, Some((1, after.unsigned_abs()))),
            None => (0, None),
        };
        // Our flow is always number 0 at the bottleneck: who begins first is only a matter of time.
        let mut order = vec![(first, 0)];
        order.extend(second);
        let kinds = [self.controller, self.guest.map_or(self.controller, |guest| guest.controller)];
        for (number, kind) in kinds.into_iter().enumerate().take(order.len()) {
            run.flows.push(Flow::new(now, number, kind, self.late));
        }
        let begin = now + Duration::from_millis(second.map_or(0, |(_, late)| late));
        run.until(begin, &[first]);
        run.road.take_gauge();
        let all: Vec<usize> = order.iter().map(|&(flow, _)| flow).collect();
        run.until(begin + self.start(), &all);
        let mut start = run.road.take_gauge();
        let sent = run.flows[0].source.sent();
        let stored = run.flows[0].sink.done;
        run.until(begin + self.start() + self.time, &all);
        let mut rest = run.road.take_gauge();
        let sent = run.flows[0].source.sent() - sent;
        let stored = run.flows[0].sink.done - stored;
        self.judge(&mut start, &mut rest, ratio(sent, stored))
    }

    /// How long the queue may be on the mean: a quarter of the round trip, or 12 ms, or four
    /// datagrams.
    pub(super) fn patience(&self, rate: u64) -> Duration {
        let datagram = Duration::from_micros(1452 * 8 * 1_000_000 / rate);
        Duration::from_millis(12).max(self.rtt / 4).max(datagram * 4)
    }

    fn judge(&self, start: &mut Gauge, rest: &mut Gauge, sent: f64) -> Outcome {
        let (begin, end) = (self.start(), self.start() + self.time);
        let could = self.rates.bytes(begin, end);
        let total = |gauge: &Gauge| gauge.passed.iter().sum::<u64>();
        let used_at_start = ratio(total(start), self.rates.bytes(Duration::ZERO, begin));
        Outcome {
            used: ratio(total(rest), could),
            share: ratio(rest.passed[0], total(rest)),
            guest: ratio(rest.passed[1], could),
            sent,
            wait: rest.waits(),
            over: Duration::from_micros(rest.over),
            start_wait: start.waits().1,
            start: (1.0 - used_at_start) * self.start().as_secs_f64(),
            start_drops: start.drops,
            drops: rest.drops,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

impl Flow {
    fn new(now: Instant, number: usize, kind: ControllerKind, late: Duration) -> Self {
        let id = u16::try_from(number).expect("there are few flows");
        let end = |sends| End::new(now, id, sends, kind, late);
        Self { source: end(true), sink: end(false) }
    }
}

impl Run {
    fn until(&mut self, end: Instant, active: &[usize]) {
        let mut tell_at = self.now;
        while self.now < end {
            if let Some(every) = self.told.filter(|_| tell_at <= self.now) {
                tell_at = self.now + every;
                for &flow in active {
                    let millis = self.now.as_micros() / 1000 - 1000;
                    println!("{millis:6} ms, flow {flow}: {}", self.flows[flow].source.tell());
                }
            }
            self.send(active);
            let now = self.now;
            let ends = active.iter().flat_map(|&flow| {
                let flow = &mut self.flows[flow];
                [flow.source.next(now), flow.sink.next(now)]
            });
            let next = ends.flatten().min().into_iter().chain(self.road.next()).min();
            self.now = next.unwrap_or(end).min(end).max(self.now);
            self.receive();
        }
    }

    fn send(&mut self, active: &[usize]) {
        for &number in active {
            let Flow { source, sink } = &mut self.flows[number];
            if source.run(self.now) {
                while let Some(len) = source.poll(self.now, &mut self.scratch) {
                    self.road.send_forth(self.now, number, &self.scratch[..len]);
                }
            }
            if sink.run(self.now) {
                while let Some(len) = sink.poll(self.now, &mut self.scratch) {
                    self.road.send_back(self.now, number, &self.scratch[..len]);
                }
            }
        }
    }

    fn receive(&mut self) {
        while let Some((flow, datagram)) = self.road.poll_forth(self.now) {
            self.flows[flow].sink.arrive(datagram);
        }
        while let Some((flow, datagram)) = self.road.poll_back(self.now) {
            self.flows[flow].source.arrive(datagram);
        }
    }
}
