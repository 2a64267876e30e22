//! `doctor`: tries everything that a session needs, one after the other, and says what is wrong.

use std::fs;
use std::net::ToSocketAddrs;
use std::path::{Path, PathBuf};

use proto_core::ids::TransferId;
use proto_std::address::{Fingerprint, ServerAddr};
use proto_std::entropy;
use proto_std::known_servers::KnownServers;
use proto_std::session::{
    Clash, Command, Error, ErrorKind, Event, FileEntry, Get, TransferState, probe,
};
use proto_std::task;

use super::{Setting, list};
use crate::exit::{Outcome, Stop};
use crate::ndjson::Record;
use crate::talk::{Deadline, Heard, Talk};

/// Sizes of the files that may be fetched to try the datagrams: an empty one needs none.
const SMALL: std::ops::RangeInclusive<u64> = 1..=1 << 20;

/// Tries everything; the first thing that fails ends it.
pub(crate) fn run(setting: &mut Setting, address: Option<&str>) -> Outcome {
    let server = setting.options.server(address)?;
    find(setting, &server)?;
    let key = greet(setting, &server)?;
    trust(setting, &server, key)?;
    let (mut talk, me) = setting.visit(server.clone())?;
    let files = list::files(setting, &mut talk)?;
    let me = setting.screen.style.name(&me);
    tell(setting, "login", Some(true), &format!("works as {me}"))?;
    let small = files.iter().filter(|file| SMALL.contains(&file.size));
    let smallest = small.min_by_key(|file| file.size);
    let tried = smallest.map_or(Ok(()), |file| fetch(setting, &mut talk, &server, file));
    talk.leave(&mut setting.console);
    tried?;
    match smallest {
        Some(_) => tell(setting, "UDP", Some(true), "works: a file came through"),
        None => {
            tell(setting, "UDP", None, "not tried: there is no file of 1 byte to 1 MiB to fetch")
        }
    }
}

/// Tells what was found; `ok` is `None` when that could not be tried.
fn tell(setting: &Setting, of: &str, ok: Option<bool>, text: &str) -> Outcome {
    setting.screen.record(Record::Finding { of: of.to_lowercase(), ok, text })?;
    Ok(setting.screen.line(&format!("{of:<14}{text}"))?)
}

fn find(setting: &Setting, server: &ServerAddr) -> Outcome {
    let found = (server.host(), server.port()).to_socket_addrs();
    let found: Vec<String> = match found {
        Ok(found) => found.map(|address| address.to_string()).collect(),
        Err(error) => {
            return Err(Stop::Failed(Error::new(
                ErrorKind::Unreachable,
                format!("cannot find {}", server.host()),
                error.to_string(),
                "Check the spelling, or use the IP address.",
            )));
        }
    };
    tell(setting, "address", Some(true), &found.join(", "))
}

fn greet(setting: &Setting, server: &ServerAddr) -> Outcome<Fingerprint> {
    let key = task::block_on(probe(server, setting.options.timeout)).map_err(|error| Error {
        next: format!(
            "Start haversack-server there with --listen 0.0.0.0:{port}, and open the port: \
             sudo ufw allow {port}, or in Windows: netsh advfirewall firewall add rule \
             name=haversack dir=in action=allow protocol=TCP localport={port}",
            port = server.port()
        )
        .into(),
        ..error
    })?;
    tell(setting, "TCP", Some(true), &format!("works: the server's key is {key}"))?;
    Ok(key)
}

fn trust(setting: &Setting, server: &ServerAddr, key: Fingerprint) -> Outcome {
    let known = KnownServers::new(&setting.options.state);
    let before = known
        .find(server)
        .map_err(|error| Error::disk(format!("cannot read {}", known.path().display()), &error))?;
    match before {
        None => tell(setting, "key", None, "not seen before: compare it with the server's screen"),
        Some(before) if before == key => tell(setting, "key", Some(true), "the one that is known"),
        Some(_) => tell(setting, "key", Some(false), "NOT the one that is known"),
    }
}

/// Fetches a file into a folder of its own, and removes it again.
fn fetch(setting: &mut Setting, talk: &mut Talk, server: &ServerAddr, file: &FileEntry) -> Outcome {
    let folder = setting.options.state.join(format!("doctor-{:016x}", entropy::number()));
    fs::create_dir_all(&folder)
        .map_err(|error| Error::disk(format!("cannot make {}", folder.display()), &error))?;
    talk.tell(get(file, &folder));
    let fetched = arrive(setting, talk, server);
    drop(fs::remove_dir_all(&folder));
    fetched
}

fn get(file: &FileEntry, folder: &Path) -> Command {
    Command::Get(Box::new(Get {
        id: TransferId(1),
        file: file.name.clone(),
        folder: PathBuf::from(folder),
        save_as: None,
        clash: Clash::KeepBoth,
        hold: false,
        pause_at: None,
        confirmed: true,
    }))
}

/// Waits until the only transfer has ended. Nobody is told of it: its file does not stay.
fn arrive(setting: &mut Setting, talk: &mut Talk, server: &ServerAddr) -> Outcome {
    let mut deadline = Deadline::new(setting.options.timeout);
    // A disk may take as long as it likes.
    let (mut done, mut is_here) = (0, false);
    loop {
        let heard = talk.next(&mut setting.console, &setting.screen)?;
        if let Heard::Event(Event::Transfer(report)) = heard {
            if let TransferState::Failed(error) = report.state {
                return Err(Stop::Failed(error));
            }
            if report.state.is_final() {
                return Ok(());
            }
            if report.done > done {
                done = report.done;
                deadline.reset();
            }
            is_here = matches!(report.state, TransferState::Verifying);
        }
        if talk.is_connected() && !is_here {
            let what = "the file does not come through";
            deadline.check(what).map_err(|error| blocked(error, server))?;
        } else {
            deadline.reset();
        }
    }
}

/// Explains a download that did not come through.
fn blocked(error: Error, server: &ServerAddr) -> Error {
    let port = server.port();
    let next =
        format!("Perhaps UDP is blocked: open port {port} for UDP too: sudo ufw allow {port}/udp");
    Error { next: next.into(), ..error }
}
