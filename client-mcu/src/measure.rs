//! How much memory the program used.

use core::ptr;

use crate::board::Board;
use crate::control::Control;
use crate::download::Download;
use crate::machines::{Chat, Files};
use crate::network::{Memory, Network};

unsafe extern "C" {
    static __sdata: u32;
    static _stack_start: u32;
    static _stack_end: u32;
}

/// Tells what the machines take, and how far the stack ever grew.
pub(crate) fn report<B: Board>(board: &mut B) {
    let (channel, chat) = (size_of::<Control>(), size_of::<Chat>());
    let (transfers, file) = (size_of::<Files>(), size_of::<Download>());
    let network = size_of::<Memory<'_>>() + size_of::<Network<'_>>();
    let ethernet = size_of::<B::Nic>();
    let (variables, stack) = (variables(), stack());
    board.tell(format_args!(
        "memory: channel {channel} chat {chat} transfers {transfers} file {file} network {network} \
         ethernet {ethernet} variables {variables} stack {stack} all {}",
        variables + stack
    ));
}

/// Bytes of `.data`, `.bss` and what is not initialised.
fn variables() -> usize {
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
