//! Packets given up as lost, remembered for a while in case they were only late.
//!
//! A set that *forgets*: an old or surplus entry makes the undo of a cut impossible, nothing worse.

use core::ops::RangeInclusive;

use heapless::Vec;

use crate::time::Instant;

/// Numbers of packets that were given up.
#[derive(Clone, Debug)]
pub(super) struct WrittenOff {
    gone: Vec<Gone, MAX_RANGES>,
    /// Losses of the current episode that have not turned out to be late.
    pending: u64,
    /// Whether the current episode had losses, and all are still remembered.
    undoable: bool,
}

#[derive(Clone, Copy, Debug)]
struct Gone {
    start: u64,
    end: u64,
    at: Instant,
    /// Whether it belongs to the current episode: the losses behind the last cut.
    current: bool,
}

impl WrittenOff {
    pub(super) const fn new() -> Self {
        Self { gone: Vec::new(), pending: 0, undoable: false }
    }

    /// The window is about to be cut: the losses from here on are its reason.
    pub(super) fn begin_episode(&mut self) {
        for gone in &mut self.gone {
            gone.current = false;
        }
        (self.pending, self.undoable) = (0, true);
    }

    /// Adds a packet; `counted` if it is a reason for the last cut.
    pub(super) fn add(&mut self, now: Instant, number: u64, counted: bool) {
        self.pending += u64::from(counted);
        if let Some(last) = self.gone.last_mut()
            && last.end + 1 == number
            && last.current == counted
        {
            (last.end, last.at) = (number, now);
            return;
        }
        if self.gone.is_full() {
            let oldest = self.gone.remove(0);
            self.undoable &= !oldest.current;
        }
        let gone = Gone { start: number, end: number, at: now, current: counted };
        self.gone.push(gone).expect("room was just made");
    }

    /// Takes out what an acknowledgement names, and says how many packets were only late.
    pub(super) fn on_ack(&mut self, acked: &RangeInclusive<u64>) -> u64 {
        let mut late = 0;
        let mut i = 0;
        while i < self.gone.len() {
            let gone = self.gone[i];
            let (start, end) = (gone.start.max(*acked.start()), gone.end.min(*acked.end()));
            if end < start {
                i += 1;
                continue;
            }
            let count = end - start + 1;
            late += count;
            if gone.current {
                self.pending -= count;
            }
            self.gone.remove(i);
            for (start, end) in [(gone.start, start), (end + 1, gone.end + 1)] {
                if start < end {
                    let left = Gone { start, end: end - 1, ..gone };
                    if self.gone.insert(i, left).is_ok() {
                        i += 1;
                    } else {
                        self.undoable &= !gone.current;
                    }
                }
            }
        }
        late
    }

    /// Forgets what was given up before `before`.
    pub(super) fn expire(&mut self, before: Instant) {
        while let Some(gone) = self.gone.first().filter(|gone| gone.at < before) {
            self.undoable &= !gone.current;
            self.gone.remove(0);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.gone.is_empty()
    }

    /// Whether every loss behind the last cut turned out to be late. Says so once.
    pub(super) fn take_undo(&mut self) -> bool {
        let undo = self.undoable && self.pending == 0;
        self.undoable &= !undo;
        undo
    }
}

const MAX_RANGES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::ZERO;

    #[test]
    fn a_cut_is_undone_when_all_its_losses_were_late() {
        let mut written_off = WrittenOff::new();
        written_off.begin_episode();
        for number in [5, 6, 9] {
            written_off.add(NOW, number, true);
        }
        assert_eq!(written_off.on_ack(&(4..=6)), 2);
        assert!(!written_off.take_undo());
        assert_eq!(written_off.on_ack(&(4..=9)), 1);
        assert!(written_off.take_undo());
        assert!(!written_off.take_undo());
        assert!(written_off.is_empty());
    }

    #[test]
    fn a_hole_in_a_range_leaves_both_sides() {
        let mut written_off = WrittenOff::new();
        written_off.begin_episode();
        for number in 10..20 {
            written_off.add(NOW, number, true);
        }
        assert_eq!(written_off.on_ack(&(13..=14)), 2);
        assert_eq!(written_off.on_ack(&(10..=19)), 8);
        assert!(written_off.take_undo());
    }

    #[test]
    fn what_is_forgotten_cannot_be_undone() {
        let mut written_off = WrittenOff::new();
        written_off.begin_episode();
        for number in 0..=MAX_RANGES as u64 {
            written_off.add(NOW, number * 2, true);
        }
        assert_eq!(written_off.on_ack(&(0..=1000)), MAX_RANGES as u64);
        assert!(!written_off.take_undo());

        written_off.begin_episode();
        written_off.add(NOW, 2000, true);
        written_off.expire(Instant::from_micros(1));
        assert!(written_off.is_empty());
        assert!(!written_off.take_undo());
    }

    #[test]
    fn losses_without_a_cut_do_not_count() {
        let mut written_off = WrittenOff::new();
        written_off.add(NOW, 1, false);
        assert_eq!(written_off.on_ack(&(1..=1)), 1);
        assert!(!written_off.take_undo());
    }
}
