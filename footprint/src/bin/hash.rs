//! The check of a file's content alone.
#![no_std]
#![no_main]

footprint::weigh!(check: footprint::Hasher);
