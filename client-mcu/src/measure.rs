//! How much memory the program used.

use core::ptr;

use proto_core::link::Link;

use crate::board::Board;
use crate::control::Control;
use crate::profile::{Chat, Files};

unsafe extern "C" {
    static __sdata: u32;
    static _stack_start: u32;
    static _stack_end: u32;
}

/// Tells what the machines take, and how far the stack ever grew.
pub(crate) fn report(board: &mut impl Board) {
    let (fixed, stack) = (fixed(), stack());
    let sizes = [size_of::<Link>(), size_of::<Control>(), size_of::<Chat>(), size_of::<Files>()];
    let [link, control, chat, files] = sizes;
    board.tell(format_args!("sizes: link {link} control {control} chat {chat} files {files}"));
    board.tell(format_args!("ram: fixed {fixed} stack {stack} all {}", fixed + stack));
}

/// Bytes of `.data`, `.bss` and what is not initialised.
fn fixed() -> usize {
    (&raw const _stack_end).addr() - (&raw const __sdata).addr()
}

/// Bytes of the stack that were ever used: those whose paint is gone.
fn stack() -> usize {
    const PAINT: u32 = 0xCCCC_CCCC;
    let (low, high) = (&raw const _stack_end, (&raw const _stack_start).addr());
    let words = (high - low.addr()) / size_of::<u32>();
    let untouched = (0..words).take_while(|&at| {
        // SAFETY: the words lie between the linker's marks, and reading them changes nothing.
        unsafe { ptr::read_volatile(low.add(at)) == PAINT }
    });
    (words - untouched.count()) * size_of::<u32>()
}
