//! The chat alone.
#![no_std]
#![no_main]

footprint::weigh!(chat: footprint::Chat);
