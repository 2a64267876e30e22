//! What a debugger, or QEMU, lends a board: a console, files, entropy, an exit code; and how a
//! program ends that went wrong.

use core::cell::Cell;
use core::ffi::CStr;
use core::fmt::{self, Write as _};

use cortex_m_semihosting::syscall;

/// What the program ends with when it panics.
const PANIC: u8 = 101;

/// The standard's number for "this is how the program ended", with a code.
const EXIT_EXTENDED: usize = 0x20;
const APPLICATION_EXIT: usize = 0x2_0026;
const GET_COMMAND_LINE: usize = 0x15;
/// What every call returns that failed.
const FAILED: usize = usize::MAX;

/// A way to open a file, as the standard numbers them.
#[derive(Clone, Copy)]
pub(super) struct Mode(pub(super) usize);

pub(super) const READ: Mode = Mode(1);
pub(super) const WRITE: Mode = Mode(5);

/// The host does not do what it was asked to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HostFailed;

impl fmt::Display for HostFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host could not do that to a file")
    }
}

/// Tells the host a line.
pub(super) fn tell(line: fmt::Arguments<'_>) {
    struct Console(File);
    impl fmt::Write for Console {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            write(&self.0, text.as_bytes()).map_err(|_| fmt::Error)
        }
    }
    // Nobody can be told that nobody can be told.
    if let Ok(out) = open(c":tt", WRITE) {
        let mut console = Console(out);
        let _ = console.write_fmt(line).and_then(|()| console.write_str("\n"));
        close(console.0);
    }
}

/// What the host says the program is to do.
pub(super) fn command_line(out: &mut [u8]) -> usize {
    let block = [Cell::new(out.as_mut_ptr().expose_provenance()), Cell::new(out.len())];
    // SAFETY: the host writes at most so many bytes there, and changes the block.
    let failed = unsafe { syscall(GET_COMMAND_LINE, &block) };
    if failed == 0 { block[1].get().min(out.len()) } else { 0 }
}

/// Bytes from the host's generator.
pub(super) fn entropy(out: &mut [u8]) {
    let read = open(c"/dev/urandom", READ).and_then(|file| {
        let left = read(&file, out);
        close(file);
        left
    });
    assert!(read.is_ok_and(|left| left == 0), "without entropy there are no secrets");
}

/// Ends the emulation.
pub(super) fn end(code: u8) -> ! {
    let block = [APPLICATION_EXIT, usize::from(code)];
    loop {
        // SAFETY: the block is what this call asks for.
        unsafe { syscall(EXIT_EXTENDED, &block) };
    }
}

/// An open file of the host's.
pub(super) struct File(pub(super) usize);

pub(super) fn open(path: &CStr, mode: Mode) -> Result<File, HostFailed> {
    let len = path.to_bytes().len();
    // SAFETY: address and length are those of `path`, and a zero follows.
    let file = unsafe { syscall!(OPEN, path.as_ptr(), mode.0, len) };
    if file == FAILED { Err(HostFailed) } else { Ok(File(file)) }
}

pub(super) fn close(File(handle): File) {
    // SAFETY: the handle is the host's own.
    unsafe { syscall!(CLOSE, handle) };
}

/// Reads; returns how many bytes of `out` are left for want of a longer file.
pub(super) fn read(File(handle): &File, out: &mut [u8]) -> Result<usize, HostFailed> {
    // SAFETY: address and length are those of `out`, which the host writes.
    let left = unsafe { syscall!(READ, *handle, out.as_mut_ptr(), out.len()) };
    if left > out.len() { Err(HostFailed) } else { Ok(left) }
}

pub(super) fn write(File(handle): &File, bytes: &[u8]) -> Result<(), HostFailed> {
    // SAFETY: address and length are those of `bytes`, which the host reads.
    let left = unsafe { syscall!(WRITE, *handle, bytes.as_ptr(), bytes.len()) };
    if left == 0 { Ok(()) } else { Err(HostFailed) }
}

#[cortex_m_rt::exception]
unsafe fn HardFault(frame: &cortex_m_rt::ExceptionFrame) -> ! {
    tell(format_args!("fault at {:#x}: has the stack overflowed?", frame.pc()));
    end(PANIC)
}

#[panic_handler]
fn panic(panic: &core::panic::PanicInfo<'_>) -> ! {
    // Its words would take flash for every check that never fails: the place says enough.
    if let Some(place) = panic.location() {
        tell(format_args!("panic at {}:{}", place.file(), place.line()));
    }
    end(PANIC)
}
