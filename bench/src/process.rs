//! A program in a room: what it says, when it ends, and what it cost.

use std::fs;
use std::io::{self, BufRead, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use wait4::Wait4;

use crate::link::Room;

/// How often it is looked how much memory it takes.
const LOOK: Duration = Duration::from_millis(20);
/// How long a program may take to end when it is asked to.
const GOODBYE: Duration = Duration::from_secs(3);

/// A running program. It is killed with its room.
pub struct Process {
    pid: Pid,
    /// When it was started.
    pub began: Instant,
    said: Receiver<(Instant, String)>,
    end: Receiver<(Instant, io::Result<wait4::ResUse>)>,
    input: Option<ChildStdin>,
    /// Bytes that were resident at most.
    peak: u64,
}

/// A program that has ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How; `None` when it had to be stopped.
    pub status: Option<ExitStatus>,
    /// From its start.
    pub took: Duration,
    /// User and system time, with all that it started.
    pub cpu: Duration,
    /// Bytes that were resident at most.
    pub memory: u64,
    /// Its lines, each with its time from the start.
    pub said: Vec<(Duration, String)>,
}

impl Process {
    /// Starts a program. What it writes to standard error is kept in `log`.
    pub fn start(room: &Room, command: &Command, log: &std::path::Path) -> io::Result<Self> {
        // The kernel ends it when the room's thread ends, however this program ends.
        let mut guarded = Command::new("setpriv");
        guarded.args(["--pdeathsig", "KILL", "--"]).arg(command.get_program());
        guarded.args(command.get_args()).stdin(Stdio::piped()).stdout(Stdio::piped());
        // What it starts is stopped with it.
        guarded.process_group(0);
        guarded.stderr(fs::File::options().create(true).append(true).open(log)?);
        let began = Instant::now();
        let mut child = room.within(move || guarded.spawn())?;
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process's number is small"));
        let (tell, said) = channel();
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            lines.for_each(|line| tell.send((Instant::now(), line)).unwrap_or(()));
        });
        let input = child.stdin.take();
        let (tell, end) = channel();
        thread::spawn(move || {
            let used = child.wait4();
            tell.send((Instant::now(), used)).unwrap_or(());
        });
        Ok(Self { pid, began, said, end, input, peak: 0 })
    }

    /// Writes a line to its standard input.
    pub fn tell(&mut self, line: &str) -> io::Result<()> {
        let Some(input) = &mut self.input else { return Ok(()) };
        input.write_all(line.as_bytes())?;
        input.write_all(b"\n")
    }

    /// Waits for the next line.
    pub fn hear(&self, limit: Duration) -> Option<(Instant, String)> {
        self.said.recv_timeout(limit).ok()
    }

    /// Waits until it ends; stops it at the limit, counted from its start.
    pub fn wait(mut self, limit: Duration) -> io::Result<Ended> {
        let deadline = self.began + limit;
        loop {
            self.look();
            let left = deadline.saturating_duration_since(Instant::now());
            match self.end.recv_timeout(left.min(LOOK)) {
                Ok((at, used)) => return Ok(self.ended(at, used?, true)),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => return self.stop(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(io::Error::other("nobody waits for it"));
                }
            }
        }
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.look();
        fs::read_to_string(format!("/proc/{}/stat", self.pid))
            .map_or(true, |stat| stat.rsplit(')').next().is_none_or(|rest| rest.starts_with(" Z")))
    }

    /// The user and system time that it took so far, in the kernel's steps of 10 ms.
    pub fn cpu(&self) -> io::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        // From the state on, which is the third: utime is the fourteenth, stime the next (proc(5)).
        let steps: u64 =
            fields.skip(11).take(2).filter_map(|steps| steps.parse::<u64>().ok()).sum();
        Ok(Duration::from_millis(10 * steps))
    }

    /// Asks it to end, and makes it.
    pub fn stop(mut self) -> io::Result<Ended> {
        self.look();
        for signal in [Signal::SIGTERM, Signal::SIGKILL] {
            // It may have ended meanwhile.
            let _ = killpg(self.pid, signal);
            if let Ok((at, used)) = self.end.recv_timeout(GOODBYE) {
                return Ok(self.ended(at, used?, false));
            }
        }
        Err(io::Error::other(format!("process {} cannot be ended", self.pid)))
    }

    fn ended(self, at: Instant, used: wait4::ResUse, freely: bool) -> Ended {
        let began = self.began;
        // The reader ends when the last of the output is read.
        let said = self.said.iter().map(|(at, line)| (at - began, line)).collect();
        Ended {
            status: freely.then_some(used.status),
            took: at - began,
            cpu: used.rusage.utime + used.rusage.stime,
            memory: self.peak,
            said,
        }
    }

    /// The system's own count would begin with this program's memory, of which it is a copy.
    fn look(&mut self) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        self.peak = self.peak.max(kib.unwrap_or(0) << 10);
    }
}

impl Ended {
    /// Whether it ended by itself and well.
    pub fn is_fine(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}
