//! ARM's PL022, a serial port, as an SPI device that is always selected.

use core::convert::Infallible;

use embedded_hal::delay::DelayNs;
use embedded_hal::spi::{ErrorType, Operation, SpiDevice};

use super::registers::Registers;

/// The port.
pub(crate) struct Spi(Registers);

/// Offsets of its registers.
mod register {
    pub(super) const CONTROL_0: usize = 0x00;
    pub(super) const CONTROL_1: usize = 0x04;
    pub(super) const DATA: usize = 0x08;
    pub(super) const STATUS: usize = 0x0C;
    pub(super) const PRESCALE: usize = 0x10;
}

/// Eight bits at a time, in SPI's first mode.
const BYTES: u32 = 7;
/// Half of the processor's clock, which is the most.
const FASTEST: u32 = 2;
const ON: u32 = 1 << 1;
/// A byte has arrived.
const ARRIVED: u32 = 1 << 2;
/// What is sent to hear the other side.
const IDLE: u8 = 0xFF;
/// What goes before a block that a card is to write.
const BLOCK_FOLLOWS: u8 = 0xFE;
/// Bytes of a card's longest answer to a command, and one of silence.
const LONGEST_ANSWER: usize = 6;

impl Spi {
    /// Takes the port.
    pub(super) fn start(registers: Registers) -> Self {
        registers.write(register::CONTROL_0, BYTES);
        registers.write(register::PRESCALE, FASTEST);
        registers.write(register::CONTROL_1, ON);
        Self(registers)
    }

    /// Hears an answer of a card to its end.
    pub(super) fn skip_answer(&mut self) {
        for _ in 0..LONGEST_ANSWER {
            self.exchange(IDLE);
        }
    }

    fn exchange(&mut self, byte: u8) -> u8 {
        self.0.write(register::DATA, byte.into());
        while self.0.read(register::STATUS) & ARRIVED == 0 {}
        let [byte, ..] = self.0.read(register::DATA).to_le_bytes();
        byte
    }
}

impl ErrorType for Spi {
    type Error = Infallible;
}

impl SpiDevice for Spi {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Infallible> {
        for operation in operations {
            match operation {
                Operation::Read(bytes) => bytes.fill_with(|| self.exchange(IDLE)),
                Operation::Write(bytes) => {
                    for byte in *bytes {
                        self.exchange(*byte);
                    }
                }
                Operation::TransferInPlace(bytes) => {
                    bytes.iter_mut().for_each(|byte| *byte = self.exchange(*byte));
                }
                Operation::Transfer(read, write) => {
                    // A card wants a byte of silence before a block, which its driver leaves out.
                    if **write == [BLOCK_FOLLOWS] {
                        self.exchange(IDLE);
                    }
                    for at in 0..read.len().max(write.len()) {
                        let byte = self.exchange(write.get(at).copied().unwrap_or(IDLE));
                        if let Some(place) = read.get_mut(at) {
                            *place = byte;
                        }
                    }
                }
                Operation::DelayNs(nanos) => Waits.delay_ns(*nanos),
            }
        }
        Ok(())
    }
}

/// Waits by counting: at 12.5 MHz, 80 ns are a cycle.
pub(crate) struct Waits;

impl DelayNs for Waits {
    fn delay_ns(&mut self, nanos: u32) {
        cortex_m::asm::delay(nanos / 80 + 1);
    }
}
