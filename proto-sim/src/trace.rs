//! What happened, as one number: two runs of a seed must end with the same.

use proto_core::time::Instant;

/// The hash of everything that a world did, and the telling of it where somebody listens.
#[derive(Clone, Debug)]
pub struct Trace {
    hash: u64,
    told: bool,
}

impl Trace {
    /// Begins an empty trace; `told` prints each entry as it comes.
    pub fn new(told: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, told }
    }

    /// Adds something that happened, in a few numbers.
    pub fn add(&mut self, now: Instant, what: &str, numbers: &[u64]) {
        self.mix(now.as_micros());
        for byte in what.bytes() {
            self.mix(u64::from(byte));
        }
        for &number in numbers {
            self.mix(number);
        }
        if self.told {
            self.print(now, format_args!("{what} {numbers:?}"));
        }
    }

    /// Tells something that is not part of the hash.
    pub fn tell(&self, now: Instant, what: impl FnOnce() -> String) {
        if self.told {
            self.print(now, format_args!("{}", what()));
        }
    }

    /// The hash of all that was added.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    fn mix(&mut self, number: u64) {
        let mixed = (self.hash ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.hash = mixed ^ (mixed >> 29);
    }

    #[expect(clippy::unused_self, reason = "printing belongs to the trace")]
    fn print(&self, now: Instant, what: std::fmt::Arguments<'_>) {
        let micros = now.as_micros();
        println!("{:>5}.{:06} {what}", micros / 1_000_000, micros % 1_000_000);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_tells_different_stories_apart() {
        let story = |numbers: &[u64]| {
            let mut trace = Trace::new(false);
            trace.add(Instant::ZERO, "sent", numbers);
            trace.hash()
        };
        assert_eq!(story(&[1, 2]), story(&[1, 2]));
        assert_ne!(story(&[1, 2]), story(&[2, 1]));
    }
}
