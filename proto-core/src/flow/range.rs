//! Small arithmetic on byte ranges.

use crate::wire::ByteRange;

/// Bytes in a range.
pub(super) const fn len(range: ByteRange) -> u64 {
    range.end - range.start
}

/// The range from `start` to `end`; `None` when nothing lies between them.
pub(super) const fn between(start: u64, end: u64) -> Option<ByteRange> {
    if start < end { Some(ByteRange { start, end }) } else { None }
}

/// What of a range lies below `limit`.
pub(super) const fn below(range: ByteRange, limit: u64) -> Option<ByteRange> {
    between(range.start, if range.end < limit { range.end } else { limit })
}
