//! Wrong secrets: whoever guesses has a few tries, and then one every now and then.
//!
//! A secret has 256 bits, so no guess will ever be right; this keeps guessing from costing the
//! server a handshake each. An address that has used up its tries is not listened to, whatever its
//! secret is: a right one among many wrong ones must not be told apart.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use proto_core::time::Instant;

use crate::admission::source_of;

/// Wrong secrets that an address may come with at once. A client tries twice before it tells its
/// user, so these are five mistakes.
const TRIES: u32 = 10;
/// Time after which it has one more try: three a minute.
const ONE_MORE: Duration = Duration::from_secs(20);
/// Addresses remembered; beyond that the one that was wrong the longest ago is forgotten.
const REMEMBERED: usize = 1024;

/// Counts wrong secrets by address.
#[derive(Debug, Default)]
pub struct Guesses {
    sources: HashMap<IpAddr, Source>,
    forgotten: u64,
}

/// What is left to an address.
#[derive(Clone, Copy, Debug)]
struct Source {
    /// Tries that it had left at `since`.
    left: u32,
    since: Instant,
    /// When it was wrong last.
    wrong: Instant,
}

impl Guesses {
    /// Whether somebody from there may try a secret.
    pub fn may_try(&self, now: Instant, from: IpAddr) -> bool {
        self.sources.get(&source_of(from)).is_none_or(|source| source.at(now).left > 0)
    }

    /// A secret from there was wrong. Gives the addresses forgotten so far, when that is one more.
    pub fn on_wrong(&mut self, now: Instant, from: IpAddr) -> Option<u64> {
        let from = source_of(from);
        let known = self.sources.get(&from).map(|source| source.at(now));
        let forgets = known.is_none() && self.sources.len() >= REMEMBERED;
        if forgets {
            let oldest = self.sources.iter().min_by_key(|(_, source)| source.wrong);
            if let Some(oldest) = oldest.map(|(from, _)| *from) {
                self.sources.remove(&oldest);
                self.forgotten += 1;
            }
        }
        let source = known.unwrap_or(Source { left: TRIES, since: now, wrong: now });
        let left = source.left.saturating_sub(1);
        self.sources.insert(from, Source { left, wrong: now, ..source });
        forgets.then_some(self.forgotten)
    }
}

impl Source {
    /// With the tries that time has brought.
    fn at(self, now: Instant) -> Self {
        let more = now.since(self.since).as_micros() / ONE_MORE.as_micros();
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        if self.left.saturating_add(more) >= TRIES {
            return Self { left: TRIES, since: now, ..self };
        }
        Self { left: self.left + more, since: self.since + ONE_MORE * more, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_micros(1);
    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));

    #[test]
    fn after_a_few_wrong_secrets_there_are_three_tries_a_minute() {
        let mut guesses = Guesses::default();
        for _ in 0..TRIES {
            assert!(guesses.may_try(NOW, HERE));
            guesses.on_wrong(NOW, HERE);
        }
        assert!(!guesses.may_try(NOW, HERE));

        let mut tried = 0;
        for second in 1..=60 {
            let now = NOW + Duration::from_secs(second);
            while guesses.may_try(now, HERE) {
                guesses.on_wrong(now, HERE);
                tried += 1;
            }
        }
        assert_eq!(tried, 3);
    }

    #[test]
    fn whoever_waits_has_all_tries_again_and_no_more() {
        let mut guesses = Guesses::default();
        for _ in 0..100 {
            guesses.on_wrong(NOW, HERE);
        }
        let later = NOW + Duration::from_secs(3600);
        for _ in 0..TRIES {
            assert!(guesses.may_try(later, HERE));
            guesses.on_wrong(later, HERE);
        }
        assert!(!guesses.may_try(later, HERE));
    }

    #[test]
    fn one_who_guesses_costs_another_address_nothing() {
        let mut guesses = Guesses::default();
        let (mine, alike, other) = ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1");
        for _ in 0..TRIES {
            guesses.on_wrong(NOW, mine.parse().unwrap());
        }
        assert!(!guesses.may_try(NOW, alike.parse().unwrap()), "it is one network");
        assert!(guesses.may_try(NOW, other.parse().unwrap()));
        assert!(guesses.may_try(NOW, HERE));
        for _ in 0..TRIES {
            guesses.on_wrong(NOW, "::ffff:203.0.113.7".parse().unwrap());
        }
        assert!(!guesses.may_try(NOW, HERE), "it is one address in two clothes");
    }

    #[test]
    fn the_oldest_is_forgotten_and_counted_when_there_is_no_room() {
        let mut guesses = Guesses::default();
        let address = |number: u32| IpAddr::from(number.to_be_bytes());
        let most = u32::try_from(REMEMBERED).unwrap();
        for number in 0..most {
            let now = NOW + Duration::from_millis(number.into());
            for _ in 0..TRIES {
                assert_eq!(guesses.on_wrong(now, address(number)), None);
            }
        }
        let now = NOW + Duration::from_secs(2);

        assert_eq!(guesses.on_wrong(now, address(most)), Some(1));

        assert_eq!(guesses.sources.len(), REMEMBERED);
        assert!(guesses.may_try(now, address(0)), "it was wrong the longest ago");
        assert!(!guesses.may_try(now, address(1)));
    }
}
