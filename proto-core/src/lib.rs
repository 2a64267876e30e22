//! Haversack's protocol core: every byte on the wire and every decision, and nothing else.
//!
//! No `std`, no allocator, no clock, no socket, no randomness, no file: time, bytes and entropy
//! are arguments, and what is to be done comes back as a value.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod chat;
pub mod flow;
pub mod ids;
pub mod limits;
pub mod link;
pub mod path;
pub mod percent;
pub mod secure;
pub mod text;
pub mod time;
pub mod wire;
