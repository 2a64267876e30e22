//! Who holds a transfer.
//!
//! ```text
//!                   mine                        mine
//!        Flowing <--------> HeldByMe    either side sets and clears its own hold, at any
//!           ^                   ^       moment and as often as it likes; data flows when
//!    theirs |                   |       neither is set
//!           v                   v
//!      HeldByPeer <-------> HeldByBoth
//! ```
//!
//! A server's stop point is a second reason for its own hold: on the wire and on a screen they
//! are one, but only the client's confirmation takes it away.

/// Both sides' holds on one transfer. Every change is idempotent and says whether it was one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    by_user: bool,
    at_stop_point: bool,
    theirs: bool,
}

impl Holds {
    /// Nobody's hold but what both sides began with.
    pub const fn new(mine: bool, theirs: bool) -> Self {
        Self { by_user: mine, at_stop_point: false, theirs }
    }

    /// This side's user sets or clears its hold; true when [`mine`](Self::mine) changed.
    pub fn set_mine(&mut self, set: bool) -> bool {
        let before = self.mine();
        self.by_user = set;
        before != self.mine()
    }

    /// The peer set or cleared its hold; true when that changed anything.
    pub fn set_theirs(&mut self, set: bool) -> bool {
        core::mem::replace(&mut self.theirs, set) != set
    }

    /// The stop point is reached, or confirmed; true when [`mine`](Self::mine) changed.
    pub fn set_stop_point(&mut self, reached: bool) -> bool {
        let before = self.mine();
        self.at_stop_point = reached;
        before != self.mine()
    }

    /// Whether this side holds.
    pub const fn mine(self) -> bool {
        self.by_user || self.at_stop_point
    }

    /// Whether the peer holds.
    pub const fn theirs(self) -> bool {
        self.theirs
    }

    /// Whether data may flow.
    pub const fn may_flow(self) -> bool {
        !self.mine() && !self.theirs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_flows_when_neither_side_holds() {
        for (mine, theirs) in [(false, false), (false, true), (true, false), (true, true)] {
            let holds = Holds::new(mine, theirs);

            assert_eq!((holds.mine(), holds.theirs()), (mine, theirs));
            assert_eq!(holds.may_flow(), !mine && !theirs);
        }
    }

    #[test]
    fn setting_twice_is_setting_once() {
        let mut holds = Holds::default();

        assert!(holds.set_mine(true));
        assert!(!holds.set_mine(true));
        assert!(holds.set_theirs(true));
        assert!(!holds.set_theirs(true));
        assert!(holds.set_mine(false));
        assert!(!holds.set_mine(false));

        assert_eq!(holds, Holds::new(false, true));
    }

    #[test]
    fn the_users_proceed_does_not_pass_a_stop_point() {
        let mut holds = Holds::default();
        assert!(holds.set_stop_point(true));

        assert!(!holds.set_mine(true));
        assert!(!holds.set_mine(false));
        assert!(holds.mine());

        assert!(holds.set_stop_point(false));
        assert!(holds.may_flow());
    }

    #[test]
    fn a_confirmation_does_not_lift_the_users_hold() {
        let mut holds = Holds::new(true, false);

        assert!(!holds.set_stop_point(true));
        assert!(!holds.set_stop_point(false));

        assert!(holds.mine());
    }
}
