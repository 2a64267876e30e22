//! What is to be acknowledged, and when.
//!
//! A set that *forgets*: the oldest ranges make way, and a range that has not changed for a while
//! is not told again. Whatever the peer misses by that, HAVE repairs.
//!
//! Every authentic packet's number is entered, one with file bytes only when they are stored; but
//! no acknowledgement reaches beyond the largest number that asked for one.

use core::ops::RangeInclusive;
use core::time::Duration;

use heapless::Vec;

use super::rtt::MAX_ACK_DELAY;
use crate::limits::MAX_ACK_RANGES;
use crate::time::Instant;

/// Packet numbers to acknowledge.
#[derive(Clone, Debug)]
pub(super) struct Acks {
    // Invariants of `ranges`:
    // - They rise, and neither overlap nor touch.
    ranges: Vec<Range, MAX_ACK_RANGES>,
    /// The largest number that asked for an acknowledgement, and when it arrived.
    top: Option<(u64, Instant)>,
    /// Packets that asked since the last acknowledgement.
    waiting: u32,
    /// Packets that asked, ever, up to [`EAGER_PACKETS`].
    eager: u32,
    urgent: bool,
    deadline: Option<Instant>,
    /// The lowest number that is missing and was not missing in an acknowledgement yet.
    missing: Option<u64>,
    pace: Pace,
    max_delay: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Range {
    start: u64,
    end: u64,
    changed: Instant,
}

/// How many packets arrive in a round trip, and so how often to acknowledge.
#[derive(Clone, Copy, Debug)]
struct Pace {
    since: Instant,
    count: u32,
    every: u32,
}

impl Acks {
    pub(super) fn new(now: Instant, max_delay: Duration) -> Self {
        Self {
            ranges: Vec::new(),
            top: None,
            waiting: 0,
            eager: 0,
            urgent: false,
            deadline: None,
            missing: None,
            pace: Pace { since: now, count: 0, every: MIN_EVERY },
            max_delay: max_delay.min(MAX_ACK_DELAY),
        }
    }

    /// Enters a packet that asks for nothing.
    pub(super) fn on_quiet(&mut self, now: Instant, number: u64) {
        self.insert(now, number);
    }

    /// Enters a packet that wants to be acknowledged; it arrived at `at`.
    pub(super) fn on_asking(
        &mut self,
        now: Instant,
        number: u64,
        at: Instant,
        urgent: bool,
        rtt: Duration,
    ) {
        if let Some(gap) = self.insert(now, number) {
            self.missing.get_or_insert(gap);
        }
        if self.top.is_none_or(|(top, _)| top < number) {
            self.top = Some((number, at));
        }
        self.pace.on_packet(now, rtt);
        self.waiting += 1;
        self.eager = self.eager.saturating_add(1);
        let every = if self.eager <= EAGER_PACKETS { MIN_EVERY } else { self.pace.every };
        let stale = self.missing.is_some_and(|gap| number >= gap + REORDERING);
        self.urgent |= urgent || stale || self.waiting >= every;
        if self.deadline.is_none() {
            self.deadline = Some(now + self.max_delay);
        }
    }

    /// When the next acknowledgement is due; `None` when nothing asked for one.
    pub(super) const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| self.urgent || deadline <= now)
    }

    /// Forgets what was told often enough.
    pub(super) fn forget(&mut self, now: Instant, rtt: Duration) {
        let keep = FORGET_AFTER.max(rtt * 4);
        let newest = self.ranges.last().map_or(0, |range| range.start);
        self.ranges.retain(|range| range.start == newest || now.since(range.changed) < keep);
    }

    /// Takes the acknowledgement as sent, and says how long the newest number waited for it.
    pub(super) fn on_sent(&mut self, now: Instant) -> Duration {
        (self.waiting, self.urgent, self.deadline, self.missing) = (0, false, None, None);
        self.top.map_or(Duration::ZERO, |(_, at)| now.since(at))
    }

    /// What an acknowledgement says now, newest first.
    pub(super) fn ranges(&self) -> impl Iterator<Item = RangeInclusive<u64>> + Clone {
        let top = self.top.map(|(top, _)| top);
        self.ranges.iter().rev().filter_map(move |range| {
            let end = range.end.min(top?);
            (range.start <= end).then_some(range.start..=end)
        })
    }

    /// Enters a number. Returns the first one missing before it when it leaves a gap at the end.
    fn insert(&mut self, now: Instant, number: u64) -> Option<u64> {
        let above = self.ranges.iter().rev().take_while(|range| number < range.start).count();
        let i = self.ranges.len() - above;
        let touches_next = self.ranges.get(i).is_some_and(|next| next.start == number + 1);
        let previous = i.checked_sub(1);
        let below = previous.map(|p| self.ranges[p].end);
        if below.is_some_and(|end| number <= end) {
            return None;
        }
        if let Some(p) = previous.filter(|_| below.is_some_and(|end| end + 1 == number)) {
            self.ranges[p].end = number;
            self.ranges[p].changed = now;
            if touches_next {
                self.ranges[p].end = self.ranges.remove(i).end;
            }
            return None;
        }
        if touches_next {
            self.ranges[i].start = number;
            self.ranges[i].changed = now;
            return None;
        }
        let mut place = i;
        if self.ranges.is_full() {
            if place == 0 {
                return None;
            }
            self.ranges.remove(0);
            place -= 1;
        }
        let range = Range { start: number, end: number, changed: now };
        self.ranges.insert(place, range).expect("room was just made");
        below.map(|end| end + 1).filter(|_| above == 0)
    }
}

impl Pace {
    fn on_packet(&mut self, now: Instant, rtt: Duration) {
        self.count += 1;
        if now.since(self.since) >= rtt {
            self.every = (self.count / ACKS_PER_ROUND).clamp(MIN_EVERY, MAX_EVERY);
            (self.since, self.count) = (now, 0);
        }
    }
}

/// Acknowledgements in a round trip, when many packets arrive.
const ACKS_PER_ROUND: u32 = 8;
/// At least so many packets to an acknowledgement, unless time runs out.
const MIN_EVERY: u32 = 2;
/// At most so many packets to an acknowledgement.
const MAX_EVERY: u32 = 64;
/// At the beginning, acknowledge as often as may be: the window has to grow.
const EAGER_PACKETS: u32 = 100;
/// The sender's packet threshold: a hole of this age is worth telling at once.
const REORDERING: u64 = 3;
/// A range that has not changed for so long, and for four round trips, was told often enough.
const FORGET_AFTER: Duration = Duration::from_millis(200);

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(50);
    const NOW: Instant = Instant::from_micros(1_000_000);

    fn acks() -> Acks {
        Acks::new(NOW, Duration::from_millis(10))
    }

    fn ask(acks: &mut Acks, number: u64) {
        acks.on_asking(NOW, number, NOW, false, RTT);
    }

    fn told(acks: &Acks) -> std::vec::Vec<RangeInclusive<u64>> {
        acks.ranges().collect()
    }

    #[test]
    fn ranges_grow_and_merge() {
        let mut acks = acks();
        for number in [5, 7, 6, 1, 9, 2, 6] {
            ask(&mut acks, number);
        }
        assert_eq!(told(&acks), [9..=9, 5..=7, 1..=2]);
        ask(&mut acks, 8);
        assert_eq!(told(&acks), [5..=9, 1..=2]);
    }

    #[test]
    fn every_second_packet_is_acknowledged_at_first() {
        let mut acks = acks();
        ask(&mut acks, 0);
        assert!(!acks.is_due(NOW));
        assert_eq!(acks.deadline(), Some(NOW + Duration::from_millis(10)));
        assert!(acks.is_due(NOW + Duration::from_millis(10)));
        ask(&mut acks, 1);
        assert!(acks.is_due(NOW));
        acks.on_sent(NOW);
        assert_eq!(acks.deadline(), None);
    }

    #[test]
    fn a_hole_is_told_at_once_but_only_once() {
        let mut acks = acks();
        for number in 0..200 {
            ask(&mut acks, number);
        }
        acks.pace.every = 64;
        acks.on_sent(NOW);
        ask(&mut acks, 201);
        ask(&mut acks, 202);
        assert!(!acks.is_due(NOW));
        ask(&mut acks, 203);
        assert!(acks.is_due(NOW));
        acks.on_sent(NOW);
        ask(&mut acks, 204);
        assert!(!acks.is_due(NOW));
    }

    #[test]
    fn many_packets_a_round_make_few_acknowledgements() {
        let mut acks = acks();
        let mut now = NOW;
        for number in 0..3000 {
            acks.on_asking(now, number, now, false, RTT);
            now = now + Duration::from_micros(100);
        }
        assert_eq!(acks.pace.every, 62);
    }

    #[test]
    fn nothing_quiet_is_acknowledged_before_something_asks() {
        let mut acks = acks();
        acks.on_quiet(NOW, 0);
        assert_eq!((told(&acks), acks.deadline()), (std::vec![], None));
        ask(&mut acks, 1);
        acks.on_quiet(NOW, 2);
        assert_eq!(told(&acks), [0..=1]);
    }

    #[test]
    fn the_oldest_ranges_make_way_and_the_stale_are_forgotten() {
        let mut acks = acks();
        for number in 0..1000 {
            ask(&mut acks, number * 2);
        }
        assert_eq!(told(&acks).len(), MAX_ACK_RANGES);
        assert_eq!(told(&acks)[0], 1998..=1998);
        ask(&mut acks, 1);
        assert_eq!(told(&acks).len(), MAX_ACK_RANGES);

        acks.forget(NOW + Duration::from_secs(2), RTT);
        assert_eq!(told(&acks), [1998..=1998]);
    }
}
