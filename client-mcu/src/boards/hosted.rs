//! A board without people and generator of its own: a console and entropy are the host's, by
//! semihosting.

use core::fmt;

use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::{NVIC, Peripherals};
use proto_core::time::Instant;

use super::ethernet::{Controller, Ethernet};
use super::semihosting;
use super::systick::Clock;
use crate::board::Board;
use crate::store::Store;

/// The board.
pub(crate) struct Hosted<C, S> {
    clock: Clock,
    nic: Ethernet<C>,
    store: S,
}

#[derive(Clone, Copy)]
struct Interrupt(u16);

// SAFETY: the number is one that a board's file takes from its data sheet.
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        self.0
    }
}

impl<C: Controller, S: Store> Hosted<C, S> {
    /// Starts a board, once: its network and store, the processor's speed, the network's interrupt.
    pub(super) fn start(controller: C, store: S, cycles_per_ms: u32, interrupt: u16) -> Self {
        let core = Peripherals::take().expect("a board starts once");
        let clock = Clock::start(core.SYST, cycles_per_ms);
        // SAFETY: its handler shares nothing with the program.
        unsafe { NVIC::unmask(Interrupt(interrupt)) };
        Self { clock, nic: Ethernet::new(controller), store }
    }
}

impl<C: Controller, S: Store> Board for Hosted<C, S> {
    type Nic = Ethernet<C>;
    type Store = S;

    fn nic(&mut self) -> &mut Ethernet<C> {
        &mut self.nic
    }

    fn mac(&self) -> [u8; 6] {
        self.nic.controller.mac()
    }

    fn now(&mut self) -> Instant {
        self.clock.now()
    }

    fn rest(&mut self, until: Instant) {
        while self.now() < until && !self.nic.controller.has_frame() {
            self.nic.controller.listen();
            // Ends with the next frame, or the clock's next tick. A frame that came just before
            // has left its interrupt pending, which does not let the processor sleep.
            cortex_m::asm::wfi();
        }
    }

    fn entropy(&mut self, out: &mut [u8]) {
        semihosting::entropy(out);
    }

    fn store(&mut self) -> &mut S {
        &mut self.store
    }

    fn command_line(&mut self, out: &mut [u8]) -> usize {
        semihosting::command_line(out)
    }

    fn tell(&mut self, line: fmt::Arguments<'_>) {
        semihosting::tell(line);
    }

    fn end(&mut self, code: u8) -> ! {
        semihosting::end(code)
    }
}
