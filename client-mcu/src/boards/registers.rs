//! The registers of a device, by their offsets.

use core::ptr;

/// Where they begin.
#[derive(Clone, Copy)]
pub(super) struct Registers(usize);

impl Registers {
    /// The registers that begin at `base`.
    ///
    /// # Safety
    /// They are there, and may be read and written in any order.
    pub(super) const unsafe fn at(base: usize) -> Self {
        Self(base)
    }

    pub(super) fn read(self, register: usize) -> u32 {
        // SAFETY: whoever called `at` vouches for the registers.
        unsafe { ptr::read_volatile(ptr::with_exposed_provenance(self.0 + register)) }
    }

    pub(super) fn write(self, register: usize, value: u32) {
        // SAFETY: whoever called `at` vouches for the registers.
        unsafe { ptr::write_volatile(ptr::with_exposed_provenance_mut(self.0 + register), value) }
    }
}
