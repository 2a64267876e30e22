//! The UDP socket: many datagrams a call, and no fragments.
//!
//! ```text
//!   Batch: equal datagrams to one address --send--> Socket --(GSO, or one by one)--> network
//!   Inbox: buffers of 64 KiB            <--recv--- Socket <--(GRO)------------------ network
//! ```
//!
//! Read in this order: `batch` and `inbox` are memory, `socket` is the system's, `sending` and
//! `receiving` are what happens when the system refuses.

mod batch;
mod inbox;
mod receiving;
mod sending;
mod socket;

pub use batch::Batch;
pub use inbox::{Inbox, Received};
pub use sending::{Sent, UdpStats};
pub use socket::Socket;

/// This machine alone, for tests. Wine has no sockets for IPv4 alone that tell where datagrams
/// were sent to.
#[cfg(test)]
pub(crate) fn here() -> std::net::SocketAddr {
    if cfg!(windows) {
        (std::net::Ipv6Addr::LOCALHOST, 0).into()
    } else {
        (std::net::Ipv4Addr::LOCALHOST, 0).into()
    }
}
