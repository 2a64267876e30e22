//! `cargo xtask mcu`: the firmware on an emulated board, against the real server.
//!
//! The boards are QEMU's: `lm3s6965evb`, a Cortex-M3 with 64 KB of RAM, and `mps2-an385`, whose
//! Ethernet controller queues seven frames and loses what comes on top. Their network is QEMU's
//! own, in which 10.0.2.2 is this machine's loopback, so that no rights are needed.

mod board;
mod story;

use std::fs;
use std::path::PathBuf;

use argh::FromArgs;

use crate::shell::{Failure, Outcome, cargo, root, run};
use crate::toolchain;

const TARGET: &str = "thumbv7m-none-eabi";
/// The boards, as QEMU calls them and the firmware's features do.
const BOARDS: [&str; 2] = ["lm3s6965evb", "mps2-an385"];

/// the firmware on an emulated board: login, chat, a file, a pause, a reset, a false server
#[derive(FromArgs)]
#[argh(subcommand, name = "mcu")]
pub(crate) struct Mcu {}

impl Mcu {
    #[expect(clippy::unused_self, reason = "every verb runs alike")]
    pub(crate) fn run(&self) -> Outcome {
        toolchain::need("qemu-system-arm", "qemu-system-arm")?;
        run(&mut cargo(&["build", "--package", "server", "--package", "client-cli"]))?;
        let [small, other] = BOARDS;
        story::tell(&build(small)?, &build(other)?)
    }
}

/// Builds a board's firmware.
fn build(board: &'static str) -> Result<Firmware, Failure> {
    let folder = root().join("client-mcu");
    let args = ["--release", "--locked", "--no-default-features", "--features", board];
    let built = toolchain::build(TARGET, &folder, &args)?.join("release");
    // The next board's is built in the same place.
    let file = built.join(format!("client-mcu-{board}"));
    fs::copy(built.join("client-mcu"), &file)?;
    Ok(Firmware { board, file })
}

/// A program and the board that it is for.
#[derive(Clone)]
struct Firmware {
    board: &'static str,
    file: PathBuf,
}
