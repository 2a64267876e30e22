//! Drives the real programs, server and client, as people and scripts do.
//!
//! The rows named in the tests are those of the list of features that Haversack took over from the
//! systems it descends from. Every test has a server of its own on a free port, and clients with
//! homes of their own; nothing of a test is left behind.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

mod starting;

mod leaving;
mod room;
mod talking;
mod together;

mod downloads;
mod link;
mod pausing;
mod resuming;
mod saving;
mod shared_files;
mod stopping_early;
mod unfinished_uploads;
mod uploads;

mod asking;
mod doctor;
mod files_that_fail;
mod impostors;
mod knocking;
mod scripted;
mod scripts;
mod strangers;
mod terminal;
mod usage;

mod capture;
mod client_crash;
mod confirming;
mod restarts;
mod server_crash;
mod sizes;
