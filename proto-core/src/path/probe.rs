//! Does the address answer, and how long may datagrams be? Challenges, in rounds.
//!
//! A round is one token in datagrams of several lengths, and a little later a second copy of each;
//! the response names the longest that arrived. The first response proves the address, any response raises the size.
//! A server tries only lengths that reached it from its client: both ends have to like them.
//!
//! ```text
//!   client                                   server
//!   CHALLENGE a: 1200, 1452, 1472, 8952, 65487 --->
//!                <--- RESPONSE a, longest 1452; CHALLENGE b: 1200, 1452
//!   RESPONSE b, longest 1452 --------------->        now both have proof, and 1452
//! ```

use core::time::Duration;

use crate::limits::{BASE_DATAGRAM_LEN, PROBED_DATAGRAM_LENS};
use crate::time::Instant;

/// Which datagram size works, and the round of challenges that finds out.
#[derive(Clone, Debug)]
pub(super) struct Prober {
    /// Longest datagram that this side would send.
    most: usize,
    /// Datagram size in use.
    size: usize,
    round: Option<Round>,
    /// Rounds begun since the address changed or a size was last found.
    tries: u8,
    /// When larger sizes are worth another try.
    raise_at: Option<Instant>,
    fell_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Round {
    token: u64,
    /// When its first challenge left.
    sent_at: Option<Instant>,
    /// Copies of each length that may be sent by now, and those that were.
    allowed: u8,
    copies: [u8; PROBED_DATAGRAM_LENS.len()],
    longest_sent: usize,
    answered: bool,
    /// Whether only the address is in question, not the size.
    address_only: bool,
}

/// What a response brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// A sample of the round trip, with the first response of a round.
    pub(super) rtt: Option<Duration>,
    /// Whether the size in use grew.
    pub(super) grew: bool,
}

impl Prober {
    pub(super) fn new(most: usize) -> Self {
        assert!(BASE_DATAGRAM_LEN <= most, "every path carries the base size");
        Self { most, size: BASE_DATAGRAM_LEN, round: None, tries: 0, raise_at: None, fell_at: None }
    }

    /// Datagram size in use.
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    /// Rounds begun without an answer that helped.
    pub(super) const fn tries(&self) -> u8 {
        self.tries
    }

    /// Raises the longest length worth trying: one of it has come the other way. Says whether
    /// that is news.
    pub(super) fn on_peer_len(&mut self, len: usize) -> bool {
        let news = self.most < len;
        self.most = self.most.max(len);
        news
    }

    /// Begins a round.
    pub(super) fn begin(&mut self, token: u64, address_only: bool) {
        self.tries = self.tries.saturating_add(1);
        let copies = [0; PROBED_DATAGRAM_LENS.len()];
        self.round = Some(Round {
            token,
            sent_at: None,
            allowed: 1,
            copies,
            longest_sent: 0,
            answered: false,
            address_only,
        });
    }

    /// Allows the second copies of a round. Says whether that was to be done.
    pub(super) fn repeat(&mut self) -> bool {
        let round = self.round.as_mut().filter(|round| round.allowed < COPIES);
        round.is_some_and(|round| {
            round.allowed = COPIES;
            true
        })
    }

    /// The next challenge to send: token and length of the datagram.
    pub(super) fn next(&self, proven: bool) -> Option<(u64, usize)> {
        let round = self.round.as_ref()?;
        let wanted = |&(i, len): &(usize, usize)| {
            len <= self.most
                && round.copies[i] < round.allowed
                && (if i == 0 {
                    !proven || round.address_only
                } else {
                    len > self.size && !round.address_only
                })
        };
        let lens = PROBED_DATAGRAM_LENS.into_iter().enumerate();
        let (_, len) = lens.filter(wanted).min_by_key(|&(i, len)| (round.copies[i], len))?;
        Some((round.token, len))
    }

    /// A challenge for a length leaves.
    pub(super) fn on_sent(&mut self, now: Instant, len: usize, actual: usize) {
        if let Some(round) = &mut self.round {
            round.sent_at.get_or_insert(now);
            round.longest_sent = round.longest_sent.max(actual);
            if let Some(i) = PROBED_DATAGRAM_LENS.iter().position(|&probed| probed == len) {
                round.copies[i] += 1;
            }
        }
    }

    /// A response came. `None` if it answers nothing of ours.
    pub(super) fn on_response(&mut self, now: Instant, token: u64, longest: u16) -> Option<Answer> {
        let round = self.round.as_mut().filter(|round| round.token == token)?;
        let first = !core::mem::replace(&mut round.answered, true);
        let rtt = round.sent_at.filter(|_| first).map(|at| now.since(at));
        let longest = usize::from(longest).min(round.longest_sent);
        let found = PROBED_DATAGRAM_LENS.into_iter().filter(|&len| len <= longest).max();
        let grew = found.is_some_and(|len| len > self.size);
        if let Some(len) = found.filter(|_| grew) {
            (self.size, self.tries) = (len, 1);
        }
        Some(Answer { rtt, grew })
    }

    /// Whether another round is worth sending, after one went unanswered or left sizes open.
    pub(super) fn wants_more(&self, proven: bool) -> bool {
        if !proven || self.questions_address() {
            return !proven || self.tries < MAX_TRIES;
        }
        let larger = PROBED_DATAGRAM_LENS.iter().any(|&len| self.size < len && len <= self.most);
        larger && self.tries < MAX_TRIES
    }

    /// Whether a round about a known size waits for its answer.
    pub(super) fn questions_address(&self) -> bool {
        self.round.is_some_and(|round| round.address_only && !round.answered)
    }

    /// The path may have changed: begin from the size that every path carries.
    pub(super) fn reset(&mut self) {
        (self.size, self.round, self.tries) = (BASE_DATAGRAM_LEN, None, 0);
        (self.raise_at, self.fell_at) = (None, None);
    }

    /// Only the address is in question now.
    pub(super) const fn forget_round(&mut self) {
        (self.round, self.tries) = (None, 0);
    }

    /// Large datagrams vanish. Falls to the base size; larger ones are tried again some time.
    pub(super) fn fall(&mut self, now: Instant) {
        let again = self.fell_at.is_some_and(|at| now.since(at) < COOL_OFF * 2);
        (self.size, self.round) = (BASE_DATAGRAM_LEN, None);
        self.fell_at = Some(now);
        self.raise_at = Some(if again { now + COOL_OFF } else { now });
    }

    /// The local system refuses datagrams of this length: uses a shorter one.
    pub(super) fn on_too_long(&mut self, now: Instant, len: usize) {
        if len <= self.size && len > BASE_DATAGRAM_LEN {
            let shorter = PROBED_DATAGRAM_LENS.into_iter().filter(|&probed| probed < len).max();
            self.size = shorter.unwrap_or(BASE_DATAGRAM_LEN);
            self.raise_at = Some(now + RAISE_AFTER);
        }
    }

    /// Something was acknowledged: the moment to try larger sizes again, if one is due.
    pub(super) fn take_raise(&mut self, now: Instant) -> bool {
        let at = *self.raise_at.get_or_insert(now + RAISE_AFTER);
        let due = at <= now;
        if due {
            self.raise_at = Some(now + RAISE_AFTER);
            self.tries = 0;
        }
        due && PROBED_DATAGRAM_LENS.iter().any(|&len| self.size < len && len <= self.most)
    }
}

/// Copies of each length in a round: one lost datagram says nothing about its length.
const COPIES: u8 = 2;
/// Rounds for a size before it counts as impossible (RFC 8899 section 5.1.2).
const MAX_TRIES: u8 = 3;
/// How long a path on which large datagrams vanished twice is left alone.
const COOL_OFF: Duration = Duration::from_secs(60);
/// How long until larger datagrams are tried again (RFC 8899 section 5.1.1).
const RAISE_AFTER: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    const NOW: Instant = Instant::from_micros(1000);
    const LATER: Instant = Instant::from_micros(41_000);

    fn sent(prober: &mut Prober, proven: bool) -> Vec<usize> {
        let mut lens = Vec::new();
        while let Some((_, len)) = prober.next(proven) {
            prober.on_sent(NOW, len, len);
            lens.push(len);
        }
        lens
    }

    #[test]
    fn a_round_sends_every_length_and_then_every_length_again() {
        let mut prober = Prober::new(9000);
        prober.begin(7, false);
        assert_eq!(sent(&mut prober, false), [1200, 1452, 1472, 8952]);
        assert!(prober.repeat());
        assert_eq!(sent(&mut prober, false), [1200, 1452, 1472, 8952]);
        assert!(!prober.repeat());
    }

    #[test]
    fn the_longest_that_arrived_is_the_size() {
        let mut prober = Prober::new(65_507);
        prober.begin(7, false);
        sent(&mut prober, false);
        let answer = prober.on_response(LATER, 7, 1452).unwrap();
        assert_eq!(answer, Answer { rtt: Some(Duration::from_millis(40)), grew: true });
        assert_eq!(prober.size(), 1452);
        let answer = prober.on_response(LATER, 7, 1200).unwrap();
        assert_eq!(answer, Answer { rtt: None, grew: false });
        assert_eq!(prober.on_response(LATER, 8, 1452), None);
    }

    #[test]
    fn a_response_cannot_claim_more_than_was_sent() {
        let mut prober = Prober::new(1452);
        prober.begin(7, false);
        sent(&mut prober, false);
        prober.on_response(LATER, 7, u16::MAX).unwrap();
        assert_eq!(prober.size(), 1452);
    }

    #[test]
    fn open_sizes_are_tried_three_times() {
        let mut prober = Prober::new(8952);
        prober.begin(1, false);
        sent(&mut prober, false);
        prober.on_response(LATER, 1, 1472);
        for token in 2..=3 {
            assert!(prober.wants_more(true));
            prober.begin(token, false);
            assert_eq!(sent(&mut prober, true), [8952]);
        }
        assert!(!prober.wants_more(true));
        assert!(prober.wants_more(false));
    }

    #[test]
    fn a_black_hole_is_left_by_one_quick_try_and_then_a_slow_one() {
        let mut prober = Prober::new(1452);
        prober.begin(1, false);
        sent(&mut prober, false);
        prober.on_response(LATER, 1, 1452);
        prober.fall(LATER);
        assert_eq!(prober.size(), BASE_DATAGRAM_LEN);
        assert!(prober.take_raise(LATER));
        prober.fall(LATER);
        assert!(!prober.take_raise(LATER));
        assert!(prober.take_raise(LATER + COOL_OFF));
    }
}
