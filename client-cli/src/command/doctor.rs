//! `doctor`: tries everything that a session needs, one after the other, and says what is wrong.

use std::fs;
use std::net::ToSocketAddrs;

use proto_core::ids::TransferId;
use proto_std::address::{Fingerprint, ServerAddr};
use proto_std::entropy;
use proto_std::known_servers::KnownServers;
use proto_std::session::{Clash, Command, Error, ErrorKind, FileEntry, Get, probe};
use proto_std::task;

use super::haul::Haul;
use super::{Setting, list};
use crate::exit::{Outcome, Stop};

/// Largest file that is fetched to try the datagrams.
const SMALL: u64 = 1 << 20;

/// Tries everything; the first thing that fails ends it.
pub(crate) fn run(setting: &mut Setting, address: Option<&str>) -> Outcome {
    let server = setting.options.server(address)?;
    find(setting, &server)?;
    let key = greet(setting, &server)?;
    trust(setting, &server, key)?;
    let (mut talk, me) = setting.visit(server.clone())?;
    let files = list::files(setting, &mut talk)?;
    setting.screen.line(&format!("login         works as {}", setting.screen.style.name(&me)))?;
    let smallest = files.iter().filter(|file| file.size <= SMALL).min_by_key(|file| file.size);
    let tried = match smallest {
        Some(file) => {
            let folder = setting.options.state.join(format!("doctor-{:016x}", entropy::number()));
            let job = fetch(file, folder.clone());
            let tried = fs::create_dir_all(&folder).map_err(|error| {
                Stop::Failed(Error::disk(format!("cannot make {}", folder.display()), &error))
            });
            let tried =
                tried.and_then(|()| Haul::new(me, [job]).run(setting, &mut talk, |_| Ok(())));
            drop(fs::remove_dir_all(&folder));
            tried.map_err(|stop| blocked(stop, &server))
        }
        None => Ok(()),
    };
    talk.leave(&mut setting.console);
    tried?;
    setting.screen.line(match smallest {
        Some(_) => "UDP           works: a file came through",
        None => "UDP           not tried: there is no small file to fetch",
    })?;
    Ok(())
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
    Ok(setting.screen.line(&format!("address       {}", found.join(", ")))?)
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
    setting.screen.line(&format!("TCP           works: the server's key is {key}"))?;
    Ok(key)
}

fn trust(setting: &Setting, server: &ServerAddr, key: Fingerprint) -> Outcome {
    let known = KnownServers::new(&setting.options.state);
    let before = known
        .find(server)
        .map_err(|error| Error::disk(format!("cannot read {}", known.path().display()), &error))?;
    let line = match before {
        None => "key           not seen before: compare it with the server's screen",
        Some(before) if before == key => "key           the one that is known",
        Some(_) => "key           NOT the one that is known",
    };
    Ok(setting.screen.line(line)?)
}

fn fetch(file: &FileEntry, folder: std::path::PathBuf) -> Command {
    Command::Get(Box::new(Get {
        id: TransferId(1),
        file: file.name.clone(),
        folder,
        save_as: None,
        clash: Clash::KeepBoth,
        hold: false,
        pause_at: None,
        confirmed: true,
    }))
}

/// Explains a download that did not come through.
fn blocked(stop: Stop, server: &ServerAddr) -> Stop {
    let Stop::Failed(error) = stop else { return stop };
    Stop::Failed(Error {
        next: format!(
            "Perhaps UDP is blocked: open port {port} for UDP too: sudo ufw allow {port}/udp",
            port = server.port()
        )
        .into(),
        ..error
    })
}
