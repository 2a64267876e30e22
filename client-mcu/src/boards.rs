//! The boards that there are; exactly one is chosen, by its feature. The next one is one more file.

mod ethernet;
#[cfg(feature = "mps2-an385")]
mod host_files;
mod hosted;
#[cfg(feature = "mps2-an385")]
mod lan9118;
#[cfg(feature = "lm3s6965evb")]
mod lm3s6965evb;
#[cfg(feature = "mps2-an385")]
mod mps2_an385;
mod registers;
mod semihosting;
#[cfg(feature = "lm3s6965evb")]
mod spi;
#[cfg(feature = "lm3s6965evb")]
mod stellaris_ethernet;
mod systick;

#[cfg(feature = "lm3s6965evb")]
pub(crate) use lm3s6965evb::{This, start};
#[cfg(feature = "mps2-an385")]
pub(crate) use mps2_an385::{This, start};

#[cfg(not(any(feature = "lm3s6965evb", feature = "mps2-an385")))]
compile_error!("choose a board: each is a feature");
#[cfg(all(feature = "lm3s6965evb", feature = "mps2-an385"))]
compile_error!("choose one board: --no-default-features leaves the usual one out");
