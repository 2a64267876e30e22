//! A clock from the timer that every Cortex-M has.

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::peripheral::syst::SystClkSource;
use cortex_m::peripheral::{SCB, SYST};
use proto_core::time::Instant;

/// Milliseconds since the start; comes around after 49 days.
static TICKS: AtomicU32 = AtomicU32::new(0);

#[cortex_m_rt::exception]
fn SysTick() {
    // One writer, so that a processor without compare-and-swap does.
    TICKS.store(TICKS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

/// The clock. Its interrupt each millisecond also ends every rest.
pub(super) struct Clock {
    cycles_per_ms: u32,
    last_ticks: u32,
    rounds: u64,
    last: Instant,
}

impl Clock {
    /// Starts the clock of a processor of that speed.
    pub(super) fn start(mut timer: SYST, cycles_per_ms: u32) -> Self {
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(cycles_per_ms - 1);
        timer.clear_current();
        timer.enable_interrupt();
        timer.enable_counter();
        Self { cycles_per_ms, last_ticks: 0, rounds: 0, last: Instant::ZERO }
    }

    /// Time since the start.
    pub(super) fn now(&mut self) -> Instant {
        let (ticks, left) = loop {
            let before = TICKS.load(Ordering::Relaxed);
            let left = SYST::get_current();
            // A tick that is due and not taken yet belongs to neither reading.
            if !SCB::is_pendst_pending() && before == TICKS.load(Ordering::Relaxed) {
                break (before, left);
            }
        };
        if ticks < self.last_ticks {
            self.rounds += 1;
        }
        self.last_ticks = ticks;
        let millis = (self.rounds << 32) + u64::from(ticks);
        let cycles = u64::from(self.cycles_per_ms.saturating_sub(left));
        let micros = millis * 1000 + cycles * 1000 / u64::from(self.cycles_per_ms);
        self.last = self.last.max(Instant::from_micros(micros));
        self.last
    }
}
