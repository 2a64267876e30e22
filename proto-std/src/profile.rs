//! Capacities of a desktop: how much of everything one program keeps.

/// Packets in flight on a path: 8192 of 1452 bytes fill a gigabit path of 95 ms.
pub const WINDOW: usize = 8192;
/// Holes in what was received of a file, before chunks are refused and sent again: 5 % of 5000
/// packets on the way. Each costs 32 bytes in every transfer's place.
pub const HOLES: usize = 256;
/// Transfers of one session at once: with a round trip of 100 ms, a thousand small files a second.
pub const TRANSFERS: usize = 128;
