//! The one door for developers and CI: `cargo xtask <verb>`.

mod actor;
mod apart;
mod audit;
mod bench;
mod budget;
mod demo;
mod document;
mod elf;
mod footprint;
mod hosted;
mod lab;
mod long;
mod mcu;
mod packages;
mod screenshots;
mod shell;
mod sim;
mod stage;
mod targets;
mod test;
mod toolchain;
mod window;

use std::process::ExitCode;

use argh::FromArgs;

/// Developer commands of Haversack.
#[derive(FromArgs)]
struct Xtask {
    #[argh(subcommand)]
    verb: Verb,
}

#[derive(FromArgs)]
#[argh(subcommand)]
enum Verb {
    Demo(demo::Demo),
    Test(test::Test),
    Sim(sim::Sim),
    Lab(lab::Lab),
    Audit(audit::Audit),
    Long(long::Long),
    Screenshots(screenshots::Screenshots),
    Mcu(mcu::Mcu),
    Footprint(footprint::Footprint),
    Bench(bench::Bench),
    Targets(targets::Targets),
}

fn main() -> ExitCode {
    let outcome = match argh::from_env::<Xtask>().verb {
        Verb::Demo(verb) => verb.run(),
        Verb::Test(verb) => verb.run(),
        Verb::Sim(verb) => verb.run(),
        Verb::Lab(verb) => verb.run(),
        Verb::Audit(verb) => verb.run(),
        Verb::Long(verb) => verb.run(),
        Verb::Screenshots(verb) => verb.run(),
        Verb::Mcu(verb) => verb.run(),
        Verb::Footprint(verb) => verb.run(),
        Verb::Bench(verb) => verb.run(),
        Verb::Targets(verb) => verb.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
