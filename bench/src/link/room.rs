//! A network namespace, and the thread that lives in it.

use std::fs;
use std::io;
use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use nix::sched::{CloneFlags, unshare};
use tun_rs::{DeviceBuilder, SyncDevice};

use super::MTU;

/// The device's name in every room.
const DEVICE: &str = "link";
/// Packets that wait in front of the emulator: more than it ever leaves there.
const DEVICE_QUEUE: u32 = 10_000;

type Job = Box<dyn FnOnce() + Send>;

/// A namespace. What its thread starts or opens is inside; it goes away with its last user.
pub struct Room(Sender<Job>);

impl Room {
    /// A room with its end of a link, at `address`.
    pub fn with_device(address: &'static str) -> io::Result<(Self, SyncDevice)> {
        let room = Self::empty()?;
        let device = room.within(move || -> io::Result<SyncDevice> {
            unshare(CloneFlags::CLONE_NEWNET).map_err(explain)?;
            // No router is asked for on a link that has none.
            let _ = fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
            let device = DeviceBuilder::new()
                .name(DEVICE)
                .ipv4(address, 24, None)
                .mtu(MTU)
                .tx_queue_len(DEVICE_QUEUE)
                .build_sync()?;
            device.set_nonblocking(true)?;
            let up = Command::new("ip").args(["link", "set", "lo", "up"]).status()?;
            up.success().then_some(device).ok_or_else(|| io::Error::other("`ip` fails"))
        })?;
        Ok((room, device))
    }

    /// A room without walls: the machine's own network.
    pub fn empty() -> io::Result<Self> {
        let (jobs, inbox) = channel::<Job>();
        thread::Builder::new().name("room".into()).spawn(move || {
            inbox.into_iter().for_each(|job| job());
        })?;
        Ok(Self(jobs))
    }

    /// Does something on the room's thread.
    pub fn within<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let (answer, result) = channel();
        let job = move || answer.send(work()).unwrap_or(());
        self.0.send(Box::new(job)).expect("the thread lives as long as its room");
        result.recv().expect("what is done in a room does not panic")
    }

    /// Packets that the device dropped before the emulator saw them.
    pub fn device_drops(&self) -> u64 {
        let table = self.within(|| fs::read_to_string("/proc/thread-self/net/dev"));
        let table = table.unwrap_or_default();
        let row = table.lines().find_map(|line| line.trim().strip_prefix("link:"));
        // Eight numbers of what is received, then bytes, packets, errors and drops of what is sent.
        let sent = row.and_then(|row| row.split_whitespace().nth(11));
        sent.and_then(|drops| drops.parse().ok()).unwrap_or(0)
    }
}

fn explain(error: nix::Error) -> io::Error {
    io::Error::new(
        io::Error::from(error).kind(),
        format!(
            "a link needs network namespaces and /dev/net/tun, which only root may make ({error}). \
             Try: sudo -E cargo xtask bench, or the scenarios on loopback, which need no rights"
        ),
    )
}
