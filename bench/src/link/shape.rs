//! What is wrong with a link: both directions have the same shape.

use std::fmt;
use std::time::Duration;

use super::MTU;

/// The properties of a link.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Bits a second of IP packets.
    pub rate: u64,
    /// Of each direction.
    pub delay: Duration,
    /// Added to the delay, evenly spread from nothing to this; packets keep their order.
    pub jitter: Duration,
    /// What is lost behind the queue.
    pub loss: Loss,
    /// Share of packets that arrive twice.
    pub duplicates: f64,
    /// Share of packets that are overtaken by later ones.
    pub reordered: f64,
    /// What fits in front of the bottleneck.
    pub queue: Queue,
}

/// Which packets are lost.
#[derive(Clone, Copy, Debug)]
pub enum Loss {
    /// Each with this probability.
    Even(f64),
    /// Gilbert's model: all of a bad stretch, which begins and ends with these probabilities.
    Bursts {
        /// That a packet is the first of a bad stretch.
        begin: f64,
        /// That a packet is the first behind one.
        end: f64,
    },
}

/// How much waits in front of the bottleneck before packets are dropped.
#[derive(Clone, Copy, Debug)]
pub enum Queue {
    /// In bandwidth-delay products.
    Bdp(f64),
    /// In bytes.
    Bytes(u64),
}

impl Shape {
    /// A link without faults: `mbit` megabits a second, `delay` each way, a queue of one
    /// bandwidth-delay product.
    pub const fn new(mbit: u64, delay: Duration) -> Self {
        Self {
            rate: mbit * 1_000_000,
            delay,
            jitter: Duration::ZERO,
            loss: Loss::Even(0.0),
            duplicates: 0.0,
            reordered: 0.0,
            queue: Queue::Bdp(1.0),
        }
    }

    /// Loses this share of packets.
    pub const fn loss(self, share: f64) -> Self {
        Self { loss: Loss::Even(share), ..self }
    }

    /// Bytes that wait at most; two packets always may.
    pub fn queue_bytes(&self) -> u64 {
        let bytes = match self.queue {
            Queue::Bdp(times) => times * self.rate as f64 / 8.0 * self.round_trip().as_secs_f64(),
            Queue::Bytes(bytes) => bytes as f64,
        };
        (bytes as u64).max(2 * u64::from(MTU))
    }

    /// How long the bottleneck takes for so many bytes.
    pub fn time_of(&self, bytes: u64) -> Duration {
        Duration::from_nanos(bytes * 8_000_000_000 / self.rate)
    }

    /// How late a packet can be that others overtake: ten packets' time, at least half a
    /// millisecond.
    pub fn overtaking(&self) -> Duration {
        self.time_of(10 * u64::from(MTU)).max(Duration::from_micros(500))
    }

    /// Bytes a second that arrive of a link that is never idle.
    pub fn bytes_arriving(&self) -> f64 {
        let lost = match self.loss {
            Loss::Even(share) => share,
            Loss::Bursts { begin, end } => begin / (begin + end),
        };
        self.rate as f64 / 8.0 * (1.0 - lost) * (1.0 + self.duplicates)
    }

    /// Both delays.
    pub fn round_trip(&self) -> Duration {
        2 * self.delay
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.delay.as_secs_f64() * 1e3;
        write!(f, "{} Mbit/s, {ms} ms each way", self.rate / 1_000_000)?;
        match self.loss {
            Loss::Even(0.0) => {}
            Loss::Even(share) => write!(f, ", {} % loss", percent(share))?,
            Loss::Bursts { begin, end } => {
                write!(f, ", bursts of loss ({} %, {} %)", percent(begin), percent(end))?;
            }
        }
        for (share, what) in [(self.duplicates, "duplicates"), (self.reordered, "reordered")] {
            if share > 0.0 {
                write!(f, ", {} % {what}", percent(share))?;
            }
        }
        match self.queue {
            Queue::Bdp(times) => write!(f, ", a queue of {times} BDP"),
            Queue::Bytes(bytes) => write!(f, ", a queue of {bytes} bytes"),
        }
    }
}

/// A share in percent, without the noise of binary fractions.
pub fn percent(share: f64) -> f64 {
    (share * 1e5).round() / 1e3
}
