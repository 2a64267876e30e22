//! Does the emulator do what it says? Datagrams through real links, against known values.
//!
//! What is measured is measured by the receiver; the emulator's own counts are not asked.

mod probe;

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Serialize;

use super::Told;
use crate::Fault;
use crate::link::{Loss, Queue, Shape};
use crate::report::Table;
use crate::stage::Stage;
use probe::{burst, round_trips};

/// One thing that was measured.
#[derive(Serialize)]
struct Finding {
    what: &'static str,
    unit: &'static str,
    expected: RangeInclusive<f64>,
    found: f64,
}

/// Measures everything; fails when anything is wrong.
pub fn play(stage: &Stage<'_>) -> Result<Told, Fault> {
    let mut table = Table::new(&["<what", "expected", "found"]);
    let mut wrong = Vec::new();
    for measure in [delays, jitter, queue, losses, bursts, twins_and_order] {
        for finding in measure()? {
            stage.say(&format!("{finding}"));
            stage.keep(finding.what, &finding)?;
            table.row(&finding.row());
            if !finding.expected.contains(&finding.found) {
                wrong.push(finding.to_string());
            }
        }
    }
    if wrong.is_empty() { Ok(table.to_string().into()) } else { Err(wrong.join("; ").into()) }
}

impl Finding {
    fn row(&self) -> [String; 3] {
        let Self { what, unit, expected, found } = self;
        let (least, most) = (expected.start(), expected.end());
        [(*what).into(), format!("{least} to {most} {unit}"), format!("{found:.2} {unit}")]
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [what, expected, found] = self.row();
        write!(f, "{what}: {found}, expected {expected}")
    }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Delay, and the time that a packet takes at the bottleneck.
fn delays() -> Result<Vec<Finding>, Fault> {
    let far = round_trips(&Shape::new(100, ms(20)), 64, 50)?;
    let slow = round_trips(&Shape::new(1, ms(5)), 1500, 20)?;
    Ok(vec![
        Finding {
            what: "round trip, 20 ms each way, 100 Mbit/s",
            unit: "ms",
            expected: 40.0..=40.8,
            found: far.median(),
        },
        Finding {
            what: "round trip of 1500 bytes, 5 ms each way, 1 Mbit/s: 12 ms each way to send",
            unit: "ms",
            expected: 34.0..=34.8,
            found: slow.median(),
        },
    ])
}

fn jitter() -> Result<Vec<Finding>, Fault> {
    let link = Shape { jitter: ms(4), ..Shape::new(100, ms(5)) };
    let times = round_trips(&link, 64, 300)?;
    Ok(vec![
        Finding {
            what: "least round trip, 5 ms and up to 4 ms of jitter each way",
            unit: "ms",
            expected: 10.0..=11.5,
            found: times.least(),
        },
        Finding {
            what: "the same, on average",
            unit: "ms",
            expected: 13.6..=14.9,
            found: times.mean(),
        },
    ])
}

/// A stream of 25 Mbit/s into 20 Mbit/s, whose queue holds 40 ms.
fn queue() -> Result<Vec<Finding>, Fault> {
    let link = Shape { queue: Queue::Bdp(1.0), ..Shape::new(20, ms(20)) };
    let seen = burst(&link, 25.0, 6000)?;
    Ok(vec![
        Finding {
            what: "rate of an overfull link of 20 Mbit/s",
            unit: "Mbit/s",
            expected: 19.8..=20.1,
            found: seen.rate_behind_half(),
        },
        Finding {
            what: "delay through its full queue: 20 ms, 40 ms of waiting, and the packet ahead",
            unit: "ms",
            expected: 60.0..=61.8,
            found: seen.delay_at_the_end(),
        },
    ])
}

/// A link that loses nothing but what it is told to, however unevenly a busy machine sends.
fn roomy() -> Shape {
    Shape { queue: Queue::Bytes(4 << 20), ..Shape::new(100, ms(1)) }
}

fn losses() -> Result<Vec<Finding>, Fault> {
    let seen = burst(&roomy().loss(0.05), 50.0, 40_000)?;
    Ok(vec![Finding { what: "loss of 5 %", unit: "%", expected: 4.5..=5.5, found: seen.lost() }])
}

fn bursts() -> Result<Vec<Finding>, Fault> {
    let loss = Loss::Bursts { begin: 0.01, end: 0.25 };
    let seen = burst(&Shape { loss, ..roomy() }, 50.0, 40_000)?;
    Ok(vec![
        Finding {
            what: "loss in bursts that begin with 1 % and end with 25 %: 1 of 26",
            unit: "%",
            expected: 3.2..=4.5,
            found: seen.lost(),
        },
        Finding {
            what: "their length",
            unit: "packets",
            expected: 3.5..=4.5,
            found: seen.burst_length(),
        },
    ])
}

fn twins_and_order() -> Result<Vec<Finding>, Fault> {
    let link = Shape { duplicates: 0.1, reordered: 0.02, ..roomy() };
    let seen = burst(&link, 50.0, 40_000)?;
    Ok(vec![
        Finding {
            what: "duplicates of 10 %",
            unit: "%",
            expected: 9.3..=10.7,
            found: seen.twice(),
        },
        // The next packet comes 240 us later, and the delay is up to 1.2 ms: 4 of 5 are overtaken.
        Finding {
            what: "reordering of 2 %, of which 4 in 5 are overtaken at this rate",
            unit: "%",
            expected: 1.3..=1.9,
            found: seen.late(),
        },
    ])
}
