//! A link between two rooms of this machine, as slow and as bad as one wants it.
//!
//! ```text
//!   room A (10.9.0.1)                                                    room B (10.9.0.2)
//!   programs - tun device -> queue -> rate -> loss -> delay, order -> tun device - programs
//!                         <- delay, order <- loss <- rate <- queue <-
//! ```
//!
//! A room is a network namespace with nothing in it but its end of the link. Read `shape` for what
//! can be wrong with a link, `lane` for the model, `pump` for the thread that keeps time.

mod chance;
mod flows;
mod histogram;
mod lane;
mod pump;
mod room;
mod shape;
mod tally;
mod urgency;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use serde::Serialize;

pub use flows::{Flow, Flows, SLOT};
pub use room::Room;
pub use shape::{Loss, Queue, Shape};
pub use tally::Direction;
pub use urgency::hurry;

use pump::Pump;
use tally::Tally;

/// The address of room A, where servers are.
pub const A: &str = "10.9.0.1";
/// The address of room B, where clients are.
pub const B: &str = "10.9.0.2";
/// What an Ethernet carries.
pub const MTU: u16 = 1500;

/// A running link. It is torn down when dropped.
pub struct Link {
    /// Where servers are.
    pub a: Room,
    /// Where clients are.
    pub b: Room,
    /// When its time began.
    pub began: Instant,
    over: Arc<AtomicBool>,
    pumps: [JoinHandle<Tally>; 2],
}

/// What a link has seen.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// From room A to room B.
    pub a_to_b: Direction,
    /// From room B to room A.
    pub b_to_a: Direction,
    /// What arrived at B, by sender's port and time.
    #[serde(skip)]
    pub flows: Flows,
}

impl Link {
    /// Makes two rooms and joins them. The same seed gives the same luck.
    pub fn new(shape: &Shape, seed: u64) -> io::Result<Self> {
        let (a, near) = Room::with_device(A)?;
        let (b, far) = Room::with_device(B)?;
        let (near, far) = (Arc::new(near), Arc::new(far));
        let over = Arc::new(AtomicBool::new(false));
        let began = Instant::now();
        let pump = |from: &Arc<_>, to: &Arc<_>, seed| {
            let ends = (Arc::clone(from), Arc::clone(to));
            Pump::new(began, ends, shape, seed).start(Arc::clone(&over))
        };
        let pumps = [pump(&near, &far, seed * 2)?, pump(&far, &near, seed * 2 + 1)?];
        Ok(Self { a, b, began, over, pumps })
    }

    /// Ends the link, and tells what it saw.
    pub fn close(self) -> Report {
        let drops = [self.a.device_drops(), self.b.device_drops()];
        self.over.store(true, Ordering::Relaxed);
        let [one, other] = self.pumps.map(|pump| pump.join().expect("a pump does not panic"));
        Report {
            flows: one.flows.clone(),
            a_to_b: one.into_direction(drops[0]),
            b_to_a: other.into_direction(drops[1]),
        }
    }
}
