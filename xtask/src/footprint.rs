//! `cargo xtask footprint`: what each machine of the core takes of a small processor.
//!
//! Every machine is linked alone, and the linker throws away whatever it does not use. Flash is
//! code and constants, with everything beneath: codec, ciphers, the compiler's own arithmetic.
//! RAM is the machine itself; the stack is measured on the emulated board, by `cargo xtask mcu`.

mod desktop;

use std::fmt::Write as _;

use argh::FromArgs;

use crate::budget::{Budgets, accept};
use crate::document::write_table;
use crate::elf::Elf;
use crate::shell::{Failure, Outcome, root};
use crate::toolchain;

/// Small processors: the first has no compare-and-swap, the last is no ARM.
const TARGETS: [&str; 4] = [
    "thumbv6m-none-eabi",
    "thumbv7m-none-eabi",
    "thumbv7em-none-eabi",
    "riscv32imc-unknown-none-elf",
];
/// What is weighed: programs of the package `footprint`.
const MACHINES: [&str; 6] = ["link", "chat", "receiver", "sender", "hash", "all"];
/// What every program costs.
const NOTHING: &str = "nothing";
/// A program that asks for memory, so that it is seen that whoever does is found.
const HEAP: &str = "heap";
const TABLE: &str = "docs/FOOTPRINT.md";

/// weigh the core's machines on small processors, against footprint/budgets.txt
#[derive(FromArgs)]
#[argh(subcommand, name = "footprint")]
pub(crate) struct Footprint {
    /// only this target
    #[argh(option)]
    target: Option<String>,

    /// write the tables into docs/FOOTPRINT.md
    #[argh(switch)]
    write: bool,
}

impl Footprint {
    /// All of them, held to their budgets.
    pub(crate) fn ci() -> Self {
        Self { target: None, write: false }
    }

    pub(crate) fn run(&self) -> Outcome {
        let budgets = Budgets::read()?;
        let mut table = heading();
        let mut exceeded = Vec::new();
        for target in self.targets()? {
            table += &weigh(target, &budgets, &mut exceeded)?;
        }
        let desktop = desktop::table();
        println!("{table}\n{desktop}");
        if self.write {
            write_table(TABLE, "machines", &table)?;
            write_table(TABLE, "desktop", &desktop)?;
        }
        accept(&exceeded)
    }

    fn targets(&self) -> Result<Vec<&'static str>, Failure> {
        let Some(only) = &self.target else { return Ok(TARGETS.to_vec()) };
        if self.write {
            return Err(Failure(format!("a table of {only} alone would lack the others")));
        }
        let target = TARGETS.into_iter().find(|target| target == only);
        let targets = || Failure(format!("there is {}, and no {only}", TARGETS.join(", ")));
        target.map(|target| vec![target]).ok_or_else(targets)
    }
}

/// Weighs all machines for a target; returns a row of the table.
fn weigh(target: &str, budgets: &Budgets, exceeded: &mut Vec<String>) -> Result<String, Failure> {
    let folder = root().join("footprint");
    let built = toolchain::build(target, &folder, &["--release", "--locked"])?.join("release");
    let read = |name: &str| Elf::read(&built.join(name));
    if read(HEAP)?.asks_for_memory().is_none() {
        return Err(Failure(format!("on {target}, nobody sees who asks for memory")));
    }
    let nothing = read(NOTHING)?;
    let mut row = format!("| {target} |");
    for machine in MACHINES {
        let elf = read(machine)?;
        if let Some(name) = elf.asks_for_memory() {
            return Err(Failure(format!("{machine} asks for memory on {target}: {name}")));
        }
        let (flash, ram) = (elf.flash - nothing.flash, elf.ram);
        write!(row, " {flash} / {ram} |").expect("a string takes everything");
        exceeded.extend(budgets.judge(target, machine, flash, ram));
    }
    Ok(row + "\n")
}

fn heading() -> String {
    let mut heading = "| flash / RAM, bytes |".to_owned();
    for machine in MACHINES {
        write!(heading, " {machine} |").expect("a string takes everything");
    }
    heading + "\n|---|" + &"---|".repeat(MACHINES.len()) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_there_is_not_is_refused_with_those_that_there_are() {
        let footprint = Footprint { target: Some("thumbv7".into()), write: false };

        let Failure(why) = footprint.targets().unwrap_err();

        assert!(why.contains("thumbv7em-none-eabi") && why.ends_with("no thumbv7"), "{why}");
    }

    #[test]
    fn a_table_of_one_target_is_not_written() {
        let target = Some(TARGETS[0].to_owned());
        let footprint = |write| Footprint { target: target.clone(), write };

        assert_eq!(footprint(false).targets().unwrap(), [TARGETS[0]]);
        assert!(footprint(true).targets().is_err());
    }
}
