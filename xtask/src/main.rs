//! The one door for developers and CI: `cargo xtask <verb>`.

mod audit;
mod demo;
mod embedded;
mod long;
mod screenshots;
mod shell;
mod sim;
mod test;
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
    Audit(audit::Audit),
    Long(long::Long),
    Screenshots(screenshots::Screenshots),
}

fn main() -> ExitCode {
    let outcome = match argh::from_env::<Xtask>().verb {
        Verb::Demo(verb) => verb.run(),
        Verb::Test(verb) => verb.run(),
        Verb::Sim(verb) => verb.run(),
        Verb::Audit(verb) => verb.run(),
        Verb::Long(verb) => verb.run(),
        Verb::Screenshots(verb) => verb.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
