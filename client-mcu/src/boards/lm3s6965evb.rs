//! TI's LM3S6965 evaluation board, as QEMU emulates it: a Cortex-M3 with 256 KB of flash, 64 KB
//! of RAM, Ethernet, and an SD card.

use embedded_sdmmc::SdCard;
use embedded_sdmmc::embedded_sdmmc_types::sdcard::CardType;

use super::hosted::Hosted;
use super::registers::Registers;
use super::spi::{Spi, Waits};
use super::stellaris_ethernet::{self, StellarisEthernet};
use crate::block_store::BlockStore;

/// The board.
pub(crate) type This = Hosted<StellarisEthernet, BlockStore<SdCard<Spi, Waits>>>;

/// The processor's speed after a reset: 12.5 MHz.
const CYCLES_PER_MS: u32 = 12_500;
/// The Ethernet controller's interrupt.
const INTERRUPT: u16 = 42;
// SAFETY: the data sheet says that they are there.
const ETHERNET: Registers = unsafe { Registers::at(0x4004_8000) };
// SAFETY: so it does of the first serial port.
const SERIAL: Registers = unsafe { Registers::at(0x4000_8000) };
// SAFETY: and of the pins of port D.
const PINS: Registers = unsafe { Registers::at(0x4000_7000) };

/// The pin that selects the card while it is low; high, it selects the display.
const CARD: u32 = 1;
/// Which pins are driven.
const DIRECTION: usize = 0x400;
/// What pins are driven to: the offset says which of them a write concerns.
const LEVEL_OF_CARD: usize = 1 << 2;

/// Starts the board; once.
pub(crate) fn start() -> This {
    PINS.write(DIRECTION, CARD);
    // The emulation takes notice of changes only.
    PINS.write(LEVEL_OF_CARD, CARD);
    PINS.write(LEVEL_OF_CARD, 0);
    let card = SdCard::new(Spi::start(SERIAL), Waits);
    if card.get_card_type().is_none() {
        card.spi(Spi::skip_answer);
        // SAFETY: it is ready. QEMU's answer to the last question says that it is idle still, which
        // is not believed; of a card that is not there, nothing will be read or written either.
        unsafe { card.mark_card_as_init(CardType::SD2) };
    }
    let network = StellarisEthernet::start(ETHERNET);
    Hosted::start(network, BlockStore::new(card), CYCLES_PER_MS, INTERRUPT)
}

#[cortex_m_rt::exception]
unsafe fn DefaultHandler(_: i16) {
    // It is the only source of interrupts besides the clock.
    stellaris_ethernet::mute(ETHERNET);
}
