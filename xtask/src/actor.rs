//! A program on stage: what it says is shown under its name, and waited for by the story.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use crate::shell::{Failure, run, wait};

/// How long anything on stage may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running program. It is killed when dropped.
pub(crate) struct Actor {
    name: &'static str,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Actor {
    /// Starts a program whose words are shown in one of the terminal's colours.
    pub(crate) fn enter(
        name: &'static str,
        colour: u8,
        command: &mut Command,
    ) -> Result<Self, Failure> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().map_err(|error| Failure(format!("cannot start {name}: {error}")))?;
        let (said, lines) = channel();
        let mouths: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|out| Box::new(out) as Box<dyn Read + Send>),
            child.stderr.take().map(|err| Box::new(err) as Box<dyn Read + Send>),
        ];
        for mouth in mouths.into_iter().flatten() {
            let said = said.clone();
            thread::spawn(move || listen(name, colour, mouth, &said));
        }
        Ok(Self { name, stdin: child.stdin.take(), child, lines })
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) -> Result<(), Failure> {
        let name = self.name;
        let stdin =
            self.stdin.as_mut().ok_or_else(|| Failure(format!("{name} has no keyboard")))?;
        println!("\x1b[2m  ({name} types: {line})\x1b[0m");
        writeln!(stdin, "{line}").and_then(|()| stdin.flush()).map_err(Failure::from)
    }

    /// Waits until a line holds all of `parts`, and returns that line.
    pub(crate) fn hears(&self, parts: &[&str]) -> Result<String, Failure> {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).map_err(|_| {
                Failure(format!("{} never showed {:?}", self.name, parts.join(" … ")))
            })?;
            if parts.iter().all(|part| line.contains(part)) {
                return Ok(line);
            }
        }
    }

    /// Waits for the program's end and checks that it went well.
    pub(crate) fn leaves(self) -> Result<(), Failure> {
        self.ends_with(0)
    }

    /// Waits for the program's end and checks its exit code.
    pub(crate) fn ends_with(mut self, code: i32) -> Result<(), Failure> {
        self.stdin = None;
        match wait(PATIENCE, &mut self.child)? {
            Some(status) if status.code() == Some(code) => Ok(()),
            Some(status) => {
                Err(Failure(format!("{} ended with {status}, not with {code}", self.name)))
            }
            None => Err(Failure(format!("{} did not end", self.name))),
        }
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupt(&self) -> Result<(), Failure> {
        println!("\x1b[2m  ({} hears Ctrl-C)\x1b[0m", self.name);
        run(Command::new("kill").args(["-INT", &self.id().to_string()]))
    }

    /// Its number among the processes.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(name: &str, colour: u8, mouth: impl Read, said: &Sender<String>) {
    for line in BufReader::new(mouth).lines().map_while(Result::ok) {
        println!("\x1b[{colour}m{name:>8} |\x1b[0m {line}");
        if said.send(line).is_err() {
            return;
        }
    }
}
