//! Times, counted in classes that are at most 1.6 % wide.

use std::time::Duration;

use serde::Serialize;

/// Classes per power of two.
const FINE: u64 = 64;
/// Counts nanoseconds from 0 to 2^40, which is 18 minutes.
const CLASSES: usize = 36 * FINE as usize;

/// Many times.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    sum: Duration,
    most: Duration,
}

/// What is worth telling about them, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Spread {
    /// The average.
    pub mean: f64,
    /// The median.
    pub p50: f64,
    /// Reached by one in a hundred.
    pub p99: f64,
    /// The highest.
    pub max: f64,
}

impl Histogram {
    /// Without a time.
    pub fn new() -> Self {
        let (sum, most) = (Duration::ZERO, Duration::ZERO);
        Self { counts: vec![0; CLASSES], total: 0, sum, most }
    }

    /// Counts a time.
    pub fn add(&mut self, time: Duration) {
        self.counts[class(time)] += 1;
        self.total += 1;
        self.sum += time;
        self.most = self.most.max(time);
    }

    /// Sums up.
    pub fn spread(&self) -> Spread {
        Spread {
            mean: self.sum.as_secs_f64() * 1e3 / self.total.max(1) as f64,
            p50: self.quantile(0.5),
            p99: self.quantile(0.99),
            max: self.most.as_secs_f64() * 1e3,
        }
    }

    fn quantile(&self, share: f64) -> f64 {
        let wanted = (share * self.total as f64).ceil() as u64;
        let mut seen = 0;
        let reaches = |count: &u64| {
            seen += count;
            seen >= wanted
        };
        self.counts.iter().position(reaches).map_or(0.0, |class| floor(class) as f64 / 1e6)
    }
}

fn class(time: Duration) -> usize {
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    if nanos < FINE {
        return nanos as usize;
    }
    let shift = u64::from(nanos.ilog2() - FINE.ilog2());
    ((shift * FINE + (nanos >> shift)) as usize).min(CLASSES - 1)
}

/// The least time of a class, in nanoseconds.
fn floor(class: usize) -> u64 {
    let class = class as u64;
    if class < FINE {
        return class;
    }
    let shift = class / FINE - 1;
    (class - shift * FINE) << shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_begins_where_it_says() {
        for nanos in [0, 1, 63, 64, 65, 127, 128, 1000, 123_456_789, 1 << 39] {
            let begin = floor(class(Duration::from_nanos(nanos)));
            assert!(begin <= nanos && nanos - begin <= nanos / FINE, "{nanos}: {begin}");
        }
    }

    #[test]
    fn quantiles_are_found() {
        let mut times = Histogram::new();
        (1..=1000).for_each(|ms| times.add(Duration::from_millis(ms)));
        let spread = times.spread();
        let close = |found: f64, wanted: f64| (found - wanted).abs() <= wanted / 50.0;
        assert!(close(spread.mean, 500.5) && close(spread.p50, 500.0) && close(spread.p99, 990.0));
        assert!(close(spread.max, 1000.0));
    }
}
