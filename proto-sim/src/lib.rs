//! Deterministic worlds for the protocol core: every surprise is a value drawn from a seed.
//!
//! Read in this order: `rng`, `timeline`, `link`, `pipe` and `disk` are the elements, each
//! without I/O or clock. `witness` is a cipher that notices misuse, `truth` what files contain,
//! `store` what a host keeps, `trace` what happened. `machine` is a flow, `endpoint` drives it as
//! a program does, and `checks` watches it. `plan` is what goes wrong in a `world` of transfers; a
//! `room` is the same for chat; `cli` runs many of both. `proxy` puts the same imperfect link
//! between real programs. `lab` measures congestion control at a bottleneck.

#![allow(clippy::missing_panics_doc, reason = "a panic is how a simulated world says no")]

pub mod checks;
pub mod cli;
pub mod disk;
pub mod endpoint;
pub mod lab;
pub mod link;
pub mod machine;
pub mod pipe;
pub mod plan;
pub mod proxy;
pub mod report;
pub mod rng;
pub mod room;
pub mod store;
pub mod timeline;
pub mod trace;
pub mod truth;
pub mod witness;
pub mod world;
