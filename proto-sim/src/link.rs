//! One direction of an imperfect network, itself without I/O or clock.
//!
//! ```text
//!  send --> mtu --> blackout, loss --> queue (tail drop) --> rate --> corrupt, duplicate
//!                                                  --> latency, jitter, reorder --> poll_arrival
//! ```
//!
//! Every surprise is drawn from the link's own generator: the same seed and the same sends give
//! the same arrivals.

use proto_core::time::{Duration, Instant, micros};

use crate::rng::{Chance, Rng};
use crate::timeline::Timeline;

/// What a link does to the datagrams that it carries. The default harms nothing and takes 1 ms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkConfig {
    /// Time that every datagram takes.
    pub latency: Duration,
    /// Most time added to that at random; the order is kept.
    pub jitter: Duration,
    /// Which datagrams are lost.
    pub loss: Loss,
    /// Loss of datagrams shorter than `SMALL` on top: acknowledgements suffer, data do not.
    pub small_loss: Chance,
    /// How many arrive twice.
    pub duplicate: Chance,
    /// How many are overtaken.
    pub reorder: Chance,
    /// Most time by which a datagram that is overtaken, or a second copy, is late.
    pub reorder_by: Duration,
    /// How many arrive with one bit changed.
    pub corrupt: Chance,
    /// Bytes a second; `None` is without bound.
    pub rate: Option<u64>,
    /// Bytes that wait for a link of bounded rate; the datagram that does not fit is dropped.
    pub queue: u64,
    /// Longest datagram that passes; longer ones vanish.
    pub mtu: usize,
    /// When nothing passes at all, as from..until.
    pub blackouts: Vec<(Instant, Instant)>,
}

/// Which datagrams a link loses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Each with the same chance.
    Random(Chance),
    /// In bursts (Gilbert–Elliott): all is well until the link turns bad, and then it loses
    /// `lost` of what it is given until it turns good.
    Bursty {
        /// Chance at each datagram that a good link turns bad.
        turns_bad: Chance,
        /// Chance at each datagram that a bad link turns good.
        turns_good: Chance,
        /// Chance of loss while bad.
        lost: Chance,
    },
}

/// What became of the datagrams that a link was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkStats {
    /// Datagrams given to the link.
    pub sent: u64,
    /// Their bytes, without those of datagrams that were too long.
    pub bytes_sent: u64,
    /// Lost by chance or in a blackout.
    pub lost: u64,
    /// Dropped because the queue was full.
    pub queue_drops: u64,
    /// Dropped because they were too long.
    pub too_long: u64,
    /// Arrived, copies included.
    pub arrived: u64,
}

/// One direction of a network. Each datagram carries a mark of the caller's, such as an address.
#[derive(Clone, Debug)]
pub struct Link<M = ()> {
    config: LinkConfig,
    rng: Rng,
    bad: bool,
    // When the last bit of what was sent so far leaves the bounded part of the link, and what is
    // left over of the division that said so: millionths of a byte.
    busy_until: Instant,
    rest: u64,
    last_arrival: Instant,
    under_way: Timeline<(M, Vec<u8>)>,
    stats: LinkStats,
}

impl<M: Copy> Link<M> {
    /// Makes an idle link.
    pub fn new(config: LinkConfig, rng: Rng) -> Self {
        Self {
            config,
            rng,
            bad: false,
            busy_until: Instant::ZERO,
            rest: 0,
            last_arrival: Instant::ZERO,
            under_way: Timeline::new(),
            stats: LinkStats::default(),
        }
    }

    /// Gives a datagram to the link.
    pub fn send(&mut self, now: Instant, mark: M, datagram: &[u8]) {
        let len = datagram.len() as u64;
        self.stats.sent += 1;
        if datagram.len() > self.config.mtu {
            self.stats.too_long += 1;
            return;
        }
        self.stats.bytes_sent += len;
        if self.loses(now, datagram.len()) {
            self.stats.lost += 1;
            return;
        }
        let Some(leaves) = self.queue(now, len) else {
            self.stats.queue_drops += 1;
            return;
        };
        self.carry(leaves, mark, datagram);
        if self.rng.happens(self.config.duplicate) {
            let late = self.lateness();
            self.carry(leaves + late, mark, datagram);
        }
    }

    /// Takes the next datagram that has arrived.
    pub fn poll_arrival(&mut self, now: Instant) -> Option<(M, Vec<u8>)> {
        let arrival = self.under_way.pop(now)?;
        self.stats.arrived += 1;
        Some(arrival)
    }

    /// Changes what the link does to what it is given from now on.
    pub fn configure(&mut self, config: LinkConfig) {
        self.config = config;
        self.bad = false;
    }

    /// Passes so many bytes a second from now on. What waits leaves when it was to leave.
    pub fn set_rate(&mut self, rate: u64) {
        self.config.rate = Some(rate);
    }

    /// Loses everything that is under way.
    pub fn clear(&mut self) {
        self.under_way.clear();
    }

    /// When the next datagram arrives; `None` when none is under way.
    pub fn next_arrival(&self) -> Option<Instant> {
        self.under_way.next()
    }

    /// How long a datagram would wait before its first bit leaves the bounded part of the link.
    pub fn backlog(&self, now: Instant) -> Duration {
        self.busy_until.since(now)
    }

    /// What the link does to datagrams.
    pub fn config(&self) -> &LinkConfig {
        &self.config
    }

    /// What became of what it was given.
    pub fn stats(&self) -> LinkStats {
        self.stats
    }

    fn loses(&mut self, now: Instant, len: usize) -> bool {
        let dark = self.config.blackouts.iter().any(|&(from, until)| from <= now && now < until);
        let unlucky = match self.config.loss {
            Loss::Random(chance) => self.rng.happens(chance),
            Loss::Bursty { turns_bad, turns_good, lost } => {
                let turns = if self.bad { turns_good } else { turns_bad };
                self.bad ^= self.rng.happens(turns);
                self.bad && self.rng.happens(lost)
            }
        };
        dark || unlucky || (len < SMALL && self.rng.happens(self.config.small_loss))
    }

    /// Queues behind what was sent before. `None` when the queue is full.
    fn queue(&mut self, now: Instant, len: u64) -> Option<Instant> {
        let Some(rate) = self.config.rate else {
            return Some(now);
        };
        let (begins, rest) =
            if self.busy_until < now { (now, 0) } else { (self.busy_until, self.rest) };
        let waiting = micros(begins.since(now)).saturating_mul(rate) / 1_000_000;
        if waiting > 0 && waiting + len > self.config.queue {
            return None;
        }
        let (work, rate) = (len * 1_000_000 + rest, rate.max(1));
        (self.busy_until, self.rest) = (begins + Duration::from_micros(work / rate), work % rate);
        Some(self.busy_until)
    }

    fn carry(&mut self, leaves: Instant, mark: M, datagram: &[u8]) {
        let mut datagram = datagram.to_vec();
        if !datagram.is_empty() && self.rng.happens(self.config.corrupt) {
            let at = self.rng.index(datagram.len());
            datagram[at] ^= 1 << self.rng.below(8);
        }
        let mut arrives = leaves + self.config.latency;
        if self.config.jitter > Duration::ZERO {
            arrives = arrives + self.rng.duration(Duration::ZERO, self.config.jitter);
        }
        if self.rng.happens(self.config.reorder) {
            arrives = arrives + self.lateness();
        } else {
            arrives = arrives.max(self.last_arrival);
            self.last_arrival = arrives;
        }
        self.under_way.push(arrives, (mark, datagram));
    }

    fn lateness(&mut self) -> Duration {
        self.rng.duration(Duration::ZERO, self.config.reorder_by)
    }
}

impl LinkConfig {
    /// A link that only takes time.
    pub fn clean(latency: Duration) -> Self {
        Self { latency, ..Self::default() }
    }
}

impl Default for LinkConfig {
    fn default() -> Self {
        Self {
            latency: Duration::from_millis(1),
            jitter: Duration::ZERO,
            loss: Loss::Random(Chance::NEVER),
            small_loss: Chance::NEVER,
            duplicate: Chance::NEVER,
            reorder: Chance::NEVER,
            reorder_by: Duration::from_millis(1),
            corrupt: Chance::NEVER,
            rate: None,
            queue: 256 * 1024,
            mtu: 65_507,
            blackouts: Vec::new(),
        }
    }
}

/// Datagrams shorter than this are small: acknowledgements, not data.
const SMALL: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_link_keeps_bytes_order_and_time() {
        let mut link = link(LinkConfig::clean(ms(5)));
        link.send(at(0), (), b"one");
        link.send(at(1), (), b"two");

        assert_eq!(link.next_arrival(), Some(at(5)));
        assert_eq!(link.poll_arrival(at(4)), None);
        assert_eq!(arrivals(&mut link), ["one", "two"]);
    }

    #[test]
    fn a_bounded_rate_takes_time_and_a_full_queue_drops_the_newest() {
        let mut link = link(LinkConfig {
            rate: Some(1_000),
            queue: 250,
            latency: Duration::ZERO,
            ..LinkConfig::default()
        });
        (0..5).for_each(|_| link.send(at(0), (), &[0; 100]));

        assert_eq!(link.stats().queue_drops, 3);
        assert_eq!(link.next_arrival(), Some(at(100)));
    }

    #[test]
    fn a_fast_link_passes_its_rate_to_the_byte() {
        let mut link = link(LinkConfig {
            rate: Some(37_500_000),
            queue: u64::MAX,
            latency: Duration::ZERO,
            ..LinkConfig::default()
        });
        (0..37_500).for_each(|_| link.send(at(0), (), &[0; 1_000]));

        assert_eq!(link.backlog(at(0)), Duration::from_secs(1));
    }

    #[test]
    fn what_is_too_long_or_in_the_dark_vanishes() {
        let dark = vec![(at(10), at(20))];
        let mut link = link(LinkConfig { mtu: 4, blackouts: dark, ..LinkConfig::default() });
        link.send(at(0), (), b"12345");
        link.send(at(10), (), b"dark");
        link.send(at(20), (), b"day");

        assert_eq!(arrivals(&mut link), ["day"]);
    }

    #[test]
    fn bursts_lose_neighbours() {
        let loss = Loss::Bursty {
            turns_bad: Chance::percent(2),
            turns_good: Chance::percent(25),
            lost: Chance::ALWAYS,
        };
        let mut link = link(LinkConfig { loss, ..LinkConfig::default() });
        let fates: Vec<bool> = (0..10_000)
            .map(|_| {
                let before = link.stats().lost;
                link.send(at(0), (), b"x");
                link.stats().lost > before
            })
            .collect();

        let count = fates.iter().filter(|&&gone| gone).count();
        let pairs = fates.windows(2).filter(|pair| pair[0] && pair[1]).count();
        assert!((400..1100).contains(&count), "{count} lost");
        assert!(pairs * 2 > count, "{pairs} neighbours among {count} lost");
    }

    #[test]
    fn faults_duplicate_reorder_and_corrupt() {
        let mut link = link(LinkConfig {
            duplicate: Chance::percent(20),
            reorder: Chance::percent(20),
            reorder_by: ms(50),
            corrupt: Chance::percent(20),
            ..LinkConfig::default()
        });
        (0..100_u64).for_each(|n| link.send(at(n), (), &n.to_be_bytes()));
        let arrived: Vec<u64> = std::iter::from_fn(|| link.poll_arrival(at(1000)))
            .map(|((), bytes)| u64::from_be_bytes(bytes.try_into().unwrap()))
            .collect();

        assert!(arrived.len() > 105, "{} arrived", arrived.len());
        assert!(!arrived.is_sorted());
        assert!(arrived.iter().any(|&n| n >= 100));
    }

    #[test]
    fn the_same_seed_gives_the_same_arrivals() {
        let run = || {
            let mut link = link(LinkConfig {
                jitter: ms(9),
                loss: Loss::Random(Chance::percent(30)),
                ..LinkConfig::default()
            });
            (0..100_u8).for_each(|n| link.send(at(0), (), &[n]));
            std::iter::from_fn(|| link.poll_arrival(at(1000))).collect::<Vec<_>>()
        };
        assert_eq!(run(), run());
    }

    fn link(config: LinkConfig) -> Link {
        Link::new(config, Rng::new(7))
    }

    fn arrivals(link: &mut Link) -> Vec<String> {
        std::iter::from_fn(|| link.poll_arrival(at(1_000_000)))
            .map(|((), bytes)| String::from_utf8(bytes).unwrap())
            .collect()
    }

    fn at(millis: u64) -> Instant {
        Instant::from_micros(millis * 1000)
    }

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }
}
