//! What goes wrong in a room, and how it is put right.

use proto_core::time::{Duration, Instant};

use super::Room;
use crate::rng::{Chance, Rng};
use crate::timeline::Timeline;

/// Something that goes wrong at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accident {
    /// A member's connection breaks.
    Cut(usize),
    /// Nothing passes on a member's connection for a while, either way.
    Stall(usize, Duration),
    /// A member reads nothing for a while, and its buffers are small.
    Dawdle(usize, Duration),
    /// A member's process dies, and starts again after a while.
    MemberCrash(usize, Duration),
    /// The server's process dies, and starts again after a while.
    HallCrash(Duration),
    /// From now on, so many transactions fail.
    DatabaseFails(Chance),
}

/// Draws what goes wrong: swarm style, each kind on or off.
pub(super) fn draw(
    rng: &mut Rng,
    heals_at: Instant,
    members: u64,
    accidents: &mut Timeline<Accident>,
) {
    for kind in 0..6 {
        let times = if rng.happens(Chance::percent(40)) { rng.between(1, 6) } else { 0 };
        for _ in 0..times {
            let who = usize::try_from(rng.below(members)).expect("few members");
            let latest = heals_at.as_micros() >> rng.below(6);
            let at = Instant::from_micros(rng.below(latest));
            let long = rng.duration(Duration::ZERO, Duration::from_secs(120));
            let short = rng.duration(Duration::ZERO, Duration::from_secs(5));
            let accident = match kind {
                0 => Accident::Cut(who),
                1 => Accident::Stall(who, long),
                2 => Accident::Dawdle(who, long),
                3 => Accident::MemberCrash(who, short),
                4 => Accident::HallCrash(short),
                _ => {
                    let most = u32::try_from(rng.below(30)).unwrap_or(0);
                    Accident::DatabaseFails(Chance::percent(most))
                }
            };
            accidents.push(at, accident);
        }
    }
}

impl Room {
    pub(super) fn happen(&mut self, accident: Accident) {
        let now = self.now;
        self.trace.tell(now, || format!("{accident:?}"));
        match accident {
            Accident::Cut(who) => {
                if let Some(wire) = self.wire_of(who) {
                    wire.cut(now);
                }
            }
            Accident::Stall(who, time) => {
                if let Some(wire) = self.wire_of(who) {
                    wire.to_hub.stall(now + time);
                    wire.to_client.stall(now + time);
                }
            }
            Accident::Dawdle(who, time) => {
                if let Some(wire) = self.wire_of(who) {
                    wire.to_client.stall(now + time);
                    wire.room = 1;
                }
            }
            Accident::MemberCrash(who, away) => self.crash_member(who, now + away),
            Accident::HallCrash(away) => {
                self.hall.crash(now + away);
                for wire in &mut self.wires {
                    wire.cut(now);
                    wire.link = None;
                }
            }
            Accident::DatabaseFails(chance) => self.hall.failing = chance,
        }
    }

    pub(super) fn heal(&mut self) {
        self.hall.failing = Chance::NEVER;
        for wire in &mut self.wires {
            wire.to_hub.resume();
            wire.to_client.resume();
            wire.room = 20;
        }
    }

    /// Carries what has arrived at either end of every wire.
    pub(super) fn carry(&mut self) {
        let now = self.now;
        for place in 0..self.wires.len() {
            while let Some(record) = self.wires[place].to_hub.poll_arrival(now) {
                match (self.wires[place].link, record) {
                    (Some(link), Some(record)) => self.tell_hub(link, &record),
                    (Some(link), None) => {
                        self.wires[place].link = None;
                        self.hall.disconnect(now, link);
                    }
                    (None, _) => {}
                }
            }
            while let Some(record) = self.wires[place].to_client.poll_arrival(now) {
                let wire = &mut self.wires[place];
                let member = wire.member;
                if !wire.held_by_client {
                    continue;
                }
                wire.held_by_client = record.is_some();
                self.tell_member(member, record.as_deref());
            }
        }
    }
}
