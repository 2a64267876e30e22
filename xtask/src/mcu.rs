//! `cargo xtask mcu`: the firmware on an emulated board, against the real server.
//!
//! The boards are QEMU's: `lm3s6965evb`, a Cortex-M3 with 64 KB of RAM, and `mps2-an385`, whose
//! Ethernet controller queues seven frames and loses what comes on top. Their network is QEMU's
//! own, in which 10.0.2.2 is this machine's loopback, so that no rights are needed.

mod board;
mod memory;
mod story;

use std::fs;
use std::path::PathBuf;

use argh::FromArgs;

use crate::budget::{Budgets, accept};
use crate::document::write_table;
use crate::elf::Elf;
use crate::shell::{Failure, Outcome, cargo, root, run};
use crate::{packages, toolchain};
use memory::Memory;

/// What both boards have for a processor.
pub(crate) const TARGET: &str = "thumbv7m-none-eabi";
/// The boards, as QEMU calls them and the firmware's features do.
pub(crate) const BOARDS: [&str; 2] = ["lm3s6965evb", "mps2-an385"];

/// the firmware on an emulated board: login, chat, a file, a pause, a reset, a false server
#[derive(FromArgs)]
#[argh(subcommand, name = "mcu")]
pub(crate) struct Mcu {
    /// write what it took into docs/FOOTPRINT.md
    #[argh(switch)]
    write: bool,
}

impl Mcu {
    /// The story, held to its budgets.
    pub(crate) fn ci() -> Self {
        Self { write: false }
    }

    pub(crate) fn run(&self) -> Outcome {
        packages::need("qemu-system-arm", "qemu-system-arm")?;
        run(&mut cargo(&["build", "--package", "server", "--package", "client-cli"]))?;
        let [small, other] = BOARDS;
        let firmwares = [build(small)?, build(other)?];
        let memory = story::tell(&firmwares[0], &firmwares[1])?;
        let flash = |firmware: &Firmware| Elf::read(&firmware.file).map(|elf| elf.flash);
        let flash = [flash(&firmwares[0])?, flash(&firmwares[1])?];
        let table = memory::table(BOARDS, flash, &memory);
        println!("\n{table}");
        if self.write {
            write_table("docs/FOOTPRINT.md", "boards", &table)?;
        }
        judge(flash, &memory)
    }
}

/// Holds the firmware to its budgets.
fn judge(flash: [u64; 2], memory: &[Memory; 2]) -> Outcome {
    let budgets = Budgets::read()?;
    let mut exceeded = Vec::new();
    for ((board, flash), memory) in BOARDS.into_iter().zip(flash).zip(memory) {
        exceeded.extend(budgets.judge(board, "firmware", flash, memory.of("all")?));
        exceeded.extend(budgets.judge(board, "stack", 0, memory.of("stack")?));
    }
    accept(&exceeded)
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

impl Firmware {
    /// Whether it stores things on an SD card; otherwise the host lends it a folder.
    fn has_card(&self) -> bool {
        self.board == BOARDS[0]
    }
}
