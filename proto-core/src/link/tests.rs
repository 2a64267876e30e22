//! Stories of two links.

mod golden;
mod handshake;
mod pair;
mod stream;
