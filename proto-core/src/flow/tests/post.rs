//! What is under way between two ends.

use std::boxed::Box;
use std::vec::Vec;

use crate::flow::Receipt;
use crate::secure::Role;
use crate::time::Instant;
use crate::wire::Transfer;

/// Something on its way, ordered by time and then by posting.
pub(super) struct Post {
    pub(super) at: Instant,
    pub(super) number: u64,
    pub(super) to: Role,
    pub(super) parcel: Parcel,
}

pub(super) enum Parcel {
    Datagram(Vec<u8>),
    Message(Box<Transfer>),
    Written(Receipt),
}

impl PartialEq for Post {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Post {}

impl PartialOrd for Post {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Post {
    /// The earliest is the greatest: a heap gives the greatest.
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}
