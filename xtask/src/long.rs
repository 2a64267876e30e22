//! `cargo xtask long`: large files both ways, and the memory that they take.
//!
//! A sparse file costs no disk at the source; the copy costs what the file system makes of zeros.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use argh::FromArgs;

use crate::shell::{Failure, Outcome, cargo, root, run};

/// Most resident memory that either program may take, in KiB.
const MAX_RESIDENT_KIB: u64 = 48 << 10;

/// move a large sparse file both ways, compare every byte, and watch the memory
#[derive(FromArgs)]
#[argh(subcommand, name = "long")]
pub(crate) struct Long {
    /// size of the file in MiB (default 5120)
    #[argh(option, default = "5120")]
    mib: u64,
}

impl Long {
    pub(crate) fn run(&self) -> Outcome {
        run(&mut cargo(&["build", "--release", "--package", "server", "--package", "client-cli"]))?;
        let stage = tempfile::tempdir()?;
        let shared = stage.path().join("shared");
        let source = shared.join("large.bin");
        fs::create_dir(&shared)?;
        File::create(&source)?.set_len(self.mib << 20)?;

        let ready = stage.path().join("ready");
        let mut command = program("haversack-server");
        command.args(["--listen", "127.0.0.1:0", "--allow-upload", "--quota", "1T", "--files"]);
        command.arg(&shared).arg("--state").arg(stage.path().join("server"));
        let mut server = Watched::start(command.arg("--ready-file").arg(&ready))?;
        let address = wait_for_address(&ready)?;

        let here = stage.path().join("large.bin");
        let mut get = client(stage.path(), "get", &address);
        let memory = Watched::start(get.arg("large.bin").arg("-o").arg(&here))?.finish()?;
        same(&source, &here)?;
        println!("download: {} MiB, client's peak memory {memory} KiB", self.mib);

        let mut put = client(stage.path(), "put", &address);
        let memory = Watched::start(put.arg(&here).args(["--as", "back.bin"]))?.finish()?;
        same(&source, &shared.join("back.bin"))?;
        println!("upload: {} MiB, client's peak memory {memory} KiB", self.mib);

        let memory = server.peak()?;
        println!("server's peak memory {memory} KiB");
        Ok(())
    }
}

fn program(name: &str) -> Command {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root().join("target"), PathBuf::from);
    Command::new(target.join("release").join(name))
}

fn client(stage: &Path, verb: &str, address: &str) -> Command {
    let mut command = program("haversack");
    command.args([verb, address, "--name", "long", "--quiet", "--yes"]);
    command.arg("--state").arg(stage.join("client"));
    command
}

fn wait_for_address(ready: &Path) -> Result<String, Failure> {
    for _ in 0..1000 {
        let written = fs::read_to_string(ready).unwrap_or_default();
        if let Some(address) = written.split_whitespace().next() {
            return Ok(address.to_owned());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err(Failure("the server did not become ready".to_owned()))
}

fn same(one: &Path, other: &Path) -> Outcome {
    let (mut a, mut b) = (File::open(one)?, File::open(other)?);
    let mut equal = a.metadata()?.len() == b.metadata()?.len();
    let (mut from_a, mut from_b) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    while equal {
        let len = a.read(&mut from_a)?;
        if len == 0 {
            return Ok(());
        }
        b.read_exact(&mut from_b[..len])?;
        equal = from_a[..len] == from_b[..len];
    }
    Err(Failure(format!("{} and {} differ", one.display(), other.display())))
}

/// A program whose peak memory is looked at while it runs. Killed when dropped.
struct Watched {
    child: Child,
    peak_kib: u64,
}

impl Watched {
    fn start(command: &mut Command) -> Result<Self, Failure> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        Ok(Self { child, peak_kib: 0 })
    }

    /// Peak resident memory so far, in KiB; an error when it is beyond what is promised.
    fn peak(&mut self) -> Result<u64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let seen = status.unwrap_or_default().lines().find_map(|line| {
            line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok()
        });
        self.peak_kib = self.peak_kib.max(seen.unwrap_or(0));
        if self.peak_kib > MAX_RESIDENT_KIB {
            return Err(Failure(format!("{} KiB of memory are too many", self.peak_kib)));
        }
        Ok(self.peak_kib)
    }

    fn finish(mut self) -> Result<u64, Failure> {
        loop {
            let peak = self.peak()?;
            if let Some(status) = self.child.try_wait()? {
                let failed = || Failure(format!("the client ended with {status}"));
                return if status.success() { Ok(peak) } else { Err(failed()) };
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
