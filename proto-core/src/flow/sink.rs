//! The side that wants the file.
//!
//! ```text
//!   download  Asked --Offer--> Preparing --the file is open--> Open --> Received --> Verifying
//!   upload           Put-----> Preparing --the file is open--> Open --> Received --> Verifying
//! ```
//!
//! `Received` is when every byte is stored; `Verifying` when the digest is known besides. A
//! fresh download takes its first bytes even before the offer, for they leave with it.

use heapless::Vec;

use super::source::EARLY_LEN;
use super::{Coverage, Misbehaviour, TooManyHoles};
use crate::ids::Stamp;
use crate::limits::{MAX_HAVE_RANGES, MAX_HELD_RANGES};
use crate::percent::Percent;
use crate::time::{Duration, Instant};
use crate::wire::{ByteRange, Held};

/// Time between two HAVE maps while data arrives.
pub const HAVE_INTERVAL: Duration = Duration::from_millis(250);

/// What has arrived of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sink<const HOLES: usize> {
    phase: Phase,
    early: bool,
    resumed: bool,
    size: Option<u64>,
    stamp: Option<Stamp>,
    stored: Coverage<HOLES>,
    news_since_have: bool,
    next_have: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The download is asked for.
    Asked,
    /// The place for the file is being opened.
    Preparing,
    /// Data is taken.
    Open,
    /// Every byte is stored.
    Received,
    /// The content is compared with its digest.
    Verifying,
}

/// What to do with bytes that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// Store them.
    Take,
    /// They are stored already.
    Duplicate,
    /// Not now: let them be sent again.
    Refuse,
    /// No honest source sends them.
    Impossible,
}

impl<const HOLES: usize> Sink<HOLES> {
    /// A download, of which some may be here already.
    pub(super) fn get(held: Option<&Held>) -> Self {
        let mut stored = Coverage::new();
        for &range in held.iter().flat_map(|held| &held.ranges) {
            // What does not fit is fetched again.
            let _ = stored.insert(range);
        }
        Self {
            phase: Phase::Asked,
            early: held.is_none(),
            resumed: false,
            size: None,
            stamp: held.map(|held| held.stamp),
            stored,
            news_since_have: false,
            next_have: Instant::ZERO,
        }
    }

    /// An upload.
    pub(super) fn pushed(size: u64, stamp: Stamp) -> Self {
        let mut sink = Self::get(None);
        sink.phase = Phase::Preparing;
        sink.early = false;
        sink.size = Some(size);
        sink.stamp = Some(stamp);
        sink
    }

    /// The source says what the file is.
    pub(super) fn on_offer(
        &mut self,
        size: u64,
        stamp: Stamp,
        resumed: bool,
    ) -> Result<(), Misbehaviour> {
        if self.phase != Phase::Asked || resumed && (self.early || self.stamp != Some(stamp)) {
            return Err(Misbehaviour::OutOfTurn);
        }
        if self.early && self.stored.ranges().any(|range| range.end > size) {
            return Err(Misbehaviour::BeyondTheEnd);
        }
        if !self.early && !resumed {
            self.stored.clear();
        }
        (self.size, self.stamp) = (Some(size), Some(stamp));
        self.resumed = resumed;
        self.phase = Phase::Preparing;
        Ok(())
    }

    /// The place for the file is open and has some of it already; true when that was awaited.
    /// What arrived early counts besides.
    pub(super) fn prepare(&mut self, now: Instant, held: &[ByteRange]) -> bool {
        if self.phase != Phase::Preparing {
            return false;
        }
        self.phase = Phase::Open;
        self.next_have = now + HAVE_INTERVAL;
        if !self.early {
            self.stored.clear();
        }
        let size = self.size.unwrap_or(0);
        for range in held {
            // What does not fit is fetched again.
            let _ = self.stored.insert(ByteRange { end: range.end.min(size), ..*range });
        }
        true
    }

    /// Judges bytes that arrived.
    pub(super) fn judge(&self, range: ByteRange) -> Judgement {
        if self.size.is_some_and(|size| range.end > size) {
            return Judgement::Impossible;
        }
        if range.end > self.limit() {
            return Judgement::Refuse;
        }
        if self.stored.contains(range) {
            return Judgement::Duplicate;
        }
        if self.stored.can_insert(range) { Judgement::Take } else { Judgement::Refuse }
    }

    /// The bytes are written; says how many were news.
    pub(super) fn on_stored(&mut self, range: ByteRange) -> Result<u64, TooManyHoles> {
        if range.end > self.limit() {
            return Err(TooManyHoles);
        }
        let new = self.stored.insert(range)?;
        self.news_since_have |= new > 0;
        Ok(new)
    }

    /// Moves on when every byte is stored; true when it did.
    pub(super) fn receive(&mut self) -> bool {
        let whole = self.size.is_some_and(|size| self.stored.contiguous() >= size);
        if self.phase == Phase::Open && whole {
            self.phase = Phase::Received;
            return true;
        }
        false
    }

    /// Moves on to the comparison, for the digest is known; true when it did.
    pub(super) fn verify(&mut self) -> bool {
        if self.phase == Phase::Received {
            self.phase = Phase::Verifying;
            return true;
        }
        false
    }

    /// When the next HAVE is due; `None` when it would say nothing new.
    pub(super) fn have_deadline(&self) -> Option<Instant> {
        Some(self.next_have).filter(|_| self.news_since_have && self.is_moving())
    }

    /// Makes a HAVE that is not due by time due by now.
    pub(super) fn hasten_have(&mut self, now: Instant) {
        self.next_have = self.next_have.min(now);
    }

    /// The ranges for a HAVE: the lowest, because the source sends the lowest first.
    pub(super) fn have(&mut self, now: Instant) -> Vec<ByteRange, MAX_HAVE_RANGES> {
        self.news_since_have = false;
        self.next_have = now + HAVE_INTERVAL;
        self.stored.ranges().take(MAX_HAVE_RANGES).collect()
    }

    /// Whether bytes are still to come.
    pub(super) fn is_moving(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Whether the place for the file was ever open.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.phase, Phase::Asked | Phase::Preparing)
    }

    /// Whether the source has not said yet what the file is.
    pub(super) fn is_asked(&self) -> bool {
        self.phase == Phase::Asked
    }

    /// Whether all of it has arrived.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self.phase, Phase::Received | Phase::Verifying)
    }

    /// Whether the content is being compared.
    pub(super) fn is_verifying(&self) -> bool {
        self.phase == Phase::Verifying
    }

    /// Whether what was here before still counts.
    pub(super) const fn is_resumed(&self) -> bool {
        self.resumed
    }

    /// The file's length and version, once they are known.
    pub(super) fn file(&self) -> Option<(u64, Stamp)> {
        self.size.zip(self.stamp)
    }

    /// Whether that part has arrived; never when it is the whole file, and not before it is known
    /// what was here already.
    pub(super) fn has_part(&self, part: Option<Percent>) -> bool {
        let stop = part.zip(self.size).and_then(|(part, size)| part.of(size));
        self.is_open() && stop.is_some_and(|stop| self.stored.contiguous() >= stop)
    }

    /// What has arrived.
    pub(super) const fn stored(&self) -> &Coverage<HOLES> {
        &self.stored
    }

    /// What to say when asking for the file.
    pub(super) fn held(&self) -> Option<Held> {
        let stamp = self.stamp.filter(|_| !self.early)?;
        Some(Held { stamp, ranges: self.stored.largest::<MAX_HELD_RANGES>() })
    }

    /// Bytes at and above it are not taken now.
    fn limit(&self) -> u64 {
        match self.phase {
            Phase::Asked | Phase::Preparing if self.early => {
                EARLY_LEN.min(self.size.unwrap_or(u64::MAX))
            }
            Phase::Asked | Phase::Preparing => 0,
            Phase::Open | Phase::Received | Phase::Verifying => self.size.unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp(7);
    const NOW: Instant = Instant::from_micros(5);

    #[test]
    fn a_fresh_download_takes_early_data_and_keeps_it() {
        let mut sink = Sink::<8>::get(None);
        assert_eq!(sink.judge(range(0, 100)), Judgement::Take);
        assert_eq!(sink.judge(range(0, EARLY_LEN + 1)), Judgement::Refuse);
        sink.on_stored(range(0, 100)).unwrap();

        sink.on_offer(150, STAMP, false).unwrap();
        sink.prepare(NOW, &[]);

        assert_eq!(sink.judge(range(0, 100)), Judgement::Duplicate);
        assert_eq!(sink.on_stored(range(100, 150)), Ok(50));
        assert!(sink.receive());
        assert!(!sink.receive(), "only once");
    }

    #[test]
    fn early_data_beyond_the_offered_end_is_misbehaviour() {
        let mut sink = Sink::<8>::get(None);
        sink.on_stored(range(0, 100)).unwrap();

        assert_eq!(sink.on_offer(99, STAMP, false), Err(Misbehaviour::BeyondTheEnd));
    }

    #[test]
    fn a_changed_source_makes_what_is_held_worthless() {
        let mut sink = Sink::<8>::get(Some(&held(&[range(0, 50)])));
        assert_eq!(sink.judge(range(50, 60)), Judgement::Refuse, "it may be another version");

        sink.on_offer(200, Stamp(8), false).unwrap();
        sink.prepare(NOW, &[]);

        assert!(!sink.is_resumed());
        assert_eq!(sink.stored().len(), 0);
    }

    #[test]
    fn what_is_held_of_the_same_version_counts() {
        let mut sink = Sink::<8>::get(Some(&held(&[range(0, 50)])));

        sink.on_offer(60, STAMP, true).unwrap();
        sink.prepare(NOW, &[range(0, 40)]);

        assert_eq!(sink.judge(range(40, 50)), Judgement::Take, "the driver knows best");
        assert_eq!(sink.judge(range(40, 61)), Judgement::Impossible);
    }

    #[test]
    fn nobody_resumes_what_was_never_held() {
        let mut fresh = Sink::<8>::get(None);
        assert_eq!(fresh.on_offer(10, STAMP, true), Err(Misbehaviour::OutOfTurn));

        let mut other = Sink::<8>::get(Some(&held(&[])));
        assert_eq!(other.on_offer(10, Stamp(8), true), Err(Misbehaviour::OutOfTurn));
        assert_eq!(other.on_offer(10, STAMP, true), Ok(()));
        assert_eq!(other.on_offer(10, STAMP, true), Err(Misbehaviour::OutOfTurn));
    }

    #[test]
    fn an_upload_takes_nothing_before_its_place_is_open() {
        let mut sink = Sink::<8>::pushed(100, STAMP);
        assert_eq!(sink.judge(range(0, 10)), Judgement::Refuse);

        sink.prepare(NOW, &[]);

        assert_eq!(sink.judge(range(0, 10)), Judgement::Take);
    }

    #[test]
    fn an_empty_file_is_complete_as_soon_as_its_place_is_open() {
        let mut sink = Sink::<8>::get(None);
        sink.on_offer(0, STAMP, false).unwrap();
        assert!(!sink.receive());

        sink.prepare(NOW, &[]);

        assert!(sink.receive());
    }

    #[test]
    fn a_have_is_due_only_with_news_and_in_its_time() {
        let mut sink = Sink::<8>::pushed(100, STAMP);
        sink.prepare(NOW, &[]);
        assert_eq!(sink.have_deadline(), None);

        sink.on_stored(range(10, 20)).unwrap();
        assert_eq!(sink.have_deadline(), Some(NOW + HAVE_INTERVAL));
        let now = NOW + HAVE_INTERVAL;
        assert_eq!(sink.have(now), [range(10, 20)]);
        assert_eq!(sink.have_deadline(), None);

        sink.on_stored(range(0, 10)).unwrap();
        assert_eq!(sink.have_deadline(), Some(now + HAVE_INTERVAL));
        sink.hasten_have(now);
        assert_eq!(sink.have_deadline(), Some(now));
    }

    fn held(ranges: &[ByteRange]) -> Held {
        Held { stamp: STAMP, ranges: Vec::from_slice(ranges).unwrap() }
    }

    fn range(start: u64, end: u64) -> ByteRange {
        ByteRange { start, end }
    }
}
