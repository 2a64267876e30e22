//! `transfers` and `resume`: downloads that were interrupted, and going on with them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use proto_core::ids::{PublicKey, TransferId};
use proto_std::address::{Fingerprint, ServerAddr};
use proto_std::human;
use proto_std::known_servers::KnownServers;
use proto_std::session::{Clash, Command, Error, ErrorKind, Get};
use proto_std::storage::{self, Sidecar};

use super::Setting;
use super::haul::Haul;
use crate::exit::{Onward, Outcome, Stop, usage};
use crate::ndjson::{Record, Unfinished};

/// Lists what can be resumed.
pub(crate) fn list(setting: &Setting) -> Outcome {
    let found = find(setting)?;
    let servers = KnownServers::new(&setting.options.state);
    let record = |(id, sidecar): (usize, &Sidecar)| Unfinished {
        id,
        server: server_of(&servers, sidecar.peer).map(|server| server.to_string()),
        file: sidecar.name.as_str().to_owned(),
        path: sidecar.target().display().to_string(),
        done: sidecar.done(),
        total: sidecar.size,
        held: sidecar.held,
    };
    let transfers = (1..).zip(&found).map(record).collect();
    setting.screen.record(Record::Transfers { transfers })?;
    for (id, sidecar) in (1..).zip(&found) {
        let line = format!(
            "{id}  {}  {}%  {}  to {}",
            sidecar.name,
            u128::from(sidecar.done()) * 100 / u128::from(sidecar.size.max(1)),
            human::progress(sidecar.done(), sidecar.size),
            sidecar.target().display(),
        );
        setting.screen.line(&setting.screen.style.safe(&line))?;
    }
    if found.is_empty() {
        setting.screen.note("nothing to resume");
    }
    Ok(())
}

/// Goes on with one transfer, or with all of them.
pub(crate) fn resume(setting: &mut Setting, id: Option<&str>, all: bool) -> Outcome {
    let chosen = choose(find(setting)?, id, all)?;
    let targets: BTreeSet<PathBuf> = chosen.iter().map(Sidecar::target).collect();
    go_on(setting, chosen).map_err(|stop| {
        let (left, how) = remembered(setting, |sidecar| targets.contains(&sidecar.target()));
        stop.with(if left == 0 { Onward::Nothing } else { Onward::By(how) })
    })
}

/// How many of these downloads can be resumed, and the command that does so.
pub(super) fn remembered(setting: &Setting, is_one: impl Fn(&Sidecar) -> bool) -> (usize, String) {
    // Who cannot look does not know of any.
    let found = find(setting).unwrap_or_default();
    let numbered = (1_usize..).zip(&found).filter(|(_, sidecar)| is_one(sidecar));
    let ids: Vec<usize> = numbered.map(|(id, _)| id).collect();
    let how = match ids[..] {
        [_] if found.len() == 1 => "haversack resume".to_owned(),
        [id] => format!("haversack resume {id}"),
        _ => "haversack resume --all".to_owned(),
    };
    (ids.len(), how)
}

fn go_on(setting: &mut Setting, chosen: Vec<Sidecar>) -> Outcome {
    let mut by_server: BTreeMap<PublicKey, Vec<Sidecar>> = BTreeMap::new();
    for sidecar in chosen {
        by_server.entry(sidecar.peer).or_default().push(sidecar);
    }
    setting.screen.use_bars(&setting.options);
    let mut failed = None;
    for (peer, sidecars) in by_server {
        let server = server(setting, peer)?;
        let (mut talk, me) = setting.visit(server)?;
        let jobs = (1..).zip(&sidecars).map(|(id, sidecar)| job(id, sidecar));
        let outcome = Haul::new(me, jobs).run(setting, &mut talk, |_| Ok(()));
        talk.leave(&mut setting.console);
        match outcome {
            Err(Stop::Told(kind)) => failed = Some(kind),
            Err(Stop::Failed(error)) => return Err(Stop::Failed(elsewhere(error))),
            outcome => outcome?,
        }
    }
    failed.map_or(Ok(()), |kind| Err(Stop::Told(kind)))
}

fn find(setting: &Setting) -> Result<Vec<Sidecar>, Error> {
    let state = &setting.options.state;
    let what = || format!("cannot look for unfinished downloads in {}", state.display());
    storage::unfinished(state).map_err(|error| Error::disk(what(), &error))
}

fn choose(mut found: Vec<Sidecar>, id: Option<&str>, all: bool) -> Result<Vec<Sidecar>, Error> {
    let next = "See them: haversack transfers.";
    if found.is_empty() {
        return Err(Error::new(ErrorKind::NotFound, "there is nothing to resume", "", ""));
    }
    match id {
        Some(_) if all => Err(usage("an ID and --all contradict each other", "Leave one out.")),
        Some(id) => {
            let at = id.parse().ok().and_then(|number: usize| number.checked_sub(1));
            let at = at.filter(|at| *at < found.len()).ok_or_else(|| {
                let what = format!("there is no transfer '{}'", id.escape_debug());
                Error::new(ErrorKind::NotFound, what, "", next)
            })?;
            Ok(vec![found.swap_remove(at)])
        }
        None if all || found.len() == 1 => Ok(found),
        None => {
            let what = format!("there are {} transfers to resume", found.len());
            Err(usage(what, "Name one, or add --all. See them: haversack transfers."))
        }
    }
}

fn job(id: u16, sidecar: &Sidecar) -> Command {
    Command::Get(Box::new(Get {
        id: TransferId(id),
        file: sidecar.name.clone(),
        folder: PathBuf::from(&sidecar.folder),
        save_as: Some(sidecar.save_as.clone()),
        clash: Clash::KeepBoth,
        hold: false,
        pause_at: None,
        // Whoever says "resume" agrees to go on.
        confirmed: true,
    }))
}

/// Explains a server that is not there any more.
fn elsewhere(error: Error) -> Error {
    if !matches!(error.kind, ErrorKind::Unreachable | ErrorKind::KeyChanged) {
        return error;
    }
    let first = "If it has another address by now, name that with --server ADDRESS.";
    Error { next: format!("{first} {}", error.next).into(), ..error }
}

/// Where the server with this key is now: where it was used last, unless somebody says otherwise.
fn server(setting: &Setting, peer: PublicKey) -> Result<ServerAddr, Error> {
    if let Ok(named) = setting.options.server(None) {
        return Ok(ServerAddr::new(named.host(), named.port(), Some(Fingerprint(peer))));
    }
    server_of(&KnownServers::new(&setting.options.state), peer).ok_or_else(|| {
        let fingerprint = Fingerprint(peer);
        usage(
            format!("the server with the key {fingerprint} is not known any more"),
            "Name it with --server ADDRESS.",
        )
    })
}

fn server_of(servers: &KnownServers, peer: PublicKey) -> Option<ServerAddr> {
    servers.find_by_key(Fingerprint(peer)).ok().flatten()
}
