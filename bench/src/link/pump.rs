//! The thread that carries one direction's packets from device to device, in time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use tun_rs::SyncDevice;

use super::lane::{Fate, Lane};
use super::tally::Tally;
use super::urgency::{PRIORITY, hurry};
use super::{MTU, Shape};

/// Packets that are taken before it is looked whether others are due.
const BATCH: usize = 32;
/// How soon it is noticed that the link is over.
const PATIENCE: Duration = Duration::from_millis(50);
/// Buffers that are kept for the next packets.
const SPARE: usize = 4096;

/// One direction at work.
pub struct Pump {
    from: Arc<SyncDevice>,
    to: Arc<SyncDevice>,
    lane: Lane,
    tally: Tally,
    began: Instant,
    /// What is under way, by the time when it arrives and the order in which it came.
    under_way: BinaryHeap<Reverse<(Duration, u64, Vec<u8>)>>,
    count: u64,
    spare: Vec<Vec<u8>>,
}

impl Pump {
    pub fn new(
        began: Instant,
        (from, to): (Arc<SyncDevice>, Arc<SyncDevice>),
        shape: &Shape,
        seed: u64,
    ) -> Self {
        let (lane, tally) = (Lane::new(shape, seed), Tally::new());
        let (under_way, spare) = (BinaryHeap::new(), Vec::new());
        Self { from, to, lane, tally, began, under_way, count: 0, spare }
    }

    /// Runs until the link is over.
    pub fn start(mut self, over: Arc<AtomicBool>) -> io::Result<JoinHandle<Tally>> {
        thread::Builder::new().name("pump".into()).spawn(move || {
            hurry(PRIORITY);
            while !over.load(Ordering::Relaxed) {
                let taken = self.take_in();
                self.hand_over();
                if taken < BATCH {
                    self.rest();
                }
            }
            self.tally
        })
    }

    /// Takes what programs have sent.
    fn take_in(&mut self) -> usize {
        for taken in 0..BATCH {
            let mut packet = self.spare.pop().unwrap_or_default();
            packet.resize(usize::from(MTU), 0);
            let Ok(len) = self.from.recv(&mut packet) else {
                self.spare.push(packet);
                return taken;
            };
            packet.truncate(len);
            self.offer(packet);
        }
        BATCH
    }

    fn offer(&mut self, packet: Vec<u8>) {
        self.tally.offered.0 += 1;
        self.tally.offered.1 += packet.len() as u64;
        match self.lane.offer(self.began.elapsed(), packet.len()) {
            Fate::Dropped => {
                self.tally.dropped += 1;
                self.recycle(packet);
            }
            Fate::Lost { waited } => {
                self.tally.lost += 1;
                self.tally.waited.add(waited);
                self.recycle(packet);
            }
            Fate::Arrives { waited, due, overtaken, twice } => {
                self.tally.waited.add(waited);
                self.tally.reordered += u64::from(overtaken);
                if twice {
                    self.tally.duplicated += 1;
                    self.post(due, packet.clone());
                }
                self.post(due, packet);
            }
        }
    }

    fn post(&mut self, due: Duration, packet: Vec<u8>) {
        self.under_way.push(Reverse((due, self.count, packet)));
        self.count += 1;
    }

    /// Gives the other side what is due.
    fn hand_over(&mut self) {
        for _ in 0..2 * BATCH {
            let now = self.began.elapsed();
            if self.next_due().is_none_or(|due| due > now) {
                return;
            }
            let Some(Reverse((due, _, packet))) = self.under_way.pop() else { return };
            self.tally.lateness.add(now - due);
            if self.to.send(&packet).is_ok() {
                self.tally.arrived.0 += 1;
                self.tally.arrived.1 += packet.len() as u64;
                self.tally.flows.add(now, &packet);
            }
            self.recycle(packet);
        }
    }

    /// Waits until something comes or is due.
    fn rest(&self) {
        let now = self.began.elapsed();
        let time = self.next_due().map_or(PATIENCE, |due| due.saturating_sub(now).min(PATIENCE));
        let mut input = [PollFd::new(self.from.as_fd(), PollFlags::POLLIN)];
        // An interrupted rest is a short one.
        let _ = ppoll(&mut input, Some(TimeSpec::from_duration(time)), None);
    }

    fn next_due(&self) -> Option<Duration> {
        self.under_way.peek().map(|Reverse((due, ..))| *due)
    }

    fn recycle(&mut self, packet: Vec<u8>) {
        if self.spare.len() < SPARE {
            self.spare.push(packet);
        }
    }
}
