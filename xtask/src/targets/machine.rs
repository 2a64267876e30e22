//! The machines: what builds for each, and what runs its programs here.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{musl, wine};
use crate::hosted::{Hosted, Linking};
use crate::shell::{Failure, Outcome, root};
use crate::{packages, toolchain};

/// A system on a processor.
pub(super) struct Machine {
    pub(super) name: &'static str,
    pub(super) target: &'static str,
    /// Whether its words are shorter, or begin with the other end.
    pub(super) counts_otherwise: bool,
    linker: Option<&'static str>,
    /// Programs and files that must be there, with Debian's package of each.
    needs: &'static [(&'static str, &'static str)],
    runs: Runs,
}

/// What runs a machine's programs here.
enum Runs {
    Alone,
    /// An emulator of its processor, and where its libraries are.
    Qemu(&'static str, &'static str),
    Wine,
}

pub(super) const MACHINES: [Machine; 5] = [
    Machine {
        name: "musl",
        target: "x86_64-unknown-linux-musl",
        counts_otherwise: false,
        linker: None,
        needs: &[("musl-gcc", "musl-tools")],
        runs: Runs::Alone,
    },
    Machine {
        name: "windows",
        target: "x86_64-pc-windows-gnu",
        counts_otherwise: false,
        linker: Some("x86_64-w64-mingw32-gcc"),
        needs: &[("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64"), (wine::PROGRAM, "wine64")],
        runs: Runs::Wine,
    },
    Machine {
        name: "armv7",
        target: "armv7-unknown-linux-gnueabihf",
        counts_otherwise: true,
        linker: Some("arm-linux-gnueabihf-gcc"),
        needs: &[
            ("arm-linux-gnueabihf-gcc", "gcc-arm-linux-gnueabihf"),
            ("/usr/arm-linux-gnueabihf/include/stdio.h", "libc6-dev-armhf-cross"),
            ("qemu-arm", "qemu-user"),
        ],
        runs: Runs::Qemu("qemu-arm", "/usr/arm-linux-gnueabihf"),
    },
    Machine {
        name: "aarch64",
        target: "aarch64-unknown-linux-gnu",
        counts_otherwise: false,
        linker: Some("aarch64-linux-gnu-gcc"),
        needs: &[
            ("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"),
            ("/usr/aarch64-linux-gnu/include/stdio.h", "libc6-dev-arm64-cross"),
            ("qemu-aarch64", "qemu-user"),
        ],
        runs: Runs::Qemu("qemu-aarch64", "/usr/aarch64-linux-gnu"),
    },
    Machine {
        name: "s390x",
        target: "s390x-unknown-linux-gnu",
        counts_otherwise: true,
        linker: Some("s390x-linux-gnu-gcc"),
        needs: &[
            ("s390x-linux-gnu-gcc", "gcc-s390x-linux-gnu"),
            ("/usr/s390x-linux-gnu/include/stdio.h", "libc6-dev-s390x-cross"),
            ("qemu-s390x", "qemu-user"),
        ],
        runs: Runs::Qemu("qemu-s390x", "/usr/s390x-linux-gnu"),
    },
];

impl Machine {
    /// Builds its programs; returns the folder that they are in.
    pub(super) fn build(&self) -> Result<PathBuf, Failure> {
        for (what, package) in self.needs {
            packages::need(what, package)?;
        }
        if matches!(self.runs, Runs::Wine) {
            wine::prepare()?;
        }
        let args = ["--locked", "--profile", "small", "--package", "server"];
        let worlds: &[&str] = if self.counts_otherwise { &["--package", "proto-sim"] } else { &[] };
        let args = [&args[..], &["--package", "client-cli"], worlds].concat();
        Ok(self.cargo("build", &args, &[])?.join("small"))
    }

    /// Runs the tests of files and sockets, where those are others than here.
    pub(super) fn test(&self) -> Outcome {
        if !matches!(self.runs, Runs::Wine) {
            return Ok(());
        }
        let runner = toolchain::variable(self.target, "RUNNER");
        let mut surroundings = wine::surroundings();
        surroundings.push((runner, wine::PROGRAM.into()));
        self.cargo("test", &["--locked", "--package", "proto-std", "--lib"], &surroundings)
            .map(drop)
    }

    fn cargo(
        &self,
        verb: &str,
        args: &[&str],
        surroundings: &[(String, PathBuf)],
    ) -> Result<PathBuf, Failure> {
        let debian = || match self.linker {
            Some(linker) => Ok(Linking { linker, flags: String::new() }),
            None => musl::linking(&root().join("target/musl")),
        };
        let (target, linker) = (self.target, self.linker);
        Hosted { target, linker, debian: &debian, surroundings }.cargo(verb, args)
    }

    /// A program's file.
    pub(super) fn file(&self, built: &Path, program: &str) -> PathBuf {
        match self.runs {
            Runs::Alone | Runs::Qemu(..) => built.join(program),
            Runs::Wine => built.join(program).with_extension("exe"),
        }
    }

    /// Starts a program.
    pub(super) fn command(&self, built: &Path, program: &str) -> Command {
        let file = self.file(built, program);
        let mut command = match self.runs {
            Runs::Alone => return Command::new(file),
            Runs::Qemu(emulator, libraries) => {
                let mut command = Command::new(emulator);
                command.args(["-L", libraries]);
                command
            }
            Runs::Wine => wine::command(),
        };
        command.arg(file);
        command
    }

    /// Whether a process of it is a process of this machine, without an emulator around it.
    pub(super) fn is_native(&self) -> bool {
        matches!(self.runs, Runs::Alone)
    }

    /// Where its server listens on this machine alone.
    pub(super) fn loopback(&self) -> &'static str {
        match self.runs {
            Runs::Alone | Runs::Qemu(..) => "127.0.0.1:0",
            // Wine has no sockets for IPv4 alone that tell where datagrams were sent to.
            Runs::Wine => "[::1]:0",
        }
    }
}
