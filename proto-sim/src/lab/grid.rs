//! The acceptance grid: every link on which the controller has to prove itself, and the bounds.

use proto_core::path::congestion::ControllerKind;
use proto_core::time::Duration;

use super::cell::{Cell, Guest, Outcome, Place};
use super::rates::Rates;
use crate::link::Loss;
use crate::rng::Chance;

/// One row: a name, an experiment, and what is asked of it.
#[derive(Clone, Debug)]
pub struct Row {
    /// What to call it.
    pub name: String,
    /// The experiment.
    pub cell: Cell,
    /// What is asked.
    pub asked: Asked,
}

/// What is asked of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asked {
    /// Alone: most of the link, little of the queue.
    Fill,
    /// Our share lies between these percents.
    Share(u32, u32),
    /// The guest keeps so many percents of what it has alone.
    Leave(u32),
    /// So many percents of the link are used, and at most so many are sent for a hundred stored.
    Spare(u32, u32),
    /// So many percents of the link are used, and the queue is longer than it may be on the mean
    /// for at most so many milliseconds in all.
    Follow(u32, u32),
    /// Nothing: it is told only.
    Nothing,
}

impl Row {
    /// What the outcome misses, in words; empty when it passes.
    pub fn misses(&self, outcome: &Outcome) -> Vec<String> {
        let mut misses = Vec::new();
        match self.asked {
            Asked::Fill => {
                if outcome.used < 0.95 {
                    misses.push("used".into());
                }
                let (mean, p99) = self.waits();
                if outcome.wait.0 > mean {
                    misses.push("mean wait".into());
                }
                if outcome.wait.1 > p99 {
                    misses.push("p99 wait".into());
                }
            }
            Asked::Share(least, most) => {
                let share = outcome.share * 100.0;
                if share < f64::from(least) || f64::from(most) < share {
                    self.compare(share, &mut misses);
                }
            }
            Asked::Leave(percent) => {
                let alone = self.alone().run(None);
                if outcome.guest < alone.used * f64::from(percent) / 100.0 {
                    misses.push(format!("guest had {:.1} % alone", alone.used * 100.0));
                }
            }
            Asked::Spare(used, sent) => {
                if outcome.used * 100.0 < f64::from(used) {
                    misses.push("used".into());
                }
                if outcome.sent * 100.0 > f64::from(sent) {
                    misses.push("sent".into());
                }
            }
            Asked::Follow(used, over) => {
                if outcome.used * 100.0 < f64::from(used) {
                    misses.push("used".into());
                }
                if outcome.over > Duration::from_millis(over.into()) {
                    misses.push(format!("a queue for {} ms", outcome.over.as_millis()));
                }
            }
            Asked::Nothing => {}
        }
        misses
    }

    /// A share that is no farther from a half than CUBIC's own in our place is fair, too: on long
    /// ways it takes minutes to let a newcomer in.
    fn compare(&self, share: f64, misses: &mut Vec<String>) {
        let cubic = ControllerKind::Cubic;
        let guest = self.cell.guest.map(|guest| Guest { controller: cubic, ..guest });
        let same = Cell { controller: cubic, guest, ..self.cell.clone() };
        let usual = same.run(None).share * 100.0;
        if (share - 50.0).abs() > (usual - 50.0).abs() {
            misses.push(format!("share (CUBIC's: {usual:.0})"));
        }
    }

    /// Bounds of the wait, on the mean and of the 99th percentile. Of a short queue no more than
    /// half is to be filled on the mean, or two datagrams; that it is full now and then is no miss.
    fn waits(&self) -> (Duration, Duration) {
        let rate = self.cell.rates.first;
        let time_of = |bytes: u64| Duration::from_micros(bytes * 8_000_000 / rate);
        let (most, half) = (self.cell.patience(rate), time_of(self.cell.queue() / 2));
        (most.min(half.max(time_of(2 * 1452))), most * 2)
    }

    /// The same link with nobody but the guest.
    fn alone(&self) -> Cell {
        let controller = self.cell.guest.map_or(self.cell.controller, |guest| guest.controller);
        Cell { controller, guest: None, ..self.cell.clone() }
    }
}

/// Every row. `quick` leaves most links out.
pub fn rows(quick: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    known(&mut rows);
    tricky(&mut rows);
    changing(&mut rows);
    for rate in [1, 10, 100] {
        for rtt in [2, 20, 100, 300] {
            if quick && (rate, rtt) != (10, 100) && (rate, rtt) != (100, 20) {
                continue;
            }
            alone(&mut rows, rate, rtt);
            beside(&mut rows, rate, rtt);
        }
    }
    rows
}

/// The links on which other systems were measured: Mbit/s, microseconds of the round trip, and how
/// many of a thousand datagrams they lose.
pub(super) const KNOWN: [(&str, u64, u64, u32); 5] = [
    ("LAN", 300, 1_000, 0),
    ("WIFI", 100, 10_000, 10),
    ("WAN", 50, 80_000, 5),
    ("BAD", 10, 200_000, 50),
    ("SAT", 20, 600_000, 10),
];

fn known(rows: &mut Vec<Row>) {
    for (name, rate, rtt, per_mille) in KNOWN {
        let loss = Loss::Random(Chance::per_million(per_mille * 1000));
        let cell = Cell { loss, ..Cell::new(rate * 1_000_000, Duration::from_micros(rtt)) };
        rows.push(Row { name: name.into(), cell, asked: Asked::Fill });
    }
    for ((name, rate, rtt, per_mille), micros) in
        [(KNOWN[0], 50), (KNOWN[0], 300), (KNOWN[1], 1_000)]
    {
        let (late, name) =
            (Duration::from_micros(micros), format!("{name}, ends {micros} us late"));
        let loss = Loss::Random(Chance::per_million(per_mille * 1000));
        let cell = Cell { loss, late, ..Cell::new(rate * 1_000_000, Duration::from_micros(rtt)) };
        rows.push(Row { name, cell, asked: Asked::Fill });
    }
}

/// Links that mislead: they lose without a queue, or tell late of what arrived.
fn tricky(rows: &mut Vec<Row>) {
    for (rate, rtt) in [(10, 50), (20, 20), (10, 100)] {
        let name = format!("{rate:3} Mbit/s {rtt:3} ms, a policer");
        rows.push(Row { name, cell: cell(rate, rtt, 0), asked: Asked::Spare(75, 110) });
    }
    for bunch in [10, 15] {
        let bunched = Duration::from_millis(bunch);
        let name = format!(" 10 Mbit/s  50 ms 400 %, acknowledgements every {bunch} ms");
        let cell = Cell { bunch: bunched, ..cell(10, 50, 400) };
        rows.push(Row { name, cell, asked: Asked::Spare(90, 110) });
    }
}

/// Links whose rate changes, like radio's. The queue is that of the greatest rate.
fn changing(rows: &mut Vec<Row>) {
    let at = Duration::from_secs;
    for (first, then, used, over) in [
        (20, vec![(8, 1)], 90, 4_000),
        (1, vec![(8, 20)], 85, 500),
        (20, vec![(8, 10), (13, 20)], 90, 1_500),
    ] {
        let words: Vec<String> = then.iter().map(|(_, rate)| format!(", then {rate}")).collect();
        let name = format!("{first:3} Mbit/s{},  50 ms", words.concat());
        let then = then.into_iter().map(|(after, rate)| (at(after), rate * 1_000_000)).collect();
        let rates = Rates { first: first * 1_000_000, then };
        rows.push(Row {
            name,
            cell: Cell { rates, ..cell(20, 50, 100) },
            asked: Asked::Follow(used, over),
        });
    }
}

fn cell(rate: u64, rtt: u64, buffer: u64) -> Cell {
    let time = if rtt == 300 || rate == 1 { 40 } else { 20 };
    Cell {
        buffer,
        time: Duration::from_secs(time),
        ..Cell::new(rate * 1_000_000, Duration::from_millis(rtt))
    }
}

fn alone(rows: &mut Vec<Row>, rate: u64, rtt: u64) {
    for buffer in [25, 100, 400] {
        let clean = cell(rate, rtt, buffer);
        let name = format!("{rate:3} Mbit/s {rtt:3} ms {buffer:3} %");
        rows.push(Row { name: name.clone(), cell: clean.clone(), asked: Asked::Fill });
        for (percent, kind) in [(1, ""), (5, ""), (10, ""), (5, " in bursts")] {
            let loss = if kind.is_empty() {
                Loss::Random(Chance::percent(percent))
            } else {
                bursts(percent)
            };
            for (place, word) in [(Place::Before, "before"), (Place::After, "behind")] {
                let name = format!("{name} {percent:2} %{kind} {word}");
                let cell = Cell { loss, place, ..clean.clone() };
                // Where a burst is longer than what the link holds, only time-outs go on.
                let hopeless = !kind.is_empty() && rate * rtt < 50;
                let asked = if hopeless { Asked::Nothing } else { Asked::Fill };
                rows.push(Row { name, cell, asked });
            }
        }
    }
}

/// Bursts of four that lose so many percents.
fn bursts(percent: u32) -> Loss {
    // The share of time that is bad is b / (b + g).
    let good = 250_000;
    let bad = good * percent / (100 - percent);
    let [turns_bad, turns_good] = [bad, good].map(Chance::per_million);
    Loss::Bursty { turns_bad, turns_good, lost: Chance::ALWAYS }
}

fn beside(rows: &mut Vec<Row>, rate: u64, rtt: u64) {
    if rate == 1 || rtt == 2 {
        return;
    }
    let cubic = ControllerKind::Cubic;
    for buffer in [5, 25, 100, 400] {
        if buffer == 5 && (rate, rtt) != (100, 20) {
            continue;
        }
        let (least, most) = if buffer < 100 { (20, 80) } else { (30, 70) };
        for after in [-3000, 3000] {
            let order = if after < 0 { "behind" } else { "before" };
            let name = format!("{rate:3} Mbit/s {rtt:3} ms {buffer:3} % {order} CUBIC");
            let guest = Some(Guest { controller: cubic, after });
            let time = Duration::from_secs(60);
            let cell = Cell { guest, time, ..cell(rate, rtt, buffer) };
            rows.push(Row { name, cell, asked: Asked::Share(least, most) });
        }
    }
    for buffer in [25, 100, 400] {
        let name = format!("{rate:3} Mbit/s {rtt:3} ms {buffer:3} % beside itself");
        let guest = Some(Guest { controller: ControllerKind::default(), after: 3000 });
        let cell = Cell { guest, time: Duration::from_secs(60), ..cell(rate, rtt, buffer) };
        rows.push(Row { name, cell, asked: Asked::Share(40, 60) });
    }
    let name = format!("{rate:3} Mbit/s {rtt:3} ms 100 %  5 % before CUBIC");
    let guest = Some(Guest { controller: cubic, after: 3000 });
    let loss = Loss::Random(Chance::percent(5));
    // CUBIC's luck varies: this takes long.
    let time = Duration::from_secs(200);
    let cell = Cell { loss, guest, time, ..cell(rate, rtt, 100) };
    rows.push(Row { name, cell, asked: Asked::Leave(80) });
}
