//! What an acknowledgement means: what it brings, what is lost by it, what was only late.

use core::time::Duration;

use super::Recovery;
use crate::limits::BASE_DATAGRAM_LEN;
use crate::path::Violation;
use crate::path::congestion::{Loss, Sample};
use crate::path::in_flight::Sent;
use crate::path::loss::{self, Verdict};
use crate::path::stats::Stats;
use crate::shelf::Shelves;
use crate::time::Instant;
use crate::wire::frame::Ack;

/// Collects what one acknowledgement brings.
#[derive(Default)]
struct Gain {
    bytes: u64,
    packets: u64,
    newest: Option<Sent>,
    oldest_at: Option<Instant>,
    long: bool,
}

impl<const WINDOW: usize, S: Shelves> Recovery<WINDOW, S> {
    /// Takes an acknowledgement in.
    pub(in crate::path) fn on_ack(
        &mut self,
        now: Instant,
        ack: &Ack<'_>,
        stats: &mut Stats,
    ) -> Result<bool, Violation> {
        let largest = ack.largest();
        if largest >= self.next {
            return Err(Violation::AckOfUnsent);
        }
        //= docs/PROTOCOL.md#packet-numbers-and-acknowledgements
        //# an acknowledgement of that ends the path, too
        if let Some(skipped) = self.skip.number()
            && ack.ranges.clone().any(|range| range.contains(&skipped))
        {
            return Err(Violation::AckOfSkipped);
        }
        let in_flight = self.in_flight.bytes();
        self.patience.on_ack(now, ack.delay);
        let (gain, late) = self.settle(ack);
        stats.packets_acked += gain.packets;
        stats.packets_late += late;
        self.largest_acked = self.largest_acked.max(Some(largest));
        if late > 0 {
            self.on_late(now, stats);
            self.time_late(now, largest, ack.delay);
        }
        let Some(newest) = gain.newest else {
            self.detect(now, None, stats);
            return Ok(false);
        };
        stats.last_progress = Some(now);
        (self.timeouts, self.probes, self.quiet_since) = (0, 0, now);
        let mut rtt = None;
        if newest.number == largest && self.timed_from <= newest.number {
            let sample = now.since(newest.at);
            self.rtt.on_sample(sample, ack.delay);
            rtt = Some(sample);
        }
        if gain.long {
            self.suspicion = 0;
        }
        self.small_arrived = !gain.long;
        self.delivered += gain.bytes;
        self.delivered_at = now;
        self.first_sent_at = self.first_sent_at.max(newest.at);
        let lost = self.detect(now, Some(&gain), stats);
        self.acked_sent_at = self.acked_sent_at.max(newest.at);
        if self.route_from <= newest.number {
            // At a slow link, a short packet takes less than its share.
            let rtt = rtt.filter(|_| usize::from(newest.len) * 2 > self.size);
            let sample = Sample {
                delay: ack.delay,
                ..self.sample(now, &gain, &newest, rtt, in_flight, lost)
            };
            self.controller.on_ack(now, &sample);
        }
        self.repace(now);
        Ok(true)
    }

    /// The oldest packet's time has run out.
    pub(in crate::path) fn on_loss_timer(&mut self, now: Instant, stats: &mut Stats) {
        self.detect(now, None, stats);
    }

    /// Settles what the acknowledgement names: what it brings, and how many were only late.
    fn settle(&mut self, ack: &Ack<'_>) -> (Gain, u64) {
        let (mut gain, mut late) = (Gain::default(), 0);
        let oldest = self.in_flight.oldest().unwrap_or(self.next);
        for range in ack.ranges.clone() {
            if !self.written_off.is_empty() {
                late += self.written_off.on_ack(&range);
            }
            if *range.end() >= oldest {
                self.in_flight.ack(&range, |sent| {
                    gain.bytes += u64::from(sent.len);
                    gain.packets += 1;
                    gain.oldest_at = Some(gain.oldest_at.map_or(sent.at, |at| at.min(sent.at)));
                    gain.long |= usize::from(sent.len) > BASE_DATAGRAM_LEN;
                    if gain.newest.is_none_or(|newest| newest.number < sent.number) {
                        gain.newest = Some(*sent);
                    }
                });
            } else if self.written_off.is_empty() {
                break;
            }
        }
        (gain, late)
    }

    /// The last packet that a time-out gave up is what was just received: the time-out is too
    /// short for its length or its way, and only this sample tells.
    fn time_late(&mut self, now: Instant, largest: u64, delay: Duration) {
        if let Some((_, at)) = self.given_up.take_if(|(number, _)| *number == largest)
            && self.timed_from <= largest
        {
            self.rtt.on_sample(now.since(at), delay);
            (self.timeouts, self.quiet_since) = (0, now);
        }
    }

    fn on_late(&mut self, now: Instant, stats: &mut Stats) {
        self.tolerance.on_spurious(now, self.rtt.smoothed());
        if self.written_off.take_undo() {
            self.controller.undo();
            stats.cuts_undone += 1;
        }
    }

    fn sample(
        &self,
        now: Instant,
        gain: &Gain,
        newest: &Sent,
        rtt: Option<Duration>,
        in_flight: u64,
        lost: u64,
    ) -> Sample {
        let rate = &newest.rate;
        let interval = now.since(rate.delivered_at).max(newest.at.since(rate.first_sent_at));
        Sample {
            acked: gain.bytes,
            lost,
            in_flight,
            delivered: self.delivered - rate.delivered,
            interval,
            app_limited: rate.app_limited,
            rtt,
            delay: Duration::ZERO,
            min_rtt: self.rtt.min(),
            smoothed_rtt: self.rtt.smoothed(),
            sent_at: newest.at,
            newest: newest.number,
            next: self.next,
        }
    }

    /// Gives up what is lost by now, and returns how many bytes that was.
    fn detect(&mut self, now: Instant, gain: Option<&Gain>, stats: &mut Stats) -> u64 {
        self.loss_at = None;
        self.written_off.expire(now - self.rtt.probe_timeout() * 2);
        let Some(largest) = self.largest_acked else { return 0 };
        let rtt = self.rtt.slower();
        let (mut lost, mut long) = (0, false);
        let mut silence = Silence::new(self.acked_sent_at, gain);
        while let Some(sent) = self.in_flight.oldest_on_the_way() {
            match loss::detect(sent.number, sent.at, largest, now, rtt, &self.tolerance) {
                Verdict::Lost => {}
                Verdict::Waits(until) => {
                    self.loss_at = Some(until);
                    break;
                }
                Verdict::Unknown => break,
            }
            self.in_flight.lose_oldest();
            lost += u64::from(sent.len);
            long |= usize::from(sent.len) > BASE_DATAGRAM_LEN;
            let counted = self.route_from <= sent.number;
            if counted {
                self.cut(now, &sent, stats);
                silence.on_lost(sent.at);
            }
            self.written_off.add(now, sent.number, counted);
            stats.packets_lost += 1;
        }
        if long && core::mem::take(&mut self.small_arrived) {
            self.suspicion = self.suspicion.saturating_add(1);
        }
        if self.rtt.is_sampled()
            && let Some((oldest, newest)) = silence.lost
            && newest.since(oldest) > self.rtt.probe_timeout() * PERSISTENT_TIMEOUTS
        {
            let silent = Loss { bytes: 0, sent_at: newest, persistent: true };
            self.controller.on_loss(now, &silent);
        }
        if lost > 0 {
            self.repace(now);
        }
        lost
    }

    fn cut(&mut self, now: Instant, sent: &Sent, stats: &mut Stats) {
        self.tolerance.on_lost(now, sent.at);
        let bytes = u64::from(sent.len);
        let loss = Loss { bytes, sent_at: sent.at, persistent: false };
        if self.controller.on_loss(now, &loss) {
            self.written_off.begin_episode();
            stats.cuts += 1;
        }
    }
}

/// A time in which nothing that was sent arrived, and what was lost in it.
struct Silence {
    from: Instant,
    to: Instant,
    /// When the oldest and the newest lost packet were sent.
    lost: Option<(Instant, Instant)>,
}

impl Silence {
    fn new(acked_sent_at: Instant, gain: Option<&Gain>) -> Self {
        let to = gain.and_then(|gain| gain.oldest_at).unwrap_or(acked_sent_at);
        Self { from: acked_sent_at, to, lost: None }
    }

    fn on_lost(&mut self, sent_at: Instant) {
        if self.from <= sent_at && sent_at <= self.to {
            self.lost = Some((self.lost.map_or(sent_at, |(oldest, _)| oldest), sent_at));
        }
    }
}

/// Probe time-outs without any arrival that make congestion persistent (RFC 9002 section 7.6.1).
const PERSISTENT_TIMEOUTS: u32 = 3;
