//! The Ethernet controller of TI's Stellaris (LM3S6965 and its kin), polled.
//!
//! Frames pass through one register, a word at a time; the controller queues what arrives.

use core::ptr;

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

/// Longest Ethernet frame, without its checksum.
const MAX_FRAME_LEN: usize = 1514;
/// Bytes of destination, source and type, which the length of a frame to send leaves out.
const HEADER_LEN: usize = 14;
/// Bytes of length before, and of checksum behind, a frame that arrived.
const WRAPPING_LEN: usize = 6;

/// The controller and room for one frame each way.
pub(crate) struct StellarisEthernet {
    registers: Registers,
    arrived: [u8; MAX_FRAME_LEN],
    leaving: [u8; MAX_FRAME_LEN],
}

/// Where the registers begin.
#[derive(Clone, Copy)]
struct Registers(usize);

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

impl Registers {
    fn read(self, register: usize) -> u32 {
        // SAFETY: whoever called `start` vouches for the registers.
        unsafe { ptr::read_volatile(ptr::with_exposed_provenance(self.0 + register)) }
    }

    fn write(self, register: usize, value: u32) {
        // SAFETY: whoever called `start` vouches for the registers.
        unsafe { ptr::write_volatile(ptr::with_exposed_provenance_mut(self.0 + register), value) }
    }
}

impl StellarisEthernet {
    /// Takes the controller whose registers begin at `base`.
    ///
    /// # Safety
    /// Its registers are there, and nobody else uses them but [`mute`].
    pub(super) unsafe fn start(base: usize) -> Self {
        let registers = Registers(base);
        registers.write(register::INTERRUPTS, 0);
        registers.write(register::TRANSMIT, TRANSMIT_ON);
        registers.write(register::RECEIVE, RECEIVE_ON);
        Self { registers, arrived: [0; MAX_FRAME_LEN], leaving: [0; MAX_FRAME_LEN] }
    }

    /// Its own address.
    pub(super) fn mac(&self) -> [u8; 6] {
        let [a, b, c, d] = self.registers.read(register::ADDRESS_0).to_le_bytes();
        let [e, f, ..] = self.registers.read(register::ADDRESS_1).to_le_bytes();
        [a, b, c, d, e, f]
    }

    /// Whether a frame waits.
    pub(super) fn has_frame(&self) -> bool {
        self.registers.read(register::PACKETS) & 0x3F != 0
    }

    /// Lets the next frame that arrives interrupt, once.
    pub(super) fn listen(&mut self) {
        self.registers.write(register::ACKNOWLEDGE, FRAME_ARRIVED);
        self.registers.write(register::INTERRUPTS, FRAME_ARRIVED);
    }

    /// Takes the frame that waits out of the controller; returns its length.
    fn take_frame(&mut self) -> usize {
        // The first word holds the length of everything and the frame's first two bytes.
        let [low, high, first, second] = self.registers.read(register::DATA).to_le_bytes();
        let whole = usize::from(u16::from_le_bytes([low, high]));
        [self.arrived[0], self.arrived[1]] = [first, second];
        for at in (2..whole.saturating_sub(2)).step_by(4) {
            let word = self.registers.read(register::DATA).to_le_bytes();
            // What is longer than a frame, and the checksum, is read and dropped.
            let end = MAX_FRAME_LEN.min(at + word.len());
            if let Some(place) = self.arrived.get_mut(at..end) {
                place.copy_from_slice(&word[..end - at]);
            }
        }
        whole.saturating_sub(WRAPPING_LEN).min(MAX_FRAME_LEN)
    }
}

/// Ends the interrupt: for its handler, which has nothing but the address.
///
/// # Safety
/// The controller's registers begin at `base`.
pub(super) unsafe fn mute(base: usize) {
    Registers(base).write(register::INTERRUPTS, 0);
}

impl Device for StellarisEthernet {
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
        let byte = |at: usize| frame.get(at).copied().unwrap_or(0);
        #[expect(clippy::cast_possible_truncation, reason = "a frame is shorter than 64 KiB")]
        let [low, high] = (len.saturating_sub(HEADER_LEN) as u16).to_le_bytes();
        let first = u32::from_le_bytes([low, high, byte(0), byte(1)]);
        self.registers.write(register::DATA, first);
        for at in (2..len).step_by(4) {
            let word = [0, 1, 2, 3].map(|offset| byte(at + offset));
            self.registers.write(register::DATA, u32::from_le_bytes(word));
        }
        self.registers.write(register::SEND, 1);
        while self.registers.read(register::SEND) & 1 != 0 {}
        filled
    }
}
