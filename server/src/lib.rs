//! Haversack's server: a chat room and a shared folder.
//!
//! ```text
//!   accept --> connection (a task each) --> room (hub behind a lock) <--> store (thread, redb)
//!                   |                         |
//!                   +--> traffic <--> engine  +--> report (thread) --> screen, log
//! ```
//!
//! Protocol decisions are the core's; here are sockets, disk, limits and words. Read in this
//! order: `args`, `options`; `server`, `hall`, `admission`, `guesses`,
//! `tally`, `connection`; `room`, `store`;
//! `shelf`, `traffic`; `report`, `screen`, `signals`.

pub mod args;
pub mod options;

pub mod hall;
pub mod server;

pub mod admission;
pub mod connection;
pub mod guesses;
pub mod porch;
pub mod tally;

pub mod room;
pub mod skeleton;
pub mod store;

pub mod shelf;
pub mod traffic;

pub mod escape;
pub mod ready;
pub mod report;
pub mod screen;
pub mod signals;
