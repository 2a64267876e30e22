//! Whoever is turned away costs the screen a line, and a crowd of them a few lines a minute: the
//! rest is counted, and told when the minute is over.

use std::collections::BTreeMap;
use std::time::Duration;

use proto_core::time::Instant;

/// Lines of one reason in one [`WINDOW`].
const LINES: u64 = 10;
/// Time after which the rest is told.
pub const WINDOW: Duration = Duration::from_secs(60);

/// Counts who was turned away, by reason: there are a dozen.
#[derive(Debug, Default)]
pub struct Tally {
    reasons: BTreeMap<String, Reason>,
}

#[derive(Clone, Copy, Debug)]
struct Reason {
    since: Instant,
    count: u64,
}

/// What is to be done about one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Tell it, and call [`Tally::take_rest`] after [`WINDOW`].
    First,
    /// Tell it.
    Again,
    /// It is counted.
    Later,
}

impl Tally {
    /// Somebody is turned away.
    pub fn count(&mut self, now: Instant, why: &str) -> Told {
        let Some(reason) = self.reasons.get_mut(why) else {
            self.reasons.insert(why.to_owned(), Reason { since: now, count: 1 });
            return Told::First;
        };
        reason.count += 1;
        if reason.count > LINES { Told::Later } else { Told::Again }
    }

    /// How many were not told of each reason that is older than [`WINDOW`].
    pub fn take_rest(&mut self, now: Instant) -> Vec<(String, u64)> {
        let mut rest = Vec::new();
        self.reasons.retain(|why, reason| {
            let is_over = now.since(reason.since) >= WINDOW;
            if is_over && reason.count > LINES {
                rest.push((why.clone(), reason.count - LINES));
            }
            !is_over
        });
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_micros(1);

    #[test]
    fn a_crowd_costs_a_few_lines_and_is_counted() {
        let mut tally = Tally::default();
        let told: Vec<Told> = (0..1000).map(|_| tally.count(NOW, "guessing")).collect();

        assert_eq!(told[0], Told::First);
        assert!(told[1..10].iter().all(|told| *told == Told::Again));
        assert!(told[10..].iter().all(|told| *told == Told::Later));
        assert_eq!(tally.take_rest(NOW + Duration::from_secs(59)), []);
        assert_eq!(tally.take_rest(NOW + WINDOW), [("guessing".to_owned(), 990)]);
        assert_eq!(tally.count(NOW + WINDOW, "guessing"), Told::First, "a minute begins anew");
    }

    #[test]
    fn one_reason_does_not_hide_another_and_nothing_is_added_to_a_few() {
        let mut tally = Tally::default();
        for _ in 0..1000 {
            tally.count(NOW, "guessing");
        }
        assert_eq!(tally.count(NOW, "full"), Told::First);
        assert_eq!(tally.take_rest(NOW + WINDOW).len(), 1);
    }
}
