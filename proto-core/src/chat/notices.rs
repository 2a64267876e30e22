//! Who came and who left: a ring beside the log, so that comings and goings push out no message.

use heapless::Deque;

use crate::text::Name;
use crate::time::UnixMillis;

/// Notices that a slow reader may be behind before it has to ask who is there.
const SLOTS: usize = 128;

/// The last notices; it forgets the oldest.
#[derive(Clone, Debug)]
pub(super) struct Notices {
    ring: Deque<Notice, SLOTS>,
    first: u64,
}

/// Somebody came or left.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub(super) name: Name,
    pub(super) at: UnixMillis,
    pub(super) joined: bool,
    /// Messages before this place in the log are read first.
    pub(super) place: u64,
}

impl Notices {
    pub(super) const fn new() -> Self {
        Self { ring: Deque::new(), first: 0 }
    }

    pub(super) fn push(&mut self, notice: Notice) {
        if self.ring.is_full() {
            self.ring.pop_front();
            self.first += 1;
        }
        self.ring.push_back(notice).map_err(|_| ()).expect("one was forgotten");
    }

    pub(super) fn get(&self, place: u64) -> Option<&Notice> {
        let index = usize::try_from(place.checked_sub(self.first)?).ok()?;
        self.ring.get(index)
    }

    pub(super) const fn first(&self) -> u64 {
        self.first
    }

    pub(super) fn end(&self) -> u64 {
        self.first + self.ring.len() as u64
    }
}
