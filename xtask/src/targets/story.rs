//! What the programs of another machine must be able to do.

use std::fs;
use std::path::Path;

use proto_sim::rng::noise;

use super::machine::Machine;
use super::measure;
use crate::actor::Actor;
use crate::shell::{Failure, Outcome};
use crate::stage::{Server, compare, join, join_as};

const FILE_NAME: &str = "travel.bin";
const FILE_LEN: usize = 3 << 20;
/// What a client ends with after Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Tells the story; everything that it makes is gone when it returns. Says how much memory the
/// client took, in KB, where that can be seen.
pub(super) fn tell(machine: &Machine, built: &Path) -> Result<Option<u64>, Failure> {
    let stage = tempfile::tempdir()?;
    let shared = stage.path().join("server_files");
    fs::create_dir(&shared)?;
    fs::write(shared.join(FILE_NAME), noise(1, FILE_LEN))?;
    let resident = its_client(machine, built, stage.path())?;
    its_server(machine, built, stage.path())?;
    Ok(resident)
}

fn its_client(machine: &Machine, built: &Path, stage: &Path) -> Result<Option<u64>, Failure> {
    say(&format!("A client of {}: it enters, talks, fetches a file and is stopped.", machine.name));
    let server = Server::start(&stage.join("server"), &stage.join("server_files"))?;
    let mut leah = join("leah", 35, stage, server.address)?;
    leah.hears(&["leah", "online"])?;
    let program = machine.command(built, "haversack");
    let mut guest = join_as(program, "guest", 36, stage, server.address)?;
    leah.hears(&["guest connected to the server"])?;
    guest.type_line("greetings from elsewhere")?;
    leah.hears(&["guest: greetings from elsewhere"])?;
    leah.type_line("welcome, traveller")?;
    guest.hears(&["leah: welcome, traveller"])?;
    let resident = machine.is_native().then(|| measure::resident(guest.id())).transpose()?;
    fetch(&mut guest, "guest", stage)?;
    guest.interrupt()?;
    leah.hears(&["guest has left the chat"])?;
    guest.ends_with(INTERRUPTED)?;
    leah.type_line("/quit")?;
    leah.leaves()?;
    server.stop()?;
    Ok(resident)
}

fn its_server(machine: &Machine, built: &Path, stage: &Path) -> Outcome {
    say(&format!("A server of {}: somebody enters, fetches the file and leaves.", machine.name));
    let program = machine.command(built, "haversack-server");
    let (home, shared) = (stage.join("other_server"), stage.join("server_files"));
    let server = Server::start_as(program, machine.loopback(), &home, &shared)?;
    let mut dana = join("dana", 35, stage, server.address)?;
    dana.hears(&["dana", "online"])?;
    fetch(&mut dana, "dana", stage)?;
    dana.type_line("/quit")?;
    dana.leaves()?;
    server.stop()
}

fn fetch(who: &mut Actor, name: &str, stage: &Path) -> Outcome {
    who.type_line(&format!("/get {FILE_NAME}"))?;
    who.hears(&[FILE_NAME, "is complete"])?;
    compare(&stage.join("server_files").join(FILE_NAME), &stage.join(name).join(FILE_NAME))
}

fn say(line: &str) {
    println!("\n\x1b[1m* {line}\x1b[0m");
}
