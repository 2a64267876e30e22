//! Deterministic worlds for the protocol core: every surprise is a value drawn from a seed.
//!
//! Read in this order: `rng`, `timeline`, `link`, `pipe` and `disk` are the elements, each
//! without I/O or clock.

#![allow(clippy::missing_panics_doc, reason = "a panic is how a simulated world says no")]

pub mod disk;
pub mod link;
pub mod pipe;
pub mod proxy;
pub mod rng;
pub mod timeline;
