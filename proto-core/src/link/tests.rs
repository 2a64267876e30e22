//! Stories of two links.

mod golden;
mod handshake;
mod knock;
mod pair;
mod stream;
