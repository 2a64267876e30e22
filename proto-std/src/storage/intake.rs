//! Writes what arrives of a file, and hashes it from memory where that spares reading it again.
//!
//! ```text
//!   kept, in order            hashed as it is written
//!   kept, in another order    written; its keeper reads and hashes it
//!   not kept, in order        hashed, and not written
//!   not kept, otherwise       written, until its keeper has read and hashed it
//! ```
//!
//! What the file begins with stays as it is: a piece that overlaps it brings the same bytes, or lies,
//! and what is hashed must be what is on the disk.

use std::io::IoSlice;
use std::sync::Arc;

use super::Trouble;
use super::group_hash::GroupHash;
use super::part::Part;
use super::passing::{Passing, Step, cut};
use super::prefix_hash::{GROUP, PrefixHash};

/// Where the bytes of a file go.
// Invariants:
// - Nothing below `written` is written again.
// - What `InOrder` has hashed is written, and lies below `written`.
pub(super) struct Intake {
    part: Arc<Part>,
    way: Way,
    /// What the file begins with.
    written: u64,
    /// Where the group begins that is hashed last, by whoever compares the whole.
    last: u64,
    /// Groups that were hashed, of which the keeper does not know.
    hashed: Vec<Hashed>,
}

/// Who hashes.
enum Way {
    /// The keeper, all of it.
    Keeper,
    /// Whoever writes, what comes in order.
    InOrder(Box<GroupHash>),
    /// Whoever would write what is not kept.
    Passing(Passing),
}

/// The number of a group, and its value.
pub(super) type Hashed = (u64, [u8; 32]);

impl Intake {
    /// Of a file that begins with so many bytes that are hashed. It is kept or not, and whoever writes
    /// `hashes` what is kept, or leaves it to the keeper.
    pub(super) fn new(part: Arc<Part>, written: u64, is_kept: bool, hashes: bool) -> Self {
        let way = match (is_kept, hashes) {
            (false, _) => Way::Passing(Passing::new()),
            (true, true) => Way::InOrder(Box::new(GroupHash::new(0))),
            (true, false) => Way::Keeper,
        };
        Self { part, way, written, last: 0, hashed: Vec::new() }
    }

    /// Takes the file's size; nothing of it is here if it begins `anew`.
    pub(super) fn begin(&mut self, size: u64, anew: bool) {
        self.last = PrefixHash::pushed_of(size);
        if anew {
            self.written = 0;
            self.hashed.clear();
            if let Way::Passing(passing) = &mut self.way {
                *passing = Passing::new();
            }
        }
    }

    /// Takes pieces from `offset` on, which are `len` bytes.
    ///
    /// # Errors
    /// When they could not be written whole.
    pub(super) fn take(
        &mut self,
        offset: u64,
        len: usize,
        pieces: &mut [IoSlice<'_>],
    ) -> Result<(), Trouble> {
        let skipped = usize::try_from(self.written.saturating_sub(offset));
        let skipped = skipped.map_or(len, |skipped| skipped.min(len));
        let (offset, mut pieces) = (offset + skipped as u64, pieces);
        IoSlice::advance_slices(&mut pieces, skipped);
        match &mut self.way {
            Way::Keeper => self.part.write_at(offset, pieces)?,
            Way::InOrder(_) => {
                // Writing uses them up.
                self.part.write_at(offset, &mut pieces.to_vec())?;
                if offset == self.written {
                    self.hash(pieces);
                }
            }
            Way::Passing(_) => self.let_pass(offset, pieces)?,
        }
        Ok(())
    }

    /// Hears that the file begins with so many bytes.
    ///
    /// # Errors
    /// When what its keeper needs could not be written.
    pub(super) fn advance(&mut self, contiguous: u64) -> Result<(), Trouble> {
        if let Way::Passing(passing) = &mut self.way
            && passing.is_overtaken(contiguous)
            && let Step::Spilled { from, gathered } = passing.spill()
        {
            self.part.write_at(from, &mut [IoSlice::new(&gathered)])?;
        }
        self.written = self.written.max(contiguous);
        Ok(())
    }

    /// What the file begins with.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Whether anything of it is left at its end.
    pub(super) fn is_kept(&self) -> bool {
        !matches!(self.way, Way::Passing(_))
    }

    /// Whether the keeper has to read what is kept, all of it.
    pub(super) fn is_read_back(&self) -> bool {
        matches!(self.way, Way::Keeper)
    }

    /// Whether groups were hashed of which the keeper does not know.
    pub(super) fn has_hashed(&self) -> bool {
        !self.hashed.is_empty()
    }

    /// The groups that were hashed: the keeper is told of them.
    pub(super) fn take_hashed(&mut self) -> Vec<Hashed> {
        std::mem::take(&mut self.hashed)
    }

    /// Hashes what was written behind what the file begins with: groups that it has from their start.
    fn hash(&mut self, pieces: &[IoSlice<'_>]) {
        let Way::InOrder(group) = &mut self.way else { return };
        for (at, bytes) in cut(self.written, pieces) {
            self.written += bytes.len() as u64;
            if at >= self.last {
                continue;
            }
            if at.is_multiple_of(GROUP) {
                group.begin(at / GROUP);
            }
            if group.end() == at {
                group.take(bytes);
            }
            if group.is_whole() {
                self.hashed.push(group.next());
            }
        }
    }

    /// Hashes what comes in order, and writes the rest to where the keeper finds it.
    fn let_pass(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> Result<(), Trouble> {
        let Way::Passing(passing) = &mut self.way else { return Ok(()) };
        for (at, bytes) in cut(offset, pieces) {
            let is_ahead = at >= (self.written / GROUP + GROUPS_AHEAD) * GROUP;
            let step =
                if at >= self.last || is_ahead { passing.spill() } else { passing.take(at, bytes) };
            match step {
                Step::Gathered => {}
                Step::Hashed { group, value } => self.hashed.push((group, value)),
                Step::Spilled { from, gathered } => {
                    self.part.write_at(from, &mut [IoSlice::new(&gathered)])?;
                    self.part.write_at(at, &mut [IoSlice::new(bytes)])?;
                }
            }
        }
        Ok(())
    }
}

/// Groups of a file that is not kept that may be hashed beyond a hole.
const GROUPS_AHEAD: u64 = 1024;
