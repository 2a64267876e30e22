//! TI's LM3S6965 evaluation board, as QEMU emulates it: a Cortex-M3 with 256 KB of flash, 64 KB
//! of RAM and Ethernet.

use super::hosted::Hosted;
use super::registers::Registers;
use super::stellaris_ethernet::{self, StellarisEthernet};

/// The board.
pub(crate) type This = Hosted<StellarisEthernet>;

/// The processor's speed after a reset: 12.5 MHz.
const CYCLES_PER_MS: u32 = 12_500;
/// The Ethernet controller's interrupt.
const INTERRUPT: u16 = 42;
// SAFETY: the data sheet says that they are there.
const ETHERNET: Registers = unsafe { Registers::at(0x4004_8000) };

/// Starts the board; once.
pub(crate) fn start() -> This {
    Hosted::start(StellarisEthernet::start(ETHERNET), CYCLES_PER_MS, INTERRUPT)
}

#[cortex_m_rt::exception]
unsafe fn DefaultHandler(_: i16) {
    // It is the only source of interrupts besides the clock.
    stellaris_ethernet::mute(ETHERNET);
}
