//! The core's machines, driven from nowhere to nowhere: what the linker keeps of each is what it
//! costs. Nothing here is ever run.
#![no_std]

mod drive;
#[path = "../../client-mcu/src/machines.rs"]
mod machines;
mod nowhere;

pub use blake3::Hasher;
pub use drive::{chat, check, link, receive, send};

/// The chat of the device.
pub type Chat = machines::Chat;
/// The transfers of the device.
pub type Files = machines::Files;

/// A program of these machines. Each lies in a place of its own, which the linker counts as RAM.
#[macro_export]
macro_rules! weigh {
    ($($drive:ident: $machine:ty),*) => {
        $crate::weigh!(@panic);

        /// Where the program begins, for the linker.
        #[unsafe(no_mangle)]
        pub extern "C" fn _start() -> ! {
            $({
                static mut PLACE: core::mem::MaybeUninit<$machine> =
                    core::mem::MaybeUninit::uninit();
                // SAFETY: nothing is ever run, and each place is named once.
                $crate::$drive(unsafe { &mut *(&raw mut PLACE) });
            })*
            loop {}
        }
    };
    (@panic) => {
        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
            loop {}
        }
    };
}
