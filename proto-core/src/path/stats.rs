//! What happened on a path, counted. Whatever is dropped is counted too.

use crate::time::Instant;

/// Counters of one path, from its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Datagrams given out for sending, of every kind.
    pub packets_sent: u64,
    /// Their bytes.
    pub bytes_sent: u64,
    /// Datagrams that were authentic and new.
    pub packets_received: u64,
    /// Bytes of all datagrams that were authentic and new.
    pub bytes_received: u64,
    /// Datagrams with file bytes given out for sending.
    pub data_sent: u64,
    /// Datagrams with file bytes that arrived.
    pub data_received: u64,
    /// Acknowledgements sent.
    pub acks_sent: u64,
    /// Acknowledgements received.
    pub acks_received: u64,
    /// Packets acknowledged.
    pub packets_acked: u64,
    /// Packets given up as lost.
    pub packets_lost: u64,
    /// Packets given up that arrived after all.
    pub packets_late: u64,
    /// Times that the window was cut.
    pub cuts: u64,
    /// Cuts taken back because nothing was lost.
    pub cuts_undone: u64,
    /// Times that nothing was heard for too long.
    pub probe_timeouts: u64,
    /// Times that the datagrams' size fell because large ones vanished.
    pub black_holes: u64,
    /// Times that the peer's address changed.
    pub moves: u64,
    /// Dropped: not for this path, or not authentic.
    pub dropped_forged: u64,
    /// Dropped: seen before, or too old to tell.
    pub dropped_replayed: u64,
    /// Dropped: authentic but malformed.
    pub dropped_malformed: u64,
    /// Not followed: a new address that nobody may be sent to, or too soon after the last move.
    pub moves_refused: u64,
    /// Not answered: a challenge that a newer one replaced before its answer left.
    pub challenges_dropped: u64,
    /// Responses to no challenge of ours.
    pub responses_stray: u64,
    /// When something was last acknowledged.
    pub last_progress: Option<Instant>,
    /// When anything authentic last arrived.
    pub last_heard: Option<Instant>,
}
