//! A program of nothing: what every program costs.
#![no_std]
#![no_main]

footprint::weigh!();
