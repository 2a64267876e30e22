//! How many transfers a server takes at once, as far as is known.

use super::submit::AT_ONCE;

/// Shrinks when the server has no room, and grows slowly again: its room may be shared with others,
/// who leave.
#[derive(Debug)]
pub(super) struct Room {
    places: usize,
    /// Of those, how many the server was seen to have.
    sure: usize,
    /// Files that arrived since it changed.
    arrived: usize,
}

impl Room {
    /// As much as the client has itself.
    pub(super) const fn new() -> Self {
        Self { places: AT_ONCE, sure: AT_ONCE, arrived: 0 }
    }

    /// How many transfers there may be at once.
    pub(super) const fn places(&self) -> usize {
        self.places
    }

    /// How many of them an upload may use: it is not tried in vain.
    pub(super) const fn sure_places(&self) -> usize {
        self.sure
    }

    /// The server has no room for more than those.
    pub(super) const fn on_full(&mut self, under_way: usize) {
        (self.places, self.sure, self.arrived) = (under_way, under_way, 0);
    }

    /// A transfer was finished. Once there were as many as the room has places, an eighth more is
    /// tried, at least one.
    pub(super) fn on_finished(&mut self) {
        self.arrived += 1;
        if self.arrived >= self.places {
            self.places = (self.places + self.places.div_ceil(8)).min(AT_ONCE);
            self.arrived = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_that_was_full_grows_again_slowly_and_not_beyond_what_it_was() {
        let mut room = Room::new();
        room.on_full(16);
        for _ in 0..15 {
            room.on_finished();
        }
        assert_eq!(room.places(), 16);
        room.on_finished();
        assert_eq!(room.places(), 18);
        for _ in 0..10_000 {
            room.on_finished();
        }
        assert_eq!(room.places(), AT_ONCE);
        assert_eq!(room.sure_places(), 16, "what waits is tried, what would fail is not");
    }

    #[test]
    fn a_room_of_one_grows_too_and_starts_anew_when_it_is_full() {
        let mut room = Room::new();
        room.on_full(1);
        room.on_finished();
        assert_eq!(room.places(), 2);
        room.on_finished();
        room.on_full(2);
        room.on_finished();
        assert_eq!(room.places(), 2);
        room.on_finished();
        assert_eq!(room.places(), 3);
    }
}
