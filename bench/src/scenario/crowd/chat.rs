//! Two people in a room: one talks, the other's clock tells how long it takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{LIMIT, Place};
use crate::Fault;
use crate::process::Process;

/// Between two messages.
const PAUSE: Duration = Duration::from_millis(50);

/// Somebody who talks, and somebody who listens.
pub struct Chat {
    talker: JoinHandle<Result<Vec<Instant>, Fault>>,
    listener: Process,
    over: Arc<AtomicBool>,
}

impl Chat {
    pub fn begin(place: &Place<'_>) -> Result<Self, Fault> {
        let listener = place.start("watch", "listener", &[])?;
        let mut talker = place.start("chat", "talker", &[])?;
        // Both are in the room when each has heard something.
        for one in [&listener, &talker] {
            one.hear(LIMIT).ok_or("nobody answers in the room")?;
        }
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        let talker = thread::spawn(move || {
            let mut told = Vec::new();
            while !ends.load(Ordering::Relaxed) {
                told.push(Instant::now());
                talker.tell(&format!("tick {}", told.len() - 1))?;
                thread::sleep(PAUSE);
            }
            talker.stop()?;
            Ok(told)
        });
        Ok(Self { talker, listener, over })
    }

    /// Milliseconds for 99 of 100 messages that were told before the first download, and from
    /// `busy` on.
    pub fn end(self, quiet: Instant, busy: Instant) -> Result<[f64; 2], Fault> {
        self.over.store(true, Ordering::Relaxed);
        let told = self.talker.join().map_err(|_| "the talker panicked")??;
        let start = self.listener.began;
        let heard = self.listener.stop()?.said;
        let mut times = [Vec::new(), Vec::new()];
        for (at, line) in heard {
            let Some(number) = number_of(&line) else { continue };
            let Some(told) = told.get(number) else { continue };
            let time = (start + at).saturating_duration_since(*told).as_secs_f64() * 1e3;
            if *told < quiet {
                times[0].push(time);
            } else if *told >= busy {
                times[1].push(time);
            }
        }
        Ok(times.map(percentile))
    }
}

/// Which message a line of the listener's is.
fn number_of(line: &str) -> Option<usize> {
    let event: Value = serde_json::from_str(line).ok()?;
    event["text"].as_str()?.strip_prefix("tick ")?.parse().ok()
}

fn percentile(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() * 99 / 100).copied().unwrap_or(f64::NAN)
}
