//! Running many worlds: a short summary, and each seed that failed.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::plan::Options;
use crate::report::Report;
use crate::room::run_room;
use crate::world::run_world;

/// Runs the worlds of `runs` seeds from `first` on, on every processor, and prints a summary.
/// Fails when any world failed.
pub fn run(first: u64, runs: u64, options: &Options) -> ExitCode {
    let next = AtomicU64::new(0);
    let total = Mutex::new(Total::default());
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= runs {
                return;
            }
            for run in [run_world, run_room] {
                let report = run(first + number, options);
                total.lock().unwrap_or_else(std::sync::PoisonError::into_inner).add(report);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        (0..threads).for_each(|_| {
            let worker = thread::Builder::new().stack_size(STACK);
            worker.spawn_scoped(scope, work).expect("the system has threads to give");
        });
    });
    let total = total.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if options.hashed {
        total.print_traces();
    }
    total.print(first);
    if total.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[derive(Debug, Default)]
struct Total {
    worlds: u64,
    seconds: u64,
    transfers: u64,
    datagrams: u64,
    messages: u64,
    missed: u64,
    traces: BTreeMap<u64, u64>,
    failures: Vec<(u64, String)>,
}

impl Total {
    fn add(&mut self, report: Report) {
        self.worlds += 1;
        self.seconds += report.simulated.as_secs();
        self.transfers += report.transfers;
        self.datagrams += report.datagrams;
        self.messages += report.messages;
        self.missed += report.missed;
        // A sum does not depend on the order in which threads finish.
        let trace = self.traces.entry(report.seed).or_default();
        *trace = trace.wrapping_add(report.trace);
        if let Some(failure) = report.failure {
            self.failures.push((report.seed, failure));
        }
    }

    fn print_traces(&self) {
        for (seed, trace) in &self.traces {
            println!("seed {seed}: trace {trace:016x}");
        }
    }

    fn print(&self, first: u64) {
        println!("{} worlds from seed {first}, {} hours", self.worlds, self.seconds / 3600);
        println!("{} transfers, {} datagrams", self.transfers, self.datagrams);
        println!("{} messages stored, {} missed by slow readers", self.messages, self.missed);
        let sum = self.traces.values().fold(0, |sum: u64, trace| sum.wrapping_add(*trace));
        println!("trace {sum:016x}");
        let mut failures = self.failures.clone();
        failures.sort();
        for (seed, failure) in &failures {
            println!("seed {seed}: {failure}");
        }
        if let Some((seed, _)) = failures.first() {
            println!(
                "{} worlds failed. Again, told: cargo xtask sim --seed {seed} -v",
                failures.len()
            );
        }
    }
}

/// The machines are large values with all their room inside, and are made on the stack.
const STACK: usize = 64 << 20;
