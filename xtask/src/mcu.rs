//! `cargo xtask mcu`: the firmware on an emulated board, against the real server.
//!
//! The board is QEMU's `lm3s6965evb`: a Cortex-M3 with 64 KB of RAM and Ethernet. Its network is
//! QEMU's own, in which 10.0.2.2 is this machine's loopback, so that no rights are needed.

mod board;
mod story;

use argh::FromArgs;

use crate::shell::{Outcome, cargo, root, run};
use crate::toolchain;

const TARGET: &str = "thumbv7m-none-eabi";

/// the firmware on an emulated board: login, chat, a file, a pause, a reset, a false server
#[derive(FromArgs)]
#[argh(subcommand, name = "mcu")]
pub(crate) struct Mcu {}

impl Mcu {
    #[expect(clippy::unused_self, reason = "every verb runs alike")]
    pub(crate) fn run(&self) -> Outcome {
        toolchain::need("qemu-system-arm", "qemu-system-arm")?;
        run(&mut cargo(&["build", "--package", "server", "--package", "client-cli"]))?;
        let folder = root().join("client-mcu");
        let built = toolchain::build(TARGET, &folder, &["--release", "--locked"])?;
        story::tell(&built.join("release/client-mcu"))
    }
}
