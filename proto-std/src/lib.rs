//! The half of Haversack that needs an operating system, shared by server and clients.
//!
//! `proto_core` decides; this crate owns sockets, files, clock, entropy and threads, and does what
//! it says. `storage` keeps files, `udp` is the socket, `engine` moves files between the two;
//! `session` is the whole client without a face.
//!
//! Only this crate names async-std: the programs use what is re-exported here, so that another
//! runtime is one crate's change.

pub mod aead;
pub mod clock;
mod courtesy;
pub mod entropy;
pub mod human;
pub mod profile;
mod shelf;
pub mod terminal;

pub mod address;
pub mod identity;
pub mod known_servers;
pub mod save_as;
pub mod secret;
pub mod state;

pub mod storage;

pub mod udp;

pub mod engine;

pub mod listen;
pub mod race;
pub mod stream;

pub mod session;

pub use async_std::{channel, future, io, net, sync, task};
