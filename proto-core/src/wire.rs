//! What travels: control messages inside TCP records, frames inside UDP datagrams.
//!
//! Read in this order: `to_server`, `to_client` and `transfer` are the control messages;
//! `codec` packs them into records; `frame` is what a datagram carries.

mod codec;
pub mod frame;
mod to_client;
mod to_server;
mod transfer;

pub use codec::{Malformed, NoRoom, decode, encode};
pub use to_client::{Goodbye, LoginRefusal, Rejection, ToClient};
pub use to_server::{Audience, Mode, ToServer};
pub use transfer::{AbortReason, ByteRange, Held, Transfer};
