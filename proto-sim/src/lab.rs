//! A laboratory for congestion control: paths that share a bottleneck, in virtual time.
//!
//! ```text
//!  source --+                                                            +--> sink
//!           +--> loss --> queue (tail drop) --> rate --> loss --> latency --+
//!  source --+                                                            +--> sink
//! ```
//!
//! Each source is one end of a real path with a file without end; each sink stores at once. Read
//! in this order: `plain` is a cipher that costs nothing, `end` drives a path, `rates` says what
//! the bottleneck passes, `road` is the bottleneck and measures it, `cell` is one experiment,
//! `grid` all of them and what is asked of each, `table` prints what came out. `file` sends a
//! whole file, and `files` many.

mod cell;
mod end;
mod file;
pub mod files;
pub mod grid;
mod plain;
mod rates;
mod road;
mod table;

pub use cell::{Cell, Guest, Outcome, Place};
pub use file::{Arrived, File};
pub use rates::Rates;
pub use table::run;
