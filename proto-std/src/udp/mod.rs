//! The UDP socket: many datagrams a call, and no fragments.
//!
//! ```text
//!   Batch: equal datagrams to one address --send--> Socket --(GSO, or one by one)--> network
//!   Inbox: buffers of 64 KiB            <--recv--- Socket <--(GRO)------------------ network
//! ```
//!
//! Read in this order: `batch` and `inbox` are memory, `socket` is the system's, `sending` is what
//! happens when the system refuses.

mod batch;
mod inbox;
mod sending;
mod socket;

pub use batch::Batch;
pub use inbox::{Inbox, Received};
pub use sending::{Sent, UdpStats};
pub use socket::Socket;
