//! A room full of people: chat clients and the hub, over control channels that stall and break,
//! processes that die, and a database that fails.
//!
//! ```text
//!   member 0: Client --line--\                    what is stored survives;
//!   member 1: Client --line-- Hub -- database     everybody is compared with it
//!   member 2: Client --line--/
//! ```

mod accidents;
mod book;
mod hall;
mod member;
mod wire;

use proto_core::time::{Duration, Instant};

use self::accidents::Accident;
use self::book::Book;
use self::hall::Hall;
use self::member::Member;
use self::wire::Wire;
use crate::plan::Options;
use crate::report::{Report, verdict};
use crate::rng::{Chance, Rng};
use crate::timeline::Timeline;
use crate::trace::Trace;

/// Runs the room of a seed to its end.
pub fn run_room(seed: u64, options: &Options) -> Report {
    let mut room = Room::new(seed, options);
    let failure = verdict(|| room.run());
    let at = room.now;
    Report {
        seed,
        trace: room.trace.hash(),
        simulated: room.now.since(Instant::ZERO),
        messages: room.book.len(),
        missed: room.members.iter().map(Member::missed).sum(),
        failure: failure.map(|failure| format!("room at {at:?}: {failure}")),
        ..Report::default()
    }
}

/// A room at one moment.
#[derive(Debug)]
struct Room {
    now: Instant,
    trace: Trace,
    book: Book,
    hall: Hall,
    members: Vec<Member>,
    /// Every connection that somebody still believes in, in the order of their making.
    wires: Vec<Wire>,
    next_wire: u64,
    accidents: Timeline<Accident>,
    heals_at: Instant,
    healed: bool,
}

impl Room {
    fn new(seed: u64, options: &Options) -> Self {
        let rng = Rng::new(seed).split("room");
        let mut own = rng.split("plan");
        let heals_at = Instant::from_micros(own.between(5, 200) * 1_000_000);
        let members = own.between(2, 5);
        let mut accidents = Timeline::new();
        if options.faults {
            accidents::draw(&mut rng.split("accidents"), heals_at, members, &mut accidents);
        }
        let slow_database = options.faults && own.happens(Chance::percent(50));
        Self {
            now: Instant::ZERO,
            hall: Hall::new(slow_database, &rng),
            members: (0..members)
                .map(|number| Member::new(number, members, heals_at, &rng))
                .collect(),
            trace: Trace::new(options.told),
            book: Book::default(),
            wires: Vec::new(),
            next_wire: 0,
            accidents,
            heals_at,
            healed: false,
        }
    }

    fn run(&mut self) -> Result<(), String> {
        let deadline = self.heals_at + PATIENCE;
        for _ in 0..MOST_STEPS {
            let content = self.members.iter().all(|member| member.is_content(&self.book));
            if content && self.healed {
                return Ok(());
            }
            let next = self.next_event().unwrap_or(deadline).max(self.now);
            if next >= deadline {
                let states: Vec<String> =
                    self.members.iter().map(|member| member.describe(&self.book)).collect();
                return Err(format!("not at rest after it healed: {}", states.join("; ")));
            }
            self.now = next;
            self.step();
        }
        Err(format!("{MOST_STEPS} steps"))
    }

    fn step(&mut self) {
        if !self.healed && self.now >= self.heals_at {
            self.healed = true;
            self.heal();
        }
        while let Some(accident) = self.accidents.pop(self.now) {
            if !self.healed {
                self.happen(accident);
            }
        }
        for number in 0..self.members.len() {
            self.wake_member(number);
        }
        self.carry();
        self.wake_hall();
        self.wires.retain(|wire| !wire.is_over());
    }

    fn next_event(&self) -> Option<Instant> {
        let heals = (!self.healed).then_some(self.heals_at);
        let fixed = [heals, self.accidents.next(), self.hall.next_wake()];
        let members = self.members.iter().filter_map(Member::next_wake);
        let wires = self.wires.iter().filter_map(Wire::next_arrival);
        fixed.into_iter().flatten().chain(members).chain(wires).min()
    }
}

/// Longest time after healing until everybody has heard everything: two silences and some.
const PATIENCE: Duration = Duration::from_secs(200);
/// Most steps of a room.
const MOST_STEPS: u64 = 500_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_calm_room_everybody_hears_everything() {
        let options = Options { faults: false, ..Options::default() };
        let report = run_room(1, &options);
        assert_eq!(report.failure, None);
        assert!(report.messages > 0);
    }

    #[test]
    fn the_same_seed_is_the_same_room() {
        assert_eq!(run_room(2, &Options::default()), run_room(2, &Options::default()));
    }
}
