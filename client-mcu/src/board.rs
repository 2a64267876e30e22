//! What a machine must give. Those that there are lie in `boards`.

use core::fmt;

use proto_core::time::Instant;
use smoltcp::phy::Device;

use crate::store::Store;

/// A machine with a network, a clock, entropy, and a place for files.
pub(crate) trait Board {
    /// Its network device: Ethernet frames in and out.
    type Nic: Device;
    /// Where it keeps files and a few records.
    type Store: Store;

    /// The network device.
    fn nic(&mut self) -> &mut Self::Nic;
    /// The device's own Ethernet address.
    fn mac(&self) -> [u8; 6];
    /// Time since an arbitrary start; it never goes backwards.
    fn now(&mut self) -> Instant;
    /// Rests until a frame has arrived, or until then; may return early.
    fn rest(&mut self, until: Instant);
    /// Fills `out` with bytes that nobody can guess.
    fn entropy(&mut self, out: &mut [u8]);
    /// The store.
    fn store(&mut self) -> &mut Self::Store;
    /// What it is to do, in words; returns how many bytes that were.
    fn command_line(&mut self, out: &mut [u8]) -> usize;
    /// Tells its people a line.
    fn tell(&mut self, line: fmt::Arguments<'_>);
    /// Ends, with a number for whoever started it.
    fn end(&mut self, code: u8) -> !;

    /// `N` bytes that nobody can guess.
    fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.entropy(&mut out);
        out
    }
}
