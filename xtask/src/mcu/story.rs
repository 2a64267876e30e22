//! What the board must be able to do.

use std::cell::RefCell;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use proto_sim::link::{LinkConfig, Loss};
use proto_sim::proxy::Proxy;
use proto_sim::rng::{Chance, noise};
use tempfile::TempDir;

use super::Firmware;
use super::board::Board;
use super::memory::Memory;
use crate::actor::Actor;
use crate::shell::{Failure, Outcome};
use crate::stage::{Server, join};

const FILE_NAME: &str = "firmware.bin";
const FILE_LEN: usize = 1 << 20;
/// What the firmware ends with when the server is not who it must be.
const NOT_THE_SERVER: i32 = 3;

/// The story's place, and what is there in all its parts.
struct Scene<'f> {
    firmware: &'f Firmware,
    stage: TempDir,
    server: Server,
    /// The most that any run used.
    memory: RefCell<Memory>,
}

/// Tells the story; returns how much memory each board used at most. Everything that it makes is
/// gone when it returns.
pub(super) fn tell(firmware: &Firmware, other: &Firmware) -> Result<[Memory; 2], Failure> {
    let stage = tempfile::tempdir()?;
    let shared = stage.path().join("server_files");
    fs::create_dir(&shared)?;
    fs::write(shared.join(FILE_NAME), noise(1, FILE_LEN))?;
    let server = Server::start(&stage.path().join("server"), &shared)?;
    let scene = Scene { firmware, stage, server, memory: RefCell::default() };
    let silent = TcpListener::bind(("127.0.0.1", 0))?;
    let waiting = scene.board("buoy")?.boot(silent.local_addr()?, &[])?;
    scene.talks_and_pauses()?;
    scene.fetches_over_a_bad_link()?;
    let board = scene.goes_on_after_a_reset()?;
    scene.refuses_a_false_server(&board)?;
    scene.refuses_a_server_that_is_not_the_ordered_one()?;
    let memory = scene.memory.take();
    scene.fetches_on_another_board(other)?;
    say("One board has waited all the time for a server that takes its connection in silence.");
    waiting.hears(&["the server does not answer", "trying again"])?;
    say("The boards did all that they should.");
    Ok([memory, scene.memory.take()])
}

impl Scene<'_> {
    fn talks_and_pauses(&self) -> Outcome {
        say("It logs in, talks, fetches a file, and pauses it until it may proceed.");
        let board = self.board("sensor")?;
        let mut leah = join("leah", 35, self.stage.path(), self.server.address)?;
        leah.hears(&["leah", "online"])?;
        let key = format!("key={}", self.server.fingerprint);
        let get = format!("get={FILE_NAME}");
        let orders = [&key, "say=good morning", &get, "pause=40", "until=goodbye"];
        let running = board.boot(self.server.address, &orders)?;
        leah.hears(&["sensor: good morning"])?;
        running.hears(&["file", &FILE_LEN.to_string(), FILE_NAME])?;
        let paused = number(&running.hears(&["paused at byte"])?)?;
        leah.type_line("what a day")?;
        running.hears(&["leah: what a day"])?;
        leah.type_line("proceed")?;
        let proceeded = number(&running.hears(&["proceeding at byte"])?)?;
        let stop = (FILE_LEN as u64 * 40).div_ceil(100);
        check(paused == stop && proceeded == stop, || {
            format!("it paused at {paused} and went on at {proceeded}, not at {stop}")
        })?;
        running.hears(&["verified", FILE_NAME])?;
        leah.type_line("goodbye")?;
        self.leaves(running)?;
        leah.hears(&["sensor has left"])?;
        leah.type_line("/quit")?;
        leah.leaves()?;
        self.compare(&board)
    }

    fn fetches_over_a_bad_link(&self) -> Outcome {
        say("It fetches the file over a link that loses 5 %, doubles 1 % and mixes up 5 %.");
        let board = self.board("camera")?;
        let link = self.link(LinkConfig {
            latency: Duration::from_millis(5),
            loss: Loss::Random(Chance::percent(5)),
            duplicate: Chance::percent(1),
            reorder: Chance::percent(5),
            reorder_by: Duration::from_millis(8),
            ..LinkConfig::default()
        })?;
        let running = board.boot(link.addr(), &[&format!("get={FILE_NAME}")])?;
        running.hears(&["verified", FILE_NAME])?;
        self.leaves(running)?;
        let down = link.stats().down;
        println!("  the link was given {} datagrams and lost {}", down.sent, down.lost);
        check(down.lost > 10, || format!("the link lost {} datagrams only", down.lost))?;
        self.compare(&board)
    }

    fn goes_on_after_a_reset(&self) -> Result<Board, Failure> {
        say("Its power is cut half-way; after that it fetches what is missing.");
        let board = self.board("meter")?;
        let rate = Some(400 << 10);
        let link = self.link(LinkConfig { rate, queue: 64 << 10, ..LinkConfig::default() })?;
        let get = format!("get={FILE_NAME}");
        let running = board.boot(link.addr(), &[&get])?;
        running.hears(&["R", FILE_NAME, "50%"])?;
        drop(running);
        let before = link.stats().down.bytes_sent;
        let running = board.boot(link.addr(), &[&get])?;
        let here = number(&running.hears(&["fetching", FILE_NAME, "bytes are here"])?)?;
        running.hears(&["verified", FILE_NAME])?;
        self.leaves(running)?;
        let (size, sent) = (FILE_LEN as u64, link.stats().down.bytes_sent - before);
        println!("  {here} of {size} bytes were there, and {sent} were sent");
        check(here * 10 >= size * 4, || format!("only {here} of {size} bytes were kept"))?;
        check(sent <= (size - here) * 5 / 4, || format!("{sent} bytes were sent again"))?;
        self.compare(&board)?;
        Ok(board)
    }

    fn refuses_a_false_server(&self, board: &Board) -> Outcome {
        say("A server with another key stands where the right one was.");
        let shared = self.stage.path().join("server_files");
        let other = Server::start(&self.stage.path().join("false_server"), &shared)?;
        let running = board.boot(other.address, &[])?;
        running.hears(&["another server", &other.fingerprint])?;
        running.ends_with(NOT_THE_SERVER)
    }

    fn refuses_a_server_that_is_not_the_ordered_one(&self) -> Outcome {
        say("A board that is new is ordered another server's key.");
        let board = self.board("gauge")?;
        let key = format!("key={}", "a".repeat(self.server.fingerprint.len()));
        let running = board.boot(self.server.address, &[&key])?;
        running.hears(&["another server", &self.server.fingerprint])?;
        running.ends_with(NOT_THE_SERVER)
    }

    fn fetches_on_another_board(&self, firmware: &Firmware) -> Outcome {
        say("Another board, whose network device queues seven frames and loses the rest.");
        let board = Board::new("clock", firmware, self.stage.path())?;
        let running = board.boot(self.server.address, &[&format!("get={FILE_NAME}")])?;
        running.hears(&["verified", FILE_NAME])?;
        self.leaves(running)?;
        self.compare(&board)
    }

    /// Waits until the board has done everything, and hears how much memory that took.
    fn leaves(&self, running: Actor) -> Outcome {
        running.hears(&["left"])?;
        let told = running.hears(&["memory:"])?;
        let memory = Memory::parse(&told).ok_or_else(|| Failure(format!("no numbers: {told}")))?;
        self.memory.borrow_mut().rise_to(memory);
        running.leaves()
    }

    fn board(&self, name: &'static str) -> Result<Board, Failure> {
        Board::new(name, self.firmware, self.stage.path())
    }

    fn link(&self, config: LinkConfig) -> Result<Proxy, Failure> {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        Proxy::start(listen, self.server.address, config, 7).map_err(Failure::from)
    }

    fn compare(&self, board: &Board) -> Outcome {
        let shared = fs::read(self.stage.path().join("server_files").join(FILE_NAME))?;
        let stored = board.stored(FILE_NAME, FILE_LEN)?;
        check(stored == shared, || "what is stored differs from what the server has".to_owned())
    }
}

fn say(line: &str) {
    println!("\n\x1b[1m* {line}\x1b[0m");
}

fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(Failure(otherwise())) }
}

/// The number in a line that is told last but for one "of" a total.
fn number(line: &str) -> Result<u64, Failure> {
    let words = line.split(" of ").next().unwrap_or(line).split_whitespace();
    let number = words.rev().find_map(|word| word.parse().ok());
    number.ok_or_else(|| Failure(format!("no number in: {line}")))
}
