//! Capacities of a desktop: how much of everything one program keeps.

/// Packets in flight on a path: 8192 of 1452 bytes fill a gigabit path of 95 ms.
pub const WINDOW: usize = 8192;
/// Holes in what was received of a file, before chunks are refused and sent again.
pub const HOLES: usize = 1024;
/// Transfers of one session at once.
pub const TRANSFERS: usize = 32;
