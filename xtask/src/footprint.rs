//! `cargo xtask footprint`: what each machine of the core takes of a small processor.
//!
//! Every machine is linked alone, and the linker throws away whatever it does not use. Flash is
//! code and constants, with everything beneath: codec, ciphers, the compiler's own arithmetic.
//! RAM is the machine itself; the stack is measured on the emulated board, by `cargo xtask mcu`.

mod budget;
mod elf;

use std::fmt::Write as _;
use std::fs;

use argh::FromArgs;

use crate::shell::{Failure, Outcome, root};
use crate::toolchain;
use budget::Budgets;
use elf::Elf;

const TARGETS: [&str; 4] = [
    "thumbv6m-none-eabi",
    "thumbv7m-none-eabi",
    "thumbv7em-none-eabi",
    "riscv32imc-unknown-none-elf",
];
/// What is weighed: programs of the package `footprint`.
const MACHINES: [&str; 6] = ["link", "chat", "receiver", "sender", "hash", "all"];
const TABLE: &str = "docs/FOOTPRINT.md";
/// What stands around the table in its document.
const MARKS: [&str; 2] = ["<!-- table -->\n", "<!-- end of table -->\n"];

/// weigh the core's machines on small processors, against docs/FOOTPRINT.md's budgets
#[derive(FromArgs)]
#[argh(subcommand, name = "footprint")]
pub(crate) struct Footprint {
    /// only this target
    #[argh(option)]
    target: Option<String>,

    /// write the table into docs/FOOTPRINT.md
    #[argh(switch)]
    write: bool,
}

impl Footprint {
    pub(crate) fn run(&self) -> Outcome {
        let budgets = Budgets::read()?;
        let mut table = heading();
        let mut exceeded = Vec::new();
        let wanted = |target: &&str| self.target.as_ref().is_none_or(|only| only == target);
        for target in TARGETS.into_iter().filter(wanted) {
            let folder = root().join("footprint");
            let built = toolchain::build(target, &folder, &["--release", "--locked"])?;
            let weigh = |name: &str| Elf::read(&built.join("release").join(name));
            let nothing = weigh("nothing")?;
            let mut row = format!("| {target} |");
            for machine in MACHINES {
                let elf = weigh(machine)?;
                elf.refuses_an_allocator()?;
                let (flash, ram) = (elf.flash - nothing.flash, elf.ram);
                write!(row, " {flash} / {ram} |").expect("a string takes everything");
                exceeded.extend(budgets.judge(target, machine, flash, ram));
            }
            table += &row;
            table += "\n";
        }
        println!("{table}");
        if self.write {
            write_table(&table)?;
        }
        if exceeded.is_empty() { Ok(()) } else { Err(Failure(exceeded.join("; "))) }
    }
}

fn heading() -> String {
    let mut heading = "| flash / RAM, bytes |".to_owned();
    for machine in MACHINES {
        write!(heading, " {machine} |").expect("a string takes everything");
    }
    heading + "\n|---|" + &"---|".repeat(MACHINES.len()) + "\n"
}

fn write_table(table: &str) -> Outcome {
    let path = root().join(TABLE);
    let text = fs::read_to_string(&path)?;
    let [begin, end] = MARKS.map(|mark| text.find(mark));
    let (Some(begin), Some(end)) = (begin, end) else {
        return Err(Failure(format!("{TABLE} has no place for the table")));
    };
    let (before, after) = (&text[..begin + MARKS[0].len()], &text[end..]);
    fs::write(path, format!("{before}{table}{after}")).map_err(Failure::from)
}
