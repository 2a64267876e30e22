//! CUBIC (RFC 9438) in integers, with `HyStart++` and the undo of spurious cuts.
//!
//! After a cut at `origin` bytes the window follows `origin + C (t - K)^3`: fast at first, flat
//! around where the loss was, then fast again; never slower than Reno would be.

use core::time::Duration;

use super::cbrt::cbrt;
use super::hystart::{Growth, HyStart};
use super::{Loss, Sample};
use crate::time::{Instant, micros};

/// The controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cubic {
    size: u64,
    state: State,
    /// The state before the last cut.
    saved: Option<State>,
    hystart: HyStart,
    last_sent: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    window: u64,
    /// Slow start ends here; `None` before the first cut.
    threshold: Option<u64>,
    /// Where the last cut was made.
    origin: u64,
    epoch: Option<Epoch>,
    /// When the last cut was made: what was sent before says nothing new.
    cut_at: Option<Instant>,
}

/// Time since which the curve is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Epoch {
    start: Instant,
    /// Milliseconds until the curve is back at its origin.
    k: u64,
    origin: u64,
    /// What Reno would have, and what is left over from its last division.
    reno: u64,
    reno_rest: u64,
    /// What is left over from the last division of the curve's growth.
    rest: u64,
}

impl Cubic {
    /// Begins with the initial window for datagrams of this size.
    pub const fn new(size: u64) -> Self {
        let state = State {
            window: INITIAL_PACKETS * size,
            threshold: None,
            origin: 0,
            epoch: None,
            cut_at: None,
        };
        Self { size, state, saved: None, hystart: HyStart::new(), last_sent: None }
    }

    /// Starts from a window that another controller had, as a newcomer would from there.
    #[cfg(feature = "dual")]
    pub(super) fn adopt(&mut self, window: u64) {
        *self = Self::new(self.size);
        self.state.window = window.max(MIN_PACKETS * self.size);
    }

    /// Goes on from a window that has been reached already: no slow start from there.
    #[cfg(feature = "dual")]
    pub(super) fn adopt_grown(&mut self, window: u64) {
        self.adopt(window);
        (self.state.threshold, self.state.origin) = (Some(self.state.window), self.state.window);
    }

    /// Most bytes on the way.
    pub const fn window(&self) -> u64 {
        self.state.window
    }

    /// `None`: the window is to be spread over the round trip.
    #[expect(clippy::unused_self, reason = "every controller answers this")]
    pub(super) const fn pacing_rate(&self, _rtt: Duration) -> Option<u64> {
        None
    }

    /// Whether the window still doubles every round trip.
    pub const fn is_starting(&self) -> bool {
        match self.state.threshold {
            None => true,
            Some(threshold) => self.state.window < threshold,
        }
    }

    pub(super) fn on_size(&mut self, size: u64) {
        if self.state.threshold.is_none() && self.state.window <= INITIAL_PACKETS * self.size {
            self.state.window = INITIAL_PACKETS * size;
        }
        self.size = size;
        self.state.window = self.state.window.max(MIN_PACKETS * size);
    }

    pub(super) fn on_sent(&mut self, now: Instant, in_flight: u64) {
        // Idle time is not time in which the window could have grown.
        if in_flight == 0
            && let (Some(last), Some(epoch)) = (self.last_sent, &mut self.state.epoch)
        {
            epoch.start = epoch.start + now.since(last);
        }
        self.last_sent = Some(now);
    }

    pub(super) fn on_ack(&mut self, now: Instant, sample: &Sample) {
        if self.state.cut_at.is_some_and(|at| sample.sent_at <= at) {
            return;
        }
        if self.is_starting() {
            // A window that is not even half used need not grow.
            if self.state.window < 2 * sample.in_flight {
                self.start(sample);
            }
        } else if self.state.window <= sample.in_flight * 5 / 4 + 3 * self.size {
            self.avoid(now, sample);
        } else {
            // Not limited by the window: the curve waits.
            self.state.epoch = None;
        }
    }

    fn start(&mut self, sample: &Sample) {
        let growth = match self.hystart.on_ack(sample) {
            Growth::Full => sample.acked,
            Growth::Quarter => sample.acked / 4,
            Growth::Over => {
                self.state.threshold = Some(self.state.window);
                self.state.origin = self.state.window;
                0
            }
        };
        self.state.window += growth;
    }

    fn avoid(&mut self, now: Instant, sample: &Sample) {
        let (size, state) = (self.size, &mut self.state);
        let window = state.window;
        let epoch = state.epoch.get_or_insert_with(|| Epoch::new(now, window, state.origin, size));

        // Reno's share: 9/17 of a datagram a window, and a whole one beyond the origin.
        let (up, down) = if epoch.reno < epoch.origin { (9, 17) } else { (1, 1) };
        let reno = sample.acked * size * up + epoch.reno_rest;
        epoch.reno += reno / (window * down);
        epoch.reno_rest = reno % (window * down);

        let ahead = now.since(epoch.start) + sample.smoothed_rtt;
        let target = epoch.curve(ahead, size).clamp(window, window + window / 2);
        let growth = (target - window) * sample.acked + epoch.rest;
        epoch.rest = growth % window;
        state.window = (window + growth / window).max(epoch.reno);
    }

    pub(super) fn on_loss(&mut self, now: Instant, loss: &Loss) -> bool {
        let known = self.state.cut_at.is_some_and(|at| loss.sent_at <= at);
        if !known {
            self.cut(now);
        }
        if loss.persistent {
            self.state.window = MIN_PACKETS * self.size;
            self.state.epoch = None;
            (self.hystart, self.saved) = (HyStart::new(), None);
        }
        !known
    }

    fn cut(&mut self, now: Instant) {
        self.saved = Some(self.state);
        let window = self.state.window;
        // Fast convergence: whoever is cut below its last origin leaves room for others.
        self.state.origin =
            if window < self.state.origin { window * (10 + BETA) / 20 } else { window };
        self.state.window = (window * BETA / 10).max(MIN_PACKETS * self.size);
        self.state.threshold = Some(self.state.window);
        self.state.epoch = None;
        self.state.cut_at = Some(now);
    }

    pub(super) fn undo(&mut self) {
        if let Some(saved) = self.saved.take() {
            let window = self.state.window.max(saved.window);
            self.state = State { window, ..saved };
        }
    }
}

impl Epoch {
    fn new(now: Instant, window: u64, origin: u64, size: u64) -> Self {
        // K = cbrt((origin - window) / C), with C = 2/5 datagram per cubic second.
        let below = origin.saturating_sub(window).min(1 << 32);
        let k = cbrt(below * 2_500_000 / size * 1000);
        Self { start: now, k, origin: origin.max(window), reno: window, reno_rest: 0, rest: 0 }
    }

    /// The window that the curve has, so long after the epoch began.
    fn curve(&self, elapsed: Duration, size: u64) -> u64 {
        let millis = micros(elapsed) / 1000;
        let from_k = millis.abs_diff(self.k).min(1 << 18);
        // Datagrams are at most 2^16 bytes, so no step exceeds 2^60.
        let offset = from_k.pow(3) / 1000 * size / 5 * 2 / 1_000_000;
        if millis < self.k { self.origin.saturating_sub(offset) } else { self.origin + offset }
    }
}

/// Datagrams of the initial window. RFC 9002 says 10; ours are paced.
const INITIAL_PACKETS: u64 = 16;
/// Datagrams of the smallest window (RFC 9002 section 7.2).
const MIN_PACKETS: u64 = 2;
/// What a cut leaves, in tenths.
const BETA: u64 = 7;

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use super::*;

    const SIZE: u64 = 1000;
    const RTT: Duration = Duration::from_millis(100);

    fn at(millis: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(millis)
    }

    /// Acknowledges a whole window at once.
    fn ack_window(cubic: &mut Cubic, now: Instant) {
        let window = cubic.window();
        let sample = Sample {
            acked: window,
            in_flight: window,
            delivered: window,
            interval: RTT,
            rtt: Some(RTT),
            sent_at: now,
            next: 1,
            ..Sample::NOTHING
        };
        cubic.on_ack(now, &sample);
    }

    fn lose(cubic: &mut Cubic, now: Instant, persistent: bool) -> bool {
        cubic.on_loss(now, &Loss { bytes: SIZE, sent_at: now, persistent })
    }

    #[test]
    fn slow_start_doubles() {
        let mut cubic = Cubic::new(SIZE);
        ack_window(&mut cubic, at(100));
        assert_eq!(cubic.window(), 32 * SIZE);
        assert!(cubic.is_starting());
    }

    #[test]
    fn one_cut_a_round_trip() {
        let mut cubic = Cubic::new(SIZE);
        assert!(lose(&mut cubic, at(10), false));
        assert_eq!(cubic.window(), 11_200);
        assert!(!cubic.on_loss(at(20), &Loss { bytes: 1, sent_at: at(5), persistent: false }));
        assert_eq!(cubic.window(), 11_200);
    }

    #[test]
    fn the_trace_after_a_cut_is_the_curve() {
        let mut cubic = Cubic::new(SIZE);
        cubic.state.window = 1_000_000;
        cubic.state.threshold = Some(1_000_000);
        lose(&mut cubic, at(0), false);
        let mut trace = Vec::new();
        for round in 1..=150 {
            ack_window(&mut cubic, at(round * 100));
            if round % 15 == 0 {
                trace.push(cubic.window() / SIZE);
            }
        }
        // K = cbrt(300 / 0.4) = 9.08 s.
        assert_eq!(trace, [825, 909, 961, 988, 998, 1000, 1001, 1009, 1034, 1082]);
    }

    #[test]
    fn small_windows_grow_like_reno() {
        let mut cubic = Cubic::new(SIZE);
        cubic.state.window = 20 * SIZE;
        cubic.state.threshold = Some(20 * SIZE);
        lose(&mut cubic, at(0), false);
        let before = cubic.window();
        for round in 1..=10 {
            let now = Instant::ZERO + Duration::from_millis(10) * round;
            ack_window(&mut cubic, now);
        }
        let grown = cubic.window() - before;
        assert!((4 * SIZE..=7 * SIZE).contains(&grown), "{grown}");
    }

    #[test]
    fn a_spurious_cut_is_taken_back() {
        let mut cubic = Cubic::new(SIZE);
        let before = cubic.state;
        lose(&mut cubic, at(10), false);
        cubic.undo();
        assert_eq!(cubic.state, before);
        cubic.undo();
        assert_eq!(cubic.state, before);
    }

    #[test]
    fn persistent_congestion_starts_over_below_its_threshold() {
        let mut cubic = Cubic::new(SIZE);
        cubic.state.window = 100 * SIZE;
        lose(&mut cubic, at(10), true);
        assert_eq!(cubic.window(), 2 * SIZE);
        assert!(cubic.is_starting());
    }

    #[test]
    fn an_unused_window_does_not_grow() {
        let mut cubic = Cubic::new(SIZE);
        let sample = Sample {
            acked: SIZE,
            in_flight: SIZE,
            delivered: SIZE,
            interval: RTT,
            app_limited: true,
            rtt: Some(RTT),
            sent_at: at(5),
            next: 1,
            ..Sample::NOTHING
        };
        for _ in 0..1000 {
            cubic.on_ack(at(10), &sample);
        }
        assert_eq!(cubic.window(), 16 * SIZE);
    }

    #[test]
    fn no_input_overflows() {
        let mut cubic = Cubic::new(65_507);
        let mut log = String::new();
        for window in [131_014, 1 << 24, 1 << 31] {
            cubic.state.window = window;
            lose(&mut cubic, at(10), false);
            cubic.state.cut_at = None;
            ack_window(&mut cubic, at(20));
            ack_window(&mut cubic, at(1 << 40));
            log.push('.');
        }
        assert_eq!(log, "...");
    }
}
