//! Runs the grid on every processor and prints what came out as a table.

use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::cell::Outcome;
use super::grid::{Asked, Row};

/// Runs the rows and prints them. Fails when any row misses what is asked of it.
pub fn run(rows: &[Row], only_misses: bool) -> ExitCode {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Outcome, Vec<String>)>> = Mutex::new(Vec::new());
    let work = || {
        while let Some((number, row)) = {
            let number = next.fetch_add(1, Ordering::Relaxed);
            rows.get(number).map(|row| (number, row))
        } {
            let outcome = row.cell.run(None);
            let misses = row.misses(&outcome);
            let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            done.push((number, outcome, misses));
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            let worker = thread::Builder::new().stack_size(STACK);
            worker.spawn_scoped(scope, work).expect("the system has threads to give");
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(number, ..)| *number);
    print(rows, &done, only_misses)
}

fn print(rows: &[Row], done: &[(usize, Outcome, Vec<String>)], only_misses: bool) -> ExitCode {
    println!(
        "| link, queue in % of a BDP, loss | used % | ours % | sent/stored | wait ms mean, p99 | \
         start: unused s, p99 ms, drops | misses |"
    );
    println!("|---|--:|--:|--:|--:|--:|---|");
    let mut failed = 0;
    for (number, outcome, misses) in done {
        failed += usize::from(!misses.is_empty());
        if !only_misses || !misses.is_empty() {
            println!("{}", line(&rows[*number], outcome, misses));
        }
    }
    println!("\n{} rows, {failed} miss what is asked", done.len());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn line(row: &Row, outcome: &Outcome, misses: &[String]) -> String {
    let share = match row.asked {
        Asked::Fill | Asked::Spare(..) | Asked::Follow(..) => "-".into(),
        Asked::Share(..) | Asked::Leave(_) | Asked::Nothing => {
            format!("{:.1}", outcome.share * 100.0)
        }
    };
    let [mean, p99, start] = [outcome.wait.0, outcome.wait.1, outcome.start_wait]
        .map(|wait| wait.as_secs_f64() * 1000.0);
    format!(
        "| {:<42} | {:5.1} | {share:>4} | {:.3} | {mean:6.1} {p99:6.1} | {:5.2} {start:6.1} {:5} | {} |",
        row.name,
        outcome.used * 100.0,
        outcome.sent,
        outcome.start,
        outcome.start_drops,
        misses.join(", ")
    )
}

/// The machines are large values with all their room inside, and are made on the stack.
pub(super) const STACK: usize = 64 << 20;
