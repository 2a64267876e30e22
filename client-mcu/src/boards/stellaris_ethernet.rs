//! The Ethernet controller of TI's Stellaris (LM3S6965 and its kin), polled.
//!
//! Frames pass through one register, a word at a time; the controller queues what arrives.

use super::ethernet::{Controller, Frame, address, put_word, word_at};
use super::registers::Registers;

/// Bytes of destination, source and type, which the length of a frame to send leaves out.
const HEADER_LEN: usize = 14;
/// Bytes of length before, and of checksum behind, a frame that arrived.
const WRAPPING_LEN: usize = 6;

/// The controller.
pub(crate) struct StellarisEthernet(Registers);

/// Offsets of its registers.
mod register {
    pub(super) const ACKNOWLEDGE: usize = 0x00;
    pub(super) const INTERRUPTS: usize = 0x04;
    pub(super) const RECEIVE: usize = 0x08;
    pub(super) const TRANSMIT: usize = 0x0C;
    pub(super) const DATA: usize = 0x10;
    pub(super) const ADDRESS_0: usize = 0x14;
    pub(super) const ADDRESS_1: usize = 0x18;
    pub(super) const PACKETS: usize = 0x34;
    pub(super) const SEND: usize = 0x38;
}

/// Takes part, and drops what is damaged.
const RECEIVE_ON: u32 = 1 | 1 << 3;
/// Takes part, pads what is short, and adds checksums.
const TRANSMIT_ON: u32 = 1 | 1 << 1 | 1 << 2;
/// Interrupts when a frame has arrived.
const FRAME_ARRIVED: u32 = 1;

impl StellarisEthernet {
    /// Takes the controller.
    pub(super) fn start(registers: Registers) -> Self {
        registers.write(register::INTERRUPTS, 0);
        registers.write(register::TRANSMIT, TRANSMIT_ON);
        registers.write(register::RECEIVE, RECEIVE_ON);
        Self(registers)
    }
}

/// Ends the interrupt: for its handler, which has nothing but the registers.
pub(super) fn mute(registers: Registers) {
    registers.write(register::INTERRUPTS, 0);
}

impl Controller for StellarisEthernet {
    fn mac(&self) -> [u8; 6] {
        address(self.0.read(register::ADDRESS_0), self.0.read(register::ADDRESS_1))
    }

    fn has_frame(&self) -> bool {
        self.0.read(register::PACKETS) & 0x3F != 0
    }

    fn take_frame(&mut self, frame: &mut Frame) -> usize {
        // The first word holds the length of everything and the frame's first two bytes.
        let [low, high, first, second] = self.0.read(register::DATA).to_le_bytes();
        let whole = usize::from(u16::from_le_bytes([low, high]));
        [frame[0], frame[1]] = [first, second];
        for at in (2..whole.saturating_sub(2)).step_by(4) {
            put_word(frame, at, self.0.read(register::DATA));
        }
        whole.saturating_sub(WRAPPING_LEN).min(frame.len())
    }

    fn send_frame(&mut self, frame: &[u8]) {
        #[expect(clippy::cast_possible_truncation, reason = "a frame is shorter than 64 KiB")]
        let len = frame.len().saturating_sub(HEADER_LEN) as u32;
        self.0.write(register::DATA, len | word_at(frame, 0) << 16);
        for at in (2..frame.len()).step_by(4) {
            self.0.write(register::DATA, word_at(frame, at));
        }
        self.0.write(register::SEND, 1);
        while self.0.read(register::SEND) & 1 != 0 {}
    }

    fn listen(&mut self) {
        self.0.write(register::ACKNOWLEDGE, FRAME_ARRIVED);
        self.0.write(register::INTERRUPTS, FRAME_ARRIVED);
    }
}
