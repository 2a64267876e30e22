//! The secure channel alone.
#![no_std]
#![no_main]

footprint::weigh!(link: proto_core::link::Link);
