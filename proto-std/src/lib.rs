//! The half of Haversack that needs an operating system, shared by server and clients.
//!
//! Only this crate names async-std: the programs use what is re-exported here, so that another
//! runtime is one crate's change.

pub mod address;
mod base32;
pub mod secret;
pub mod session;

pub use async_std::{channel, future, io, net, sync, task};
