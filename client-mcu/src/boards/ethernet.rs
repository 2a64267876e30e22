//! An Ethernet controller as a smoltcp device, with room for one frame each way.

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

/// Longest Ethernet frame, without its checksum.
const MAX_FRAME_LEN: usize = 1514;

/// Room for a frame.
pub(super) type Frame = [u8; MAX_FRAME_LEN];

/// A controller that queues what arrives, and takes one frame at a time to be sent.
pub(crate) trait Controller {
    /// Its own address.
    fn mac(&self) -> [u8; 6];
    /// Whether a frame waits.
    fn has_frame(&self) -> bool;
    /// Takes the frame that waits; returns its length. What is longer than a frame is dropped.
    fn take_frame(&mut self, frame: &mut Frame) -> usize;
    /// Sends a frame.
    fn send_frame(&mut self, frame: &[u8]);
    /// Lets the next frame that arrives interrupt, once.
    fn listen(&mut self);
}

/// The device.
pub(crate) struct Ethernet<C> {
    pub(super) controller: C,
    arrived: Frame,
    leaving: Frame,
}

impl<C> Ethernet<C> {
    /// Wraps a controller.
    pub(super) const fn new(controller: C) -> Self {
        Self { controller, arrived: [0; MAX_FRAME_LEN], leaving: [0; MAX_FRAME_LEN] }
    }
}

impl<C: Controller> Device for Ethernet<C> {
    type RxToken<'n>
        = Arrived<'n>
    where
        C: 'n;
    type TxToken<'n>
        = Leave<'n, C>
    where
        C: 'n;

    fn receive(&mut self, _: Instant) -> Option<(Arrived<'_>, Leave<'_, C>)> {
        if !self.controller.has_frame() {
            return None;
        }
        let len = self.controller.take_frame(&mut self.arrived);
        let leave = Leave { controller: &mut self.controller, frame: &mut self.leaving };
        Some((Arrived(&self.arrived[..len]), leave))
    }

    fn transmit(&mut self, _: Instant) -> Option<Leave<'_, C>> {
        Some(Leave { controller: &mut self.controller, frame: &mut self.leaving })
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
pub(crate) struct Leave<'n, C> {
    controller: &'n mut C,
    frame: &'n mut Frame,
}

impl<C: Controller> TxToken for Leave<'_, C> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        let frame = &mut self.frame[..len];
        let filled = fill(frame);
        self.controller.send_frame(frame);
        filled
    }
}

/// An address whose bytes a controller keeps in two words.
pub(super) fn address(low: u32, high: u32) -> [u8; 6] {
    let mut address = [0; 6];
    address[..4].copy_from_slice(&low.to_le_bytes());
    address[4..].copy_from_slice(&high.to_le_bytes()[..2]);
    address
}

/// Puts a word of a frame at its place, as far as there is room.
pub(super) fn put_word(frame: &mut Frame, at: usize, word: u32) {
    let word = word.to_le_bytes();
    let end = frame.len().min(at + word.len());
    if let Some(place) = frame.get_mut(at..end) {
        place.copy_from_slice(&word[..end - at]);
    }
}

/// A word of a frame, with zeros behind its end.
pub(super) fn word_at(frame: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([0, 1, 2, 3].map(|offset| frame.get(at + offset).copied().unwrap_or(0)))
}
