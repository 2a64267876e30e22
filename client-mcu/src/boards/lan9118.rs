//! SMSC's LAN9118 Ethernet controller, polled.
//!
//! Frames pass through two queues of words. Its receive queue takes about seven frames of full
//! length: of a longer burst, the rest is lost.

use super::ethernet::{Controller, Frame, address, put_word, word_at};
use super::registers::Registers;

const CHECKSUM_LEN: usize = 4;

/// The controller.
pub(crate) struct Lan9118(Registers);

/// Offsets of its registers.
mod register {
    pub(super) const RECEIVE: usize = 0x00;
    pub(super) const TRANSMIT: usize = 0x20;
    pub(super) const RECEIVE_STATUS: usize = 0x40;
    pub(super) const TRANSMIT_STATUS: usize = 0x48;
    pub(super) const INTERRUPT_WIRE: usize = 0x54;
    pub(super) const INTERRUPTS_SEEN: usize = 0x58;
    pub(super) const INTERRUPTS: usize = 0x5C;
    pub(super) const QUEUE_INTERRUPTS: usize = 0x68;
    pub(super) const TRANSMITTER: usize = 0x70;
    pub(super) const RECEIVE_QUEUE: usize = 0x7C;
    pub(super) const TRANSMIT_QUEUE: usize = 0x80;
    pub(super) const MAC_COMMAND: usize = 0xA4;
    pub(super) const MAC_DATA: usize = 0xA8;
}

/// The registers behind the registers.
mod mac {
    pub(super) const CONTROL: u32 = 1;
    pub(super) const ADDRESS_HIGH: u32 = 2;
    pub(super) const ADDRESS_LOW: u32 = 3;
}

/// The MAC receives and transmits.
const MAC_ON: u32 = 1 << 2 | 1 << 3;
const TRANSMITTER_ON: u32 = 1 << 1;
/// The MAC's registers: at work; read instead of write.
const BUSY: u32 = 1 << 31;
const READ: u32 = 1 << 30;
/// Its wire is driven, active high, and on.
const WIRE_ON: u32 = 1 | 1 << 4 | 1 << 8;
/// More frames wait than the level of the receive queue says, which is none.
const FRAME_ARRIVED: u32 = 1 << 3;
/// This part of a frame is its first and its last.
const WHOLE: u32 = 1 << 13 | 1 << 12;

impl Lan9118 {
    /// Takes the controller.
    pub(super) fn start(registers: Registers) -> Self {
        registers.write(register::INTERRUPTS, 0);
        registers.write(register::QUEUE_INTERRUPTS, 0);
        registers.write(register::INTERRUPT_WIRE, WIRE_ON);
        registers.write(register::TRANSMITTER, TRANSMITTER_ON);
        let controller = Self(registers);
        controller.write_mac(mac::CONTROL, MAC_ON);
        controller
    }

    fn read_mac(&self, index: u32) -> u32 {
        self.0.write(register::MAC_COMMAND, BUSY | READ | index);
        while self.0.read(register::MAC_COMMAND) & BUSY != 0 {}
        self.0.read(register::MAC_DATA)
    }

    fn write_mac(&self, index: u32, value: u32) {
        self.0.write(register::MAC_DATA, value);
        self.0.write(register::MAC_COMMAND, BUSY | index);
        while self.0.read(register::MAC_COMMAND) & BUSY != 0 {}
    }
}

/// Ends the interrupt: for its handler, which has nothing but the registers.
pub(super) fn mute(registers: Registers) {
    registers.write(register::INTERRUPTS, 0);
}

impl Controller for Lan9118 {
    fn mac(&self) -> [u8; 6] {
        address(self.read_mac(mac::ADDRESS_LOW), self.read_mac(mac::ADDRESS_HIGH))
    }

    fn has_frame(&self) -> bool {
        self.0.read(register::RECEIVE_QUEUE) >> 16 & 0xFF != 0
    }

    fn take_frame(&mut self, frame: &mut Frame) -> usize {
        let status = self.0.read(register::RECEIVE_STATUS);
        let whole = usize::try_from(status >> 16 & 0x3FFF).unwrap_or(0);
        for at in (0..whole).step_by(4) {
            put_word(frame, at, self.0.read(register::RECEIVE));
        }
        whole.saturating_sub(CHECKSUM_LEN).min(frame.len())
    }

    fn send_frame(&mut self, frame: &[u8]) {
        let len = u32::try_from(frame.len()).unwrap_or(0);
        while self.0.read(register::TRANSMIT_QUEUE) & 0xFFFF < len + 8 {}
        self.0.write(register::TRANSMIT, WHOLE | len);
        self.0.write(register::TRANSMIT, len);
        for at in (0..frame.len()).step_by(4) {
            self.0.write(register::TRANSMIT, word_at(frame, at));
        }
        // What became of it: nobody asks, but the queue of answers is short.
        self.0.read(register::TRANSMIT_STATUS);
    }

    fn listen(&mut self) {
        self.0.write(register::INTERRUPTS_SEEN, FRAME_ARRIVED);
        self.0.write(register::INTERRUPTS, FRAME_ARRIVED);
    }
}
