//! Goodput along one property of a link, as a picture.

use std::path::Path;
use std::time::Duration;

use super::Told;
use crate::Fault;
use crate::link::Shape;
use crate::peer::Peer;
use crate::report::{Curve, Middle, Picture, Table};
use crate::stage::Stage;
use crate::transfer::{self, Run, Task};

const PEERS: [Peer; 4] = [Peer::Haversack, Peer::Tcp, Peer::TcpBbr, Peer::QuinnBbr];
const MBIT: u64 = 20;
/// Five seconds at the link's rate.
const SIZE: u64 = 12 << 20;
const LIMIT: Duration = Duration::from_secs(8);
/// Percent.
const LOSSES: [f64; 6] = [0.0, 0.1, 1.0, 2.0, 5.0, 10.0];
/// Milliseconds.
const ROUND_TRIPS: [u64; 5] = [2, 20, 100, 200, 400];

/// At 50 ms.
pub fn against_loss(stage: &Stage<'_>) -> Result<Told, Fault> {
    let link = |percent: f64| Shape::new(MBIT, Duration::from_millis(25)).loss(percent / 100.0);
    let points: Vec<_> = LOSSES.iter().map(|&percent| (percent, link(percent))).collect();
    let titles =
        ["20 Mbit/s, 50 ms round trip, a queue of 1 BDP", "loss, %", "goodput, % of the link"];
    follow(stage, "goodput-against-loss", titles, &points)
}

/// At 1 % loss.
pub fn against_round_trip(stage: &Stage<'_>) -> Result<Told, Fault> {
    let link = |ms| Shape::new(MBIT, Duration::from_millis(ms) / 2).loss(0.01);
    let points: Vec<_> = ROUND_TRIPS.iter().map(|&ms| (ms as f64, link(ms))).collect();
    let titles =
        ["20 Mbit/s, 1 % loss, a queue of 1 BDP", "round trip, ms", "goodput, % of the link"];
    follow(stage, "goodput-against-round-trip", titles, &points)
}

fn follow(
    stage: &Stage<'_>,
    file: &'static str,
    titles: [&str; 3],
    points: &[(f64, Shape)],
) -> Result<Told, Fault> {
    let source = stage.source(stage.size(SIZE))?;
    let peers: Vec<Peer> = PEERS.into_iter().filter(|peer| peer.is_possible()).collect();
    let mut curves: Vec<Curve> = peers.iter().map(Curve::of).collect();
    for (x, shape) in points {
        let mut shares: Vec<Vec<f64>> = peers.iter().map(|_| Vec::new()).collect();
        for seed in 1..=stage.runs {
            for (peer, shares) in peers.iter().zip(&mut shares) {
                let run = one(stage, *peer, *shape, &source, seed as u64)?;
                stage.keep(&format!("{peer} at {x}"), &run)?;
                shares.push(run.goodput() / shape.rate as f64 * 100.0);
            }
        }
        for (curve, shares) in curves.iter_mut().zip(shares) {
            let share = Middle::of(shares).map_or(0.0, |all| all.median);
            stage.say(&format!("{} at {x}: {share:.1} %", curve.name));
            curve.points.push((*x, share));
        }
    }
    let picture = Picture::draw(file, titles, 100.0, &curves)?;
    let text = format!("![{}](pictures/{file}.svg)\n\n{}", titles[0], table(titles[1], &curves));
    Ok(Told { text, pictures: vec![picture] })
}

fn one(stage: &Stage<'_>, peer: Peer, link: Shape, source: &Path, seed: u64) -> Result<Run, Fault> {
    let folder = stage.room()?;
    let (source, target) = (source.to_path_buf(), folder.path().join("target.bin"));
    let task = Task { link: Some(link), source, target, limit: stage.time(LIMIT) };
    transfer::run(peer, &task, folder.path(), seed)
}

impl Curve {
    fn of(name: &impl ToString) -> Self {
        Self { name: name.to_string(), points: Vec::new() }
    }
}

/// The same in figures.
fn table(x: &str, curves: &[Curve]) -> String {
    let mut headings = vec![format!("<goodput, %, at {x}")];
    let at = curves.first().map_or(&[][..], |curve| &curve.points);
    headings.extend(at.iter().map(|(x, _)| x.to_string()));
    let mut table = Table::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for curve in curves {
        let mut row = vec![curve.name.clone()];
        row.extend(curve.points.iter().map(|(_, y)| format!("{y:.1}")));
        table.row(&row);
    }
    table.to_string()
}
