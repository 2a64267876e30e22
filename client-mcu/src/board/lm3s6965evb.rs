//! TI's LM3S6965 evaluation board, as QEMU emulates it: a Cortex-M3 with 256 KB of flash, 64 KB
//! of RAM and Ethernet. People, files and entropy are those of the host, by semihosting.

use core::fmt;

use cortex_m::peripheral::{NVIC, Peripherals};
use proto_core::time::Instant;

use super::Board;
use super::semihosting::{self, HostFiles};
use super::stellaris_ethernet::{self, StellarisEthernet};
use super::systick::Clock;

/// Where the Ethernet controller's registers begin.
const ETHERNET: usize = 0x4004_8000;
/// The processor's speed after a reset: 12.5 MHz.
const CYCLES_PER_MS: u32 = 12_500;

/// The board.
pub(crate) struct Lm3s6965evb {
    clock: Clock,
    nic: StellarisEthernet,
    files: HostFiles,
}

/// The controller's interrupt.
#[derive(Clone, Copy)]
struct EthernetInterrupt;

// SAFETY: the number is the one in the data sheet, and below the processor's limit.
unsafe impl cortex_m::interrupt::InterruptNumber for EthernetInterrupt {
    fn number(self) -> u16 {
        42
    }
}

#[cortex_m_rt::exception]
unsafe fn DefaultHandler(_: i16) {
    // SAFETY: these are the controller's registers. It is the only source besides the clock.
    unsafe { stellaris_ethernet::mute(ETHERNET) }
}

impl Lm3s6965evb {
    /// Starts the board; once.
    pub(crate) fn start() -> Self {
        let core = Peripherals::take().expect("a board starts once");
        let clock = Clock::start(core.SYST, CYCLES_PER_MS);
        // SAFETY: the registers are there, and this is the only one who uses them.
        let nic = unsafe { StellarisEthernet::start(ETHERNET) };
        // SAFETY: its handler shares nothing with the program.
        unsafe { NVIC::unmask(EthernetInterrupt) };
        Self { clock, nic, files: HostFiles::new() }
    }
}

impl Board for Lm3s6965evb {
    type Nic = StellarisEthernet;
    type Store = HostFiles;

    fn nic(&mut self) -> &mut StellarisEthernet {
        &mut self.nic
    }

    fn mac(&self) -> [u8; 6] {
        self.nic.mac()
    }

    fn now(&mut self) -> Instant {
        self.clock.now()
    }

    fn rest(&mut self, until: Instant) {
        while self.now() < until && !self.nic.has_frame() {
            self.nic.listen();
            // Ends with the next frame, or the clock's next tick. A frame that came just before
            // has left its interrupt pending, which does not let the processor sleep.
            cortex_m::asm::wfi();
        }
    }

    fn entropy(&mut self, out: &mut [u8]) {
        semihosting::entropy(out);
    }

    fn store(&mut self) -> &mut HostFiles {
        &mut self.files
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

#[cortex_m_rt::exception]
unsafe fn HardFault(frame: &cortex_m_rt::ExceptionFrame) -> ! {
    semihosting::tell(format_args!("fault at {:#x}: has the stack overflowed?", frame.pc()));
    semihosting::end(semihosting::PANIC)
}

#[panic_handler]
fn panic(panic: &core::panic::PanicInfo<'_>) -> ! {
    // Its words would take flash for every check that never fails: the place says enough.
    if let Some(place) = panic.location() {
        semihosting::tell(format_args!("panic at {}:{}", place.file(), place.line()));
    }
    semihosting::end(semihosting::PANIC)
}
