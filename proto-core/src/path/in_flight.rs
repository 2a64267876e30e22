//! Packets on the way: a ring in the order of their numbers.
//!
//! Every packet that asks for an acknowledgement has a slot from its sending until its fate is
//! told. A run of settled slots is skipped in one step, so that an acknowledgement costs what it
//! brings, however often it repeats what is known.

mod slot;

use core::ops::RangeInclusive;

use super::Carried;
use crate::limits::NEAR_PACKETS;
use crate::shelf::{Inline, Shelf as _, Shelves};
use crate::time::Instant;

pub(super) use slot::{Fate, Rate, Sent};
use slot::{NONE, Slot, State};

/// The packets on the way, at most `WINDOW` slots from the oldest untold one to the newest.
#[derive(Clone, Debug)]
pub(super) struct InFlight<const WINDOW: usize, S: Shelves = Inline> {
    // Invariants of `slots`:
    // - The `len` slots from `head` on are taken, and their numbers rise.
    // - It fills up before it goes round: a place that is taken is on the shelf.
    // - If slot i is not on the way, neither are the `run - 1` after it.
    // - The slots that are Acked or Lost form a list through `next`, from `first` to `last`.
    slots: S::Shelf<Slot, WINDOW>,
    head: usize,
    len: usize,
    first: u16,
    last: u16,
    /// Bytes and packets that are on the way.
    bytes: u64,
    count: usize,
}

impl<const WINDOW: usize, S: Shelves> InFlight<WINDOW, S> {
    const FITS: () =
        assert!(4 <= WINDOW && WINDOW < NONE as usize && WINDOW as u64 <= NEAR_PACKETS);

    pub(super) fn new() -> Self {
        let () = Self::FITS;
        Self {
            slots: S::Shelf::new(),
            head: 0,
            len: 0,
            first: NONE,
            last: NONE,
            bytes: 0,
            count: 0,
        }
    }

    /// Bytes on the way.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Packets on the way.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Slots that are free.
    pub(super) const fn room(&self) -> usize {
        WINDOW - self.len
    }

    /// The number of the oldest packet whose fate is not told.
    pub(super) fn oldest(&self) -> Option<u64> {
        if self.len == 0 { None } else { Some(self.slots[self.head].sent.number) }
    }

    /// Adds a packet. There must be room, and its number must be the largest.
    pub(super) fn push(&mut self, sent: Sent) {
        assert!(self.len < WINDOW, "can_send is asked before every packet");
        let at = self.place(self.len);
        let slot = Slot { sent, state: State::OnTheWay, run: 0, next: NONE };
        match self.slots.get_mut(at) {
            Some(free) => *free = slot,
            None => self.slots.push(slot),
        }
        self.len += 1;
        self.bytes += u64::from(sent.len);
        self.count += 1;
    }

    /// Settles the packets of an acknowledged range that are on the way, oldest first.
    pub(super) fn ack(&mut self, range: &RangeInclusive<u64>, mut on_acked: impl FnMut(&Sent)) {
        let begin = self.index_from(*range.start());
        let mut i = begin;
        while i < self.len {
            let place = self.place(i);
            let slot = &self.slots[place];
            if slot.sent.number > *range.end() {
                break;
            }
            if slot.state == State::OnTheWay {
                let sent = slot.sent;
                self.settle(place, Fate::Acked);
                on_acked(&sent);
                i += 1;
            } else {
                i += usize::from(slot.run);
            }
        }
        if begin < i {
            let place = self.place(begin);
            self.slots[place].run = run(i - begin);
        }
    }

    /// The oldest packet that is on the way.
    pub(super) fn oldest_on_the_way(&mut self) -> Option<Sent> {
        let i = self.first_on_the_way();
        (i < self.len).then(|| self.slots[self.place(i)].sent)
    }

    /// Gives the oldest packet that is on the way up.
    pub(super) fn lose_oldest(&mut self) -> Option<Sent> {
        let i = self.first_on_the_way();
        if i == self.len {
            return None;
        }
        let place = self.place(i);
        self.settle(place, Fate::Lost);
        Some(self.slots[place].sent)
    }

    /// Gives up every packet that is longer than `len`.
    pub(super) fn lose_longer(&mut self, len: usize, mut on_lost: impl FnMut(&Sent)) {
        for i in 0..self.len {
            let place = self.place(i);
            let Slot { sent, state, .. } = self.slots[place];
            if state == State::OnTheWay && usize::from(sent.len) > len {
                self.settle(place, Fate::Lost);
                on_lost(&sent);
            }
        }
    }

    /// Tells the fate of the next settled packet, and frees its slot as soon as it is the oldest.
    pub(super) fn poll_told(&mut self) -> Option<(Fate, Carried)> {
        while self.first != NONE {
            let slot = &mut self.slots[usize::from(self.first)];
            let fate = if slot.state == State::Acked { Fate::Acked } else { Fate::Lost };
            let carried = slot.sent.carried;
            (slot.state, self.first) = (State::Told, slot.next);
            if let Some(carried) = carried {
                return Some((fate, carried));
            }
        }
        self.last = NONE;
        self.trim();
        None
    }

    /// Frees settled slots at the front; only when nothing is left to tell.
    fn trim(&mut self) {
        debug_assert!(self.first == NONE);
        while self.len > 0 && self.slots[self.head].state != State::OnTheWay {
            let run = usize::from(self.slots[self.head].run).min(self.len);
            self.head = self.place(run);
            self.len -= run;
        }
    }

    fn settle(&mut self, place: usize, fate: Fate) {
        let slot = &mut self.slots[place];
        debug_assert!(slot.state == State::OnTheWay);
        slot.state = if fate == Fate::Acked { State::Acked } else { State::Lost };
        (slot.run, slot.next) = (1, NONE);
        self.bytes -= u64::from(slot.sent.len);
        self.count -= 1;
        let place = u16::try_from(place).expect("WINDOW fits");
        if self.first == NONE {
            self.first = place;
        } else {
            self.slots[usize::from(self.last)].next = place;
        }
        self.last = place;
    }

    /// Whether a packet longer than this has been on the way since before then.
    pub(super) fn has_longer(&self, len: usize, before: Instant) -> bool {
        (0..self.len).any(|i| {
            let Slot { sent, state, .. } = self.slots[self.place(i)];
            state == State::OnTheWay && usize::from(sent.len) > len && sent.at <= before
        })
    }

    /// Index of the oldest slot that is on the way, or `len`.
    fn first_on_the_way(&mut self) -> usize {
        let mut i = 0;
        while i < self.len {
            let slot = &self.slots[self.place(i)];
            if slot.state == State::OnTheWay {
                break;
            }
            i += usize::from(slot.run);
        }
        if i > 0 {
            self.slots[self.head].run = run(i);
        }
        i
    }

    /// Index of the first slot whose number is at least `number`, or `len`.
    fn index_from(&self, number: u64) -> usize {
        let Some(distance) = self.oldest().and_then(|oldest| number.checked_sub(oldest)) else {
            return 0;
        };
        // Without gaps in the numbers, the distance is the index.
        let guess = usize::try_from(distance).unwrap_or(self.len).min(self.len);
        if guess < self.len && self.slots[self.place(guess)].sent.number == number {
            return guess;
        }
        let (mut low, mut high) = (0, guess);
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.slots[self.place(middle)].sent.number < number {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    const fn place(&self, i: usize) -> usize {
        let place = self.head + i;
        if place < WINDOW { place } else { place - WINDOW }
    }
}

/// A run is at most `WINDOW` long.
fn run(len: usize) -> u16 {
    u16::try_from(len).expect("WINDOW fits")
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::ids::TransferId;

    fn push<const W: usize>(ring: &mut InFlight<W>, number: u64) {
        let carried = Carried { transfer: TransferId(1), offset: number * 10, len: 10 };
        ring.push(Sent { number, carried: Some(carried), len: 40, ..Slot::EMPTY.sent });
    }

    fn told<const W: usize>(ring: &mut InFlight<W>) -> Vec<(Fate, u64)> {
        core::iter::from_fn(|| ring.poll_told()).map(|(f, c)| (f, c.offset / 10)).collect()
    }

    fn acked<const W: usize>(ring: &mut InFlight<W>, range: RangeInclusive<u64>) -> Vec<u64> {
        let mut numbers = Vec::new();
        ring.ack(&range, |sent| numbers.push(sent.number));
        numbers
    }

    #[test]
    fn an_acknowledgement_settles_each_packet_once() {
        let mut ring = InFlight::<8>::new();
        for number in [3, 4, 7, 8, 9] {
            push(&mut ring, number);
        }
        assert_eq!(acked(&mut ring, 4..=8), [4, 7, 8]);
        assert_eq!(acked(&mut ring, 0..=8), [3]);
        assert_eq!(acked(&mut ring, 0..=8), []);
        assert_eq!((ring.bytes(), ring.count()), (40, 1));
        let fates = [4, 7, 8, 3].map(|number| (Fate::Acked, number));
        assert_eq!(told(&mut ring), fates);
        assert_eq!((ring.room(), ring.oldest()), (7, Some(9)));
    }

    #[test]
    fn slots_are_freed_only_once_their_fate_is_told() {
        let mut ring = InFlight::<4>::new();
        for number in 0..4 {
            push(&mut ring, number);
        }
        acked(&mut ring, 0..=3);
        assert_eq!(ring.room(), 0);
        assert_eq!(told(&mut ring).len(), 4);
        assert_eq!(ring.room(), 4);
    }

    #[test]
    fn the_oldest_is_lost_first_and_what_is_settled_is_skipped() {
        let mut ring = InFlight::<8>::new();
        for number in 0..8 {
            push(&mut ring, number);
        }
        acked(&mut ring, 1..=2);
        acked(&mut ring, 4..=5);
        assert_eq!(ring.lose_oldest().unwrap().number, 0);
        assert_eq!(ring.lose_oldest().unwrap().number, 3);
        assert_eq!(ring.oldest_on_the_way().unwrap().number, 6);
        told(&mut ring);
        assert_eq!(ring.room(), 6);
        assert_eq!(acked(&mut ring, 0..=6), [6]);
    }

    #[test]
    fn pings_are_settled_silently() {
        let mut ring = InFlight::<4>::new();
        ring.push(Sent { number: 0, ..Slot::EMPTY.sent });
        acked(&mut ring, 0..=0);
        assert_eq!(told(&mut ring), []);
        assert_eq!(ring.room(), 4);
    }

    #[test]
    fn a_long_run_agrees_with_a_simple_model() {
        let mut ring = InFlight::<50>::new();
        let mut model: Vec<u64> = Vec::new();
        let (mut random, mut number) = (1_u64, 0);
        for _ in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let dice = random >> 33;
            match dice % 4 {
                0 | 1 if ring.room() > 0 => {
                    number += 1 + dice % 3 / 2;
                    push(&mut ring, number);
                    model.push(number);
                }
                2 => {
                    let start = number.saturating_sub(dice / 8 % 60);
                    let range = start..=start + dice / 512 % 20;
                    let expected: Vec<_> =
                        model.iter().copied().filter(|n| range.contains(n)).collect();
                    model.retain(|n| !range.contains(n));
                    assert_eq!(acked(&mut ring, range), expected);
                }
                _ => {
                    let lost = ring.lose_oldest().map(|sent| sent.number);
                    assert_eq!(lost, model.first().copied());
                    model.drain(..usize::from(lost.is_some()));
                }
            }
            if dice % 3 == 0 {
                told(&mut ring);
                assert_eq!(ring.oldest(), model.first().copied());
            }
            assert_eq!(ring.count(), model.len());
        }
    }
}
