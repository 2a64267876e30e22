//! Haversack on a microcontroller.
//!
//! Every byte on the wire and every decision is `proto-core`'s. Here is a board, a network, a
//! store, and the loop that joins them; read them in that order, and `client` last. What needs no
//! board is tested on the host.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![cfg_attr(not(target_os = "none"), expect(dead_code, reason = "only a board runs the program"))]

#[cfg(feature = "lm3s6965evb")]
mod block_store;
mod board;
#[cfg(target_os = "none")]
mod boards;
mod client;
mod control;
mod desk;
mod download;
mod fault;
mod identity;
mod machines;
#[cfg(target_os = "none")]
mod measure;
mod network;
mod note;
mod orders;
mod profile;
#[cfg(target_os = "none")]
mod start;
mod store;
