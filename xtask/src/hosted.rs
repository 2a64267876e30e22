//! Compiling for machines with another operating system or processor.

use std::path::PathBuf;

use crate::shell::{Failure, cargo, root};
use crate::toolchain::{debian_cargo, finish, has, target_dir, variable};

/// A target with an operating system.
pub(crate) struct Hosted<'h> {
    pub(crate) target: &'h str,
    /// What links for it; `None` where the compiler brings what is needed.
    pub(crate) linker: Option<&'h str>,
    /// What Debian's compiler is told besides.
    pub(crate) debian: &'h dyn Fn() -> Result<Linking, Failure>,
    /// The variables that what is started there needs here.
    pub(crate) surroundings: &'h [(String, PathBuf)],
}

/// How Debian's compiler links for a target.
pub(crate) struct Linking {
    pub(crate) linker: &'static str,
    pub(crate) flags: String,
}

impl Hosted<'_> {
    /// Runs one of Cargo's verbs in the repository's root; returns the folder that what was built is
    /// in, by profile.
    pub(crate) fn cargo(&self, verb: &str, args: &[&str]) -> Result<PathBuf, Failure> {
        let target = self.target;
        let mut command = if has(target) {
            let mut command = cargo(&[verb]);
            command.envs(self.linker.map(|linker| (variable(target, "LINKER"), linker)));
            command
        } else {
            let mut command = debian_cargo(verb, target, "std,panic_abort")?;
            let Linking { linker, flags } = (self.debian)()?;
            command.env(variable(target, "LINKER"), linker);
            command.env(variable(target, "RUSTFLAGS"), flags);
            command
        };
        command.envs(self.surroundings.iter().map(|(name, value)| (name, value)));
        finish(command, target, &root(), args)?;
        Ok(target_dir().join(target))
    }
}
