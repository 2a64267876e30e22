//! Running commands: announced, checked, and with an error that says what failed.

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A step that failed, in words for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// What every verb returns.
pub(crate) type Outcome = Result<(), Failure>;

/// The repository's root. Cargo tells where that is now: checkouts that share a target directory
/// share this program.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR");
    let here = here.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.parent().expect("xtask lies in the repository").to_path_buf()
}

/// The cargo that runs us.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(args);
    command
}

/// Runs a command to its end, announcing it first.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let line = describe(command);
    eprintln!("+ {line}");
    let status =
        command.status().map_err(|error| Failure(format!("cannot run {line}: {error}")))?;
    if status.success() { Ok(()) } else { Err(Failure(format!("{line}: {status}"))) }
}

/// Runs a command to its end, announcing it first; ends it when it takes too long.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Outcome {
    let line = describe(command);
    eprintln!("+ {line}");
    let mut child =
        command.spawn().map_err(|error| Failure(format!("cannot run {line}: {error}")))?;
    match wait(limit, &mut child)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(Failure(format!("{line}: {status}"))),
        None => Err(Failure(format!("{line}: not done after {} s", limit.as_secs()))),
    }
}

/// What a command says to its end; ends it when it takes too long.
pub(crate) fn output_within(limit: Duration, command: &mut Command) -> Result<String, Failure> {
    let line = describe(command);
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut out = child.stdout.take().ok_or_else(|| Failure(format!("{line}: no output")))?;
    let listen = thread::spawn(move || {
        let mut said = String::new();
        out.read_to_string(&mut said).map(|_| said)
    });
    match wait(limit, &mut child)? {
        Some(status) if status.success() => {
            let said = listen.join().map_err(|_| Failure(format!("{line}: no output")))?;
            said.map_err(Failure::from)
        }
        Some(status) => Err(Failure(format!("{line}: {status}"))),
        None => Err(Failure(format!("{line}: not done after {} s", limit.as_secs()))),
    }
}

/// Waits for a program's end; `None` when it took too long and was ended.
#[expect(clippy::disallowed_methods, reason = "a developer's tool does not wait for ever")]
pub(crate) fn wait(limit: Duration, child: &mut Child) -> Result<Option<ExitStatus>, Failure> {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// Runs a command quietly; `None` when it fails or cannot be run.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut line = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
