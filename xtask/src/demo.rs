//! `cargo xtask demo`: the whole thing in a minute, told on screen.
//!
//! A server, two people and an impaired link, all real programs on loopback. Everything lives in a
//! temporary directory and is gone afterwards.

mod story;

use argh::FromArgs;

use crate::shell::{Outcome, cargo, run};

/// a server, two people, a chat, and a file over a bad link
#[derive(FromArgs)]
#[argh(subcommand, name = "demo")]
pub(crate) struct Demo {}

impl Demo {
    #[expect(clippy::unused_self, reason = "every verb runs alike")]
    pub(crate) fn run(&self) -> Outcome {
        run(&mut cargo(&["build", "--package", "server", "--package", "client-cli"]))?;
        story::tell()
    }
}
