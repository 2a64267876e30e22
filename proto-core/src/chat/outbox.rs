//! What a client said and nobody has acknowledged yet.

use core::fmt;

use heapless::{Deque, String};

use crate::ids::Seq;
use crate::limits::{MAX_MESSAGES, MAX_TEXT_LEN};
use crate::text::Text;
use crate::wire::Audience;

/// Messages that wait for their acknowledgement, at most `N`; it refuses when full.
//
// Invariants:
// - `letters[i]` has the number `first + i`.
#[derive(Clone, Debug)]
pub(super) struct Outbox<const N: usize> {
    letters: Deque<Letter, N>,
    first: Seq,
}

/// A message on its way.
#[derive(Clone, Debug)]
struct Letter {
    to: Audience,
    text: String<MAX_TEXT_LEN>,
    rejected: bool,
}

impl<const N: usize> Outbox<N> {
    const FITS: () = assert!(0 < N && N <= MAX_MESSAGES, "nobody may hold more than the room does");

    pub(super) const fn new() -> Self {
        let () = Self::FITS;
        Self { letters: Deque::new(), first: Seq(1) }
    }

    /// Takes a message, and gives it its number.
    pub(super) fn push(&mut self, to: &Audience, text: Text<'_>) -> Result<Seq, OutboxFull> {
        if self.letters.is_full() {
            return Err(OutboxFull);
        }
        let text = String::try_from(text.as_str()).expect("a text is at most that long");
        let letter = Letter { to: to.clone(), text, rejected: false };
        self.letters.push_back(letter).map_err(|_| OutboxFull)?;
        Ok(self.last())
    }

    /// The number that was given last.
    pub(super) fn last(&self) -> Seq {
        Seq(self.first.0 + self.letters.len() as u64 - 1)
    }

    /// The message of that number, if it is still here.
    pub(super) fn get(&self, seq: Seq) -> Option<(&Audience, Text<'_>)> {
        let letter = self.letters.get(self.index(seq)?)?;
        let text = Text::parse(&letter.text).expect("the text was checked when it came in");
        Some((&letter.to, text))
    }

    /// Notes that a message was rejected.
    pub(super) fn reject(&mut self, seq: Seq) {
        if let Some(letter) = self.index(seq).and_then(|index| self.letters.get_mut(index)) {
            letter.rejected = true;
        }
    }

    /// Lets go of the oldest message, if it is `heard` already; says whether it was delivered.
    pub(super) fn pop(&mut self, heard: Seq) -> Option<(Seq, bool)> {
        if self.first > heard {
            return None;
        }
        let letter = self.letters.pop_front()?;
        let seq = self.first;
        self.first = Seq(seq.0 + 1);
        Some((seq, !letter.rejected))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    fn index(&self, seq: Seq) -> Option<usize> {
        usize::try_from(seq.0.checked_sub(self.first.0)?).ok()
    }
}

/// Too many messages wait for their acknowledgement: say it later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxFull;

impl fmt::Display for OutboxFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many messages wait for the server")
    }
}

impl core::error::Error for OutboxFull {}
