//! Stands in for parts of the core until they arrive.

/// Which end of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Connects.
    Client,
    /// Is connected to.
    Server,
}

/// What a session's datagrams are sealed with.
#[derive(Clone, Debug)]
pub struct DatagramKeys {}
