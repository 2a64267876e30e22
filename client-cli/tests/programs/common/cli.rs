//! Clients: each has a home of its own, like a machine of its own.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;

use tempfile::TempDir;

use super::{Lines, expect_no_panic, wait_until};

/// A home with a state directory, from which the client is run.
pub(crate) struct Cli {
    home: Arc<TempDir>,
}

/// What came of a run.
pub(crate) struct Ran {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

impl Cli {
    pub(crate) fn new() -> Self {
        Self { home: Arc::new(tempfile::tempdir().unwrap()) }
    }

    /// Where it runs, and where downloads go.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Puts a file there.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// The program with arguments, to be changed before it is started.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_haversack"));
        for (key, _) in std::env::vars_os() {
            if key.to_string_lossy().starts_with("HAVERSACK_") {
                command.env_remove(key);
            }
        }
        command.env("HOME", self.home.path()).env("XDG_CONFIG_HOME", self.path("config"));
        command.env("HAVERSACK_STATE", self.path("state")).env("TZ", "UTC");
        command.args(args).current_dir(self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs to the end, without input.
    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Running::start(self.command(args)).finish()
    }

    /// Runs to the end with this input.
    #[track_caller]
    pub(crate) fn run_with(&self, args: &[&str], input: impl AsRef<[u8]>) -> Ran {
        let mut running = self.start(args);
        running.write(input.as_ref());
        running.finish()
    }

    /// Starts, with an input to type into.
    pub(crate) fn start(&self, args: &[&str]) -> Running {
        let mut command = self.command(args);
        command.stdin(Stdio::piped());
        let mut running = Running::start(command);
        running.home = Some(Arc::clone(&self.home));
        running
    }

    /// Enters the room, and waits until the room is entered.
    #[track_caller]
    pub(crate) fn chat(&self, server: &str, name: &str) -> Running {
        let running = self.start(&["chat", server, "--name", name]);
        running.out.wait_for(&["haversack", name, "online"]);
        running
    }
}

impl Ran {
    /// Fails unless the exit code is this one.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}stderr:\n{}", self.out, self.err);
        self
    }

    /// Fails unless standard error holds all parts.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.err.contains(part), "no {part:?} in:\n{}", self.err);
        }
        self
    }

    /// Fails unless one line of standard error says what happened, why, and what to do next, in
    /// this order.
    #[track_caller]
    pub(crate) fn explains(self, parts: [&str; 3]) -> Self {
        let in_order = |line: &str| {
            let [what, why, next] = parts;
            let rest = line.split_once(what).and_then(|(_, rest)| rest.split_once(why));
            rest.is_some_and(|(_, rest)| rest.contains(next))
        };
        assert!(self.err.lines().any(in_order), "no {parts:?} in:\n{}", self.err);
        self
    }

    /// Fails unless standard output holds all parts.
    #[track_caller]
    pub(crate) fn prints(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.out.contains(part), "no {part:?} in:\n{}", self.out);
        }
        self
    }
}

/// A client that runs. It is killed when dropped.
pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    pub(crate) out: Lines,
    pub(crate) err: Lines,
    readers: Vec<JoinHandle<()>>,
    /// Stays while somebody lives there.
    home: Option<Arc<TempDir>>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (out, err) = (Lines::default(), Lines::default());
        let mut readers = Vec::new();
        readers.extend(child.stdout.take().map(|pipe| out.collect(pipe)));
        readers.extend(child.stderr.take().map(|pipe| err.collect(pipe)));
        Self { stdin: child.stdin.take(), child, out, err, readers, home: None }
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        self.write(format!("{line}\n").as_bytes());
    }

    /// Types keys.
    pub(crate) fn type_keys(&mut self, keys: &str) {
        self.write(keys.as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        // A program that has ended reads no more: its output tells why.
        let _ = self.stdin.as_mut().unwrap().write_all(bytes);
    }

    /// Sends a signal, such as `INT`.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends the program at once.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Ends the input and waits for the program's end.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Ran {
        self.stdin = None;
        self.wait()
    }

    /// Waits for the program's end, leaving its input open.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> Ran {
        let mut code = None;
        let (out, err) = (self.out.clone(), self.err.clone());
        let mut looks = 0;
        wait_until("the client ends", || {
            looks += 1;
            assert!(
                looks < 5900,
                "the client does not end; stdout:\n{}\nstderr:\n{}",
                out.all().join("\n"),
                err.all().join("\n")
            );
            self.child.try_wait().unwrap().map(|status| code = status.code()).is_some()
        });
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        let text = |lines: &Lines| lines.all().iter().flat_map(|line| [line, "\n"]).collect();
        Ran { out: text(&out), err: text(&err), code: code.unwrap_or(-1) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        expect_no_panic("the client", &self.err);
    }
}

/// Sends a signal to a process of ours.
#[cfg(unix)]
pub(crate) fn signal(id: u32, name: &str) {
    let id = id.to_string();
    let status = Command::new("kill").args([OsStr::new("-s"), name.as_ref(), id.as_ref()]).status();
    assert!(status.unwrap().success());
}

/// Files in a folder, sorted.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}
