//! SMSC's LAN9118 Ethernet controller, polled.
//!
//! Frames pass through two queues of words. Its receive queue takes about seven frames of full
//! length: of a longer burst, the rest is lost.

use core::ptr;

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

/// Longest Ethernet frame, without its checksum.
const MAX_FRAME_LEN: usize = 1514;
const CHECKSUM_LEN: usize = 4;

/// The controller and room for one frame each way.
pub(crate) struct Lan9118 {
    registers: Registers,
    arrived: [u8; MAX_FRAME_LEN],
    leaving: [u8; MAX_FRAME_LEN],
}

/// Where the registers begin.
#[derive(Clone, Copy)]
struct Registers(usize);

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

impl Registers {
    fn read(self, register: usize) -> u32 {
        // SAFETY: whoever called `start` vouches for the registers.
        unsafe { ptr::read_volatile(ptr::with_exposed_provenance(self.0 + register)) }
    }

    fn write(self, register: usize, value: u32) {
        // SAFETY: whoever called `start` vouches for the registers.
        unsafe { ptr::write_volatile(ptr::with_exposed_provenance_mut(self.0 + register), value) }
    }

    fn read_mac(self, index: u32) -> u32 {
        self.write(register::MAC_COMMAND, BUSY | READ | index);
        while self.read(register::MAC_COMMAND) & BUSY != 0 {}
        self.read(register::MAC_DATA)
    }

    fn write_mac(self, index: u32, value: u32) {
        self.write(register::MAC_DATA, value);
        self.write(register::MAC_COMMAND, BUSY | index);
        while self.read(register::MAC_COMMAND) & BUSY != 0 {}
    }
}

impl Lan9118 {
    /// Takes the controller whose registers begin at `base`.
    ///
    /// # Safety
    /// Its registers are there, and nobody else uses them but [`mute`].
    pub(super) unsafe fn start(base: usize) -> Self {
        let registers = Registers(base);
        registers.write(register::INTERRUPTS, 0);
        registers.write(register::QUEUE_INTERRUPTS, 0);
        registers.write(register::INTERRUPT_WIRE, WIRE_ON);
        registers.write(register::TRANSMITTER, TRANSMITTER_ON);
        registers.write_mac(mac::CONTROL, MAC_ON);
        Self { registers, arrived: [0; MAX_FRAME_LEN], leaving: [0; MAX_FRAME_LEN] }
    }

    /// Its own address.
    pub(super) fn mac(&self) -> [u8; 6] {
        let [a, b, c, d] = self.registers.read_mac(mac::ADDRESS_LOW).to_le_bytes();
        let [e, f, ..] = self.registers.read_mac(mac::ADDRESS_HIGH).to_le_bytes();
        [a, b, c, d, e, f]
    }

    /// Whether a frame waits.
    pub(super) fn has_frame(&self) -> bool {
        self.registers.read(register::RECEIVE_QUEUE) >> 16 & 0xFF != 0
    }

    /// Lets the next frame that arrives interrupt, once.
    pub(super) fn listen(&mut self) {
        self.registers.write(register::INTERRUPTS_SEEN, FRAME_ARRIVED);
        self.registers.write(register::INTERRUPTS, FRAME_ARRIVED);
    }

    /// Takes the frame that waits out of the controller; returns its length.
    fn take_frame(&mut self) -> usize {
        let status = self.registers.read(register::RECEIVE_STATUS);
        let whole = usize::try_from(status >> 16 & 0x3FFF).unwrap_or(0);
        for at in (0..whole).step_by(4) {
            let word = self.registers.read(register::RECEIVE).to_le_bytes();
            // What is longer than a frame, and the checksum, is read and dropped.
            let end = MAX_FRAME_LEN.min(at + word.len());
            if let Some(place) = self.arrived.get_mut(at..end) {
                place.copy_from_slice(&word[..end - at]);
            }
        }
        whole.saturating_sub(CHECKSUM_LEN).min(MAX_FRAME_LEN)
    }
}

/// Ends the interrupt: for its handler, which has nothing but the address.
///
/// # Safety
/// The controller's registers begin at `base`.
pub(super) unsafe fn mute(base: usize) {
    Registers(base).write(register::INTERRUPTS, 0);
}

impl Device for Lan9118 {
    type RxToken<'n> = Arrived<'n>;
    type TxToken<'n> = Leave<'n>;

    fn receive(&mut self, _: Instant) -> Option<(Arrived<'_>, Leave<'_>)> {
        if !self.has_frame() {
            return None;
        }
        let len = self.take_frame();
        let leave = Leave { registers: self.registers, frame: &mut self.leaving };
        Some((Arrived(&self.arrived[..len]), leave))
    }

    fn transmit(&mut self, _: Instant) -> Option<Leave<'_>> {
        Some(Leave { registers: self.registers, frame: &mut self.leaving })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = MAX_FRAME_LEN;
        capabilities.max_burst_size = Some(1);
        capabilities
    }
}

/// A frame that arrived.
pub(crate) struct Arrived<'n>(&'n [u8]);

impl RxToken for Arrived<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(self.0)
    }
}

/// Leave to send a frame.
pub(crate) struct Leave<'n> {
    registers: Registers,
    frame: &'n mut [u8; MAX_FRAME_LEN],
}

impl TxToken for Leave<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        let frame = &mut self.frame[..len];
        let filled = fill(frame);
        let bytes = u32::try_from(len).unwrap_or(0);
        while self.registers.read(register::TRANSMIT_QUEUE) & 0xFFFF < bytes + 8 {}
        self.registers.write(register::TRANSMIT, WHOLE | bytes);
        self.registers.write(register::TRANSMIT, bytes);
        for at in (0..len).step_by(4) {
            let word = [0, 1, 2, 3].map(|offset| frame.get(at + offset).copied().unwrap_or(0));
            self.registers.write(register::TRANSMIT, u32::from_le_bytes(word));
        }
        // What became of it: nobody asks, but the queue of answers is short.
        self.registers.read(register::TRANSMIT_STATUS);
        filled
    }
}
