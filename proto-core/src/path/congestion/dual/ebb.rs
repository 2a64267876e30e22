//! The ebb: for about three round trips only half of what the link holds is on the way. A queue of
//! our own is then gone, so that the empty link's round trip is seen again (`ProbeRTT`,
//! draft-ietf-ccwg-bbr section 5.3.4); a queue that remains is somebody else's (Copa, Arun and
//! Balakrishnan, section 5).

use super::round::Heard;

/// An ebb under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ebb {
    phase: Phase,
    /// Whether others were there before.
    pub(super) sharing: bool,
    /// The window before it.
    pub(super) window: u64,
    /// Eighths of what the link holds that stay on the way.
    pub(super) depth: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// What was on the way leaves.
    Falling,
    /// It has left; what is measured from the next round on is the ebb's.
    Fallen,
    /// This round is the ebb's.
    Low,
}

/// What an ebb has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bottom {
    /// The shortest round trip, in microseconds.
    pub(super) rtt: u64,
    /// Bytes given up, of so many whose fate is known.
    pub(super) lost: u64,
    pub(super) settled: u64,
}

impl Ebb {
    pub(super) const fn new(sharing: bool, window: u64, depth: u64) -> Self {
        Self { phase: Phase::Falling, sharing, window, depth }
    }

    /// A round is over, and the window is so small. Returns what the ebb has shown at its end.
    pub(super) fn on_round(
        &mut self,
        heard: &Heard,
        in_flight: u64,
        window: u64,
    ) -> Option<Bottom> {
        match self.phase {
            Phase::Falling => {
                if in_flight <= window + window / 8 {
                    self.phase = Phase::Fallen;
                }
                return None;
            }
            // What it hears of left before.
            Phase::Fallen => self.phase = Phase::Low,
            Phase::Low => {
                let (lost, settled) = (heard.lost, heard.settled());
                return heard.low.map(|rtt| Bottom { rtt, lost, settled });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::round::Round;
    use super::*;

    fn heard(low: u64) -> Heard {
        Heard { acked: 90, lost: 10, low: Some(low), ..*Round::new().heard() }
    }

    #[test]
    fn the_bottom_is_what_is_measured_once_enough_has_left() {
        let mut ebb = Ebb::new(false, 1000, 4);
        assert_eq!(ebb.on_round(&heard(90), 1000, 500), None);
        assert_eq!(ebb.on_round(&heard(80), 550, 500), None);
        assert_eq!(ebb.on_round(&heard(60), 500, 500), None);
        let bottom = Bottom { rtt: 40, lost: 10, settled: 100 };
        assert_eq!(ebb.on_round(&heard(40), 500, 500), Some(bottom));
    }
}
