//! The table of a contest.

use super::Results;
use crate::link::{Report, Shape};
use crate::peer::Peer;
use crate::report::{Middle, Table, either};
use crate::transfer::Run;

const MIB: f64 = 1_048_576.0;

impl Results {
    /// For loopback: what counts is bytes and processors.
    pub fn told_as_loopback(&self) -> String {
        let mut table = Table::new(&[
            "<peer",
            "whole",
            "MB/s",
            "sync, s",
            "CPU s/GiB, server + client",
            "MiB, server + client",
        ]);
        for (peer, runs) in self.ranked() {
            table.row(&[
                peer.to_string(),
                whole(runs),
                show(runs, 0, |run| Some(run.goodput() / 8e6)),
                middle(runs, 2, |run| run.synced),
                ends(runs, 2, Run::per_gib),
                memory(runs),
            ]);
        }
        format!("{table}{}", self.notes())
    }

    /// For links: what counts is what was made of the link.
    pub fn told_as_link(&self, link: &Shape) -> String {
        let mut table = Table::new(&[
            "<peer",
            "whole",
            "goodput, % of the link",
            "amid, % in use",
            "queue ms, mean / p99",
            "sent per byte",
            "CPU s/GiB, server + client",
            "MiB, server + client",
            "sync, s",
        ]);
        for (peer, runs) in self.ranked() {
            let queue = |of: fn(&Report) -> f64| middle(runs, 1, |run| run.link.as_ref().map(of));
            let waits =
                [queue(|link| link.a_to_b.queue_ms.mean), queue(|link| link.a_to_b.queue_ms.p99)];
            table.row(&[
                peer.to_string(),
                whole(runs),
                show(runs, 1, |run| Some(run.goodput() / link.rate as f64 * 100.0)),
                middle(runs, 1, |run| Some(run.in_use_amid()? / link.bytes_arriving() * 100.0)),
                waits.join(" / "),
                middle(runs, 3, Run::sent_per_byte),
                ends(runs, 1, Run::per_gib),
                memory(runs),
                middle(runs, 2, |run| run.synced),
            ]);
        }
        format!("{link}.\n\n{table}{}", self.notes())
    }

    /// The best first.
    fn ranked(&self) -> Vec<(Peer, &[Run])> {
        let mut ranked: Vec<_> = self.runs.iter().map(|(peer, runs)| (*peer, &runs[..])).collect();
        let median = |runs: &[Run]| Middle::of(runs.iter().map(Run::goodput)).map(|all| all.median);
        ranked.sort_by(|(_, one), (_, other)| {
            median(other).partial_cmp(&median(one)).expect("no NaN")
        });
        ranked
    }

    /// What has to be known of the table.
    fn notes(&self) -> String {
        let runs = || self.runs.values().flatten();
        let bytes = runs().map(|run| run.bytes).max().unwrap_or(0) as f64 / MIB;
        let mut notes = format!("\n{bytes:.1} MiB; ");
        let is_late = |run: &&Run| !run.is_whole && run.complaint.is_none();
        let late = runs().filter(is_late).map(|run| run.took).fold(0.0, f64::max);
        if late > 0.0 {
            notes +=
                &format!("who was not through after {late:.0} s was stopped and has what it had; ");
        }
        let links = || runs().filter_map(|run| run.link.as_ref());
        let worst =
            links().map(|link| link.a_to_b.lateness_ms.p99.max(link.b_to_a.lateness_ms.p99));
        if let Some(worst) = worst.reduce(f64::max) {
            notes += &format!("99 of 100 packets were at most {worst:.2} ms late; ");
        }
        let drops = links().filter(|link| link.a_to_b.device_drops + link.b_to_a.device_drops > 0);
        let void = drops.count();
        if void > 0 {
            notes += &format!("in {void} runs the emulator was too slow; ");
        }
        for complaint in &self.complaints {
            notes += &format!("{complaint}; ");
        }
        notes.trim_end_matches("; ").to_owned() + ".\n"
    }
}

fn whole(runs: &[Run]) -> String {
    format!("{}/{}", runs.iter().filter(|run| run.is_whole).count(), runs.len())
}

/// The median with its range.
fn show(runs: &[Run], digits: usize, of: impl Fn(&Run) -> Option<f64>) -> String {
    let all = Middle::of(runs.iter().filter_map(of));
    all.map_or_else(|| "–".into(), |all| format!("{all:.digits$}"))
}

/// The median alone.
fn middle(runs: &[Run], digits: usize, of: impl Fn(&Run) -> Option<f64>) -> String {
    either(Middle::of(runs.iter().filter_map(of)), digits)
}

/// Processor time of both ends.
fn ends(runs: &[Run], digits: usize, of: impl Fn(&Run, f64) -> Option<f64>) -> String {
    let server = middle(runs, digits, |run| of(run, run.server.cpu));
    let client = middle(runs, digits, |run| of(run, run.client.cpu));
    format!("{server} + {client}")
}

fn memory(runs: &[Run]) -> String {
    let server = middle(runs, 0, |run| Some(run.server.memory as f64 / MIB));
    let client = middle(runs, 0, |run| Some(run.client.memory as f64 / MIB));
    format!("{server} + {client}")
}
