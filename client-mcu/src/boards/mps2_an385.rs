//! ARM's MPS2 board with image AN385, as QEMU emulates it: a Cortex-M3 with an Ethernet controller
//! that queues few frames. Its files are the host's.

use super::host_files::HostFiles;
use super::hosted::Hosted;
use super::lan9118::{self, Lan9118};
use super::registers::Registers;

/// The board.
pub(crate) type This = Hosted<Lan9118, HostFiles>;

/// The processor's speed: 25 MHz.
const CYCLES_PER_MS: u32 = 25_000;
/// The Ethernet controller's interrupt.
const INTERRUPT: u16 = 13;
// SAFETY: ARM's application note says that they are there.
const ETHERNET: Registers = unsafe { Registers::at(0x4020_0000) };

/// Starts the board; once.
pub(crate) fn start() -> This {
    Hosted::start(Lan9118::start(ETHERNET), HostFiles::new(), CYCLES_PER_MS, INTERRUPT)
}

#[cortex_m_rt::exception]
unsafe fn DefaultHandler(_: i16) {
    // It is the only source of interrupts besides the clock.
    lan9118::mute(ETHERNET);
}
